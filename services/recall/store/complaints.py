"""Reported problems as scan told them, with what officials made of each."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, UpdateOne

from services.recall.domain.complaint import STATES, Complaint
from services.recall.store import facts
from services.recall.store.newest import Reader
from shared.auth import Principal, Scope, area_filter
from shared.contracts.scan import ComplaintFiled
from shared.errors import EditConflict, NotFound
from shared.ids import now
from shared.mongo import Database, Document, Tx

COMPLAINTS = "complaints"
PAGE_SIZE = 25
_TOLD = (
    *("batch", "serial", "facility_id", "product_id", "lot_id", "verdict", "kind"),
    *("words", "commune", "place", "photo", "has_phone"),
    *("filed_at", "private_until", "kept_until", "typed"),
)


async def prepare(db: Database) -> None:
    rows = db.collection(COMPLAINTS)
    await rows.create_index([("state", 1), ("filed_at", DESCENDING)])
    await rows.create_index([("facility_id", 1), ("filed_at", DESCENDING)])
    # What is kept no longer goes by itself, here as at scan.
    await rows.create_index("kept_until", expireAfterSeconds=0)


async def note_filed(tx: Tx, events: Sequence[ComplaintFiled]) -> None:
    """A report never changes, so the first telling is kept; one told after its time is not."""
    at = now()
    writes = [
        UpdateOne(
            {"_id": event.subject},
            {
                "$setOnInsert": {
                    "number": event.reference,
                    **{name: getattr(event, name) for name in _TOLD},
                    **{"state": "new", "version": 0, "answer": "", "by_name": ""},
                    **{"authority": "", "changed_at": None},
                }
            },
            upsert=True,
        )
        for event in events
        if event.kept_until > at
    ]
    if writes:
        await tx.collection(COMPLAINTS).bulk_write(writes, ordered=False)


async def get(reader: Reader, complaint_id: str, at: datetime) -> Complaint:
    row = await reader.collection(COMPLAINTS).find_one({"_id": complaint_id})
    if row is None or row["kept_until"] <= at:
        raise NotFound()
    return _complaint(row)


async def put(tx: Tx, before: Complaint, after: Complaint) -> None:
    """Raises EditConflict if somebody else acted meanwhile."""
    body = asdict(after)
    result = await tx.collection(COMPLAINTS).update_one(
        {"_id": body.pop("id"), "version": before.version}, {"$set": body}
    )
    if not result.matched_count:
        raise EditConflict()


async def scope_of(reader: Reader, complaint: Complaint, who: Principal) -> Scope:
    """Where the facility lies now; nowhere in particular while registry has not told it. What is
    nobody's goods has no sector and is for all who answer for the place where it was seen; without
    a place, for those who answer for the whole province."""
    if not complaint.facility_id:
        return Scope(commune=complaint.commune or None, sector=who.sector)
    found = (await facts.facilities(reader, [complaint.facility_id])).get(complaint.facility_id)
    if found is None:
        return Scope(complaint.facility_id)
    return Scope(found.id, found.commune, found.sector)


async def visible_to(db: Database, who: Principal) -> Document:
    """The filter that leaves what lies in an official's area, by where facilities lie now."""
    area = area_filter(who, facility="_id")
    if not area:
        return {}
    theirs: Document = {"facility_id": {"$in": await facts.facilities_within(db, area)}}
    if who.facility_id is not None:
        return theirs
    nobodys: Document = {"facility_id": ""}
    if "*" not in who.communes:
        nobodys["commune"] = {"$in": list(who.communes)}
    return {"$or": [theirs, nobodys]}


async def listed(db: Database, wanted: Document, *, page: int) -> list[Complaint]:
    """One page, the newest first."""
    rows = db.collection(COMPLAINTS).find(wanted).sort([("filed_at", -1), ("_id", 1)])
    return [_complaint(row) async for row in rows.skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)]


async def numbers(db: Database, own: Document) -> dict[str, int]:
    """How many there are in each state."""
    pipeline: list[dict[str, Any]] = [
        {"$match": own},
        {"$group": {"_id": "$state", "n": {"$sum": 1}}},
    ]
    rows = await db.collection(COMPLAINTS).aggregate(pipeline)
    found = {row["_id"]: int(row["n"]) async for row in rows}
    return {state: found.get(state, 0) for state in STATES}


def _complaint(row: Document) -> Complaint:
    return Complaint(id=row["_id"], **{key: value for key, value in row.items() if key != "_id"})
