"""Growing areas as stamps was told of them, with the lots from them. Each read is bounded in time
and number, and tells whether there is more than it gives."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from pymongo import DESCENDING
from pymongo.errors import ExecutionTimeout

from services.stamps.domain.growing import Area, Goods, Season
from shared.mongo import Database

# Lots are made from lots, mostly once or twice; further than this nobody looks.
STEPS: Final = 5
MOST_LOTS: Final = 2_000
READ_MILLISECONDS: Final = 3_000
TooSlow: Final = ExecutionTimeout


class Origins(NamedTuple):
    """The areas that lots are from, of each the day on which the newest of them was harvested."""

    days: dict[str, date]
    cut: bool


class Lots(NamedTuple):
    found: list[Goods]
    cut: bool


async def areas(db: Database, ids: Collection[str]) -> dict[str, Area]:
    """An area that nobody told of yet has its id alone."""
    wanted = {"_id": {"$in": list(ids)}}
    rows = db.collection("areas").find(wanted, max_time_ms=READ_MILLISECONDS)
    known = {row["_id"]: _area(row) async for row in rows}
    return {one: known.get(one, Area(one)) for one in ids}


async def origins(db: Database, lot_ids: Collection[str]) -> Origins:
    """Also through the lots that they were made from."""
    found: dict[str, date] = {}
    seen: set[str] = set()
    wanted = set(lot_ids)
    for _ in range(STEPS):
        seen |= wanted
        nexts: set[str] = set()
        rows = db.collection("lots").find(
            {"_id": {"$in": list(wanted)}},
            {"inputs": 1, "growing_area_id": 1, "produced_on": 1},
            max_time_ms=READ_MILLISECONDS,
        )
        async for row in rows:
            nexts |= set(row.get("inputs", ()))
            origin, day = row.get("growing_area_id", ""), row.get("produced_on", "")
            if origin and day:
                found[origin] = max(found.get(origin, date.min), date.fromisoformat(day))
        wanted = nexts - seen
        if not wanted or len(seen) + len(wanted) > MOST_LOTS:
            break
    return Origins(found, bool(wanted))


async def lots_of_product(
    db: Database, facility_id: str, product_id: str, since: date, limit: int
) -> tuple[list[str], bool]:
    """The newest lots of a facility's product that were made on that day or later, and whether
    there are more than `limit`."""
    wanted = {
        "facility_id": facility_id,
        "product_id": product_id,
        "produced_on": {"$gte": since.isoformat()},
    }
    cursor = db.collection("lots").find(wanted, {"_id": 1}, max_time_ms=READ_MILLISECONDS)
    cursor = cursor.sort("produced_on", DESCENDING).limit(limit + 1)
    found = [row["_id"] async for row in cursor]
    return found[:limit], len(found) > limit


async def harvests(db: Database, area_id: str, season: Season) -> Lots:
    """The lots that were harvested in an area in a season; what was made of others counts there."""
    return await _lots(
        db,
        {
            "growing_area_id": area_id,
            "inputs": [],
            "produced_on": {"$gte": season.first.isoformat(), "$lte": season.last.isoformat()},
        },
    )


async def made_of(db: Database, lot_ids: Iterable[str]) -> Lots:
    """All lots that were made of these."""
    found: dict[str, Goods] = {}
    seen, fresh, cut = set(lot_ids), set(lot_ids), False
    for _ in range(STEPS):
        some, more = await _lots(db, {"inputs": {"$in": list(fresh)}})
        cut = cut or more
        fresh = {one.lot_id for one in some} - seen
        found |= {one.lot_id: one for one in some if one.lot_id in fresh}
        if not fresh:
            return Lots(list(found.values()), cut)
        seen |= fresh
    further = {"inputs": {"$in": list(fresh)}, "_id": {"$nin": list(seen)}}
    rows = db.collection("lots").find(further, {"_id": 1}, max_time_ms=READ_MILLISECONDS)
    return Lots(list(found.values()), cut or bool(await rows.limit(1).to_list()))


async def packages(db: Database, product_ids: Collection[str]) -> dict[str, Decimal]:
    """What a package of each of these products weighs, in kilograms, where that was told."""
    rows = db.collection("products").find(
        {"_id": {"$in": list(product_ids)}},
        {"content_kilograms": 1},
        max_time_ms=READ_MILLISECONDS,
    )
    found = {row["_id"]: _decimal(row.get("content_kilograms", "")) async for row in rows}
    return {key: weight for key, weight in found.items() if weight}


async def _lots(db: Database, wanted: dict[str, Any]) -> Lots:
    rows = db.collection("lots").find(
        wanted, {"kilograms": 1, "product_id": 1, "inputs": 1}, max_time_ms=READ_MILLISECONDS
    )
    found = [
        Goods(row["_id"], _decimal(row["kilograms"]), row["product_id"], tuple(row["inputs"]))
        async for row in rows.limit(MOST_LOTS + 1)
    ]
    return Lots(found[:MOST_LOTS], len(found) > MOST_LOTS)


def _area(row: dict[str, Any]) -> Area:
    seasons = tuple(
        Season(
            one["name"], date.fromisoformat(one["starts_on"]), date.fromisoformat(one["ends_on"])
        )
        for one in row["seasons"]
    )
    return Area(row["_id"], row["code"], row["name"], _decimal(row["season_kilograms"]), seasons)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
