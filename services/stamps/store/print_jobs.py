"""Print jobs as stored."""

from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, ReturnDocument

from services.stamps.domain.printing import Failure, PrintJob, Span
from services.stamps.store.codec import from_document, to_document
from shared.errors import NotFound
from shared.mongo import Database, Tx

# A job that so many workers took up, none of which finished a part, will not be finished.
MAX_ATTEMPTS = 3
CHUNK = 255 * 1024
# There is a file, or one will be; or there was one, of a print that was cancelled.
MADE: Final = {"$or": [{"state": {"$ne": "failed"}}, {"bytes": {"$gt": 0}}]}


async def add(tx: Tx, job: PrintJob) -> None:
    await tx.collection("print_jobs").insert_one(to_document(job))


async def get(where: Tx | Database, job_id: str) -> PrintJob:
    found = await where.collection("print_jobs").find_one({"_id": job_id})
    if found is None:
        raise NotFound()
    return from_document(PrintJob, found)


async def of_batch(db: Database, batch: int, limit: int = 20) -> list[PrintJob]:
    """The latest jobs of a batch, newest first."""
    cursor = db.collection("print_jobs").find({"batch": batch}).sort("_id", DESCENDING)
    return [from_document(PrintJob, one) async for one in cursor.limit(limit)]


async def latest_of(db: Database, facility_id: str) -> PrintJob | None:
    """What the facility printed last, on which paper."""
    found = await db.collection("print_jobs").find_one(
        {"facility_id": facility_id}, sort=[("_id", DESCENDING)]
    )
    return from_document(PrintJob, found) if found else None


async def spans(db: Database, batch: int) -> list[Span]:
    """The serials that a file of the batch holds or will hold."""
    made = {"batch": batch, "state": {"$ne": "failed"}}
    cursor = db.collection("print_jobs").find(made, {"first": 1, "last": 1})
    return [(int(one["first"]), int(one["last"])) async for one in cursor]


async def batches_of(db: Database, unit: str) -> list[int]:
    """The batches of which a unit of the authorities ordered sheets."""
    cursor = db.collection("print_jobs").find({"unit_id": unit}, {"batch": 1})
    return sorted({int(one["batch"]) async for one in cursor})


async def inherit(tx: Tx, batch: int, gone: str, heir: str) -> int:
    """The jobs of a unit that was merged are its heir's; how many there were."""
    answer = await tx.collection("print_jobs").update_many(
        {"batch": batch, "unit_id": gone}, {"$set": {"unit_id": heir}}
    )
    return int(answer.modified_count)


async def any_made(tx: Tx, batch: int) -> bool:
    """Whether a file of the batch was made, or is still to be: also one that was cancelled since,
    for it may have been printed."""
    wanted = {"batch": batch, **MADE}
    return await tx.collection("print_jobs").find_one(wanted, {"_id": 1}) is not None


async def claim(db: Database, now: datetime, lease: timedelta) -> PrintJob | None:
    """The oldest job that waits or was left behind, now the caller's; None if there is none.

    It is the caller's until `lease` has passed without `note_progress`.
    """
    jobs = db.collection("print_jobs")
    left = {"state": "running", "leased_until": {"$lt": now}}
    await jobs.update_many(
        {**left, "tries": {"$gte": MAX_ATTEMPTS}},
        {"$set": {"state": "failed", "failure": "given_up"}},
    )
    found = await jobs.find_one_and_update(
        {"$or": [{"state": "queued"}, left]},
        {
            "$set": {"state": "running", "leased_until": now + lease, "done": 0},
            "$inc": {"attempt": 1, "tries": 1},
        },
        sort=[("_id", ASCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    return from_document(PrintJob, found) if found else None


async def note_progress(
    db: Database, job: PrintJob, done: int, now: datetime, lease: timedelta
) -> bool:
    """Say that the job is still worked on; False if another worker has taken it up."""
    answer = await db.collection("print_jobs").update_one(
        mine(job), {"$set": {"done": done, "leased_until": now + lease}}
    )
    return answer.matched_count == 1


async def note_part(db: Database, job: PrintJob) -> None:
    """A part is done: whatever killed its workers before is not this job's fault."""
    await db.collection("print_jobs").update_one(mine(job), {"$set": {"tries": 0}})


async def fail(db: Database, job: PrintJob, why: Failure) -> None:
    failed = {"state": "failed", "failure": why}
    await db.collection("print_jobs").update_one(mine(job), {"$set": failed})


async def cancel(tx: Tx, job: PrintJob) -> list[PrintJob]:
    """Nothing is drawn or given out any more of a job and of its sheets printed again: of these."""
    found = {"batch": job.batch, "$or": [{"_id": job.id}, {"again_of": job.id}]}
    cancelled = {"state": "failed", "failure": "cancelled"}
    await tx.collection("print_jobs").update_many(found, {"$set": cancelled})
    return [from_document(PrintJob, one) async for one in tx.collection("print_jobs").find(found)]


def mine(job: PrintJob) -> dict[str, Any]:
    """The job as long as it is this attempt's: the attempt's number fences off older workers."""
    return {"_id": job.id, "state": "running", "attempt": job.attempt}
