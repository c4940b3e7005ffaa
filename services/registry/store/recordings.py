"""Video, sound and documents of products: a row for each, its bytes in GridFS."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict

from bson import ObjectId
from gridfs import AsyncGridFSBucket

from services.registry.domain.recording import Recording
from services.registry.domain.records import Aggregate
from services.registry.store import media
from services.registry.store.codec import COLLECTIONS
from shared.errors import NotFound
from shared.mongo import Database, Tx
from shared.mongo import Document as Row

RECORDINGS = "recordings"
SLICE = 256 * 1024

keep_files = media.keep_files
keep_pieces = media.keep_pieces
drop_files = media.drop_files


async def prepare(db: Database) -> None:
    await db.collection(RECORDINGS).create_index([("facility_id", 1), ("at", -1)])
    products = db.collection(COLLECTIONS[Aggregate.PRODUCT])
    for field in ("draft.recordings", "published.recordings"):
        await products.create_index(field, sparse=True)


async def insert(tx: Tx, recording: Recording) -> None:
    row = asdict(recording)
    row["_id"] = row.pop("id")
    await tx.collection(RECORDINGS).insert_one(row)


async def remove(tx: Tx, recording_id: str) -> None:
    await tx.collection(RECORDINGS).delete_one({"_id": recording_id})


async def get(source: Database | Tx, recording_id: str) -> Recording:
    """The recording; raises NotFound."""
    row = await source.collection(RECORDINGS).find_one({"_id": recording_id})
    if row is None:
        raise NotFound()
    return _recording(row)


async def of_facility(db: Database, facility_id: str) -> list[Recording]:
    """Newest first."""
    cursor = db.collection(RECORDINGS).find({"facility_id": facility_id}).sort("at", -1).limit(500)
    return [_recording(row) async for row in cursor]


async def to_choose_from(db: Database, facility_id: str, chosen: Sequence[str]) -> list[Recording]:
    """A facility's, those that are chosen first and in their order."""
    found = await of_facility(db, facility_id)
    place = {one: at for at, one in enumerate(chosen)}
    return sorted(found, key=lambda one: place.get(one.id, len(place)))


async def count(tx: Tx, facility_id: str) -> int:
    return await tx.collection(RECORDINGS).count_documents({"facility_id": facility_id})


async def in_order(source: Database | Tx, ids: tuple[str, ...]) -> list[Recording]:
    """Those that exist, in the order of their ids as given."""
    cursor = source.collection(RECORDINGS).find({"_id": {"$in": list(ids)}})
    found = {row["_id"]: _recording(row) async for row in cursor}
    return [found[one] for one in ids if one in found]


async def all_belong(tx: Tx, ids: tuple[str, ...], facility_id: str) -> bool:
    found = await tx.collection(RECORDINGS).count_documents(
        {"_id": {"$in": list(ids)}, "facility_id": facility_id}
    )
    return found == len(set(ids))


async def show_what_products_show(tx: Tx, product_id: str, ids: tuple[str, ...], of: str) -> None:
    """Public are exactly those of a facility that a published product shows: this one by `ids`."""
    others = tx.collection(COLLECTIONS[Aggregate.PRODUCT]).find(
        {"owner.facility_id": of, "_id": {"$ne": product_id}, "published.recordings": {"$gt": ""}},
        {"published.recordings": 1},
    )
    shown = set(ids)
    async for row in others:
        shown.update(row["published"]["recordings"])
    rows = tx.collection(RECORDINGS)
    hidden = {"facility_id": of, "_id": {"$nin": list(shown)}, "public": True}
    await rows.update_many(hidden, {"$set": {"public": False}})
    if shown:
        await rows.update_many(
            {"facility_id": of, "_id": {"$in": list(shown)}}, {"$set": {"public": True}}
        )


async def hidden_posters(tx: Tx, facility_id: str) -> list[str]:
    """The posters of a facility's recordings that are not public."""
    wanted = {"facility_id": facility_id, "public": False, "poster": {"$gt": ""}}
    return [row["poster"] async for row in tx.collection(RECORDINGS).find(wanted, {"poster": 1})]


async def user_of(tx: Tx, recording_id: str) -> str:
    """The code of a product whose draft or published content names it, "" if none does."""
    named = [{f"{where}.recordings": recording_id} for where in ("draft", "published")]
    row = await tx.collection(COLLECTIONS[Aggregate.PRODUCT]).find_one({"$or": named}, {"code": 1})
    return row["code"] if row is not None else ""


async def slices(db: Database, file: str, first: int, length: int) -> AsyncIterator[bytes]:
    """`length` bytes of a kept file from `first` on, a slice at a time."""
    bucket = AsyncGridFSBucket(db.handle, bucket_name=media.BUCKET)
    stream = await bucket.open_download_stream(ObjectId(file))
    await stream.seek(first)
    left = length
    while left > 0:
        piece: bytes = await stream.read(min(SLICE, left))
        if not piece:
            break
        left -= len(piece)
        yield piece


def _recording(row: Row) -> Recording:
    return Recording(id=row["_id"], **{key: row[key] for key in row if key != "_id"})
