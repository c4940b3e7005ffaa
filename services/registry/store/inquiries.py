"""Inquiries in MongoDB: of one facility, by the asker's code, or reported in an official's area."""

from datetime import datetime

from pydantic import TypeAdapter

from services.registry.domain.inquiry import Inquiry, InquiryUnknown, State
from services.registry.store.codec import plain
from services.registry.store.lists import PAGE_SIZE
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

INQUIRIES = "inquiries"
_reader = TypeAdapter(Inquiry)


async def prepare(db: Database) -> None:
    rows = db.collection(INQUIRIES)
    await rows.create_index("fingerprint", unique=True)
    await rows.create_index([("facility_id", 1), ("updated_at", -1)])
    await rows.create_index([("reported", 1), ("commune", 1), ("updated_at", -1)])
    # What is kept no longer goes by itself.
    await rows.create_index("kept_until", expireAfterSeconds=0)


async def insert(tx: Tx, inquiry: Inquiry) -> None:
    await tx.collection(INQUIRIES).insert_one(_document(inquiry))


async def put(tx: Tx, before: Inquiry, inquiry: Inquiry) -> None:
    result = await tx.collection(INQUIRIES).replace_one(
        {"_id": inquiry.id, "version": before.version}, _document(inquiry)
    )
    if result.matched_count != 1:
        raise EditConflict()


async def erase(tx: Tx, inquiry_id: str) -> None:
    await tx.collection(INQUIRIES).delete_one({"_id": inquiry_id})


async def note_seen(db: Database, inquiry: Inquiry) -> None:
    """Only this version was seen: what came in meanwhile stays unread."""
    await db.collection(INQUIRIES).update_one(
        {"_id": inquiry.id, "version": inquiry.version}, {"$set": {"seen": True}}
    )


async def get(source: Database | Tx, inquiry_id: str) -> Inquiry:
    row = await source.collection(INQUIRIES).find_one({"_id": inquiry_id})
    if row is None:
        raise NotFound()
    return _inquiry(row)


async def find_by_fingerprint(source: Database | Tx, fingerprint: str) -> Inquiry | None:
    row = await source.collection(INQUIRIES).find_one({"fingerprint": fingerprint})
    return _inquiry(row) if row is not None else None


async def by_fingerprint(source: Database | Tx, fingerprint: str, now: datetime) -> Inquiry:
    """The asker's own; raises InquiryUnknown, also where it is only not yet gone."""
    found = await find_by_fingerprint(source, fingerprint)
    if found is None or found.kept_until <= now:
        raise InquiryUnknown("code")
    return found


async def listed(
    db: Database, who: Principal, *, state: str, reported: bool, page: int
) -> tuple[list[Inquiry], int]:
    """One page in the asker's scope, newest first, and how many there are."""
    query = _query(who, state=state, reported=reported)
    rows = db.collection(INQUIRIES)
    order = [("updated_at", -1), ("_id", 1)]
    cursor = rows.find(query).sort(order).skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [_inquiry(row) async for row in cursor], await rows.count_documents(query)


async def counts(db: Database, who: Principal, *, reported: bool) -> dict[str, int]:
    """How many of each state, and how many that nobody opened, as `unread`."""
    found = {state.value: 0 for state in State} | {"unread": 0}
    cursor = await db.collection(INQUIRIES).aggregate(
        [
            {"$match": _query(who, state="", reported=reported)},
            {
                "$group": {
                    "_id": "$state",
                    "all": {"$sum": 1},
                    "unread": {"$sum": {"$cond": ["$seen", 0, 1]}},
                }
            },
        ]
    )
    async for row in cursor:
        found[row["_id"]] = row["all"]
        found["unread"] += row["unread"]
    return found


def _query(who: Principal, *, state: str, reported: bool) -> Document:
    query: Document = {**area_filter(who)}
    if state:
        query["state"] = state
    if reported:
        query["reported"] = True
    return query


def _document(inquiry: Inquiry) -> Document:
    body: Document = plain(inquiry)
    body["_id"] = body.pop("id")
    return {**body, "kept_until": inquiry.kept_until, "reported": inquiry.report is not None}


def _inquiry(row: Document) -> Inquiry:
    body = {
        key: value for key, value in row.items() if key not in ("_id", "kept_until", "reported")
    }
    return _reader.validate_python({**body, "id": row["_id"]})
