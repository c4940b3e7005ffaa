"""Corrections on the case's page: the one that waits, and those that were made."""

from typing import Any

from services.recall.actions.corrections import CORRECT
from services.recall.domain.case import Case
from services.recall.pages import differences
from services.recall.pages.correction import waiting_rows
from services.recall.queries import cases
from services.recall.store import corrections
from services.recall.store.cases import scope_of
from services.recall.store.corrections import Corrected
from shared.auth import Principal
from shared.mongo import Database


async def waiting(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """The correction that waits for a second person."""
    if case.correction is None:
        return None
    may = who.may(CORRECT) and who.covers(CORRECT, scope_of(case.owner))
    return {
        "case": case,
        "asked": case.correction,
        "rows": await waiting_rows(db, case),
        "may": may,
        "own": case.correction.requested_by.account_id == who.account_id,
    }


async def made(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """What it said before, and the way to a correction for who may make one."""
    found = await with_rows(db, await corrections.of_case(db, case.id))
    may = (
        case.is_standing
        and case.correction is None
        and who.may(CORRECT)
        and who.covers(CORRECT, scope_of(case.owner))
        and (who.facility_id is None or who.facility_id == case.ordered_by.facility_id)
    )
    if not found and not may:
        return None
    return {"case": case, "found": found, "may": may}


async def with_rows(
    db: Database, found: list[Corrected]
) -> list[tuple[Corrected, list[differences.Difference]]]:
    """Each correction, the newest first, with what it changed."""
    ids = {lot for one in found for lot in (*one.added, *one.removed)}
    codes = {row.lot.id: row.lot.code for row in await cases.lots_of(db, sorted(ids))}

    def named(lots: Any) -> list[str]:
        return [codes.get(lot, lot) for lot in lots]

    return [
        (one, differences.between(one.before, one.after, named(one.added), named(one.removed)))
        for one in reversed(found)
    ]
