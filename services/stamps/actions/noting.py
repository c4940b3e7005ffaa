"""Keeping and telling where centrally printed stamps lie after an act (R40)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from services.stamps.actions.awaiting import tell_waiting
from services.stamps.domain.intervals import Segment, segments_of
from services.stamps.domain.moves import Act, Moved
from services.stamps.domain.stock import Stock
from services.stamps.domain.stock_refusals import NotCentral
from services.stamps.store import batches, segments, stock
from shared.auth import Principal
from shared.messaging import outbox
from shared.mongo import Tx

# One event tells of so many pieces; an act that moves more is told by several, each with a number.
TOLD_AT_ONCE: Final = 2_000


async def stock_of(tx: Tx, batch: int) -> Stock:
    """Raises NotCentral for a batch that its facility prints itself."""
    found = await stock.find_one(tx, batch)
    if found is None:
        raise NotCentral()
    return found


async def note(
    tx: Tx,
    before: Stock | None,
    after: Stock,
    act: Act,
    who: Principal | None,
    now: datetime,
    *,
    unit: str = "",
    job: str = "",
    handover: str = "",
    reason: str = "",
    to_unit: str = "",
) -> Stock:
    """Keep and tell where stamps lie after an act, `before` it they lay elsewhere; as they lie now.

    `unit` is with whom, where that is not the unit of who acts; `to_unit` who takes them in; nobody
    acts where it follows from what others did. What an act puts in stock and was taken out of use
    is unusable there at once.
    """
    if before is not None:
        after = await _parted(tx, before, after)
    pieces = after.moved_since(before) if before else after.all_of_it()
    parts = [pieces[at : at + TOLD_AT_ONCE] for at in range(0, len(pieces), TOLD_AT_ONCE)] or [()]
    first = after.version
    after = replace(after, version=first + len(parts) - 1)
    await stock.put(tx, after, over=first - 1)
    for number, part in enumerate(parts, first):
        moved = Moved(
            number=number,
            batch=after.batch,
            act=act,
            pieces=part,
            by=who.account_id if who else "",
            by_name=who.name if who else "",
            at=now,
            unit_id=unit or (who.unit_id if who and who.facility_id is None else ""),
            job=job,
            handover=handover,
            reason=reason,
            to_unit_id=to_unit,
        )
        await stock.note(tx, moved)
        await outbox.append(tx, after.told(moved))
    await tell_waiting(tx, after.batch, now)
    return after


async def heed(
    tx: Tx,
    batch: int,
    changed: Sequence[Segment],
    who: Principal,
    now: datetime,
    *,
    back: bool = False,
    reason: str = "",
) -> None:
    """Part of a change of serials: what is out of use in stock can be handed over no more, what is
    given back its use (`back`) can again. Nothing where the facility prints itself."""
    before = await stock.find_one(tx, batch)
    if before is None:
        return
    intervals = [one for part in changed for one in part.intervals]
    after = before.as_used(intervals, before.version + 1)
    if after.lying != before.lying:
        act: Act = "bring_back" if back else "set_aside"
        await note(tx, before, after, act, who, now, reason=reason)


async def _parted(tx: Tx, before: Stock, after: Stock) -> Stock:
    fresh = [piece for piece in after.moved_since(before) if piece.place == "stock"]
    if not fresh:
        return after
    # Who changes these serials at once writes the batch too: none of both misses the other.
    await batches.note_order(tx, after.batch)
    touched = segments_of(fresh[0].first, fresh[-1].last)
    found = await segments.of_batch(tx, after.batch, touched)
    return after.as_used([one for part in found for one in part.intervals], after.version)
