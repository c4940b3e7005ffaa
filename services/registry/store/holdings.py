"""Holdings in MongoDB: taken from by one conditional update, so that nobody uses what is gone."""

from decimal import Decimal
from typing import Any

from bson import Decimal128
from pymongo.errors import DuplicateKeyError

from services.registry.domain.holding import Holding, LessThanUsed
from services.registry.domain.lot import Lot
from services.registry.domain.units import in_base, measure
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

HOLDINGS = "holdings"


async def prepare(db: Database) -> None:
    await db.collection(HOLDINGS).create_index([("facility_id", 1), ("lot_id", 1)])
    await db.collection(HOLDINGS).create_index("lot_id")


def _id(lot_id: str, facility_id: str) -> str:
    return f"{lot_id}/{facility_id}"


def _empty(lot_id: str, facility_id: str) -> Document:
    return {"lot_id": lot_id, "facility_id": facility_id, "used": Decimal128("0")}


async def follow(tx: Tx, lot_id: str, lot: Lot) -> None:
    """The maker has what was published, which cannot be less than was used of it already."""
    has = in_base(lot.quantity, lot.unit)
    rows = tx.collection(HOLDINGS)
    key = {"_id": _id(lot_id, lot.facility_id)}
    known = await rows.find_one(key)
    if known is not None and known["used"].to_decimal() > has:
        used = known["used"].to_decimal() / measure(lot.unit).in_base
        raise LessThanUsed("quantity", used=f"{used.normalize():f}", unit=lot.unit)
    await _upsert(
        tx,
        key,
        {"$set": {"has": Decimal128(has)}, "$setOnInsert": _empty(lot_id, lot.facility_id)},
    )


async def take(tx: Tx, lot_id: str, facility_id: str, amount: Decimal) -> bool:
    """Use some of it; False where there is not so much left (or nothing is held at all)."""
    result = await tx.collection(HOLDINGS).update_one(
        {
            "_id": _id(lot_id, facility_id),
            "$expr": {"$lte": [{"$add": ["$used", Decimal128(amount)]}, "$has"]},
        },
        {"$inc": {"used": Decimal128(amount)}},
    )
    return bool(result.modified_count)


async def give_back(tx: Tx, lot_id: str, facility_id: str, amount: Decimal) -> None:
    """What was reserved and not used after all."""
    await tx.collection(HOLDINGS).update_one(
        {"_id": _id(lot_id, facility_id)}, {"$inc": {"used": Decimal128(-amount)}}
    )


async def receive(tx: Tx, lot_id: str, facility_id: str, amount: Decimal) -> None:
    await _upsert(
        tx,
        {"_id": _id(lot_id, facility_id)},
        {"$inc": {"has": Decimal128(amount)}, "$setOnInsert": _empty(lot_id, facility_id)},
    )


async def find(source: Database | Tx, lot_id: str, facility_id: str) -> Holding | None:
    row = await source.collection(HOLDINGS).find_one({"_id": _id(lot_id, facility_id)})
    return _holding(row) if row is not None else None


async def many(db: Database, facility_id: str, lots: tuple[str, ...]) -> dict[str, Holding]:
    """What a facility has of these lots, by lot; those it never held are left out."""
    wanted = {"_id": {"$in": [_id(lot, facility_id) for lot in lots]}}
    return {row["lot_id"]: _holding(row) async for row in db.collection(HOLDINGS).find(wanted)}


async def of_lot(db: Database, lot_id: str) -> list[Holding]:
    """Who has how much of a lot."""
    return [_holding(row) async for row in db.collection(HOLDINGS).find({"lot_id": lot_id})]


async def of_facility(db: Database, facility_id: str, limit: int = 300) -> list[Holding]:
    """What a facility has left of lots, its own and received ones, newest lots first."""
    wanted: Document = {"facility_id": facility_id, "$expr": {"$lt": ["$used", "$has"]}}
    cursor = db.collection(HOLDINGS).find(wanted).sort("lot_id", -1).limit(limit)
    return [_holding(row) async for row in cursor]


async def _upsert(tx: Tx, key: Document, change: dict[str, Any]) -> None:
    try:
        await tx.collection(HOLDINGS).update_one(key, change, upsert=True)
    except DuplicateKeyError as error:  # Two at once made it; whoever is sent again finds it.
        raise EditConflict() from error


def _holding(row: Document) -> Holding:
    return Holding(
        lot_id=row["lot_id"],
        facility_id=row["facility_id"],
        has=row["has"].to_decimal(),
        used=row["used"].to_decimal(),
    )
