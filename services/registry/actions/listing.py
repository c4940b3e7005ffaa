"""What the lists beside the reviewed records share: an entry made once a key, an entry changed.

Known facilities and inspections are such lists: no review, one transaction and one audit record
an act, a version that tells of two who change one at the same time.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from shared import audit
from shared import once as kept
from shared.auth import Principal
from shared.mongo import Database, Tx, transact
from shared.once import Once


class Entry(Protocol):
    @property
    def id(self) -> str: ...


E = TypeVar("E", bound=Entry)
T = TypeVar("T")


async def entered(
    make: Callable[[Tx], Awaitable[E]],
    read: Callable[[Tx, str], Awaitable[E]],
    *,
    once: Once | None,
    now: datetime,
    db: Database,
) -> E:
    """What `make` adds; sent again under its key, what was made then. `make` audits it."""

    async def work(tx: Tx) -> E:
        before = await kept.answered(tx, once)
        if before is not None:
            return await read(tx, before["id"])
        one = await make(tx)
        await kept.keep(tx, once, {"id": one.id}, now)
        return one

    return await transact(db, work)


async def changed(
    read: Callable[[Tx], Awaitable[T]],
    change: Callable[[T], T],
    write: Callable[[Tx, T, T], Awaitable[None]],
    *,
    action: str,
    subject: str,
    who: Principal,
    db: Database,
) -> T:
    """One act on an entry: `read` checks that it may be done, `write` keeps and audits it.

    A change that changes nothing is not written; a refused one is audited here.
    """

    async def work(tx: Tx) -> T:
        before = await read(tx)
        after = change(before)
        if after is before:
            return before
        await write(tx, before, after)
        return after

    async with audit.attempt(db, who, action, subject):
        return await transact(db, work)
