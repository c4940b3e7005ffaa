"""How often something may be done: a counter for each key and window of time."""

from datetime import datetime, timedelta
from math import ceil

from pymongo import ReturnDocument

from shared.mongo import Database


async def count(
    db: Database, rows: str, key: str, *, most: int, window: timedelta, now: datetime
) -> int:
    """Count one more under this key; the seconds to wait if it is more than `most`, else 0.

    `rows` names the service's own collection, whose rows go at their `expires_at`.
    """
    seconds = int(window.total_seconds())
    start = int(now.timestamp()) // seconds * seconds
    end = datetime.fromtimestamp(start + seconds, tz=now.tzinfo)
    found = await db.collection(rows).find_one_and_update(
        {"_id": f"{key}:{start}"},
        {"$inc": {"count": 1}, "$setOnInsert": {"expires_at": end}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    if found is not None and found["count"] > most:
        return max(1, ceil((end - now).total_seconds()))
    return 0
