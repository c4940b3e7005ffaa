"""Deadlines of recalls, and acts that scan replicas have not confirmed (R51, R53).

Read models that compare versions: late and repeated events fall away.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.reporting.store.newest import keep_newest
from shared.auth import Principal, area_filter
from shared.contracts.recall import ClockChanged, ReceiptsComplete, ReceiptsMissing, SignalRaised
from shared.mongo import Database, Tx

CLOCKS, ALARMS, SIGNALS = "recall_clocks", "recall_alarms", "recall_signals"


async def prepare(db: Database) -> None:
    await db.collection(CLOCKS).create_index([("open", 1), ("due_at", 1)])
    await db.collection(ALARMS).create_index("open")
    await db.collection(SIGNALS).create_index("open")


async def note_clocks(tx: Tx, events: Sequence[ClockChanged]) -> None:
    for event in events:
        facts = {
            "open": event.open,
            "due_at": event.due_at,
            "tiers": list(event.tiers),
            "facility_id": event.facility_id,
            "commune": event.commune,
            "sector": event.sector,
        }
        await keep_newest(tx, CLOCKS, event.subject, event.version, facts)


async def note_missing(tx: Tx, events: Sequence[ReceiptsMissing]) -> None:
    for event in events:
        place = {"facility_id": event.facility_id, "commune": event.commune}
        facts = {"open": True, "case_id": event.case_id, **place, "sector": event.sector}
        await keep_newest(tx, ALARMS, event.subject, event.version, facts)


async def note_complete(tx: Tx, events: Sequence[ReceiptsComplete]) -> None:
    for event in events:
        await keep_newest(tx, ALARMS, event.subject, event.version, {"open": False})


async def note_signals(tx: Tx, events: Sequence[SignalRaised]) -> None:
    for event in events:
        places = [{"commune": one.commune, "sector": one.sector} for one in event.places]
        facts = {"open": event.open, "places": places}
        await keep_newest(tx, SIGNALS, event.subject, event.version, facts)


async def signals(db: Database, who: Principal) -> int:
    """How many signals of early warning touch an official's area and wait for a decision."""
    wanted: dict[str, Any] = {"open": True}
    here = area_filter(who)
    if "sector" in here:  # Of goods of nobody known, the commune alone says whose they are.
        del here["sector"]
        here["$or"] = [{"sector": who.sector}, {"sector": "", "commune": {"$ne": ""}}]
    if here:
        wanted["places"] = {"$elemMatch": here}
    return await db.collection(SIGNALS).count_documents(wanted)


async def deadlines(db: Database, who: Principal, at: datetime) -> tuple[int, int]:
    """Of what the account's tier owes or was told of: how many are overdue, and how many run."""
    wanted: dict[str, Any] = {"open": True, "tiers": who.tier, **area_filter(who)}
    if who.facility_id is not None:  # Only the owner's; what authorities owe is not its to know.
        wanted["tiers"] = "facility"
    rows = db.collection(CLOCKS)
    overdue = await rows.count_documents({**wanted, "due_at": {"$lte": at}})
    return overdue, await rows.count_documents({**wanted, "due_at": {"$gt": at}})


async def unconfirmed(db: Database, who: Principal) -> list[str]:
    """Cases of the account's area that some scan replica has not confirmed."""
    wanted = {"open": True, **area_filter(who)}
    return sorted({row["case_id"] async for row in db.collection(ALARMS).find(wanted).limit(100)})
