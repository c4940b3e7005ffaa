"""Lots by code, by facility, by product, and what was made from one."""

from collections.abc import Sequence

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document
from services.registry.store.lists import public_filter
from shared.mongo import Database, Document, Tx

LOTS = COLLECTIONS[Aggregate.LOT]


async def by_code(source: Database | Tx, facility_code: str, lot_code: str) -> AnyRecord | None:
    """The lot of that code of the facility of that code."""
    row = await source.collection(LOTS).find_one(
        {"owner.code": facility_code, "derived.codes": lot_code.upper()}
    )
    return from_document(Aggregate.LOT, row) if row is not None else None


async def published_of(db: Database, facility_id: str, limit: int) -> list[AnyRecord]:
    """The newest published lots of a facility."""
    cursor = (
        db.collection(LOTS)
        .find({"owner.facility_id": facility_id, "published": {"$ne": None}})
        .sort("updated_at", -1)
        .limit(limit)
    )
    return [from_document(Aggregate.LOT, row) async for row in cursor]


async def published_of_many(db: Database, facilities: Sequence[str], limit: int) -> list[AnyRecord]:
    """The newest published lots of several facilities together."""
    cursor = (
        db.collection(LOTS)
        .find({"owner.facility_id": {"$in": [*facilities]}, "published": {"$ne": None}})
        .sort("updated_at", -1)
        .limit(limit)
    )
    return [from_document(Aggregate.LOT, row) async for row in cursor]


async def listed(db: Database, wanted: Document, *, after: str, size: int) -> list[AnyRecord]:
    """Lots that the public may see, by id, from the one after `after`."""
    query: Document = {**public_filter(), **wanted, "_id": {"$gt": after}}
    cursor = db.collection(LOTS).find(query).sort("_id", 1).limit(size)
    return [from_document(Aggregate.LOT, row) async for row in cursor]


async def codes_of(db: Database, facility_id: str, limit: int = 200) -> list[str]:
    """The codes of the lots that a facility worked on last, drafts too, the newest lot first."""
    cursor = (
        db.collection(LOTS)
        .find({"owner.facility_id": facility_id}, {"code": 1, "created_at": 1})
        .sort([("updated_at", -1), ("_id", -1)])
        .limit(limit)
    )
    rows = await cursor.to_list(limit)
    rows.sort(key=lambda row: row["created_at"], reverse=True)
    return [str(row["code"]) for row in rows]


async def of_product(db: Database, product_id: str, limit: int) -> list[AnyRecord]:
    """The newest published lots of a product."""
    cursor = (
        db.collection(LOTS)
        .find({"published.product_id": product_id})
        .sort("published_at", -1)
        .limit(limit)
    )
    return [from_document(Aggregate.LOT, row) async for row in cursor]


async def made_from(db: Database, lot_id: str, limit: int) -> list[AnyRecord]:
    """The published lots that name this one among their inputs."""
    cursor = db.collection(LOTS).find({"published.inputs": lot_id}).limit(limit)
    return [from_document(Aggregate.LOT, row) async for row in cursor]
