"""Files that were sent for a case and that no row has named go again."""

from datetime import datetime, timedelta
from typing import Final

from services.recall.store import evidence
from shared.mongo import Database

KEPT_FOR: Final = timedelta(days=1)


async def sweep(db: Database, at: datetime) -> int:
    """How many went."""
    return await evidence.forget_unused(db, at - KEPT_FOR)
