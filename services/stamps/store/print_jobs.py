"""Print jobs and their files (GridFS) as stored."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from gridfs import AsyncGridFSBucket
from pymongo import ASCENDING, DESCENDING, ReturnDocument

from services.stamps.domain.printing import PrintJob, Span
from services.stamps.store.codec import from_document, to_document
from shared.errors import NotFound
from shared.mongo import Database, Tx

# A job that so many workers took up and none finished will not be finished by the next one.
MAX_ATTEMPTS = 3
CHUNK = 255 * 1024


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


async def claim(db: Database, now: datetime, lease: timedelta) -> PrintJob | None:
    """The oldest job that waits or was left behind, now the caller's; None if there is none.

    It is the caller's until `lease` has passed without `note_progress`.
    """
    jobs = db.collection("print_jobs")
    left = {"state": "running", "leased_until": {"$lt": now}}
    await jobs.update_many(
        {**left, "attempt": {"$gte": MAX_ATTEMPTS}}, {"$set": {"state": "failed"}}
    )
    found = await jobs.find_one_and_update(
        {"$or": [{"state": "queued"}, left]},
        {
            "$set": {"state": "running", "leased_until": now + lease, "done": 0},
            "$inc": {"attempt": 1},
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
        _mine(job), {"$set": {"done": done, "leased_until": now + lease}}
    )
    return answer.matched_count == 1


async def finish(db: Database, job: PrintJob, file: BinaryIO, size: int) -> None:
    """Keep the file of `size` bytes and mark the job done, unless another worker has it."""
    file_id = f"{job.id}/{job.attempt}"
    bucket = _files(db)
    await _forget_earlier(db, job)
    await bucket.upload_from_stream_with_id(file_id, job.file_name, file)
    done = {"state": "done", "done": job.total, "file_id": file_id, "bytes": size}
    answer = await db.collection("print_jobs").update_one(_mine(job), {"$set": done})
    if answer.matched_count != 1:
        await bucket.delete(file_id)


async def fail(db: Database, job: PrintJob) -> None:
    await db.collection("print_jobs").update_one(_mine(job), {"$set": {"state": "failed"}})


async def read_file(db: Database, job: PrintJob) -> AsyncIterator[bytes]:
    """The file in pieces."""
    stream = await _files(db).open_download_stream(job.file_id)
    while True:
        chunk: bytes = await stream.read(CHUNK)
        if not chunk:
            return
        yield chunk


async def _forget_earlier(db: Database, job: PrintJob) -> None:
    """Remove what workers that died left of their files."""
    earlier = [f"{job.id}/{attempt}" for attempt in range(1, job.attempt)]
    await db.collection("prints.chunks").delete_many({"files_id": {"$in": earlier}})
    await db.collection("prints.files").delete_many({"_id": {"$in": earlier}})


def _mine(job: PrintJob) -> dict[str, Any]:
    """The job as long as it is this attempt's: the attempt's number fences off older workers."""
    return {"_id": job.id, "state": "running", "attempt": job.attempt}


def _files(db: Database) -> AsyncGridFSBucket:
    return AsyncGridFSBucket(db.handle, bucket_name="prints")
