"""What waits for somebody: applications for accounts, as identity tells them (R5)."""

from datetime import datetime
from typing import Any

from services.reporting.store.newest import keep_newest
from shared.auth import Principal, area_filter
from shared.contracts.identity import ApplicationPublished
from shared.mongo import Database, Tx

APPLICATIONS = "applications"
WAITING = "waiting"


async def prepare(db: Database) -> None:
    await db.collection(APPLICATIONS).create_index([("state", 1), ("submitted_at", 1)])


async def note_application(tx: Tx, event: ApplicationPublished) -> None:
    facts = {
        "wish": event.wish,
        "commune": event.commune,
        "sector": event.sector,
        "state": event.state,
        "submitted_at": event.submitted_at,
    }
    await keep_newest(tx, APPLICATIONS, event.subject, event.version, facts)


async def waiting(db: Database, who: Principal) -> tuple[int, datetime | None]:
    """How many wait in the account's area, and since when the first of them does."""
    query: dict[str, Any] = {**area_filter(who), "state": WAITING}
    count = await db.collection(APPLICATIONS).count_documents(query)
    first = await db.collection(APPLICATIONS).find_one(query, sort=[("submitted_at", 1)])
    return count, first["submitted_at"] if first else None
