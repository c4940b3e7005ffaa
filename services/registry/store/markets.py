"""Importing countries that accept a code, and until when: within an account's scope (R25)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.registry.domain.markets import NOTICE, Standing
from services.registry.domain.records import Aggregate
from services.registry.store.areas import AREAS
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document
from services.registry.store.lists import PAGE_SIZE, in_scope
from shared.auth import Principal
from shared.mongo import Database, Document, Tx

# Whose codes importing countries accept: those of areas, and of packing houses and plants.
HOLDERS = {kind: COLLECTIONS[kind] for kind in (Aggregate.GROWING_AREA, Aggregate.FACILITY)}
LOTS = COLLECTIONS[Aggregate.LOT]
# A lot of goods is rarely mixed from more; beyond it, what is known so far is judged.
MOST_LOTS = 500


@dataclass(frozen=True, slots=True)
class Accepted:
    """One country's acceptance of the code of a published area, or a facility's plant (`kind`)."""

    kind: str
    area_id: str
    area_name: str
    area_code: str
    facility_name: str
    commune: str
    country: str
    number: str
    until: date | None


async def prepare(db: Database) -> None:
    """What ended or ends soon is found by its day, what stays open by its country: most
    facilities have no such code at all."""
    for name in HOLDERS.values():
        await db.collection(name).create_index("published.markets.until")
        await db.collection(name).create_index("published.markets.country", sparse=True)


async def listed(
    db: Database, who: Principal, standing: Standing, today: date, *, country: str, page: int
) -> list[Accepted]:
    """What ended or ends first comes first; without an end last."""
    pipeline = [
        *_pipeline(who, standing, today, country),
        {"$addFields": {"last": {"$ifNull": ["$published.markets.until", "9999"]}}},
        {"$sort": {"last": 1, "_id": 1, "published.markets.country": 1}},
        {"$skip": (page - 1) * PAGE_SIZE},
        {"$limit": PAGE_SIZE},
    ]
    return [_accepted(row) async for row in await db.collection(AREAS).aggregate(pipeline)]


async def counts(
    db: Database,
    who: Principal,
    today: date,
    *,
    country: str = "",
    of: Iterable[Standing] = Standing,
) -> dict[Standing, int]:
    found = {}
    for standing in of:
        pipeline = [*_pipeline(who, standing, today, country), {"$count": "number"}]
        rows = [row async for row in await db.collection(AREAS).aggregate(pipeline)]
        found[standing] = rows[0]["number"] if rows else 0
    return found


def _pipeline(who: Principal, standing: Standing, today: date, country: str) -> list[Document]:
    """A row for each acceptance; a record that has none of these is not even read."""

    def of(kind: Aggregate) -> list[Document]:
        having = {"published.markets": {"$elemMatch": _wanted("", standing, today, country)}}
        return [
            {"$match": {"$and": [in_scope(who), {"derived.listed": True}, having]}},
            {"$unwind": "$published.markets"},
            {"$match": _wanted("published.markets.", standing, today, country)},
            {"$addFields": {"kind": kind.value}},
        ]

    plants = {"coll": HOLDERS[Aggregate.FACILITY], "pipeline": of(Aggregate.FACILITY)}
    return [*of(Aggregate.GROWING_AREA), {"$unionWith": plants}]


def _wanted(at: str, standing: Standing, today: date, country: str) -> Document:
    """The condition on one acceptance, whose fields are named after `at`."""
    first, last = today.isoformat(), (today + NOTICE).isoformat()
    until: dict[Standing, Document] = {
        Standing.EXPIRED: {f"{at}until": {"$lt": first}},
        Standing.EXPIRING: {f"{at}until": {"$gte": first, "$lte": last}},
        Standing.OPEN: {"$or": [{f"{at}until": None}, {f"{at}until": {"$gt": last}}]},
    }
    return {f"{at}country": country or {"$gt": ""}, **until[standing]}


def held_code(row: Document) -> str:
    """The code that is accepted: a plant's, an area's official one, or else its own."""
    it = row["published"]
    found: str = it.get("plant_code") or it.get("code") or row["code"]
    return found


def _accepted(row: Document) -> Accepted:
    market = row["published"]["markets"]
    return Accepted(
        kind=row["kind"],
        area_id=row["_id"],
        area_name=row["published"]["name"],
        area_code=held_code(row),
        facility_name=row["owner"]["name"],
        commune=row["owner"]["commune"],
        country=market["country"],
        number=market["number"],
        until=date.fromisoformat(market["until"]) if market["until"] else None,
    )


async def areas_behind(source: Database | Tx, lot_id: str) -> list[AnyRecord]:
    """The published areas of a lot and of all the lots it was made from."""
    waiting, seen, areas = [lot_id], {lot_id}, set()
    while waiting and len(seen) <= MOST_LOTS:
        cursor = source.collection(LOTS).find(
            {"_id": {"$in": waiting}}, {"published.growing_area_id": 1, "published.inputs": 1}
        )
        waiting = []
        async for row in cursor:
            shown = row.get("published") or {}
            if shown.get("growing_area_id"):
                areas.add(shown["growing_area_id"])
            waiting += [one for one in shown.get("inputs", []) if one not in seen]
            seen.update(waiting)
    found = source.collection(AREAS).find({"_id": {"$in": sorted(areas)}})
    records = [from_document(Aggregate.GROWING_AREA, row) async for row in found]
    return [one for one in records if one.published is not None]
