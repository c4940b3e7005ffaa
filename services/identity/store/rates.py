"""How often something may be done: counted beside the throttle of wrong passwords."""

from datetime import datetime, timedelta

from services.identity.store.throttle import THROTTLE
from shared import rates
from shared.mongo import Database


async def count(db: Database, key: str, most: int, window: timedelta, now: datetime) -> int:
    """Count one more under this key; the seconds to wait if it is more than `most`, else 0."""
    return await rates.count(db, THROTTLE, key, most=most, window=window, now=now)
