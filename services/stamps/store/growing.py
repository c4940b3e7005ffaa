"""Growing areas as stamps was told of them, with the lots from them and the stamps of these."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from pymongo import DESCENDING

from services.stamps.domain.growing import Area, Harvest, Season
from shared.mongo import Database

# Lots are made from lots, mostly once or twice; further than this nobody looks.
_STEPS: Final = 5
_MOST_LOTS: Final = 2_000


async def area(db: Database, area_id: str) -> Area:
    """An area that nobody told of yet has its id alone."""
    row = await db.collection("areas").find_one({"_id": area_id})
    if row is None:
        return Area(area_id)
    seasons = tuple(
        Season(
            one["name"], date.fromisoformat(one["starts_on"]), date.fromisoformat(one["ends_on"])
        )
        for one in row["seasons"]
    )
    return Area(area_id, row["code"], row["name"], _decimal(row["season_kilograms"]), seasons)


async def origins(db: Database, lot_ids: Collection[str]) -> dict[str, date]:
    """The areas that lots are from, also through the lots that they were made from; of each the
    day on which the newest of them was harvested."""
    found: dict[str, date] = {}
    seen: set[str] = set()
    wanted = set(lot_ids)
    for _ in range(_STEPS):
        seen |= wanted
        nexts: set[str] = set()
        async for row in db.collection("lots").find({"_id": {"$in": list(wanted)}}):
            nexts |= set(row.get("inputs", ()))
            origin, day = row.get("growing_area_id", ""), row.get("produced_on", "")
            if origin and day:
                found[origin] = max(found.get(origin, date.min), date.fromisoformat(day))
        wanted = nexts - seen
        if not wanted or len(seen) + len(wanted) > _MOST_LOTS:
            break
    return found


async def lots_of_product(db: Database, product_id: str, since: date, limit: int) -> list[str]:
    """The newest lots of a product that were made on that day or later."""
    wanted = {"product_id": product_id, "produced_on": {"$gte": since.isoformat()}}
    cursor = db.collection("lots").find(wanted, {"_id": 1}).sort("produced_on", DESCENDING)
    return [row["_id"] async for row in cursor.limit(limit)]


async def harvests(db: Database, area_id: str, season: Season) -> list[Harvest]:
    """The lots that were harvested in an area in a season; what was made of others counts there."""
    wanted = {
        "growing_area_id": area_id,
        "inputs": [],
        "produced_on": {"$gte": season.first.isoformat(), "$lte": season.last.isoformat()},
    }
    cursor = db.collection("lots").find(wanted, {"kilograms": 1}).limit(_MOST_LOTS)
    return [Harvest(row["_id"], _decimal(row["kilograms"])) async for row in cursor]


async def made_of(db: Database, lot_ids: Iterable[str]) -> set[str]:
    """These lots and all that were made of them."""
    found, fresh = set(lot_ids), set(lot_ids)
    for _ in range(_STEPS):
        rows = db.collection("lots").find({"inputs": {"$in": list(fresh)}}, {"_id": 1})
        fresh = {row["_id"] async for row in rows.limit(_MOST_LOTS)} - found
        if not fresh:
            break
        found |= fresh
    return found


async def stamps_of(db: Database, lot_ids: Collection[str]) -> int:
    """Stamps of lots: of each those issued on requests that named it or, if they are more, those
    activated for it, since these are mostly the same stamps."""
    ids = list(lot_ids)
    granted = await _summed(
        db,
        "requests",
        [
            {"$match": {"lot_id": {"$in": ids}, "state": "approved"}},
            {"$group": {"_id": "$lot_id", "n": {"$sum": "$approved"}}},
        ],
    )
    products = await db.collection("lots").distinct("product_id", {"_id": {"$in": ids}})
    part = {name: {"$arrayElemAt": ["$intervals", at]} for at, name in enumerate(("a", "b", "lot"))}
    activated = await _summed(
        db,
        "segments",
        [
            {"$match": {"product_id": {"$in": products}}},
            {"$unwind": "$intervals"},
            {"$project": part},
            {"$match": {"lot": {"$in": ids}}},
            {"$group": {"_id": "$lot", "n": {"$sum": {"$add": [{"$subtract": ["$b", "$a"]}, 1]}}}},
        ],
    )
    return sum(max(granted.get(one, 0), activated.get(one, 0)) for one in ids)


async def _summed(db: Database, name: str, steps: list[dict[str, Any]]) -> dict[str, int]:
    rows = await db.collection(name).aggregate(steps)
    return {row["_id"]: int(row["n"]) async for row in rows}


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
