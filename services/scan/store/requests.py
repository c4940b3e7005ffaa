"""Which requests were counted already: the ids of each counted batch in one document.

The proxy asks another replica where one does not answer, and then both may have noted the scan.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.mongo import Database, Tx

REQUESTS = "scan_requests"
# A segment may come late, from a replica that was down; its scans are compared by their own time.
REQUEST_DAYS = 8
ID_BYTES = 16
# A minute's batches are looked at again and again; more are looked at only after an outage.
MOST_KEPT = 100


async def prepare(db: Database) -> None:
    collection = db.collection(REQUESTS)
    days = timedelta(days=REQUEST_DAYS)
    await collection.create_index("at", expireAfterSeconds=int(days.total_seconds()))
    await collection.create_index([("to", 1), ("from", 1)])


class CountedRequests:
    """The ids of counted requests. What was read is kept: a document, once made, never changes."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, datetime], frozenset[bytes]] = OrderedDict()

    async def among(self, tx: Tx, ids: set[bytes], first: datetime, last: datetime) -> set[bytes]:
        """Which of these ids were counted with scans in this span of time."""
        spans = {"to": {"$gte": first}, "from": {"$lte": last}}
        found = tx.collection(REQUESTS).find(spans, {"at": 1})
        batches = [(document["_id"], document["at"]) async for document in found]
        seen: set[bytes] = set()
        for key in batches:
            seen |= await self._ids(tx, key) & ids
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return seen

    async def _ids(self, tx: Tx, key: tuple[str, datetime]) -> frozenset[bytes]:
        if key not in self._kept:
            found = await tx.collection(REQUESTS).find_one({"_id": key[0]}, {"ids": 1})
            assert found is not None
            blob = bytes(found["ids"])
            parts = range(0, len(blob), ID_BYTES)
            self._kept[key] = frozenset(blob[start : start + ID_BYTES] for start in parts)
        self._kept.move_to_end(key)
        return self._kept[key]

    async def add(
        self, tx: Tx, key: str, ids: Sequence[bytes], first: datetime, last: datetime, at: datetime
    ) -> None:
        await tx.collection(REQUESTS).insert_one(
            {"_id": key, "from": first, "to": last, "ids": b"".join(ids), "at": at}
        )
