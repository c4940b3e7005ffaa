"""Published records of which there is more to tell than their passports told so far."""

from typing import Final

from services.registry.domain.diary import Step
from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from shared.mongo import Database, Document

# What a passport tells since, by the kind of record: one of these fields has something to tell.
_MORE: Final[dict[Aggregate, list[Document]]] = {
    Aggregate.PRODUCT: [
        {"published.origin": {"$gt": ""}},
        {"published.capacity": {"$gt": ""}},
        {"published.price": {"$gt": 0}},
    ],
    # Recall did not keep the areas and supplies that lots were told with, and reads them again.
    Aggregate.LOT: [
        {"published.growing_area_id": {"$gt": ""}},
        {"published.supplies": {"$gt": ""}},
        {"published.entries.step": Step.INPUT.value},
        {"published.area_entries.step": Step.INPUT.value},
    ],
}


async def untold(db: Database, aggregate: Aggregate, after: str, size: int) -> list[str]:
    """The next published products with an approved origin, capacity or price, or the next published
    lots with an area, a supply or an input, by id."""
    query: Document = {"_id": {"$gt": after}, "$or": _MORE[aggregate]}
    if aggregate is Aggregate.PRODUCT:
        query["derived.listed"] = True
    found = db.collection(COLLECTIONS[aggregate]).find(query, {"_id": 1})
    return [row["_id"] async for row in found.sort("_id", 1).limit(size)]
