"""Tells how much waits for checkers and approvers, each time that changes (R17).

It is counted anew every few seconds, so that whatever changes a record (a person, an import, a
facility that moves to another commune) is in it, and a database of before has it at once.
"""

from dataclasses import replace
from datetime import datetime

from services.registry.domain.awaited import Awaited
from services.registry.store import awaited as store
from shared.contracts.registry import ReviewsOfKind, ReviewsWaiting
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


async def tell(db: Database, *, now: datetime) -> int:
    """Tell of each commune and sector where something else waits than was told; how many."""
    found, known = await store.counted(db), await store.told(db)
    nothing = {
        key: Awaited(one.commune, one.sector) for key, one in known.items() if key not in found
    }
    told = 0
    for key, one in {**nothing, **found}.items():
        if key not in known or known[key].kinds != one.kinds:
            told += await _told(db, one, now)
    return told


async def _told(db: Database, one: Awaited, now: datetime) -> bool:
    """False where another process told just this meanwhile."""

    async def work(tx: Tx) -> bool:
        before = (await store.told(tx, one.key)).get(one.key)
        if before is not None and before.kinds == one.kinds:
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
    )
