"""Stamps that could not be judged by a day's scans, for something that is known of them cannot be
read: they wait until it can, or until nobody knows any more who read them that day."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from pymongo import UpdateOne

from services.scan.store import unreadable
from services.scan.store.counts import STAMP_DAY_DAYS, StampDay, day_key, stamp_day_of
from shared.mongo import Database, Document, Tx

WAITING: Final = "scan_unjudged"
AGAIN: Final = timedelta(minutes=1)
# Looked at again in one turn, so that those who wait hold nobody up who does not.
AT_ONCE: Final = 100


async def prepare(db: Database) -> None:
    waiting = db.collection(WAITING)
    seconds = int(timedelta(days=STAMP_DAY_DAYS).total_seconds())
    await waiting.create_index("at", expireAfterSeconds=seconds)
    await waiting.create_index("again_at")


async def due(tx: Tx, now: datetime) -> list[StampDay]:
    """Whose turn it is to be looked at again, those first that have waited longest for it."""
    rows = tx.collection(WAITING).find(
        {"again_at": {"$lte": now}}, sort=[("again_at", 1)], limit=AT_ONCE
    )
    found = []
    async for row in rows:
        one = unreadable.read(WAITING, row, _read)
        if one is None:
            await tx.collection(WAITING).delete_one({"_id": row["_id"]})
        else:
            found.append(one)
    return found


async def settle(
    tx: Tx, looked_at: Sequence[StampDay], left: Iterable[StampDay], now: datetime
) -> None:
    """Of what was looked at, and what was scanned, these are left, and wait for another turn."""
    waiting = tx.collection(WAITING)
    keys = {day_key(one) for one in left}
    if done := sorted({day_key(one) for one in looked_at} - keys):
        await waiting.delete_many({"_id": {"$in": done}})
    writes = [
        UpdateOne(
            {"_id": key},
            {"$set": {"again_at": now + AGAIN}, "$setOnInsert": {"at": now}},
            upsert=True,
        )
        for key in sorted(keys)
    ]
    if writes:
        await waiting.bulk_write(writes, ordered=False)


def _read(row: Document) -> StampDay:
    return stamp_day_of(row["_id"])
