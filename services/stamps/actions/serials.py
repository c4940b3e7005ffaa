"""Changing what serials of a batch are: activated for a lot, damaged, lost, revoked."""

from datetime import datetime

from services.stamps.actions.requests import usable_lot
from services.stamps.domain.intervals import Change, SerialsOutsideBatch, segments_of
from services.stamps.domain.life import activation, change_of_state
from services.stamps.domain.requests import Batch, LotRecalled, ReasonNeeded
from services.stamps.store import facts, requests, segments
from shared import audit
from shared.auth import Principal, require
from shared.contracts.stamps import IntervalsChanged
from shared.crashpoints import crash_point
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


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
    """Give serials first…last of a batch to a lot.

    Raises SerialsOutsideBatch, SerialsAlreadyActivated, SerialsNotUsable, LotNotUsable,
    LotRecalled, TooManyIntervals. All or nothing.
    """

    async def work(tx: Tx) -> Batch:
        batch = await _batch(tx, number, who, "stamps.activate")
        await usable_lot(tx, lot_id, batch.facility_id, batch.product_id)
        if await facts.is_recalled(
            tx, lot_id=lot_id, product_id=batch.product_id, facility_id=batch.facility_id
        ):
            raise LotRecalled("lot_id")
        change = activation(lot_id)
        await _apply(tx, batch, first, last, change, "activate", lot_id, "", who, now)
        crash_point("stamps.activate.before_commit")
        return batch

    async with audit.attempt(db, who, "stamps.activate", str(number)):
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
) -> Batch:
    """Change the state of serials first…last: one of domain.life.CHANGES, with a reason."""

    async def work(tx: Tx) -> Batch:
        batch = await _batch(tx, number, who, "stamps.revoke")
        if not reason:
            raise ReasonNeeded("reason")
        await _apply(tx, batch, first, last, change_of_state(change), change, "", reason, who, now)
        return batch

    async with audit.attempt(db, who, "stamps.revoke", str(number)):
        return await transact(db, work)


async def _batch(tx: Tx, number: int, who: Principal, action: str) -> Batch:
    batch = await requests.get_batch(tx, number)
    require(who, action, await facts.scope_of(tx, batch.facility_id))
    return batch


async def _apply(
    tx: Tx,
    batch: Batch,
    first: int,
    last: int,
    change: Change,
    name: str,
    lot_id: str,
    reason: str,
    who: Principal,
    now: datetime,
) -> None:
    if not 0 <= first <= last < batch.quantity:
        raise SerialsOutsideBatch("first", last=batch.quantity - 1, first=first, asked=last)
    changed = [
        segment.changed(first, last, change)
        for segment in await segments.of_batch(tx, batch.number, segments_of(first, last))
    ]
    for segment in changed:
        await segments.put(tx, segment)
    change_id = new_id()
    count = last - first + 1
    await segments.note_change(
        tx,
        {
            "_id": change_id,
            "batch": batch.number,
            "first": first,
            "last": last,
            "change": name,
            "lot": lot_id,
            "reason": reason,
            "by": who.account_id,
            "by_name": who.name,
            "at": now,
        },
    )
    fact = IntervalsChanged(
        subject=str(batch.number),
        version=1,
        time=now,
        batch=batch.number,
        facility_id=batch.facility_id,
        product_id=batch.product_id,
        first=first,
        last=last,
        count=count,
        change=name,
        lot=lot_id,
        reason=reason,
    )
    await outbox.append(tx, *(segment.published(now) for segment in changed), fact)
    action = "stamps.activate" if name == "activate" else "stamps.revoke"
    await audit.accepted(
        tx, who, action, str(batch.number), reason, change=name, first=first, last=last, lot=lot_id
    )
