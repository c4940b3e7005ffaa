"""Central printing: which stamps the authority prints, and its sheets put in stock (R40)."""

from collections.abc import Iterable
from datetime import datetime

from services.stamps.actions.noting import note, stock_of
from services.stamps.actions.serials import note_states
from services.stamps.domain.printing import (
    LISTS,
    NoSuchSheet,
    NotOnSheets,
    NotPrintedYet,
    PrintJob,
    Span,
    joined,
)
from services.stamps.domain.requests import Batch, ReasonNeeded
from services.stamps.domain.spans import count
from services.stamps.domain.stock import Stock, ordered
from services.stamps.domain.stock_refusals import PrintedCentrally
from services.stamps.papers import serials_on, sheets_of
from services.stamps.store import batches, facts, print_jobs, stock
from shared import audit, once
from shared.auth import Principal, Scope, require
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.turns import turn


async def order(tx: Tx, batch: Batch, who: Principal) -> None:
    """A batch whose stamps the authority prints, as its request asked; part of the approval."""
    await note(tx, None, ordered(batch), "order", who, batch.issued_at)


async def require_print(tx: Tx, batch: int, who: Principal, scope: Scope) -> bool:
    """Whether a batch is the authority's to print; raises PrintedCentrally for its facility, and
    Forbidden, OutOfReach for who may not print it."""
    central = await stock.is_central(tx, batch)
    if central and who.facility_id is not None and who.covers("stamps.print", scope):
        raise PrintedCentrally()
    require(who, "stamps.print_centrally" if central else "stamps.print", scope)
    return central


async def print_right(db: Database, batch: int, who: Principal) -> str:
    """The right that who prints a batch uses, for the ledger."""
    central = who.facility_id is None and await stock.is_central(db, batch)
    return "stamps.print_centrally" if central else "stamps.print"


async def begin_print(tx: Tx, job: PrintJob, who: Principal, now: datetime) -> None:
    """Part of ordering a print job. Raises NotToBePrinted, TooManyPieces."""
    found = await stock_of(tx, job.batch)
    waiting = {one.job for one in found.lying if one.place == "printing"}
    failed = {one for one in waiting if (await print_jobs.get(tx, one)).state == "failed"}
    printing = found.print((job.first, job.last), job=job.id, failed=failed, now=now)
    await note(tx, found, printing, "print", who, now, job=job.id)


async def must_be_printable_again(tx: Tx, job: PrintJob) -> None:
    """Sheets are printed again, and their file leaves, until they are in stock or the job is
    cancelled; raises NotBeingPrinted."""
    found = await stock_of(tx, job.batch)
    found.must_be_printing(job.first, job.last, job=job.stock_job)


async def must_be_printing(tx: Tx, batch: int, first: int, last: int) -> None:
    """Codes leave as long as sheets are being printed; raises NotBeingPrinted."""
    (await stock_of(tx, batch)).must_be_printing(first, last)


async def cancel_print(
    job_id: str, *, reason: str, who: Principal, db: Database, now: datetime
) -> Stock:
    """A print that nobody wants after all: its serials can be printed anew, its files, also those
    of sheets printed again, are given out no more, and scan is told that its hidden numbers are on
    no stamp.

    Raises NotCentral, NothingToStore, NotYourPrint, ReasonNeeded.
    """

    async def work(tx: Tx) -> Stock:
        job = await print_jobs.get(tx, job_id)
        require(who, "stamps.print_centrally", await facts.scope_of(tx, job.facility_id))
        found = await stock_of(tx, job.batch)
        if not reason:
            raise ReasonNeeded("reason")
        # Who prints sheets of it again at once writes it too: none of both misses the other.
        await batches.note_order(tx, job.batch)
        cancelled = found.cancel_print(job_id, now=now)
        job.must_be_cancelled_by(who)
        await note(tx, found, cancelled, "cancel_print", who, now, job=job_id, reason=reason)
        await _tell_no_pins(tx, await print_jobs.cancel(tx, job), now)
        facts_ = {"act": "cancel_print", "job": job_id, "first": job.first, "last": job.last}
        await audit.accepted(tx, who, "stamps.print_centrally", str(job.batch), reason, **facts_)
        return cancelled

    async with audit.attempt(db, who, "stamps.print_centrally", job_id):
        return await transact(db, work)


async def store(
    job_id: str,
    *,
    spoilt: tuple[Span, ...] = (),
    spoilt_sheets: tuple[Span, ...] = (),
    reason: str = "",
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> Stock:
    """The sheets of a job are printed and lie with the unit of who says so; serials and whole
    sheets that were spoilt are reported as damaged.

    Raises NotCentral, NotPrintedYet, NothingToStore, OutsidePrint, NotYourPrint, NotOnSheets,
    ReasonNeeded.
    """
    asked = once.once(who, key, "store", job_id, spoilt, spoilt_sheets, reason)

    async def work(tx: Tx) -> Stock:
        job = await print_jobs.get(tx, job_id)
        require(who, "stamps.print_centrally", await facts.scope_of(tx, job.facility_id))
        found = await stock_of(tx, job.batch)
        if await once.answered(tx, asked):
            return found
        if job.state != "done":
            raise NotPrintedYet()
        bad = tuple(joined([*spoilt, *_on_sheets(job, spoilt_sheets)]))
        if bad and not reason:
            raise ReasonNeeded("reason")
        stored = found.store(job_id, bad, unit=who.unit_id, now=now)
        job.must_be_of(who)
        stored = await note(tx, found, stored, "store", who, now, job=job_id, reason=reason)
        await take_out(tx, job.batch, bad, "damaged", reason, who, now)
        await once.keep(tx, asked, {"id": job_id}, now)
        facts_ = {"act": "store", "job": job_id, "first": job.first, "last": job.last}
        await audit.accepted(
            tx, who, "stamps.print_centrally", str(job.batch), reason, **facts_, spoilt=count(bad)
        )
        return stored

    async with (
        audit.attempt(db, who, "stamps.print_centrally", job_id),
        turn(db.name, f"print job {job_id}"),
    ):
        return await transact(db, work)


async def take_out(
    tx: Tx,
    batch: int,
    spans: tuple[Span, ...],
    change: str,
    reason: str,
    who: Principal,
    now: datetime,
) -> None:
    """Report serials as damaged or lost; what somebody took out of use before stays as it is."""
    if spans:
        await note_states(tx, batch, spans, change, reason=reason, who=who, now=now)


async def _tell_no_pins(tx: Tx, jobs: Iterable[PrintJob], now: datetime) -> None:
    """Stamps of cancelled sheets have no hidden number; told also of such as never were made, as
    releases before told of numbers when they were ordered."""
    gone = [one.told_of_pins(now, cancelled=True) for one in jobs if one.pin]
    await outbox.append(tx, *gone)


def _on_sheets(job: PrintJob, sheets: tuple[Span, ...]) -> tuple[Span, ...]:
    if not sheets:
        return ()
    if job.output in LISTS:
        raise NotOnSheets("spoilt_sheets")
    if sheets[0][0] < 1 or sheets[-1][1] > sheets_of(job):
        raise NoSuchSheet("spoilt_sheets", count=sheets_of(job))
    return tuple(serials_on(job, first, last) for first, last in sheets)
