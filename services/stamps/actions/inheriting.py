"""Stock follows what befell elsewhere: its unit was merged into another (R1, R40), or, once, stamps
had been taken out of use before stock told them apart.

A pass in the background, a batch a transaction; done again, it finds nothing to do. Nobody's own
act: the merging is recorded by who merged, and each batch that followed here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from services.stamps.actions.awaiting import tell_waiting
from services.stamps.actions.noting import note
from services.stamps.domain.known import heirs
from services.stamps.store import batches, handovers, print_jobs, segments, stock, units
from shared import audit
from shared.errors import EditConflict
from shared.mongo import Database, Tx, is_outage, transact

log = structlog.get_logger()


async def heirs_of_units(db: Database) -> dict[str, str]:
    """By unit that was merged, the one that stands for it today."""
    return heirs(await units.successors(db))


async def follow(db: Database, merged: Mapping[str, str], now: datetime) -> int:
    """Whatever merged units had to do with is their heirs'; how many batches followed."""
    moved = 0
    for gone, heir in merged.items():
        touched = {
            *await stock.kept_by(db, gone),
            *await print_jobs.batches_of(db, gone),
            *await handovers.batches_open_of(db, gone),
        }
        for batch in sorted(touched):
            moved += await _alone(
                db, batch, partial(_inherit, batch=batch, gone=gone, heir=heir, now=now)
            )
    return moved


async def part(db: Database, now: datetime) -> int:
    """What lies in stocks of before and was taken out of use is unusable; how many were parted."""
    parted = 0
    async for batch in stock.unparted(db):
        parted += await _alone(db, batch, partial(_part, batch=batch, now=now))
    return parted


async def _inherit(tx: Tx, *, batch: int, gone: str, heir: str, now: datetime) -> bool:
    before = await stock.kept(tx, batch)
    if before is None:
        return False
    jobs = await print_jobs.inherit(tx, batch, gone, heir)
    given = [
        one
        for one in await handovers.open_of_batch(tx, batch)
        if gone in (one.unit_id, one.to_unit_id)
    ]
    for one in given:
        await handovers.put(tx, one.inherited(gone, heir))
    after = before.inherited(gone, heir)
    if after.lying != before.lying:
        await note(tx, before, after, "inherit", None, now, unit=gone, to_unit=heir)
    elif given:
        await tell_waiting(tx, batch, now)
    elif not jobs:
        return False
    await audit.accepted(
        tx,
        None,
        "stamps.hand_over",
        str(batch),
        act="inherit",
        from_unit=gone,
        to_unit=heir,
        jobs=jobs,
        handovers=len(given),
    )
    return True


async def _part(tx: Tx, *, batch: int, now: datetime) -> bool:
    before = await stock.kept(tx, batch)
    if before is None or before.parted:
        return False
    # Who changes serials of it at once writes the batch too: none of both misses the other.
    await batches.note_order(tx, batch)
    found = await segments.of_batch(tx, batch)
    intervals = [one for segment in found for one in segment.intervals]
    after = replace(before.as_used(intervals, before.version + 1), parted=True)
    if after.lying != before.lying:
        await note(tx, before, after, "set_aside", None, now)
    else:
        # No act: only that it was looked at is kept.
        await stock.put(tx, replace(before, parted=True), over=before.version)
    return True


async def _alone(db: Database, batch: int, work: Callable[[Tx], Awaitable[bool]]) -> bool:
    """One batch in a transaction of its own. If it cannot follow, the log says so, and it keeps no
    other from following."""
    try:
        return await transact(db, work)
    except EditConflict:
        # Somebody acted on it in between: the next look finds out.
        return False
    except Exception as error:
        if is_outage(error):
            raise
        log.exception("the stock of a batch could not follow", batch=batch)
        return False
