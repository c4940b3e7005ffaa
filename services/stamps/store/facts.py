"""What stamps was told by others: facilities, products, lots, notices. The newest version stays."""

from typing import Any

from pymongo import ASCENDING, DESCENDING

from shared.auth import Scope
from shared.errors import NotFound
from shared.mongo import Database, Tx


async def keep_newest(
    tx: Tx, collection: str, key: str, version: int, facts: dict[str, Any]
) -> bool:
    """Store facts unless a newer version is here; True if they were stored."""
    known = await tx.collection(collection).find_one({"_id": key}, {"version": 1})
    if known is not None and known["version"] >= version:
        return False
    await tx.collection(collection).update_one(
        {"_id": key}, {"$set": {**facts, "version": version}}, upsert=True
    )
    return True


async def facility(where: Tx | Database, facility_id: str) -> dict[str, Any]:
    found = await where.collection("facilities").find_one({"_id": facility_id})
    if found is None:
        raise NotFound()
    return dict(found)


async def product(where: Tx | Database, product_id: str) -> dict[str, Any] | None:
    found = await where.collection("products").find_one({"_id": product_id})
    return dict(found) if found else None


async def lot(where: Tx | Database, lot_id: str) -> dict[str, Any] | None:
    found = await where.collection("lots").find_one({"_id": lot_id})
    return dict(found) if found else None


async def named(db: Database, collection: str, ids: set[str]) -> dict[str, dict[str, Any]]:
    """The known documents of these ids, for showing names on pages."""
    cursor = db.collection(collection).find({"_id": {"$in": list(ids)}})
    return {document["_id"]: document async for document in cursor}


async def active_in(
    db: Database, collection: str, wanted: dict[str, Any], limit: int = 500
) -> list[dict[str, Any]]:
    """Usable products or lots that match, by name or code, for choosing among them."""
    order = "name" if collection == "products" else "code"
    cursor = db.collection(collection).find({**wanted, "active": True}).sort(order, ASCENDING)
    return [document async for document in cursor.limit(limit)]


async def lots_of_product(db: Database, facility_id: str, product_id: str) -> list[dict[str, Any]]:
    """Lots that stamps of this product can be activated for, the newest first."""
    wanted = {"facility_id": facility_id, "product_id": product_id, "active": True}
    cursor = db.collection("lots").find(wanted).sort("produced_on", DESCENDING).limit(200)
    return [document async for document in cursor]


async def facilities_in(db: Database, area: dict[str, Any]) -> list[str]:
    """The ids of the facilities that match a filter on commune and sector."""
    return [f["_id"] async for f in db.collection("facilities").find(area, {"_id": 1})]


async def scope_of(where: Tx | Database, facility_id: str) -> Scope:
    """Where an object of this facility belongs; an unheard-of facility has no area."""
    found = await where.collection("facilities").find_one(
        {"_id": facility_id}, {"commune": 1, "sector": 1}
    )
    if found is None:
        return Scope(facility_id=facility_id)
    return Scope(facility_id, found.get("commune"), found.get("sector"))


async def is_recalled(tx: Tx, *, lot_id: str, product_id: str, facility_id: str) -> bool:
    """Whether an active recall or withdrawal notice names any of these."""
    found = await tx.collection("notices").find_one(
        {
            "active": True,
            "kind": {"$in": ["recall", "withdrawal"]},
            "$or": [
                {"lots": lot_id},
                {"products": product_id},
                {"facilities": facility_id},
            ],
        },
        {"_id": 1},
    )
    return found is not None
