"""Scanned papers of accounts in GridFS, with a row that says whose each is."""

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from gridfs import AsyncGridFSBucket

from shared.errors import NotFound, OutOfReach
from shared.mongo import Database, Document, Tx

PAPERS = "papers"
BUCKET = "paper_files"


@dataclass(frozen=True, slots=True)
class Kept:
    """A paper as kept; `number` is that of the document it shows."""

    id: str
    account_id: str
    file: str
    media_type: str
    size: int
    number: str
    at: datetime


async def prepare(db: Database) -> None:
    await db.collection(PAPERS).create_index([("account_id", 1), ("at", -1)])


def _bucket(db: Database) -> AsyncGridFSBucket:
    return AsyncGridFSBucket(db.handle, bucket_name=BUCKET)


async def keep_file(db: Database, name: str, data: bytes) -> str:
    """Store a file ahead of the transaction that names it; GridFS takes part in none."""
    return str(await _bucket(db).upload_from_stream(name, data))


async def drop_file(db: Database, file: str) -> None:
    await _bucket(db).delete(ObjectId(file))


async def read_file(db: Database, kept: Kept) -> bytes:
    stream = await _bucket(db).open_download_stream(ObjectId(kept.file))
    data: bytes = await stream.read()
    return data


async def insert(tx: Tx, kept: Kept, by: str) -> None:
    row = {name: getattr(kept, name) for name in Kept.__slots__ if name != "id"}
    await tx.collection(PAPERS).insert_one({"_id": kept.id, "by": by, **row})


async def get(db: Database, paper_id: str, account_id: str) -> Kept:
    """The paper if it is this account's; raises NotFound, OutOfReach."""
    row = await db.collection(PAPERS).find_one({"_id": paper_id})
    if row is None:
        raise NotFound()
    if row["account_id"] != account_id:
        raise OutOfReach()
    return _kept(row)


async def of_account(source: Database | Tx, account_id: str) -> list[Kept]:
    """An account's papers, newest first."""
    cursor = source.collection(PAPERS).find({"account_id": account_id}).sort("at", -1)
    return [_kept(row) async for row in cursor]


async def forget(tx: Tx, account_id: str) -> None:
    await tx.collection(PAPERS).delete_many({"account_id": account_id})


def _kept(row: Document) -> Kept:
    return Kept(id=row["_id"], **{name: row[name] for name in Kept.__slots__ if name != "id"})
