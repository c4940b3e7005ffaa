"""Turns: who would change the same thing in one process queues up; none fights in the database.

Conflicting transactions undo one another's work and begin again, and with many of them hardly any
gets done. The database stays the judge, also between processes; this only spares it the fight.
"""

import asyncio
from weakref import WeakValueDictionary

_turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()


def turn(database: str, thing: str) -> asyncio.Lock:
    """The lock of a thing of a database, for as long as somebody holds it or waits for it."""
    key = (database, thing)
    lock = _turns.get(key)
    if lock is None:
        lock = _turns[key] = asyncio.Lock()
    return lock
