"""What a facility says of one lot in a drill."""

from decimal import Decimal
from typing import Final

from fastapi import APIRouter, Request, Response

from services.recall.actions import drills as acts
from services.recall.domain.drill_lots import Statement
from services.recall.drill_inputs import MOST_RECEIVERS, AnswerForm
from services.recall.pages import labels
from services.recall.pages.drill_words import words
from services.recall.pages.drills import HOME, ONE
from services.recall.queries import drill_page, drills
from services.recall.queries.drill_page import OwnLot
from services.recall.store import facts
from shared.auth import require
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
LOT: Final = ONE + "/lots/{lot_id}"
# Rows of where goods were sent to that the form has at least, and empty ones after what is known.
ROWS, SPARE = 4, 2


@router.get(LOT)
async def show_lot(request: Request, who: PagePrincipal, drill_id: str, lot_id: str) -> Response:
    require(who, acts.ANSWER)
    return await _page(request, who, drill_id, lot_id, None)


@router.post(LOT)
async def answer(
    request: Request, who: PagePrincipal, _: PageForm, drill_id: str, lot_id: str
) -> Response:
    async def perform(sent: AnswerForm) -> Response:
        stated = {lot_id: sent.statement()}
        await acts.answer(drill_id, stated, who=who, db=request.app.state.db, at=now())
        return redirect(request, f"{HOME}/{drill_id}", N_("Đã ghi lời khai về lô này."))

    require(who, acts.ANSWER)
    return await answered(
        await read_form(request, AnswerForm),
        perform,
        lambda form, status: _page(request, who, drill_id, lot_id, form, status),
    )


async def _page(
    request: Request,
    who: PagePrincipal,
    drill_id: str,
    lot_id: str,
    form: Form[AnswerForm] | None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    drill = await drills.seen_by(who, drill_id, db=db)
    own = await drill_page.own_lot(who, drill_id, lot_id, db=db)
    names = await facts.facilities(db, set(own.sent) - {""})
    known = {id_: one.name for id_, one in names.items()}
    spare = 0 if form else SPARE
    form = form or _begun(own, drill_page.begun_with(own, known))
    rows = form.rows("sent", ROWS, spare)
    return render(
        request,
        "drill_lot.html",
        status=status,
        drill=drill,
        own=own,
        names=known,
        form=form,
        rows=rows[:MOST_RECEIVERS],
        may_answer=drill.is_running and who.may(acts.ANSWER),
        labels=labels,
        **words(),
    )


def _begun(own: OwnLot, with_: Statement) -> Form[AnswerForm]:
    """With the last word, or with what the books say was passed on: what still lies there is for
    whoever looks there to say."""
    sent = [{"to": to[:200], "quantity": _plain(quantity)} for to, quantity in with_.sent]
    given: dict[str, object] = {"sold": _plain(with_.sold), "used": _plain(with_.used)}
    if own.said is not None:
        given["held"] = _plain(with_.held)
    return new_form(AnswerForm, sent=sent, **given)


def _plain(quantity: Decimal) -> Decimal:
    """Without the noughts that conversions leave behind it."""
    return Decimal(f"{quantity.normalize():f}")
