"""How far a recall is carried out, on the case's page."""

from typing import Any

from services.recall.domain.case import Case
from services.recall.domain.recovery import Fate
from services.recall.domain.terms import Kind, State
from services.recall.pages import recovery_labels
from services.recall.pages.recovery import may
from services.recall.queries import recovery
from shared.auth import Principal
from shared.mongo import Database

CARRIED = (State.ORDERED, State.CLOSED, State.LIFTED)
# The case's page looks again by itself: of more lots the sums stand on their own page alone.
MOST_SUMMED = 2_000


async def load(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """Nothing before the case is public. A facility is asked to say that it was told."""
    if case.state not in CARRIED:
        return None
    told = await recovery.told(db, case)
    mine = [one for one in told if who.facility_id in (None, one.facility_id)]
    missing = [one for one in mine if one.acknowledged is None]
    goods = case.kind is not Kind.WARNING
    few = case.lot_count <= MOST_SUMMED
    return {
        "case": case,
        "told": mine,
        "missing": missing,
        "sums": await recovery.sums_for(db, case, who) if goods and few else (),
        "may": may(
            who, case, bool(missing), lots=goods and bool(await recovery.open_lots(db, case))
        ),
        "own": who.facility_id is not None,
        "goods": goods,
        "fates": recovery_labels,
        "shown": tuple(Fate),
    }


async def load_asking(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """Only what asks for an act now: the facility has not said yet that it was told."""
    if who.facility_id is None:
        return None
    given = await load(db, who, case)
    return given if given is not None and given["may"]["acknowledge"] else None
