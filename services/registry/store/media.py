"""Pictures in GridFS: a file for every size and kind, one row that says who may see them."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final

from bson import ObjectId
from gridfs import AsyncGridFSBucket

from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database, Document, Tx

MEDIA = "media"
BUCKET = "pictures"
# Of GridFS, as drivers have it; and how many chunks are sent at once.
CHUNK: Final = 255 * 1024
AT_ONCE: Final = 8
LOCKS = "locks"
# By somebody who chose it for a product or an article; photos of diaries are kept without a name.
_UPLOADED: Document = {"by": {"$ne": ""}}


@dataclass(frozen=True, slots=True)
class Picture:
    """`public` once a published product shows it; until then only its facility and officials.

    `facility_id` is its owner: a facility, or an article as `article:<id>`.
    """

    id: str
    facility_id: str
    public: bool
    width: int
    height: int
    digest: str
    files: dict[str, str]


async def prepare(db: Database) -> None:
    await db.collection(MEDIA).create_index([("facility_id", 1), ("at", -1)])
    # As drivers make them at their first upload.
    await db.collection(f"{BUCKET}.chunks").create_index([("files_id", 1), ("n", 1)], unique=True)
    await db.collection(f"{BUCKET}.files").create_index([("filename", 1), ("uploadDate", 1)])


def _bucket(db: Database) -> AsyncGridFSBucket:
    return AsyncGridFSBucket(db.handle, bucket_name=BUCKET)


async def keep_files(db: Database, files: dict[str, bytes]) -> dict[str, str]:
    """Store the files ahead of the transaction that names them; GridFS takes part in none."""
    bucket = _bucket(db)
    return {name: str(await bucket.upload_from_stream(name, data)) for name, data in files.items()}


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A stored file, with the SHA-256 of its bytes in hexadecimal and their number."""

    file: str
    digest: str
    size: int


async def keep_pieces(db: Database, name: str, pieces: Iterable[bytes]) -> KeptFile:
    """Store a file a piece at a time; one that cannot be read to its end leaves nothing behind.

    The chunks are written here, in the form of GridFS: the driver would hold up to 32 MB of a file
    and as much again as it sends them.
    """
    file = ObjectId()
    seen, size, number = sha256(), 0, 0
    chunks = db.collection(f"{BUCKET}.chunks")
    try:
        for rows in _batched(_of_size(pieces)):
            await chunks.insert_many(
                [{"files_id": file, "n": number + n, "data": data} for n, data in enumerate(rows)]
            )
            number += len(rows)
            for data in rows:
                seen.update(data)
                size += len(data)
        told = {"filename": name, "length": size, "chunkSize": CHUNK, "uploadDate": now()}
        await db.collection(f"{BUCKET}.files").insert_one({"_id": file, **told})
    except BaseException:
        await asyncio.shield(asyncio.ensure_future(chunks.delete_many({"files_id": file})))
        raise
    return KeptFile(str(file), seen.hexdigest(), size)


def _of_size(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks of one size; only the last may be shorter."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= CHUNK:
            yield bytes(held[:CHUNK])
            del held[:CHUNK]
    if held:
        yield bytes(held)


def _batched(chunks: Iterator[bytes]) -> Iterator[list[bytes]]:
    while rows := list(islice(chunks, AT_ONCE)):
        yield rows


async def drop_files(db: Database, files: dict[str, str]) -> None:
    """Remove files that no row came to name; "" is none."""
    bucket = _bucket(db)
    for file in filter(None, files.values()):
        await bucket.delete(ObjectId(file))


async def read_file(db: Database, file: str) -> bytes:
    stream = await _bucket(db).open_download_stream(ObjectId(file))
    data: bytes = await stream.read()
    return data


async def insert(tx: Tx, picture: Picture, *, by: str, now: datetime) -> None:
    await tx.collection(MEDIA).insert_one(
        {
            "_id": picture.id,
            "facility_id": picture.facility_id,
            "public": picture.public,
            "width": picture.width,
            "height": picture.height,
            "digest": picture.digest,
            "files": picture.files,
            "by": by,
            "at": now,
        }
    )


async def is_kept(source: Database | Tx, picture_id: str) -> bool:
    return await source.collection(MEDIA).find_one({"_id": picture_id}, {"_id": 1}) is not None


async def get(source: Database | Tx, picture_id: str) -> Picture:
    """The picture; raises NotFound."""
    row = await source.collection(MEDIA).find_one({"_id": picture_id})
    if row is None:
        raise NotFound()
    return _picture(row)


async def to_choose_from(
    db: Database, facility_id: str, chosen: Sequence[str], limit: int = 60
) -> list[Picture]:
    """What a product of this facility may show: first what is chosen, in its order, then the
    newest that were uploaded for products. Photos of diaries and labels are none of them."""
    rows = db.collection(MEDIA)
    own = {"facility_id": facility_id}
    cursor = rows.find({**own, "_id": {"$in": list(chosen)}})
    kept = {row["_id"]: _picture(row) async for row in cursor}
    others = rows.find({**own, **_UPLOADED, "_id": {"$nin": list(chosen)}})
    newest = [_picture(row) async for row in others.sort("at", -1).limit(limit)]
    return [*(kept[one] for one in chosen if one in kept), *newest]


async def all_belong(tx: Tx, pictures: tuple[str, ...], facility_id: str) -> bool:
    """Whether every picture exists and is this facility's own."""
    found = await tx.collection(MEDIA).count_documents(
        {"_id": {"$in": list(pictures)}, "facility_id": facility_id}
    )
    return found == len(set(pictures))


async def make_public(tx: Tx, pictures: tuple[str, ...]) -> None:
    if not pictures:
        return
    await tx.collection(MEDIA).update_many(
        {"_id": {"$in": list(pictures)}}, {"$set": {"public": True}}
    )


async def public_uploads(tx: Tx, facility_id: str) -> list[str]:
    """What was chosen for products and is public."""
    wanted = {"facility_id": facility_id, **_UPLOADED, "public": True}
    return [row["_id"] async for row in tx.collection(MEDIA).find(wanted, {"_id": 1})]


async def show_only(tx: Tx, pictures: tuple[str, ...], facility_id: str) -> None:
    """Of this owner's pictures exactly these are public."""
    rows = tx.collection(MEDIA)
    owned = {"facility_id": facility_id}
    await rows.update_many(
        {**owned, "_id": {"$nin": list(pictures)}, "public": True}, {"$set": {"public": False}}
    )
    await rows.update_many({**owned, "_id": {"$in": list(pictures)}}, {"$set": {"public": True}})


async def remove_all(tx: Tx, owner: str) -> list[str]:
    """All pictures of this owner; the files that nobody names any more."""
    rows = tx.collection(MEDIA)
    found = [row async for row in rows.find({"facility_id": owner}, {"files": 1})]
    await rows.delete_many({"facility_id": owner})
    return [file for row in found for file in row["files"].values()]


async def count_of(db: Database, facility_id: str) -> int:
    return await db.collection(MEDIA).count_documents({"facility_id": facility_id})


def _picture(row: Document) -> Picture:
    return Picture(
        id=row["_id"],
        facility_id=row["facility_id"],
        public=row["public"],
        width=row["width"],
        height=row["height"],
        digest=row["digest"],
        files=row["files"],
    )
