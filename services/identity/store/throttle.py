"""Slows down guessing: a growing delay per account name, a limit per network address.

An attempt is counted before the password is looked at, by one conditional update, so that many
at once are not more than many in a row.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.mongo import Database, Unasked

THROTTLE: Final = Unasked("throttle")

# Typing errors are free; then 2, 4, 8 … seconds, at most five minutes: nobody is locked out.
FREE_FAILURES = 3
LONGEST_DELAY_SECONDS = 300
FORGOTTEN_AFTER = timedelta(days=1)

ADDRESS_WINDOW = timedelta(minutes=10)
# An office or a carrier puts many people behind one address: only failures are counted.
ADDRESS_FAILURES = 100


async def prepare(db: Database) -> None:
    await db.collection(THROTTLE).create_index("expires_at", expireAfterSeconds=0)


async def reserve(db: Database, key: str, now: datetime) -> int:
    """Count an attempt under this key; the seconds to wait if it comes too early, else 0."""
    delay = {
        "$cond": [
            {"$lte": ["$failures", FREE_FAILURES]},
            # In the past, also for an attempt of the same moment whose clock reading is older.
            -60,
            {
                "$min": [
                    LONGEST_DELAY_SECONDS,
                    {"$pow": [2, {"$subtract": ["$failures", FREE_FAILURES]}]},
                ]
            },
        ]
    }
    update: list[dict[str, Any]] = [
        {"$set": {"failures": {"$min": [1_000, {"$add": [{"$ifNull": ["$failures", 0]}, 1]}]}}},
        {"$set": {"retry_at": {"$add": [now, {"$multiply": [delay, 1_000]}]}}},
        {"$set": {"expires_at": now + FORGOTTEN_AFTER}},
    ]
    due = {"_id": key, "retry_at": {"$lte": now}}
    throttle = db.collection(THROTTLE)
    while True:
        try:
            await throttle.update_one(due, update, upsert=True)
            return 0
        except DuplicateKeyError:
            # It is there and not due yet; or another attempt made it at this very moment.
            found = await throttle.find_one({"_id": key})
            if found is not None and found["retry_at"] > now:
                wait: timedelta = found["retry_at"] - now
                return max(1, ceil(wait.total_seconds()))


async def clear(db: Database, key: str) -> None:
    """The right password was given: earlier failures are forgotten."""
    await db.collection(THROTTLE).delete_one({"_id": key})


async def uncount(db: Database, key: str, now: datetime) -> None:
    """One attempt was right, though it is not all: it alone is forgotten, the next may follow."""
    await db.collection(THROTTLE).update_one(
        {"_id": key, "failures": {"$gt": 0}},
        {"$inc": {"failures": -1}, "$set": {"retry_at": now - timedelta(seconds=60)}},
    )


async def count_address(db: Database, key: str, now: datetime) -> int:
    """Count an attempt of an address; the seconds to wait if it had too many failures, else 0."""
    start, end = _window(now)
    found = await db.collection(THROTTLE).find_one_and_update(
        {"_id": f"{key}:{start}"},
        {"$inc": {"failures": 1}, "$setOnInsert": {"expires_at": end}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    if found is not None and found["failures"] > ADDRESS_FAILURES:
        return max(1, ceil((end - now).total_seconds()))
    return 0


async def uncount_address(db: Database, key: str, now: datetime) -> None:
    """It was no failure after all."""
    start, _ = _window(now)
    await db.collection(THROTTLE).update_one({"_id": f"{key}:{start}"}, {"$inc": {"failures": -1}})


def _window(now: datetime) -> tuple[int, datetime]:
    seconds = int(ADDRESS_WINDOW.total_seconds())
    start = int(now.timestamp()) // seconds * seconds
    return start, datetime.fromtimestamp(start + seconds, tz=now.tzinfo)
