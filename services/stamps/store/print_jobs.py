"""Print jobs and their files (GridFS) as stored."""

from collections.abc import AsyncIterator
from dataclasses import asdict, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from motor.motor_asyncio import AsyncIOMotorGridFSBucket
from pymongo import ASCENDING, DESCENDING, ReturnDocument

from services.stamps.domain.printing import PrintJob
from shared.errors import NotFound
from shared.mongo import Database, Tx

# A job whose worker has not been heard of for so long is taken up by another.
LEASE = timedelta(seconds=30)
CHUNK = 255 * 1024
_FIELDS = {field.name for field in fields(PrintJob)} - {"id"}


def _job(document: dict[str, Any]) -> PrintJob:
    return PrintJob(id=document["_id"], **{k: v for k, v in document.items() if k in _FIELDS})


async def add(tx: Tx, job: PrintJob) -> None:
    document = asdict(job)
    document["_id"] = document.pop("id")
    await tx.collection("print_jobs").insert_one(document)


async def get(db: Database, job_id: str) -> PrintJob:
    found = await db.collection("print_jobs").find_one({"_id": job_id})
    if found is None:
        raise NotFound()
    return _job(found)


async def of_batch(db: Database, batch: int, limit: int = 20) -> list[PrintJob]:
    cursor = db.collection("print_jobs").find({"batch": batch}).sort("_id", DESCENDING)
    return [_job(document) async for document in cursor.limit(limit)]


async def claim(db: Database, now: datetime) -> PrintJob | None:
    """The oldest job that waits or was left behind, now ours; None if there is none."""
    found = await db.collection("print_jobs").find_one_and_update(
        {
            "$or": [
                {"state": "queued"},
                {"state": "running", "leased_until": {"$lt": now}},
            ]
        },
        {"$set": {"state": "running", "leased_until": now + LEASE, "done": 0}},
        sort=[("_id", ASCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    return _job(found) if found else None


async def note_progress(db: Database, job_id: str, done: int, now: datetime) -> None:
    await db.collection("print_jobs").update_one(
        {"_id": job_id, "state": "running"},
        {"$set": {"done": done, "leased_until": now + LEASE}},
    )


async def finish(db: Database, job: PrintJob, path: Path, size: int) -> None:
    """Keep the file of `size` bytes and mark the job done."""
    file_id = f"print:{job.id}"
    bucket = _files(db)
    await _forget(db, file_id)
    with path.open("rb") as file:
        await bucket.upload_from_stream_with_id(file_id, job.file_name, file)
    await db.collection("print_jobs").update_one(
        {"_id": job.id},
        {
            "$set": {
                "state": "done",
                "done": job.total,
                "file_id": file_id,
                "bytes": size,
            }
        },
    )


async def fail(db: Database, job_id: str) -> None:
    await db.collection("print_jobs").update_one({"_id": job_id}, {"$set": {"state": "failed"}})


async def read_file(db: Database, job: PrintJob) -> AsyncIterator[bytes]:
    """The file in pieces."""
    stream = await _files(db).open_download_stream(job.file_id)
    while True:
        chunk: bytes = await stream.read(CHUNK)
        if not chunk:
            return
        yield chunk


async def _forget(db: Database, file_id: str) -> None:
    """Remove what a worker that died left of the file."""
    await db.collection("prints.files").delete_one({"_id": file_id})
    await db.collection("prints.chunks").delete_many({"files_id": file_id})


def _files(db: Database) -> AsyncIOMotorGridFSBucket:
    return AsyncIOMotorGridFSBucket(db.handle, bucket_name="prints")
