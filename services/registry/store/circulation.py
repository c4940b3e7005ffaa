"""Figures of circulation in MongoDB: what events add per month, and revenue as it was declared."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import TypeAdapter
from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from services.registry.domain.circulation import Revenue, Stock, month_of
from services.registry.store.codec import plain
from shared.contracts.scan import ScansRecorded
from shared.contracts.stamps import BatchIssued, IntervalsChanged, SegmentPublished
from shared.days import local_day
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

COUNTS = "circulation"
SEGMENTS = "stamp_segments"
REVENUES = "revenues"
# What a month's count holds.
FIGURES = ("issued", "activated", "scans", "readers")
_reader = TypeAdapter(Revenue)


async def prepare(db: Database) -> None:
    await db.collection(COUNTS).create_index([("facility_id", 1), ("month", 1)])
    await db.collection(SEGMENTS).create_index("facility_id")
    await db.collection(REVENUES).create_index([("facility_id", 1), ("month", 1)])


async def note_issue(tx: Tx, event: BatchIssued) -> None:
    await _add(tx, [(event.facility_id, _month(event.time), {"issued": event.quantity})])


async def note_change(tx: Tx, event: IntervalsChanged) -> None:
    """A stamp is activated once in its life, so months add up."""
    if event.change == "activate":
        await _add(tx, [(event.facility_id, _month(event.time), {"activated": event.count})])


async def note_scans(tx: Tx, events: Sequence[ScansRecorded]) -> None:
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for count in (count for event in events for count in event.counts if count.facility_id):
        added = found[count.facility_id, _month(count.hour)]
        added["scans"] += count.scans
        added["readers"] += count.first_of_user
    await _add(tx, [(*key, dict(added)) for key, added in found.items()])


async def note_segments(tx: Tx, events: Sequence[SegmentPublished]) -> None:
    """How many serials of a segment stand where; of each segment the newest version counts."""
    newest = {event.subject: event for event in sorted(events, key=lambda one: one.version)}
    rows = tx.collection(SEGMENTS)
    query = {"_id": {"$in": list(newest)}}
    known = {row["_id"]: row["version"] async for row in rows.find(query, {"version": 1})}
    for key, event in newest.items():
        body = {"version": event.version, "facility_id": event.facility_id, **_standing(event)}
        if key not in known:
            await rows.insert_one({"_id": key, **body})
        elif known[key] < event.version:
            await rows.replace_one({"_id": key}, body)


def _standing(event: SegmentPublished) -> dict[str, int]:
    found = {"unused": 0, "used": 0, "spoilt": 0}
    for one in event.whole:
        waiting = one.state in ("issued", "suspended")
        found["used" if one.lot else "unused" if waiting else "spoilt"] += one.last - one.first + 1
    return found


async def counts(
    db: Database, facilities: Iterable[str], months: Sequence[str]
) -> dict[tuple[str, str], Document]:
    """What events have added, by facility and month."""
    query = {
        "facility_id": {"$in": list(facilities)},
        "month": {"$gte": months[0], "$lte": months[-1]},
    }
    cursor = db.collection(COUNTS).find(query)
    return {
        (row["facility_id"], row["month"]): {name: row.get(name, 0) for name in FIGURES}
        async for row in cursor
    }


async def stock(db: Database, facility_id: str) -> Stock:
    """A facility's stamps as they now stand."""
    names = ("unused", "used", "spoilt")
    pipeline: list[Document] = [
        {"$match": {"facility_id": facility_id}},
        {"$group": {"_id": None, **{name: {"$sum": f"${name}"} for name in names}}},
    ]
    async for row in await db.collection(SEGMENTS).aggregate(pipeline):
        return Stock(**{name: int(row[name]) for name in names})
    return Stock()


async def revenue(source: Database | Tx, facility_id: str, month: str) -> Revenue | None:
    row = await source.collection(REVENUES).find_one({"_id": f"{facility_id}/{month}"})
    return _revenue(row) if row is not None else None


async def revenues(
    db: Database, facilities: Iterable[str], months: Sequence[str]
) -> dict[tuple[str, str], Revenue]:
    query = {
        "facility_id": {"$in": list(facilities)},
        "month": {"$gte": months[0], "$lte": months[-1]},
    }
    cursor = db.collection(REVENUES).find(query)
    return {(row["facility_id"], row["month"]): _revenue(row) async for row in cursor}


async def put_revenue(tx: Tx, before: Revenue, after: Revenue) -> None:
    """Keep it if nobody was faster, with what it was before; raises EditConflict."""
    key = f"{after.facility_id}/{after.month}"
    rows = tx.collection(REVENUES)
    if before.version == 0:
        try:
            await rows.insert_one({"_id": key, **plain(after), "earlier": []})
        except DuplicateKeyError as error:
            raise EditConflict() from error
        return
    result = await rows.update_one(
        {"_id": key, "version": before.version},
        {"$set": plain(after), "$push": {"earlier": plain(before)}},
    )
    if result.matched_count != 1:
        raise EditConflict()


def _revenue(row: Document) -> Revenue:
    body = {key: value for key, value in row.items() if key not in ("_id", "earlier")}
    return _reader.validate_python(body)


def _month(instant: datetime) -> str:
    """A month is a month in Vietnam."""
    return month_of(local_day(instant))


async def _add(tx: Tx, rows: list[tuple[str, str, dict[str, int]]]) -> None:
    writes = [
        UpdateOne(
            {"_id": f"{facility}/{month}"},
            {"$inc": added, "$setOnInsert": {"facility_id": facility, "month": month}},
            upsert=True,
        )
        for facility, month, added in rows
    ]
    if writes:
        await tx.collection(COUNTS).bulk_write(writes)
