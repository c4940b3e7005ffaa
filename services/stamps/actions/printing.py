"""Ordering a print-ready file, and taking it."""

from datetime import datetime

from services.stamps.domain.intervals import must_lie_within
from services.stamps.domain.printing import (
    MAX_STAMPS,
    NotPrintedYet,
    PrintJob,
    SymbolDoesNotFit,
    TooManyToPrint,
    UnknownSize,
)
from services.stamps.domain.requests import Batch
from services.stamps.printing.templates import TEMPLATES, which_version
from services.stamps.store import batches, facts, print_jobs
from shared import audit, once
from shared.auth import Principal, require
from shared.ids import new_id
from shared.mongo import Database, Tx, transact


async def order(
    number: int,
    *,
    size: str,
    first: int,
    last: int,
    host: str,
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> PrintJob:
    """Queue the sheets of serials first…last.

    Raises UnknownSize, SymbolDoesNotFit, TooManyToPrint, SerialsOutsideBatch, KeyReused.
    """
    asked = once.once(who, key, "print", number, size, first, last)

    async def work(tx: Tx) -> PrintJob:
        if before := await once.answered(tx, asked):
            return await print_jobs.get(tx, before["id"])
        batch = await batches.get(tx, number)
        require(who, "stamps.print", await facts.scope_of(tx, batch.facility_id))
        must_lie_within(batch.quantity, first, last)
        if last - first + 1 > MAX_STAMPS:
            raise TooManyToPrint("last", limit=MAX_STAMPS)
        product = await facts.product(tx, batch.product_id)
        _must_fit(host, size, product.gtin if product else "")
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
        await once.keep(tx, asked, {"id": job.id}, now)
        await audit.accepted(
            tx, who, "stamps.print", str(number), first=first, last=last, size=size
        )
        return job

    async with audit.attempt(db, who, "stamps.print", str(number)):
        return await transact(db, work)


def _must_fit(host: str, size: str, gtin: str) -> None:
    """Raise UnknownSize, or SymbolDoesNotFit where the address is too long for the size."""
    if size not in TEMPLATES:
        raise UnknownSize("size", size=size)
    try:
        which_version(host, TEMPLATES[size], gtin or None)
    except ValueError:
        raise SymbolDoesNotFit("size") from None


async def take_file(job_id: str, *, who: Principal, db: Database) -> PrintJob:
    """The job whose file leaves; raises NotPrintedYet. That it was taken is recorded."""

    async def work(tx: Tx) -> PrintJob:
        job = await print_jobs.get(tx, job_id)
        require(who, "stamps.print", await facts.scope_of(tx, job.facility_id))
        if job.state != "done":
            raise NotPrintedYet()
        await audit.accepted(tx, who, "stamps.print", str(job.batch), job=job.id, file="taken")
        return job

    async with audit.attempt(db, who, "stamps.print", job_id):
        return await transact(db, work)


async def take_codes(number: int, *, first: int, last: int, who: Principal, db: Database) -> Batch:
    """A batch whose codes first…last leave in clear; that they did is recorded.

    Raises SerialsOutsideBatch.
    """

    async def work(tx: Tx) -> Batch:
        batch = await batches.get(tx, number)
        require(who, "stamps.print", await facts.scope_of(tx, batch.facility_id))
        must_lie_within(batch.quantity, first, last)
        await audit.accepted(tx, who, "stamps.print", str(number), first=first, last=last)
        return batch

    async with audit.attempt(db, who, "stamps.print", str(number)):
        return await transact(db, work)
