"""What leaves of a print: its file, its manifest, codes in clear."""

from services.stamps.actions import stock
from services.stamps.domain.intervals import must_lie_within
from services.stamps.domain.printing import NotPrintedYet, PrintJob
from services.stamps.domain.requests import Batch
from services.stamps.store import batches, facts, print_jobs
from shared import audit
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.mongo import Database, Tx, transact


async def take_file(job_id: str, *, who: Principal, db: Database) -> PrintJob:
    """The job whose file leaves; that it was taken is recorded.

    Raises NotPrintedYet, and of what the authority prints NotBeingPrinted.
    """

    async def work(tx: Tx) -> PrintJob:
        job = await print_jobs.get(tx, job_id)
        require(who, job.right, await facts.scope_of(tx, job.facility_id))
        if job.central:
            await stock.must_be_printable_again(tx, job)
        if job.state != "done":
            raise NotPrintedYet()
        await audit.accepted(tx, who, job.right, str(job.batch), job=job.id, file="taken")
        return job

    async with audit.attempt(db, who, await right_of(db, job_id), job_id):
        return await transact(db, work)


async def take_manifest(job_id: str, *, who: Principal, db: Database) -> PrintJob:
    """The job whose manifest leaves, which vouches for its file and so goes no further than that.

    Raises NotFound where it has none, and of what the authority prints NotBeingPrinted.
    """

    async def work(tx: Tx) -> PrintJob:
        job = await print_jobs.get(tx, job_id)
        require(who, job.right, await facts.scope_of(tx, job.facility_id))
        if not job.manifest:
            raise NotFound()
        if job.central:
            await stock.must_be_printable_again(tx, job)
        return job

    async with audit.attempt(db, who, await right_of(db, job_id), job_id):
        return await transact(db, work)


async def take_codes(number: int, *, first: int, last: int, who: Principal, db: Database) -> Batch:
    """A batch whose codes first…last leave in clear; that they did is recorded.

    Raises SerialsOutsideBatch, PrintedCentrally, NotBeingPrinted.
    """
    right = await stock.print_right(db, number, who)

    async def work(tx: Tx) -> Batch:
        batch = await batches.get(tx, number)
        scope = await facts.scope_of(tx, batch.facility_id)
        central = await stock.require_print(tx, number, who, scope)
        must_lie_within(batch.quantity, first, last)
        if central:
            await stock.must_be_printing(tx, number, first, last)
        await batches.note_codes(tx, number)
        await audit.accepted(tx, who, right, str(number), first=first, last=last)
        return batch

    async with audit.attempt(db, who, right, str(number)):
        return await transact(db, work)


async def right_of(db: Database, job_id: str) -> str:
    """The right that who has to do with a job uses, for the ledger."""
    try:
        return (await print_jobs.get(db, job_id)).right
    except NotFound:
        return "stamps.print"
