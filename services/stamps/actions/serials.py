"""Changing what serials of a batch are: activated for a lot, damaged, lost, revoked."""

from collections.abc import Sequence
from datetime import datetime

from services.stamps.actions.changing import change_made
from services.stamps.actions.noting import heed
from services.stamps.domain.deciding import must_be_theirs, out_of_use
from services.stamps.domain.intervals import Change, Segment, must_lie_within, segments_of
from services.stamps.domain.known import Facility, must_take_stamps
from services.stamps.domain.life import (
    ACTIVATE,
    UNSUSPEND,
    Changed,
    LotRecalled,
    StampsRecalled,
    activation,
    change_of_state,
    unused,
)
from services.stamps.domain.printing import Span, joined
from services.stamps.domain.requests import Batch, ReasonNeeded
from services.stamps.domain.said import SILENT, Words, must_be_sayable
from services.stamps.store import batches, facts, segments, stock
from shared import audit
from shared.auth import Principal, require
from shared.contracts.stamps import MAX_INTERVALS, SEGMENT_SERIALS
from shared.crashpoints import crash_point
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.turns import turn


async def activate(
    number: int,
    *,
    first: int,
    last: int,
    lot_id: str,
    who: Principal,
    db: Database,
    now: datetime,
) -> Batch:
    """Give serials first…last of a batch to a lot, all or none of them.

    Raises SerialsOutsideBatch, SerialsAlreadyActivated, SerialsNotUsable, FacilityNotActive,
    ProductNotPublished, LotNotUsable, LotRecalled, StampsRecalled, NotReceived, TooManyIntervals.
    """

    async def work(tx: Tx) -> Batch:
        batch, facility = await _batch(tx, number, who, "stamps.activate", first, last)
        place = await batches.count_change(tx, batch)
        facility.must_be_active()
        await _must_be_received(tx, number, first, last)
        await _must_be_activatable(tx, batch, first, last, lot_id)
        made = change_made(place, batch, first, last, ACTIVATE, who, now, lot=lot_id)
        await _apply(tx, batch, made, activation(lot_id), who)
        await audit.accepted(
            tx, who, "stamps.activate", str(number), first=first, last=last, lot=lot_id
        )
        crash_point("stamps.activate.before_commit")
        return batch

    async with (
        audit.attempt(db, who, "stamps.activate", str(number)),
        turn(db.name, f"batch {number}"),
    ):
        return await transact(db, work)


async def change_state(
    number: int,
    *,
    first: int,
    last: int,
    change: str,
    reason: str,
    who: Principal,
    db: Database,
    now: datetime,
    public_reason: str = "",
    public_reason_en: str = "",
    public_reason_zh: str = "",
) -> Batch:
    """Change the state of serials first…last: one of domain.life.CHANGES, with a reason.

    Raises SerialsOutsideBatch, SerialsNotUsable, StampsDecidedAbove, SuspendedByAuthority,
    ReasonNeeded, UnknownChange, NotForThePublic, AuthoritySpeaks, VietnameseFirst, NotReceived,
    TooManySaid. All or nothing, however finely a segment is cut.
    """

    words = Words(public_reason, public_reason_en, public_reason_zh)

    async def work(tx: Tx) -> Batch:
        batch, _ = await _batch(tx, number, who, "stamps.revoke", first, last)
        place = await batches.count_change(tx, batch)
        if who.facility_id is not None:
            await _must_be_received(tx, number, first, last)
        if not reason:
            raise ReasonNeeded("reason")
        must_be_sayable(words, change, by_authority=who.facility_id is None)
        made = change_made(place, batch, first, last, change, who, now, reason=reason, words=words)
        changed = await _apply(tx, batch, made, change_of_state(change), who)
        await heed(tx, number, changed, who, now, back=change == UNSUSPEND, reason=reason)
        await audit.accepted(
            tx, who, "stamps.revoke", str(number), reason, change=change, first=first, last=last
        )
        return batch

    async with (
        audit.attempt(db, who, "stamps.revoke", str(number)),
        turn(db.name, f"batch {number}"),
    ):
        return await transact(db, work)


async def note_states(
    tx: Tx,
    number: int,
    spans: Sequence[Span],
    change: str,
    *,
    reason: str,
    who: Principal,
    now: datetime,
) -> None:
    """Change what is still unused of these serials, in order and joined, as part of a larger act,
    which asks whether it may be done and is not refused by this, however finely a segment is cut.
    One version of each segment, one change for each span.
    """
    batch = await batches.get(tx, number)
    before = await segments.of_batch(tx, number, segments_of(spans[0][0], spans[-1][1]))
    intervals = [one for part in before for one in part.intervals]
    found = joined(one for first, last in spans for one in unused(intervals, first, last))
    if not found:
        return
    place = await batches.count_change(tx, batch, len(found))
    made = [
        change_made(place + at, batch, first, last, change, who, now, reason=reason)
        for at, (first, last) in enumerate(found)
    ]
    told = SILENT if who.facility_id is None else None
    changed = [
        after
        for part in before
        if (after := part.reported(found, change_of_state(change), told)) != part
    ]
    await segments.put(tx, changed)
    await segments.note_changes(tx, made)
    await outbox.append(
        tx, *(part.published(now) for part in changed), *(one.told(batch) for one in made)
    )


async def _must_be_received(tx: Tx, number: int, first: int, last: int) -> None:
    """Of what it prints itself a facility has everything (R40)."""
    if found := await stock.find_one(tx, number):
        found.must_be_received(first, last)


async def _batch(
    tx: Tx, number: int, who: Principal, action: str, first: int, last: int
) -> tuple[Batch, Facility]:
    batch = await batches.get(tx, number)
    facility = await facts.facility(tx, batch.facility_id)
    require(who, action, facility.scope)
    must_lie_within(batch.quantity, first, last)
    return batch, facility


async def _must_be_activatable(tx: Tx, batch: Batch, first: int, last: int, lot_id: str) -> None:
    product = await facts.product(tx, batch.product_id)
    if product is not None:
        product.must_be_published()
    lot = await facts.lot(tx, lot_id)
    must_take_stamps(lot, facility_id=batch.facility_id, product_id=batch.product_id)
    if await facts.is_recalled(
        tx, lot_id=lot_id, product_id=batch.product_id, facility_id=batch.facility_id
    ):
        raise LotRecalled("lot_id")
    if await facts.are_stamps_recalled(tx, batch.number, first, last):
        raise StampsRecalled("first")


async def _apply(
    tx: Tx, batch: Batch, made: Changed, change: Change, who: Principal
) -> list[Segment]:
    first, last = made.first, made.last
    before = await segments.of_batch(tx, batch.number, segments_of(first, last))
    # A facility does not silence the authority: what that told buyers stands until it speaks again.
    told = made.words if made.by_authority else None
    # What is used can be used in longer spans; what is lost or bad is so wherever it lies.
    limit = MAX_INTERVALS if made.change == ACTIVATE else SEGMENT_SERIALS
    changed = [segment.changed(first, last, change, told, limit=limit) for segment in before]
    # Asked after it is clear that the change is possible: where it is not, nobody above helps.
    touched = out_of_use((one for part in before for one in part.intervals), first, last)
    decided = await segments.last_changes(tx, batch.number, touched)
    must_be_theirs(decided, made.change, tier=who.tier, own=who.facility_id is not None)
    await segments.put(tx, changed)
    await segments.note_change(tx, made)
    await outbox.append(tx, *(segment.published(made.at) for segment in changed), made.told(batch))
    return changed
