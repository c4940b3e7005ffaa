"""Diaries of whoever has goods, in MongoDB: a document an entry."""

from pydantic import TypeAdapter

from services.registry.domain.keeping import AlreadyStruck, Keeping
from services.registry.store.codec import plain
from shared.errors import NotFound
from shared.mongo import Database, Document, Tx

KEEPINGS = "keepings"
PAGE_SIZE = 50
_adapter = TypeAdapter(Keeping)


async def prepare(db: Database) -> None:
    rows = db.collection(KEEPINGS)
    latest = [("at", -1), ("_id", -1)]
    await rows.create_index([("lot_id", 1), *latest])
    await rows.create_index([("facility_id", 1), *latest])
    await rows.create_index([("facility_id", 1), ("lot_id", 1), *latest])


async def insert(tx: Tx, one: Keeping) -> None:
    await tx.collection(KEEPINGS).insert_one(_document(one))


async def strike(tx: Tx, after: Keeping) -> None:
    """Once: raises AlreadyStruck where another was faster."""
    result = await tx.collection(KEEPINGS).update_one(
        {"_id": after.id, "struck": ""}, {"$set": {"struck": after.struck}}
    )
    if result.matched_count != 1:
        raise AlreadyStruck()


async def get(source: Database | Tx, keeping_id: str) -> Keeping:
    row = await source.collection(KEEPINGS).find_one({"_id": keeping_id})
    if row is None:
        raise NotFound()
    return _keeping(row)


async def of_lot(db: Database, lot_id: str, limit: int = 500) -> list[Keeping]:
    """What anybody did with a lot, the latest first; without what was struck."""
    return await _found(db, {"lot_id": lot_id, "struck": ""}, limit)


async def of_facility(
    db: Database, facility_id: str, *, lot_id: str = "", limit: int = PAGE_SIZE
) -> list[Keeping]:
    """What a facility wrote, of one lot or of all, the latest first; also what was struck."""
    wanted: Document = {"facility_id": facility_id}
    return await _found(db, wanted | ({"lot_id": lot_id} if lot_id else {}), limit)


async def _found(db: Database, wanted: Document, limit: int) -> list[Keeping]:
    cursor = db.collection(KEEPINGS).find(wanted).sort([("at", -1), ("_id", -1)]).limit(limit)
    return [_keeping(row) async for row in cursor]


def _document(one: Keeping) -> Document:
    body: Document = plain(one)
    body["_id"] = body.pop("id")
    return body


def _keeping(row: Document) -> Keeping:
    body = {key: value for key, value in row.items() if key != "_id"}
    return _adapter.validate_python({**body, "id": row["_id"]})
