"""All records of a kind that an account may read, one after another, in bounded memory."""

from collections.abc import AsyncIterator

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document
from services.registry.store.lists import in_scope
from shared.auth import Principal
from shared.mongo import Database, Document

_BATCH = 200


async def every(
    db: Database, aggregate: Aggregate, who: Principal, wanted: Document
) -> AsyncIterator[AnyRecord]:
    """In the order of their ids, so that records entered meanwhile come last."""
    cursor = (
        db.collection(COLLECTIONS[aggregate])
        .find({"$and": [in_scope(who), wanted]})
        .sort("_id", 1)
        .batch_size(_BATCH)
    )
    async for row in cursor:
        yield from_document(aggregate, row)
