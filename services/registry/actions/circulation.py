"""Circulation: a facility's year by month, that of many facilities, and revenue declared (R31)."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.registry.actions.rights import author, require_for
from services.registry.domain.circulation import (
    Amounts,
    Month,
    Revenue,
    Stock,
    months_of,
    total,
)
from services.registry.domain.records import Aggregate, Record
from services.registry.store import circulation, output, records
from services.registry.store.search.seen import NEWEST, STEADY, Hits, Seen
from shared import audit
from shared.auth import Principal, require
from shared.days import local_day
from shared.mongo import Database, Tx, transact

READ: Final = "circulation.read"
DECLARE: Final = "revenue.declare"
# Facilities whose figures are added up at once for an export.
AT_ONCE: Final = 100
LISTED: Final = {"published": {"$ne": None}}


@dataclass(frozen=True, slots=True)
class Year:
    """A facility's months of a year, oldest first, their sum, and its stamps as they now stand."""

    months: list[Month]
    sum: Month
    stock: Stock
    products: list[tuple[str, Amounts]]


@dataclass(frozen=True, slots=True)
class Row:
    """One facility's sum over some months."""

    record: Record[Any]
    sum: Month


async def year_of(facility_id: str, year: int, *, today: date, db: Database) -> Year:
    """Whoever asks has made sure that the account may see it."""
    months = months_of(year, today)
    found = (await _months(db, [facility_id], months))[facility_id]
    return Year(
        months=found,
        sum=total(found),
        stock=await circulation.stock(db, facility_id),
        products=await output.made_of_products(db, facility_id, months),
    )


def facilities_for(who: Principal, *, q: str, seen: Seen) -> Hits:
    """Published facilities in the asker's scope."""
    require(who, READ)
    return seen.console(Aggregate.FACILITY, who, q=q, wanted=LISTED)


async def rows_for(found: Hits, months: Sequence[str], *, page: int, db: Database) -> list[Row]:
    """A page of them, newest change first, each with its sum."""
    return await _rows(db, await found.page(NEWEST, page=page), months)


async def every_row(found: Hits, months: Sequence[str], *, db: Database) -> AsyncIterator[Row]:
    """All of them, for an export."""
    for page in range(1, -(-found.total // AT_ONCE) + 1):
        for row in await _rows(db, await found.page(STEADY, page=page, size=AT_ONCE), months):
            yield row


async def note_export(who: Principal, subject: str, *, db: Database) -> None:
    """Who took which figures is recorded before the first byte leaves."""
    require(who, READ)

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, "circulation.export", subject)

    await transact(db, work)


async def declare_revenue(
    facility_id: str,
    month: str,
    amount: int | None,
    *,
    version: int,
    who: Principal,
    now: datetime,
    db: Database,
) -> Revenue:
    """Say what a month brought in, correct it, or (None) take it back.

    The amount is told to nobody: it is in no event and not in the audit record, whose readers
    need not be the facility's own authorities.
    """

    async def work(tx: Tx) -> Revenue:
        record = await records.get(tx, Aggregate.FACILITY, facility_id)
        require_for(who, DECLARE, record)
        by = author(who)
        known = await circulation.revenue(tx, facility_id, month)
        before = known or Revenue.nothing(facility_id, month, by=by, now=now)
        after = before.declare(amount, version=version, by=by, today=local_day(now), now=now)
        if after is not before:
            await circulation.put_revenue(tx, before, after)
            await audit.accepted(
                tx, who, DECLARE, facility_id, month=month, on_behalf=not who.facility_id
            )
        return after

    async with audit.attempt(db, who, DECLARE, facility_id):
        return await transact(db, work)


async def _rows(db: Database, found: Sequence[Record[Any]], months: Sequence[str]) -> list[Row]:
    figures = await _months(db, [one.id for one in found], months)
    return [Row(one, total(figures[one.id])) for one in found]


async def _months(
    db: Database, facilities: Sequence[str], months: Sequence[str]
) -> dict[str, list[Month]]:
    counts = await circulation.counts(db, facilities, months)
    revenues = await circulation.revenues(db, facilities, months)
    made = await output.made(db, facilities, months)
    sent = await output.sent(db, facilities, months)
    received = await output.received(db, facilities, months)
    return {
        facility: [
            Month(
                month,
                made=made.get((facility, month), {}),
                sent=sent.get((facility, month), {}),
                received=received.get((facility, month), {}),
                revenue=revenues.get((facility, month)),
                **counts.get((facility, month), {}),
            )
            for month in months
        ]
        for facility in facilities
    }
