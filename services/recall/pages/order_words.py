"""What an order says before it is one: filled in from the catalogue, and shown in each language."""

from services.recall import catalogue
from services.recall.actions import orders, reach
from services.recall.actions.acting import official
from services.recall.domain.reasons import Reason
from services.recall.domain.terms import Order
from services.recall.inputs import OrderForm
from shared.auth import Principal
from shared.mongo import Database
from shared.web.forms import Form

TEXTS = ("reason", "instruction", "reason_en", "instruction_en", "reason_zh", "instruction_zh")


def filled(form: Form[OrderForm], who: Principal) -> Form[OrderForm]:
    """The form with the words of the chosen reason where nobody has written any.

    What another reason filled in is replaced; what somebody wrote never is, and the catalogue's
    translations do not stand beside it: they say something else. Of a reason that is not there, or
    not this account's, nothing is filled in: the order itself says so.
    """
    found = {one.key: one for one in catalogue.offered(who)}.get(form.text("reason_key"))
    if found is None:
        return form
    written = {name: form.text(name).strip().replace("\r\n", "\n") for name in TEXTS}
    ours = {text for one in catalogue.reasons().values() for text in _texts(one).values()}
    given = _texts(found)
    for name in ("reason", "instruction"):
        if written[name] not in ours | {""}:
            given |= {f"{name}_en": "", f"{name}_zh": ""}
    texts = {name: text for name, text in given.items() if written[name] in ours | {""}}
    return form.with_raw(**texts, level=form.text("level") or "")


def _texts(one: Reason) -> dict[str, str]:
    return {
        "reason": one.reason.vi,
        "instruction": one.instruction.vi,
        "reason_en": one.reason.en,
        "instruction_en": one.instruction.en,
        "reason_zh": one.reason.zh,
        "instruction_zh": one.instruction.zh,
    }


async def draft(asked: orders.Asked, who: Principal, db: Database) -> Order:
    """What an order would say; raises what the order itself would, but asks for no new proof."""
    subject = await reach.find_subject(db, asked.target, who, orders.ORDER)
    because = catalogue.given(asked.reason_key, who)
    return orders.drafted(asked, subject, because, official(who))
