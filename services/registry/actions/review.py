"""Review: submit, accept, reject, publish, the same way for every kind of record (R17)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from services.registry.actions import facilities, growing_areas, lots, products, truth
from services.registry.actions.rights import RIGHTS, author, require_for
from services.registry.domain.diary_refusals import WithdrawalIntervalNotOver
from services.registry.domain.records import Aggregate, Record
from services.registry.store import records
from shared import audit
from shared.auth import Principal
from shared.contracts.registry import ReviewDecided
from shared.errors import Kind, Refusal
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

# Before anyone's time is spent on a record: does everything it needs hold?
_READY: Final[dict[Aggregate, Callable[[Tx, Record[Any], datetime], Awaitable[None]]]] = {
    Aggregate.FACILITY: facilities.ready,
    Aggregate.PRODUCT: products.ready,
    Aggregate.GROWING_AREA: growing_areas.ready,
    Aggregate.LOT: lots.ready,
}
# With the publication, in its transaction: passports, and what follows from it.
_PUBLISHED: Final[dict[Aggregate, Callable[[Tx, Record[Any]], Awaitable[Record[Any]]]]] = {
    Aggregate.FACILITY: facilities.published,
    Aggregate.PRODUCT: products.published,
    Aggregate.GROWING_AREA: growing_areas.published,
    Aggregate.LOT: lots.published,
}


class NoSuchDecision(Refusal):
    code = "no_such_decision"
    kind = Kind.INVALID
    message = "Loại bản ghi này không có bước duyệt đăng riêng: kiểm tra đạt là được đăng."


async def submit(
    aggregate: Aggregate,
    record_id: str,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
    explanation: str = "",
) -> Record[Any]:
    """Hand the draft to the checkers; an `explanation` lets a lot go on to them that breaks a
    withdrawal interval, which only an official with the right may then publish."""
    action = RIGHTS[aggregate].enter

    async def work(tx: Tx) -> Record[Any]:
        before = await records.get(tx, aggregate, record_id)
        require_for(who, action, before)
        after = before.submit(version=version, by=author(who), now=now)
        if aggregate is Aggregate.LOT:
            after = await lots.with_area_diary(tx, after, now)
        try:
            await _READY[aggregate](tx, after, now)
        except WithdrawalIntervalNotOver:
            if not explanation:
                raise
        await records.put(tx, before, after, act="submitted", by=author(who), reason=explanation)
        await audit.accepted(tx, who, f"{aggregate}.submit", record_id, version=after.version)
        return after

    async with audit.attempt(db, who, f"{aggregate}.submit", record_id):
        return await transact(db, work)


async def accept(
    aggregate: Aggregate,
    record_id: str,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
    override: str = "",
) -> Record[Any]:
    """The check is passed. A lot is published by it; everything else then waits for approval.

    `override` is the reason for which a lot is published though a truth check blocks it.
    """

    async def decide(tx: Tx, before: Record[Any]) -> Record[Any]:
        if aggregate is Aggregate.LOT:
            shown = before.accept_and_publish(version=version, by=author(who), now=now)
            await _READY[aggregate](tx, shown, now)
            await truth.judge(tx, shown, override=override, who=who, now=now)
            return await _PUBLISHED[aggregate](tx, shown)
        after = before.accept(version=version, by=author(who), now=now)
        await _READY[aggregate](tx, after, now)
        return after

    act = "published" if aggregate is Aggregate.LOT else "accepted"
    action = RIGHTS[aggregate].check
    return await _decide(
        aggregate, record_id, decide, action, act, override, who=who, now=now, db=db
    )


async def publish(
    aggregate: Aggregate,
    record_id: str,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    """The approval: consumers see it from now on."""
    action = RIGHTS[aggregate].publish
    if not action:
        raise NoSuchDecision("decision")

    async def decide(tx: Tx, before: Record[Any]) -> Record[Any]:
        after = before.publish(version=version, by=author(who), now=now)
        await _READY[aggregate](tx, after, now)
        return await _PUBLISHED[aggregate](tx, after)

    return await _decide(aggregate, record_id, decide, action, "published", who=who, now=now, db=db)


async def reject(
    aggregate: Aggregate,
    record_id: str,
    *,
    version: int,
    reason: str,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    """Back to its maker with the reason, by whoever might have accepted or published it."""

    async def decide(_: Tx, before: Record[Any]) -> Record[Any]:
        return before.reject(version=version, by=author(who), reason=reason, now=now)

    found = await records.get(db, aggregate, record_id)
    rights = RIGHTS[aggregate]
    action = rights.publish if found.state == "checked" and rights.publish else rights.check
    return await _decide(
        aggregate, record_id, decide, action, "rejected", reason, who=who, now=now, db=db
    )


async def _decide(
    aggregate: Aggregate,
    record_id: str,
    decide: Callable[[Tx, Record[Any]], Awaitable[Record[Any]]],
    action: str,
    act: str,
    reason: str = "",
    *,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    async def work(tx: Tx) -> Record[Any]:
        before = await records.get(tx, aggregate, record_id)
        require_for(who, action, before)
        after = await decide(tx, before)
        await records.put(tx, before, after, act=act, by=author(who), reason=reason)
        decided = ReviewDecided(
            subject=record_id,
            version=after.version,
            time=now,
            aggregate=aggregate.value,
            decision=act,
            decided_by=who.account_id,
            reason=reason,
        )
        await outbox.append(tx, decided)
        await audit.accepted(tx, who, f"{aggregate}.{act}", record_id, reason)
        return after

    async with audit.attempt(db, who, f"{aggregate}.{act}", record_id):
        return await transact(db, work)
