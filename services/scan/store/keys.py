"""Which product, lot or facility has a GS1 key: the read models, found by what is on a label."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.scan.domain.aggregates import FACILITIES, LOTS, PRODUCTS, UNITS
from services.scan.store.models import READ_MILLISECONDS
from shared.mongo import Database

Look = Callable[..., Awaitable[list[str]]]

# More things of one key than this are not told apart anyway.
MOST = 10


async def prepare(db: Database) -> None:
    """Create the indexes."""
    for collection, *fields in (
        (PRODUCTS, "published.gtin"),
        (FACILITIES, "published.gln"),
        (LOTS, "published.code", "published.product_id"),
    ):
        await db.collection(collection).create_index([(field, 1) for field in fields])
    await db.collection(UNITS).create_index("published.ssccs", sparse=True)


async def products(db: Database, gtin: str) -> list[str]:
    """Ids of the products that a GTIN of 14 digits names, in whatever length it was entered."""
    spellings = {gtin, *(gtin[-length:] for length in (8, 12, 13) if not gtin[:-length].strip("0"))}
    return await _ids(db, PRODUCTS, {"published.gtin": {"$in": sorted(spellings)}})


async def facilities(db: Database, gln: str) -> list[str]:
    return await _ids(db, FACILITIES, {"published.gln": gln})


async def lots(db: Database, product_id: str, code: str) -> list[str]:
    """Ids of a product's lots whose code is the one printed on a label."""
    return await _ids(db, LOTS, {"published.code": code, "published.product_id": product_id})


async def packed_under(db: Database, sscc: str) -> tuple[list[str], list[str]]:
    """Ids of the lots of the shipment that a logistic unit belongs to, and of those of them that
    its sender says are in it: none where nothing was said."""
    found = await db.collection(UNITS).find_one(
        {"published.ssccs": sscc},
        {"published.lots": 1, f"published.packed.{sscc}": 1},
        max_time_ms=READ_MILLISECONDS,
    )
    if not found:
        return [], []
    inside = found["published"].get("packed", {}).get(sscc, ())
    return [str(one) for one in found["published"]["lots"]], [str(one) for one in inside]


async def _ids(db: Database, collection: str, wanted: dict[str, Any]) -> list[str]:
    rows = db.collection(collection).find(wanted, {"_id": 1}, max_time_ms=READ_MILLISECONDS)
    return [row["_id"] async for row in rows.sort("_id", 1).limit(MOST)]
