"""Tells how much waits for checkers and approvers, each time that changes (R17).

It follows what is written to the records, so that whatever changes one (a person, an import, a
facility that moves to another commune) is in it, and a database of before has it at once.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.registry.domain.awaited import Awaited
from services.registry.store import awaited as store
from services.registry.store.waiting import Waiting
from shared.contracts.registry import ReviewsOfKind, ReviewsWaiting
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


async def tell(db: Database, *, now: datetime) -> int:
    """Count everything, and tell of each commune and sector where something else waits than was
    told; how many."""
    found, known = await store.counted(db), await store.told(db)
    nothing = {
        key: Awaited(one.commune, one.sector) for key, one in known.items() if key not in found
    }
    return await _tell(db, {**nothing, **found}, known, now)


async def tell_at_start(db: Database, waiting: Waiting, *, now: datetime) -> int:
    """What was told before this process began may have changed meanwhile."""
    known = await store.told(db)
    waiting.due |= set(known)
    return await tell_changed(db, waiting, now=now)


async def tell_changed(db: Database, waiting: Waiting, *, now: datetime) -> int:
    """Tell of the places where something has changed; how many."""
    await waiting.catch_up()
    if not waiting.due:
        return 0
    places = frozenset(waiting.due)
    known = await store.told(db, *places)
    told = await _tell(db, waiting.counted(places), known, now)
    waiting.due -= places
    return told


async def _tell(
    db: Database, found: Mapping[str, Awaited], known: Mapping[str, Awaited], now: datetime
) -> int:
    told = 0
    for key, one in found.items():
        before = known.get(key)
        if one.differs_from(before):
            told += await _told(db, one, now)
    return told


async def _told(db: Database, one: Awaited, now: datetime) -> bool:
    """False where another process told just this meanwhile."""

    async def work(tx: Tx) -> bool:
        before = (await store.told(tx, one.key)).get(one.key)
        if not one.differs_from(before):
            return False
        after = replace(one, version=before.version + 1 if before else 1)
        await store.keep(tx, after)
        await outbox.append(tx, _event(after, now))
        return True

    return await transact(db, work)


def _event(one: Awaited, now: datetime) -> ReviewsWaiting:
    return ReviewsWaiting(
        subject=one.key,
        version=one.version,
        time=now,
        commune=one.commune,
        sector=one.sector,
        waiting=tuple(
            ReviewsOfKind(
                aggregate=kind.aggregate.value,
                state=kind.state,
                count=kind.count,
                makers=dict(kind.makers),
                facilities=dict(kind.facilities),
            )
            for kind in one.kinds
        ),
        answers=dict(one.answers),
    )
