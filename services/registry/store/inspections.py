"""Inspections in MongoDB: within one's scope, of one facility, and those that are public."""

from collections.abc import AsyncIterator
from datetime import date

from pydantic import TypeAdapter

from services.registry.domain.inspections import Inspection
from services.registry.store.codec import plain
from services.registry.store.lists import PAGE_SIZE
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

INSPECTIONS = "inspections"
_reader = TypeAdapter(Inspection)


async def prepare(db: Database) -> None:
    rows = db.collection(INSPECTIONS)
    await rows.create_index([("facility_id", 1), ("it.on", -1)])
    await rows.create_index([("commune", 1), ("it.on", -1)])
    await rows.create_index("it.violations.state")
    await rows.create_index("told")


async def insert(tx: Tx, inspection: Inspection) -> None:
    await tx.collection(INSPECTIONS).insert_one(_document(inspection))


async def put(tx: Tx, before: Inspection, inspection: Inspection) -> None:
    result = await tx.collection(INSPECTIONS).replace_one(
        {"_id": inspection.id, "version": before.version}, _document(inspection)
    )
    if result.matched_count != 1:
        raise EditConflict()


async def get(source: Database | Tx, inspection_id: str) -> Inspection:
    row = await source.collection(INSPECTIONS).find_one({"_id": inspection_id})
    if row is None:
        raise NotFound()
    return _inspection(row)


def wanted(
    *, facility_id: str = "", result: str = "", violation: str = "", today: date | None = None
) -> Document:
    """The filter of a list; `violation` is a state, or `overdue` with today."""
    found: Document = {}
    if facility_id:
        found["facility_id"] = facility_id
    if result:
        found["it.result"] = result
    if violation == "overdue" and today is not None:
        late = {"state": "open", "deadline": {"$type": "string", "$lt": today.isoformat()}}
        found["it.violations"] = {"$elemMatch": late}
    elif violation:
        found["it.violations.state"] = violation
    return found


async def listed(
    db: Database, who: Principal, query: Document, page: int
) -> tuple[list[Inspection], int]:
    """One page of those in the asker's scope, newest first, and how many there are."""
    scoped = {"$and": [area_filter(who), query]}
    rows = db.collection(INSPECTIONS)
    order = [("it.on", -1), ("_id", 1)]
    cursor = rows.find(scoped).sort(order).skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [_inspection(row) async for row in cursor], await rows.count_documents(scoped)


async def count_overdue(db: Database, who: Principal, today: date) -> int:
    """How many inspections in the asker's scope have a violation that is overdue."""
    query = {"$and": [area_filter(who), wanted(violation="overdue", today=today)]}
    return await db.collection(INSPECTIONS).count_documents(query)


async def untold(db: Database, limit: int) -> list[Inspection]:
    """Those that were recorded before they were told to others."""
    cursor = db.collection(INSPECTIONS).find({"told": {"$ne": True}}).limit(limit)
    return [_inspection(row) async for row in cursor]


async def mark_told(tx: Tx, inspection: Inspection) -> bool:
    """Whether it is this caller's to tell: as it was read, and told by nobody yet."""
    result = await tx.collection(INSPECTIONS).update_one(
        {"_id": inspection.id, "version": inspection.version, "told": {"$ne": True}},
        {"$set": {"told": True}},
    )
    return bool(result.modified_count)


async def every(db: Database, who: Principal, query: Document) -> AsyncIterator[Inspection]:
    """All those in the asker's scope, newest first, for an export."""
    scoped = {"$and": [area_filter(who), query]}
    cursor = db.collection(INSPECTIONS).find(scoped).sort([("it.on", -1), ("_id", 1)])
    async for row in cursor.allow_disk_use(True).batch_size(200):
        yield _inspection(row)


async def public_of(db: Database, facility_id: str) -> list[Inspection]:
    query = {"facility_id": facility_id, "public": True}
    cursor = db.collection(INSPECTIONS).find(query).sort("it.on", -1).limit(20)
    return [_inspection(row) async for row in cursor]


def _document(inspection: Inspection) -> Document:
    body: Document = plain(inspection)
    body["_id"] = body.pop("id")
    # Whoever writes it tells it; what was written before there was such a fact has no mark.
    body["told"] = True
    return body


def _inspection(row: Document) -> Inspection:
    body = {key: value for key, value in row.items() if key != "_id"}
    return _reader.validate_python({**body, "id": row["_id"]})
