"""An application for an account becomes the facility's form, without typing it again (R18)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request

from services.registry import catalogue
from services.registry.actions.finding import bare
from services.registry.domain.likeness import alike, known
from services.registry.domain.records import Aggregate
from services.registry.store import applications, matching
from shared import handover
from shared.auth import Principal
from shared.ids import now
from shared.web.i18n import N_

TAKEN: Final = (
    "name",
    "tax_number",
    "address",
    "commune",
    "sector",
    "representative",
    "phone",
    "email",
)
SAME_NUMBER: Final = N_("Trùng mã số thuế")
SIMILAR: Final = N_("Tên và địa chỉ gần giống")
ENTERED: Final = N_("Đã lập từ chính bản đăng ký này")


@dataclass(frozen=True, slots=True)
class Double:
    """A facility on record that this one may be; `why` is a msgid."""

    id: str
    code: str
    name: str
    address: str
    why: str


def read(request: Request, text: str, who: Principal) -> handover.Handover:
    """Raises HandoverInvalid."""
    keys = request.app.state.verifier.keys
    return handover.read(text, keys, account_id=who.account_id, now=now())


def filled(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the form; whatever they hold is judged when the form is sent."""
    told: dict[str, Any] = {
        name: value[:300]
        for name in TAKEN
        if isinstance(value := facts.get(name), str) and value.strip()
    }
    kinds = facts.get("kinds")
    if isinstance(kinds, list):
        told["kinds"] = [kind for kind in kinds if kind in catalogue.KINDS]
    return told


async def doubles(request: Request, who: Principal, sent: handover.Handover) -> list[Double]:
    """Facilities in scope that this may be one of, the surest first."""
    db, told = request.app.state.db, filled(sent.facts)
    found: dict[str, Double] = {}

    def add(record_id: str, code: str, name: str, address: str, why: str) -> None:
        found.setdefault(record_id, Double(record_id, code, name, address, why))

    made = await applications.facility_of(db, sent.subject)
    if made is not None:
        for one in (await matching.by_id(db, Aggregate.FACILITY, who, [made[0]])).values():
            add(one.id, one.code, one.content.name, one.content.address, ENTERED)
    number = bare(told.get("tax_number", ""))
    if number:
        for one in await matching.with_tax_number(db, who, number):
            add(one.id, one.code, one.content.name, one.content.address, SAME_NUMBER)
    among = await matching.facilities_in(db, who, told.get("commune", ""))
    wanted = known("", "", told.get("name", ""), told.get("address", ""))
    for near, _ in alike(wanted, among):
        add(near.id, near.code, near.name, near.address, SIMILAR)
    return list(found.values())
