"""Placing and lifting holds by an officer's order."""

from datetime import datetime

from services.stamps.domain.holds import Hold
from services.stamps.domain.requests import ReasonNeeded
from services.stamps.store import facts, holds, requests
from shared import audit
from shared.auth import Principal, require
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


async def place(*, batch: int, reason: str, who: Principal, db: Database, now: datetime) -> Hold:
    """Hold all stamps of a batch until the hold is lifted; raises ReasonNeeded."""

    async def work(tx: Tx) -> Hold:
        found = await requests.get_batch(tx, batch)
        require(who, "stamps.hold", await facts.scope_of(tx, found.facility_id))
        if not reason:
            raise ReasonNeeded("reason")
        hold = Hold(
            id=new_id(),
            scope="batch",
            target=str(batch),
            reason_kind="officer_order",
            reason=reason,
            facility_id=found.facility_id,
        )
        await holds.add(tx, hold)
        await outbox.append(tx, hold.published(now))
        await audit.accepted(tx, who, "stamps.hold", hold.id, reason, batch=batch)
        return hold

    async with audit.attempt(db, who, "stamps.hold", str(batch)):
        return await transact(db, work)


async def lift(hold_id: str, *, reason: str, who: Principal, db: Database, now: datetime) -> Hold:
    """Lift one hold; raises HoldAlreadyLifted, ReasonNeeded."""

    async def work(tx: Tx) -> Hold:
        hold = await holds.get(tx, hold_id)
        require(who, "stamps.hold", await facts.scope_of(tx, hold.facility_id))
        if not reason:
            raise ReasonNeeded("reason")
        lifted, event = hold.lift(now)
        await holds.put(tx, lifted)
        await outbox.append(tx, event)
        await audit.accepted(tx, who, "stamps.hold", hold.id, reason, lifted=True)
        return lifted

    async with audit.attempt(db, who, "stamps.hold", hold_id):
        return await transact(db, work)
