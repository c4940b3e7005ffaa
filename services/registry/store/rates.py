"""How often something may be done: a counter for each key and window of time."""

from datetime import datetime, timedelta

from shared import rates
from shared.mongo import Database

RATES = "rates"


async def prepare(db: Database) -> None:
    await db.collection(RATES).create_index("expires_at", expireAfterSeconds=0)


async def count(db: Database, key: str, most: int, window: timedelta, now: datetime) -> int:
    """Count one more under this key; the seconds to wait if it is more than `most`, else 0."""
    return await rates.count(db, RATES, key, most=most, window=window, now=now)
