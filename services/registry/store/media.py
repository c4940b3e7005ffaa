"""Pictures in GridFS: a file for every size and kind, one row that says who may see them."""

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorGridFSBucket

from shared.errors import NotFound
from shared.mongo import Database, Document, Tx

MEDIA = "media"
BUCKET = "pictures"


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


def _bucket(db: Database) -> AsyncIOMotorGridFSBucket:
    return AsyncIOMotorGridFSBucket(db.handle, bucket_name=BUCKET)


async def keep_files(db: Database, files: dict[str, bytes]) -> dict[str, str]:
    """Store the files ahead of the transaction that names them; GridFS takes part in none."""
    bucket = _bucket(db)
    return {name: str(await bucket.upload_from_stream(name, data)) for name, data in files.items()}


async def drop_files(db: Database, files: dict[str, str]) -> None:
    """Remove files that no row came to name."""
    bucket = _bucket(db)
    for file in files.values():
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


async def of_facility(db: Database, facility_id: str, limit: int = 60) -> list[Picture]:
    """A facility's pictures, newest first."""
    cursor = db.collection(MEDIA).find({"facility_id": facility_id}).sort("at", -1).limit(limit)
    return [_picture(row) async for row in cursor]


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


async def show_only(tx: Tx, pictures: tuple[str, ...], facility_id: str) -> None:
    """Of this owner's pictures exactly these are public."""
    rows = tx.collection(MEDIA)
    owned = {"facility_id": facility_id}
    await rows.update_many(
        {**owned, "_id": {"$nin": list(pictures)}, "public": True}, {"$set": {"public": False}}
    )
    await rows.update_many({**owned, "_id": {"$in": list(pictures)}}, {"$set": {"public": True}})


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
