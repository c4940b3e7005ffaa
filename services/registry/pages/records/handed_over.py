"""An application for an account becomes the facility's form, without typing it again (R18)."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request

from services.registry import catalogue
from services.registry.actions import doubles
from services.registry.actions.doubles import Double
from services.registry.actions.imports.finding import bare
from services.registry.domain.communes import commune_of_today
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
ENTERED: Final = N_("Đã lập từ chính bản đăng ký này")


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
    if "commune" in told:
        # It may have been merged into another since the application was sent.
        told["commune"] = commune_of_today(told["commune"])
    kinds = facts.get("kinds")
    if isinstance(kinds, list):
        told["kinds"] = [kind for kind in kinds if kind in catalogue.KINDS]
    return told


async def doubles_of(request: Request, who: Principal, sent: handover.Handover) -> list[Double]:
    """Facilities in scope that this may be one of, the surest first."""
    db, told = request.app.state.db, filled(sent.facts)
    found: dict[str, Double] = {}
    made = await applications.facility_of(db, sent.subject)
    if made is not None:
        for record in (await matching.by_id(db, Aggregate.FACILITY, who, [made[0]])).values():
            it = record.content
            found[record.id] = Double(record.id, record.code, it.name, it.address, ENTERED)
    for one in await doubles.found(
        db,
        who,
        name=told.get("name", ""),
        address=told.get("address", ""),
        commune=told.get("commune", ""),
        tax_number=bare(told.get("tax_number", "")),
    ):
        found.setdefault(one.id, one)
    return list(found.values())
