"""The authorities' units as identity told of them: names, and what each answers for."""

from typing import Any

from pymongo import ASCENDING

from services.stamps.domain.known import Unit
from services.stamps.store.codec import from_document
from shared.auth import Scope
from shared.contracts.identity import UnitPublished
from shared.mongo import Database, Tx

UNITS = "units"


async def note_area(tx: Tx, event: UnitPublished) -> None:
    """Keep what a unit answers for; late and repeated events fall away.

    Its version stands apart from the name's, which was kept before this was.
    """
    known = await tx.collection(UNITS).find_one({"_id": event.subject}, {"area_version": 1})
    if known is not None and known.get("area_version", 0) >= event.version:
        return
    area = {
        "communes": list(event.communes),
        "sector": event.sector,
        "tier": event.tier,
        "active": event.active,
        "area_version": event.version,
    }
    await tx.collection(UNITS).update_one({"_id": event.subject}, {"$set": area}, upsert=True)


async def note_successor(tx: Tx, event: UnitPublished) -> None:
    """Keep which unit it was merged into; late and repeated events fall away, as in `note_area`."""
    known = await tx.collection(UNITS).find_one({"_id": event.subject}, {"successor_version": 1})
    if known is not None and known.get("successor_version", 0) >= event.version:
        return
    told = {"successor": event.successor_id or "", "successor_version": event.version}
    await tx.collection(UNITS).update_one({"_id": event.subject}, {"$set": told}, upsert=True)


async def get(where: Tx | Database, unit_id: str) -> Unit:
    """What is known of a unit; one never heard of is not active."""
    found = await where.collection(UNITS).find_one({"_id": unit_id})
    return _unit(found or {"_id": unit_id})


async def successors(db: Database) -> dict[str, str]:
    """Of all units heard of, the one that each was merged into, "" for one that stands."""
    cursor = db.collection(UNITS).find({"successor_version": {"$gt": 0}}, {"successor": 1})
    return {one["_id"]: one.get("successor", "") async for one in cursor}


async def answering_for(db: Database, scope: Scope, tiers: list[str]) -> list[Unit]:
    """The active units of these tiers that answer for a place, by name."""
    wanted: dict[str, Any] = {
        "active": True,
        "tier": {"$in": tiers},
        "communes": {"$in": ["*", scope.commune]},
        "sector": {"$in": ["*", scope.sector]},
    }
    cursor = db.collection(UNITS).find(wanted).sort("name", ASCENDING).limit(200)
    return [_unit(one) async for one in cursor]


def _unit(row: dict[str, Any]) -> Unit:
    return from_document(Unit, {**row, "communes": tuple(row.get("communes", ()))})
