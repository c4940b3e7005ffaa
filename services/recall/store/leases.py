"""Leases: of several processes one at a time does what goes on in the background."""

from datetime import datetime, timedelta
from typing import Final

from pymongo.errors import DuplicateKeyError

from shared.mongo import Database, Unasked

LEASES: Final = Unasked("leases")
# So long a process that died keeps the others from going on.
LASTS: Final = timedelta(seconds=5)


async def held(db: Database, name: str, *, by: str, now: datetime) -> bool:
    """Take or keep the lease; False while another process has it.

    It only spares work: what is done under it is done once by its own transaction, also where two
    processes' clocks differ and both believe to hold it.
    """
    # A holder whose clock was far ahead must not keep everybody out once it is gone.
    over = [{"until": {"$lte": now}}, {"until": {"$gt": now + 2 * LASTS}}]
    free = {"_id": name, "$or": [{"by": by}, *over]}
    mine = {"$set": {"by": by, "until": now + LASTS}}
    try:
        await db.collection(LEASES).update_one(free, mine, upsert=True)
    except DuplicateKeyError:
        return False
    return True
