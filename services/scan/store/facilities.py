"""Whose a stamp is: the passports of facilities, as far as they say who answers for them."""

from collections.abc import Iterable
from typing import Any

from services.scan.domain.aggregates import FACILITIES, LOTS, PRODUCTS
from shared.auth import Scope
from shared.mongo import Database, Tx


async def prepare(db: Database) -> None:
    keys = [("published.commune", 1), ("published.sector", 1)]
    await db.collection(FACILITIES).create_index(keys)


async def scope_of(where: Tx | Database, facility_id: str) -> Scope:
    """Where a facility lies; nowhere in particular as long as its passport is not here."""
    found = await where.collection(FACILITIES).find_one(
        {"_id": facility_id}, {"published.commune": 1, "published.sector": 1}
    )
    told = (found or {}).get("published", {})
    return Scope(facility_id, told.get("commune"), told.get("sector"))


async def within(db: Database, area: dict[str, Any]) -> list[str]:
    """The ids of the facilities in an area (shared.auth.area_filter)."""
    return [row["_id"] async for row in db.collection(FACILITIES).find(area, {"_id": 1})]


async def names(db: Database, collection: str, ids: Iterable[str]) -> dict[str, str]:
    """What facilities and products are called, and the codes of lots, by id."""
    field = {FACILITIES: "name", PRODUCTS: "name", LOTS: "code"}[collection]
    rows = db.collection(collection).find(
        {"_id": {"$in": sorted({one for one in ids if one})}}, {f"published.{field}": 1}
    )
    return {row["_id"]: str(row.get("published", {}).get(field, row["_id"])) async for row in rows}
