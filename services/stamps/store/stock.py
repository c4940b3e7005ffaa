"""Where centrally printed stamps lie, as stored: a document per batch, and each act on it."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from services.stamps.domain.moves import Moved
from services.stamps.domain.places import INHERITED, Lying, Place
from services.stamps.domain.stock import Stock
from services.stamps.store.codec import from_document, to_document
from services.stamps.store.lists import page_of
from shared.contracts.stamps import StockSpan
from shared.errors import EditConflict
from shared.mongo import Database, Tx

STOCK, MOVES, TOLD = "stock", "stock_moves", "stock_told"
# What was left to its facility keeps its history, and is no stock any more.
_CENTRAL: Final = {"printed_by": {"$ne": "facility"}}


async def prepare(db: Database) -> None:
    stock = db.collection(STOCK)
    await stock.create_index([("facility_id", ASCENDING), ("_id", DESCENDING)])
    await stock.create_index([("lying.place", ASCENDING), ("_id", DESCENDING)])
    await stock.create_index([("lying.unit_id", ASCENDING), ("_id", DESCENDING)])
    await stock.create_index("parted")
    await db.collection(MOVES).create_index([("batch", ASCENDING), ("number", DESCENDING)])


async def find_one(where: Tx | Database, batch: int) -> Stock | None:
    """None for a batch that its facility prints itself."""
    found = await where.collection(STOCK).find_one({"_id": batch, **_CENTRAL})
    return _stock(found) if found else None


async def kept(tx: Tx, batch: int) -> Stock | None:
    """Also that of a batch that was left to its facility since."""
    found = await tx.collection(STOCK).find_one({"_id": batch})
    return _stock(found) if found else None


async def kept_by(db: Database, unit: str) -> list[int]:
    """The batches of which a unit keeps stamps, or has handed some over that nobody received."""
    lying = {"$elemMatch": {"unit_id": unit, "place": {"$in": sorted(INHERITED)}}}
    cursor = db.collection(STOCK).find({"lying": lying}, {"_id": 1})
    return [int(one["_id"]) async for one in cursor]


async def unparted(db: Database) -> AsyncIterator[int]:
    """The batches whose stock was written by a release that did not tell apart what is unusable."""
    async for one in db.collection(STOCK).find({"parted": {"$in": [None, False]}}, {"_id": 1}):
        yield int(one["_id"])


async def is_central(where: Tx | Database, batch: int) -> bool:
    """Whether the authority prints a batch."""
    return (
        await where.collection(STOCK).find_one({"_id": batch, **_CENTRAL}, {"_id": 1}) is not None
    )


async def put(tx: Tx, stock: Stock, *, over: int) -> None:
    """Add the first version or replace the version `over`; raises EditConflict if it is another."""
    if over == 0:
        await tx.collection(STOCK).insert_one(to_document(stock, key="batch"))
        return
    answer = await tx.collection(STOCK).replace_one(
        {"_id": stock.batch, "version": over}, to_document(stock, key="batch")
    )
    if answer.matched_count != 1:
        raise EditConflict()


async def note(tx: Tx, moved: Moved) -> None:
    pieces = [list(piece) for piece in moved.pieces]
    await tx.collection(MOVES).insert_one({"_id": moved.id, **asdict(moved), "pieces": pieces})


async def next_told(tx: Tx, batch: int) -> int:
    """The version of what is told next to wait of a batch; of two acts at once one runs again."""
    found = await tx.collection(TOLD).find_one_and_update(
        {"_id": batch}, {"$inc": {"n": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert found is not None
    return int(found["n"])


async def moves_of(where: Tx | Database, batch: int, limit: int = 200) -> list[Moved]:
    """The acts on a batch's stock, newest first."""
    cursor = where.collection(MOVES).find({"batch": batch}).sort("number", DESCENDING)
    return [_moved(one) async for one in cursor.limit(limit)]


async def find(
    db: Database,
    wanted: dict[str, Any],
    *,
    place: Place | None = None,
    unit: str = "",
    page: int = 1,
) -> tuple[list[Stock], int]:
    """One page of centrally printed batches, newest first, and how many there are: such as have
    stamps in a place, in stock with a unit."""
    if unit:
        lying: dict[str, Any] = {"unit_id": unit, "place": place or "stock"}
        wanted = {**wanted, "lying": {"$elemMatch": lying}}
    elif place:
        wanted = {**wanted, "lying.place": place}
    documents, total = await page_of(db, STOCK, {**wanted, **_CENTRAL}, page)
    return [_stock(one) for one in documents], total


def _stock(document: dict[str, Any]) -> Stock:
    lying = tuple(Lying(**one) for one in document["lying"])
    return from_document(Stock, {**document, "lying": lying}, key="batch")


def _moved(document: dict[str, Any]) -> Moved:
    pieces = tuple(StockSpan(*piece) for piece in document["pieces"])
    return from_document(Moved, {**document, "pieces": pieces})
