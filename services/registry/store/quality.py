"""Quality of records by commune, and who is in the roadmap of product groups."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from services.registry.store.lists import in_scope
from shared.auth import Principal
from shared.mongo import Database, Document

GOOD = 80
SHOWN = 500


@dataclass(frozen=True, slots=True)
class Average:
    """Of one commune: how many records, their mean score, how many lie below what is good."""

    commune: str
    number: int
    mean: float
    low: int


async def by_commune(db: Database, aggregate: Aggregate, who: Principal) -> list[Average]:
    """The worst commune first; only what the account may read."""
    cursor = await db.collection(COLLECTIONS[aggregate]).aggregate(
        [
            {"$match": {"$and": [in_scope(who), {"derived.quality": {"$exists": True}}]}},
            {
                "$group": {
                    "_id": "$owner.commune",
                    "number": {"$sum": 1},
                    "mean": {"$avg": "$derived.quality"},
                    "low": {"$sum": {"$cond": [{"$lt": ["$derived.quality", GOOD]}, 1, 0]}},
                }
            },
            {"$sort": {"mean": 1, "_id": 1}},
        ]
    )
    return [Average(row["_id"], row["number"], row["mean"], row["low"]) async for row in cursor]


@dataclass(frozen=True, slots=True)
class Taking:
    """A facility with products of a group; `lots` are its published lots of them."""

    facility_id: str
    name: str
    commune: str
    products: int
    published: int
    lots: int

    @property
    def is_in(self) -> bool:
        return self.published > 0 and self.lots > 0


async def taking_part(db: Database, categories: Iterable[str], who: Principal) -> list[Taking]:
    """Facilities in scope that have products of these categories; those not yet in come first."""
    named = list(categories)
    of_them: Document = {
        "$or": [{f"{at}.category": {"$in": named}} for at in ("published", "draft")]
    }
    cursor = await db.collection(COLLECTIONS[Aggregate.PRODUCT]).aggregate(
        [
            {"$match": {"$and": [in_scope(who), of_them]}},
            {
                "$group": {
                    "_id": "$owner.facility_id",
                    "name": {"$first": "$owner.name"},
                    "commune": {"$first": "$owner.commune"},
                    "products": {"$push": "$_id"},
                    "published": {"$sum": {"$cond": ["$derived.listed", 1, 0]}},
                }
            },
            {"$sort": {"name": 1}},
            {"$limit": SHOWN},
        ]
    )
    found = [row async for row in cursor]
    lots = await _lots_of(db, [one for row in found for one in row["products"]])
    parts = [
        Taking(
            row["_id"],
            row["name"],
            row["commune"],
            len(row["products"]),
            row["published"],
            sum(lots.get(one, 0) for one in row["products"]),
        )
        for row in found
    ]
    return sorted(parts, key=lambda one: one.is_in)


async def _lots_of(db: Database, products: list[str]) -> dict[str, int]:
    cursor = await db.collection(COLLECTIONS[Aggregate.LOT]).aggregate(
        [
            {"$match": {"published.product_id": {"$in": products}}},
            {"$group": {"_id": "$published.product_id", "number": {"$sum": 1}}},
        ]
    )
    return {row["_id"]: row["number"] async for row in cursor}
