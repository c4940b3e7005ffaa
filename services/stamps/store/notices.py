"""Recall's notices, as far as they touch one stamp."""

from services.stamps.domain.known import Noticed
from services.stamps.domain.requests import Batch
from services.stamps.store.codec import from_document
from shared.mongo import Database


async def touching(db: Database, batch: Batch, serial: int, lot: str) -> list[Noticed]:
    """Notices, also those that hold no more, that name the stamp or what it stands on; the newest
    first."""
    spans = {"batch": batch.number, "first": {"$lte": serial}, "last": {"$gte": serial}}
    named = [
        {"batches": batch.number},
        {"stamps": {"$elemMatch": spans}},
        {"products": batch.product_id},
        {"facilities": batch.facility_id},
        *([{"lots": lot}] if lot else []),
    ]
    cursor = db.collection("notices").find({"$or": named}).sort("ordered_at", -1)
    return [from_document(Noticed, one) async for one in cursor]
