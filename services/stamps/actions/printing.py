"""Ordering a print-ready file."""

from datetime import datetime

from services.stamps.domain.intervals import SerialsOutsideBatch
from services.stamps.domain.printing import MAX_STAMPS, PrintJob, TooManyToPrint, UnknownSize
from services.stamps.printing.templates import TEMPLATES
from services.stamps.store import facts, print_jobs, requests
from shared import audit
from shared.auth import Principal, require
from shared.ids import new_id
from shared.mongo import Database, Tx, transact


async def order(
    number: int,
    *,
    size: str,
    first: int,
    last: int,
    who: Principal,
    db: Database,
    now: datetime,
) -> PrintJob:
    """Queue the sheets of serials first…last; raises UnknownSize, TooManyToPrint,
    SerialsOutsideBatch."""

    async def work(tx: Tx) -> PrintJob:
        batch = await requests.get_batch(tx, number)
        require(who, "stamps.print", await facts.scope_of(tx, batch.facility_id))
        if size not in TEMPLATES:
            raise UnknownSize("size", size=size)
        if not 0 <= first <= last < batch.quantity:
            raise SerialsOutsideBatch("first", last=batch.quantity - 1, first=first, asked=last)
        if last - first + 1 > MAX_STAMPS:
            raise TooManyToPrint("last", limit=MAX_STAMPS)
        job = PrintJob(
            id=new_id(),
            batch=number,
            first=first,
            last=last,
            size=size,
            facility_id=batch.facility_id,
            product_id=batch.product_id,
            requested_by=who.account_id,
            requested_at=now,
        )
        await print_jobs.add(tx, job)
        await audit.accepted(
            tx, who, "stamps.print", str(number), first=first, last=last, size=size
        )
        return job

    async with audit.attempt(db, who, "stamps.print", str(number)):
        return await transact(db, work)
