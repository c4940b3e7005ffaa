"""Placing and lifting holds by an officer's order."""

from datetime import datetime

from services.stamps.domain.holds import OFFICER_ORDER, Hold
from services.stamps.domain.requests import ReasonNeeded
from services.stamps.store import batches, facts, holds
from shared import audit, once
from shared.auth import Principal, require
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


async def place(
    *,
    batch: int,
    reason: str,
    reason_en: str = "",
    reason_zh: str = "",
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> Hold:
    """Hold all stamps of a batch until the hold is lifted; raises ReasonNeeded, KeyReused."""
    translated = (reason_en, reason_zh) if reason_en or reason_zh else ()
    asked = once.once(who, key, "hold", batch, reason, *translated)

    async def work(tx: Tx) -> Hold:
        if before := await once.answered(tx, asked):
            return await holds.get(tx, before["id"])
        found = await batches.get(tx, batch)
        require(who, "stamps.hold", await facts.scope_of(tx, found.facility_id))
        if not reason:
            raise ReasonNeeded("reason")
        hold = Hold(
            id=new_id(),
            scope="batch",
            target=str(batch),
            reason_kind=OFFICER_ORDER,
            reason=reason,
            reason_en=reason_en,
            reason_zh=reason_zh,
            facility_id=found.facility_id,
            by_tier=who.tier,
        )
        await holds.put(tx, hold)
        await once.keep(tx, asked, {"id": hold.id}, now)
        await outbox.append(tx, hold.published(now))
        await audit.accepted(tx, who, "stamps.hold", hold.id, reason, batch=batch)
        return hold

    async with audit.attempt(db, who, "stamps.hold", str(batch)):
        return await transact(db, work)


async def lift(hold_id: str, *, reason: str, who: Principal, db: Database, now: datetime) -> Hold:
    """Lift one hold; raises HoldAlreadyLifted, HoldFollowsFacility, DecidedAbove, ReasonNeeded."""

    async def work(tx: Tx) -> Hold:
        hold = await holds.get(tx, hold_id)
        require(who, "stamps.hold", await facts.scope_of(tx, hold.facility_id))
        if not reason:
            raise ReasonNeeded("reason")
        lifted = hold.lift(who.tier)
        await holds.put(tx, lifted)
        await outbox.append(tx, lifted.published(now))
        await audit.accepted(tx, who, "stamps.hold", hold.id, reason, lifted=True)
        return lifted

    async with audit.attempt(db, who, "stamps.hold", hold_id):
        return await transact(db, work)
