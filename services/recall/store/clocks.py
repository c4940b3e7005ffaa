"""Clocks of deadlines: one document each, changed by its version."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.recall.domain.deadlines import Clock
from services.recall.store.newest import Reader
from shared.auth import Principal, area_filter
from shared.errors import EditConflict
from shared.ids import now
from shared.indexes import retire
from shared.mongo import Database, Document, Tx

CLOCKS = "clocks"
# Acts from before clocks were kept start none: their time is long over, and nobody was told.
SINCE = "clocks_since"
# Of duties that came in later, time runs from then on where they are older.
LATER = "later_clocks_since"
_NAMES = frozenset(one.name for one in fields(Clock))


async def prepare(db: Database) -> None:
    rows = db.collection(CLOCKS)
    await rows.create_index([("case_id", ASCENDING)])
    await rows.create_index([("running", ASCENDING), ("due_at", ASCENDING)])
    await retire(rows, "to_do")
    # A partial index serves only those who ask for what it is partial by, word for word.
    await rows.create_index(
        [("next_at", ASCENDING)], name="next", partialFilterExpression={"running": True}
    )
    begun = {"$setOnInsert": {"at": now()}}
    for mark in (SINCE, LATER):
        await db.collection("migrations").update_one({"_id": mark}, begun, upsert=True)


async def kept_since(reader: Reader, mark: str = SINCE) -> datetime | None:
    row = await reader.collection("migrations").find_one({"_id": mark})
    return row["at"] if row else None


async def get(reader: Reader, clock_id: str) -> Clock | None:
    row = await reader.collection(CLOCKS).find_one({"_id": clock_id})
    return _clock(row) if row else None


async def add(tx: Tx, clock: Clock) -> None:
    """Raises EditConflict where it was made meanwhile."""
    try:
        await tx.collection(CLOCKS).insert_one(_document(clock))
    except DuplicateKeyError as error:
        raise EditConflict() from error


async def put(tx: Tx, clock: Clock) -> None:
    """Keep the next version; raises EditConflict where another was kept meanwhile."""
    before = {"_id": clock.id, "version": clock.version - 1}
    result = await tx.collection(CLOCKS).replace_one(before, _document(clock))
    if not result.matched_count:
        raise EditConflict()


async def of_case(reader: Reader, case_id: str) -> list[Clock]:
    """Those that were started, running ones first and each by when it is due."""
    rows = reader.collection(CLOCKS).find({"case_id": case_id, "started_at": {"$ne": None}})
    found = [_clock(row) async for row in rows]
    return sorted(found, key=lambda one: (not one.is_running, one.due_at or now()))


def due(at: datetime, *, after: str = "") -> Document:
    """Running clocks whose next step is due, from the id after this on."""
    return {"running": True, "next_at": {"$lte": at}, "_id": {"$gt": after}}


async def to_do(db: Database, at: datetime, limit: int, *, after: str = "") -> list[str]:
    """Ids of the clocks whose next step is due, by id, from the one after this on."""
    # The planner might rather go through all there ever were, in the order of ids.
    rows = db.collection(CLOCKS).find(due(at, after=after), {"_id": 1}).hint("next")
    return [row["_id"] async for row in rows.sort("_id", ASCENDING).limit(limit)]


async def otherwise_timed(db: Database, calendar: str, limit: int) -> list[str]:
    """Ids of running clocks that were timed by another calendar."""
    wanted = {"running": True, "calendar": {"$ne": calendar}}
    rows = db.collection(CLOCKS).find(wanted, {"_id": 1}).limit(limit)
    return [row["_id"] async for row in rows]


async def page(
    db: Database, who: Principal, wanted: Document, *, skip: int, size: int
) -> tuple[list[Clock], int]:
    """Clocks of the account's area that fit, soonest due first, and how many there are."""
    found = {**wanted, **area_filter(who)}
    total = await db.collection(CLOCKS).count_documents(found)
    rows = db.collection(CLOCKS).find(found).sort([("due_at", ASCENDING), ("_id", ASCENDING)])
    return [_clock(row) async for row in rows.skip(skip).limit(size)], total


async def count(db: Database, who: Principal, wanted: Document) -> int:
    return await db.collection(CLOCKS).count_documents({**wanted, **area_filter(who)})


async def of_cases(db: Database, case_ids: Sequence[str]) -> dict[str, list[Clock]]:
    """Running clocks by case."""
    found: dict[str, list[Clock]] = {}
    rows = db.collection(CLOCKS).find({"case_id": {"$in": list(case_ids)}, "running": True})
    async for row in rows.sort("due_at", ASCENDING):
        found.setdefault(row["case_id"], []).append(_clock(row))
    return found


def _document(clock: Clock) -> Document:
    body: dict[str, Any] = asdict(clock)
    return {"_id": body.pop("id"), **body, "running": clock.is_running}


def _clock(row: Document) -> Clock:
    told: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in row.items()
        if name in _NAMES
    }
    return Clock(id=row["_id"], **told)
