"""Reporting stamps as sold: kept and told as changes are, and the stamps stay as they are."""

from datetime import datetime

from services.stamps.actions.changing import change_made
from services.stamps.domain.intervals import must_lie_within, segments_of
from services.stamps.domain.life import SOLD, UNSOLD
from services.stamps.domain.requests import Batch, ReasonNeeded
from services.stamps.domain.selling import (
    SaleTakenBack,
    SerialsAlreadySold,
    must_be_on_sale,
    must_be_retractable,
)
from services.stamps.store import batches, facts, segments
from shared import audit
from shared.auth import Principal, require
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.turns import turn


async def report_sold(
    number: int,
    *,
    first: int,
    last: int,
    note: str = "",
    who: Principal,
    db: Database,
    now: datetime,
) -> Batch:
    """Serials first…last, all in use, were sold: each once, all of them or none.

    Raises SerialsOutsideBatch, SerialsNotOnSale, SerialsAlreadySold.
    """

    async def work(tx: Tx) -> Batch:
        batch = await batches.get(tx, number)
        require(who, "stamps.sell", await facts.scope_of(tx, batch.facility_id))
        must_lie_within(batch.quantity, first, last)
        place = await batches.count_change(tx, batch)
        found = await segments.of_batch(tx, number, segments_of(first, last))
        must_be_on_sale((one for part in found for one in part.intervals), first, last)
        if before := await segments.sold_of(tx, number, first, last):
            low, high = max(first, before.first), min(last, before.last)
            raise SerialsAlreadySold("first", first=low, last=high)
        made = change_made(place, batch, first, last, SOLD, who, now, reason=note)
        await segments.note_change(tx, made)
        await outbox.append(tx, made.told(batch))
        await audit.accepted(tx, who, "stamps.sell", str(number), note, first=first, last=last)
        return batch

    async with (
        audit.attempt(db, who, "stamps.sell", str(number)),
        turn(db.name, f"batch {number}"),
    ):
        return await transact(db, work)


async def take_back(
    number: int, change: int, *, reason: str, who: Principal, db: Database, now: datetime
) -> Batch:
    """A report of a sale was a mistake: nobody has said so of its serials any more.

    Raises NotFound, NotASale, SaleTakenBack, TakeBackTooLate, ReasonNeeded.
    """

    async def work(tx: Tx) -> Batch:
        batch = await batches.get(tx, number)
        require(who, "stamps.sell", await facts.scope_of(tx, batch.facility_id))
        sale = await segments.change(tx, number, change)
        place = await batches.count_change(tx, batch)
        if not reason:
            raise ReasonNeeded("reason")
        must_be_retractable(sale, now)
        if await segments.is_taken_back(tx, sale):
            raise SaleTakenBack()
        made = change_made(
            place, batch, sale.first, sale.last, UNSOLD, who, now, reason=reason, undoes=change
        )
        await segments.note_change(tx, made)
        await outbox.append(tx, made.told(batch))
        await audit.accepted(
            tx,
            who,
            "stamps.unsell",
            made.id,
            reason,
            undoes=change,
            first=made.first,
            last=made.last,
        )
        return batch

    async with (
        audit.attempt(db, who, "stamps.unsell", f"{number}/{change}"),
        turn(db.name, f"batch {number}"),
    ):
        return await transact(db, work)
