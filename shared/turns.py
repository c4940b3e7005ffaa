"""Turns: who would change the same thing in one process queues up; none fights in the database.

Conflicting transactions undo one another's work and begin again, and with many of them hardly any
gets done. The database stays the judge, also between processes; this only spares it the fight.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

# Longer than a transaction is tried anew (shared/mongo.py): only a queue that stands still, mostly
# because the database is away, is left. Nobody's act is done long after they were told it failed.
WAIT_SECONDS = 25.0

_turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()


class TurnNotReached(Exception):
    """Those who came before did not come to an end in time. To be answered as an outage."""


@asynccontextmanager
async def turn(database: str, thing: str) -> AsyncIterator[bool]:
    """One's turn with a thing of a database; tells whether one had to wait for it.

    Raises TurnNotReached.
    """
    key = (database, thing)
    lock = _turns.get(key)
    if lock is None:
        lock = _turns[key] = asyncio.Lock()
    waited = lock.locked()
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await lock.acquire()
    except TimeoutError as error:
        raise TurnNotReached(thing) from error
    try:
        yield waited
    finally:
        lock.release()
