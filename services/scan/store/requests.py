"""Which requests were counted already: the ids of each counted batch in one document.

The proxy asks another replica where one does not answer, and then both may have noted the scan.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.mongo import Database, Document, Tx

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

    async def among(
        self, tx: Tx, ids: set[bytes], spans: Sequence[tuple[datetime, datetime]]
    ) -> set[bytes]:
        """Which of these ids were counted with scans in one of these spans of time."""
        touching = [{"to": {"$gte": first}, "from": {"$lte": last}} for first, last in spans]
        found = tx.collection(REQUESTS).find({"$or": touching}, {"at": 1})
        batches = [(document["_id"], document["at"]) async for document in found]
        seen: set[bytes] = set()
        unread = []
        for key in batches:
            if key in self._kept:
                self._kept.move_to_end(key)
                seen |= self._kept[key] & ids
            else:
                unread.append(key[0])
        async for document in tx.collection(REQUESTS).find({"_id": {"$in": unread}}):
            seen |= self._keep(document) & ids
        return seen

    def _keep(self, document: Document) -> frozenset[bytes]:
        """The ids of a batch; after an outage there may be more batches than memory should hold."""
        blob = bytes(document["ids"])
        parts = range(0, len(blob), ID_BYTES)
        ids = frozenset(blob[start : start + ID_BYTES] for start in parts)
        self._kept[document["_id"], document["at"]] = ids
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return ids

    async def add(
        self, tx: Tx, key: str, ids: Sequence[bytes], first: datetime, last: datetime, at: datetime
    ) -> None:
        await tx.collection(REQUESTS).insert_one(
            {"_id": key, "from": first, "to": last, "ids": b"".join(ids), "at": at}
        )
