"""Undoing a mistaken revocation, by another person than made it."""

from datetime import datetime

from services.stamps.actions.changing import change_made
from services.stamps.actions.noting import heed
from services.stamps.domain.intervals import Segment, segments_of
from services.stamps.domain.life import UNREVOKE, Changed
from services.stamps.domain.requests import Batch, ReasonNeeded
from services.stamps.domain.undoing import as_it_was, must_be_undoable, must_stand, restored
from services.stamps.store import batches, facts, segments
from shared import audit
from shared.auth import Principal, require
from shared.contracts.stamps import SEGMENT_SERIALS
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.turns import turn


async def undo(
    number: int,
    change: int,
    *,
    first: int | None = None,
    last: int | None = None,
    reason: str,
    who: Principal,
    db: Database,
    now: datetime,
) -> Batch:
    """Give serials first…last of a revocation (None: all) back what they were before it.

    Holds and recall notices stand apart and go on. Raises NotARevocation, OwnRevocation,
    UndoTooLate, StampsDecidedAbove, RevokedByAuthority, SerialsOutsideChange,
    SerialsChangedSince, ReasonNeeded. All or nothing.
    """

    async def work(tx: Tx) -> Batch:
        batch = await batches.get(tx, number)
        require(who, "stamps.undo", await facts.scope_of(tx, batch.facility_id))
        revocation = await segments.change(tx, number, change)
        place = await batches.count_change(tx, batch)
        if not reason:
            raise ReasonNeeded("reason")
        must_be_undoable(revocation, who=who, now=now)
        made = change_made(
            place,
            batch,
            revocation.first if first is None else first,
            revocation.last if last is None else last,
            UNREVOKE,
            who,
            now,
            reason=reason,
            undoes=change,
        )
        changed = await _apply(tx, batch, revocation, made)
        await heed(tx, number, changed, who, now, back=True, reason=reason)
        await audit.accepted(
            tx, who, "stamps.undo", made.id, reason, undoes=change, first=made.first, last=made.last
        )
        return batch

    async with (
        audit.attempt(db, who, "stamps.undo", f"{number}/{change}"),
        turn(db.name, f"batch {number}"),
    ):
        return await transact(db, work)


async def _apply(tx: Tx, batch: Batch, revocation: Changed, made: Changed) -> list[Segment]:
    first, last = made.first, made.last
    touched = segments_of(first, last)
    now = await segments.of_batch(tx, batch.number, touched)
    decided = await segments.last_changes(tx, batch.number, [(first, last)])
    must_stand(revocation, first, last, (one for part in now for one in part.intervals), decided)
    history = await segments.changes_touching(
        tx,
        batch.number,
        touched.start * SEGMENT_SERIALS,
        touched.stop * SEGMENT_SERIALS - 1,
        before=revocation.number,
    )
    changed = [
        restored(part, as_it_was(part, batch.quantity, history), first, last) for part in now
    ]
    await segments.put(tx, changed)
    await segments.note_change(tx, made)
    await outbox.append(tx, *(part.published(made.at) for part in changed), made.told(batch))
    return changed
