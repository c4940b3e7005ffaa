"""Published products of which there is more to tell than their passports told so far."""

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from shared.mongo import Database, Document


async def untold(db: Database, after: str, size: int) -> list[str]:
    """The next listed products by id with an approved origin, capacity or price."""
    more: list[Document] = [
        {"published.origin": {"$gt": ""}},
        {"published.capacity": {"$gt": ""}},
        {"published.price": {"$gt": 0}},
    ]
    query: Document = {"_id": {"$gt": after}, "derived.listed": True, "$or": more}
    found = db.collection(COLLECTIONS[Aggregate.PRODUCT]).find(query, {"_id": 1})
    return [row["_id"] async for row in found.sort("_id", 1).limit(size)]
