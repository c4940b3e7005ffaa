"""Files of papers enclosed with applications, in GridFS; they go when their application does."""

from datetime import datetime

from bson import ObjectId
from gridfs import AsyncGridFSBucket

from services.identity.store.applications import APPLICATIONS
from shared.mongo import Database

BUCKET = "application_files"


def _bucket(db: Database) -> AsyncGridFSBucket:
    return AsyncGridFSBucket(db.handle, bucket_name=BUCKET)


async def keep_file(db: Database, application_id: str, data: bytes) -> str:
    """Store a file ahead of the transaction that names it; GridFS takes part in none."""
    told = {"application": application_id}
    return str(await _bucket(db).upload_from_stream("paper", data, metadata=told))


async def drop_file(db: Database, file: str) -> None:
    await _bucket(db).delete(ObjectId(file))


async def read_file(db: Database, file: str) -> bytes:
    stream = await _bucket(db).open_download_stream(ObjectId(file))
    data: bytes = await stream.read()
    return data


async def drop_forgotten(db: Database, before: datetime) -> int:
    """Delete files, stored before a moment, that no application names any more; how many.

    Applications are forgotten by the database itself, which knows nothing of their files.
    """
    found = db.collection(f"{BUCKET}.files").find({"uploadDate": {"$lt": before}}, {"metadata": 1})
    dropped = 0
    async for row in found:
        named = {"_id": row["metadata"]["application"], "papers.file": str(row["_id"])}
        if await db.collection(APPLICATIONS).find_one(named, {"_id": 1}) is None:
            await drop_file(db, str(row["_id"]))
            dropped += 1
    return dropped
