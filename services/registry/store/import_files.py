"""Uploaded lists in GridFS, kept as they came."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from bson import ObjectId
from gridfs import AsyncGridFSBucket

from shared.mongo import Database

BUCKET = "import_files"


def _bucket(db: Database) -> AsyncGridFSBucket:
    return AsyncGridFSBucket(db.handle, bucket_name=BUCKET)


async def keep_file(db: Database, name: str, file: BinaryIO) -> str:
    """Keep the upload as it came, before anything is done with it."""
    return str(await _bucket(db).upload_from_stream(name, file))


async def file_pieces(db: Database, file_id: str) -> AsyncIterator[bytes]:
    stream = await _bucket(db).open_download_stream(ObjectId(file_id))
    while piece := await stream.readchunk():
        yield piece


async def fetch_file(db: Database, file_id: str, to: Path) -> None:
    with to.open("wb") as out:
        async for piece in file_pieces(db, file_id):
            out.write(piece)
