"""Growing areas by place and by code."""

from services.registry.domain.codes import compact
from services.registry.domain.geometry import Boundary, box
from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document
from shared.mongo import Database, Tx

AREAS = COLLECTIONS[Aggregate.GROWING_AREA]
NEAR = 200


async def prepare(db: Database) -> None:
    await db.collection(AREAS).create_index([("derived.box.west", 1), ("derived.box.south", 1)])


async def near(source: Database | Tx, boundary: Boundary, *, but: str = "") -> list[AnyRecord]:
    """Published areas whose frame touches that of `boundary`."""
    west, south, east, north = box(boundary)
    cursor = (
        source.collection(AREAS)
        .find(
            {
                "_id": {"$ne": but},
                "derived.box.west": {"$lte": east},
                "derived.box.east": {"$gte": west},
                "derived.box.south": {"$lte": north},
                "derived.box.north": {"$gte": south},
            }
        )
        .limit(NEAR)
    )
    return [from_document(Aggregate.GROWING_AREA, row) async for row in cursor]


async def of_commune(db: Database, commune: str, *, but: str = "", limit: int) -> list[AnyRecord]:
    """Published areas of a commune that have a boundary, newest first."""
    wanted = {"_id": {"$ne": but}, "published.commune": commune, "derived.box": {"$exists": True}}
    cursor = db.collection(AREAS).find(wanted).sort("updated_at", -1).limit(limit)
    return [from_document(Aggregate.GROWING_AREA, row) async for row in cursor]


async def holder_of(source: Database | Tx, code: str) -> AnyRecord | None:
    """The published area that carries an official code, however it is spelled."""
    row = await source.collection(AREAS).find_one({"derived.claim": compact(code)})
    return from_document(Aggregate.GROWING_AREA, row) if row is not None else None
