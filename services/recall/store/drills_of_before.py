"""Drills that programs of before kept with less than what is read of them today."""

from pymongo import ASCENDING, UpdateOne

from services.recall.domain.drill import TOLD
from services.recall.store.drill_places import PLACES, areas_of
from services.recall.store.drills import DRILLS
from services.recall.store.facts import facilities
from services.recall.store.newest import IDS_AT_ONCE
from shared.mongo import Database, Document


async def prepare(db: Database) -> None:
    """What is lacking is added whenever a process starts; where nothing is, this only looks."""
    await _count_lots(db)
    await _name_areas(db)


async def _count_lots(db: Database) -> None:
    """How many lots a facility is asked about, which would count as none, and its name."""
    places, after = db.collection(PLACES), ""
    bare: Document = {"count": {"$exists": False}}
    # In the order of ids, each looked at once: no portion goes through those before it anew.
    while some := await (
        places.find({**bare, "_id": {"$gt": after}}).sort("_id", ASCENDING).limit(IDS_AT_ONCE)
    ).to_list():
        known = await facilities(db, {row["facility_id"] for row in some})
        writes = []
        for row in some:
            facility = known.get(row["facility_id"])
            found = {"count": len(row["lots"]), "name": facility.name if facility else ""}
            writes.append(UpdateOne({"_id": row["_id"], **bare}, {"$set": found}))
        await places.bulk_write(writes, ordered=False)
        after = some[-1]["_id"]


async def _name_areas(db: Database) -> None:
    """Where those lie that a drill asks: officials of there look for it by that."""
    told = {"state": {"$in": [str(state) for state in TOLD]}, "areas": {"$exists": False}}
    unnamed = [row["_id"] async for row in db.collection(DRILLS).find(told, {"_id": 1})]
    for drill_id in unnamed:
        rows = db.collection(PLACES).find({"drill": drill_id}, {"commune": 1, "sector": 1})
        areas = areas_of([(row["commune"], row["sector"]) async for row in rows])
        await db.collection(DRILLS).update_one({"_id": drill_id}, {"$set": {"areas": areas}})
