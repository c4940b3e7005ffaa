"""How a record of any kind is entered and edited: the part all four kinds share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.registry.actions.rights import RIGHTS, author, require_for
from services.registry.domain.facility import owned
from services.registry.domain.records import Aggregate, Record
from services.registry.store import records
from shared import audit
from shared import once as kept
from shared.auth import Principal
from shared.mongo import Database, Tx, transact
from shared.once import Once

Make = Callable[[Tx], Awaitable[Record[Any]]]
Change = Callable[[Tx, Record[Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Entered:
    """The answer to an entry; kept, so that the same request again gets the same answer."""

    id: str
    version: int
    state: str
    code: str = ""


async def enter(
    aggregate: Aggregate,
    make: Make,
    *,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Entered:
    """Add the record that `make` reads, checks and builds, once per idempotency key."""
    action = RIGHTS[aggregate].enter

    async def work(tx: Tx) -> Entered:
        before = await kept.answered(tx, once)
        if before is not None:
            return Entered(**before)
        record = await make(tx)
        await records.insert(tx, record, by=author(who))
        answer = Entered(record.id, record.version, record.state.value, record.code)
        await kept.keep(
            tx,
            once,
            {"id": answer.id, "version": 1, "state": answer.state, "code": answer.code},
            now,
        )
        await audit.accepted(tx, who, action, record.id, on_behalf=not who.facility_id)
        return answer

    async with audit.attempt(db, who, action, aggregate.value):
        return await transact(db, work)


async def edit(
    aggregate: Aggregate,
    record_id: str,
    change: Change,
    *,
    version: int | None,
    who: Principal,
    now: datetime,
    db: Database,
) -> Record[Any]:
    """A newer draft with the content that `change` makes of the record.

    Without a version the change is one that cannot take anything of another's away.
    """
    action = RIGHTS[aggregate].enter

    async def work(tx: Tx) -> Record[Any]:
        before = await records.get(tx, aggregate, record_id)
        require_for(who, action, before)
        content = await change(tx, before)
        expected = before.version if version is None else version
        after = before.edit(content, version=expected, by=author(who), now=now)
        if after is before:
            return before
        if aggregate is Aggregate.FACILITY:
            after = owned(after)
            require_for(who, action, after)
        if aggregate is Aggregate.LOT:
            after = replace(after, code=content.code)
        await records.put(tx, before, after, act="edited", by=author(who))
        await audit.accepted(tx, who, action, record_id, version=after.version)
        return after

    async with audit.attempt(db, who, action, record_id):
        return await transact(db, work)
