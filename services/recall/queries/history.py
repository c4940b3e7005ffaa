"""A case's history as the asker sees it."""

from typing import Final

from services.recall.store import entries
from services.recall.store.entries import Entry
from shared.auth import Principal
from shared.mongo import Database

# How authorities keep their deadlines, and which of their servers lag, is theirs to know.
OF_AUTHORITIES: Final = ("deadline_", "receipts_")


async def of_case(who: Principal, case_id: str, *, db: Database) -> list[Entry]:
    """Oldest first."""
    found = await entries.of_case(db, case_id)
    if who.facility_id is None:
        return found
    return [entry for entry in found if not entry.act.startswith(OF_AUTHORITIES)]
