"""Acts on one facility's goods take turns within a process.

The database's conditional updates decide alone what is right. But a hundred transactions at once
over one lot make one another start again, until the last of them runs out of time.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


@asynccontextmanager
async def of(facility_id: str) -> AsyncIterator[None]:
    """Wait for those that came before."""
    lock = _locks.get(facility_id)
    if lock is None:
        lock = _locks[facility_id] = asyncio.Lock()
    async with lock:
        yield
