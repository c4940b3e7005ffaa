"""Video, sound and documents of products: a row for each, its bytes in GridFS."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import asdict

from bson import ObjectId
from gridfs import AsyncGridFSBucket

from services.registry.domain.recording import Recording
from services.registry.domain.records import Aggregate
from services.registry.store import media
from services.registry.store.articles import ARTICLES
from services.registry.store.codec import COLLECTIONS
from services.registry.store.lists import in_scope
from shared.auth import Principal
from shared.errors import NotFound
from shared.mongo import Database, Tx
from shared.mongo import Document as Row

RECORDINGS = "recordings"
SLICE = 256 * 1024
# Facilities of an area that are looked through for recordings.
MOST_FACILITIES = 5_000

keep_files = media.keep_files
keep_pieces = media.keep_pieces
drop_files = media.drop_files


async def prepare(db: Database) -> None:
    await db.collection(RECORDINGS).create_index([("facility_id", 1), ("at", -1)])
    products = db.collection(COLLECTIONS[Aggregate.PRODUCT])
    for field in ("draft.recordings", "published.recordings"):
        await products.create_index(field, sparse=True)
    await db.collection(RECORDINGS).create_index([("at", -1)])


async def insert(tx: Tx, recording: Recording) -> None:
    row = asdict(recording)
    row["_id"] = row.pop("id")
    await tx.collection(RECORDINGS).insert_one(row)


async def remove(tx: Tx, recording_id: str) -> None:
    await tx.collection(RECORDINGS).delete_one({"_id": recording_id})


async def remove_all(tx: Tx, owner: str) -> list[str]:
    """All of this owner's; the files that nobody names any more."""
    rows = tx.collection(RECORDINGS)
    found = [row async for row in rows.find({"facility_id": owner}, {"file": 1, "captions": 1})]
    await rows.delete_many({"facility_id": owner})
    return [row[name] for row in found for name in ("file", "captions") if row.get(name)]


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


async def shown_by_others(tx: Tx, facility_id: str, but: str) -> set[str]:
    """Those that published products of the facility and published articles show, the record or
    article `but` left out of account."""
    found: set[str] = set()
    others = {"_id": {"$ne": but}, "published.recordings": {"$gt": ""}}
    products = tx.collection(COLLECTIONS[Aggregate.PRODUCT])
    of_facility = {"owner.facility_id": facility_id, **others}
    async for row in products.find(of_facility, {"published.recordings": 1}):
        found.update(row["published"]["recordings"])
    async for row in tx.collection(ARTICLES).find(others, {"published.recordings": 1}):
        found.update(row["published"]["recordings"])
    return found


async def show_only(tx: Tx, ids: Collection[str], facility_id: str) -> None:
    """Of this facility's recordings exactly these are public."""
    rows = tx.collection(RECORDINGS)
    hidden = {"facility_id": facility_id, "_id": {"$nin": list(ids)}, "public": True}
    await rows.update_many(hidden, {"$set": {"public": False}})
    mine = {"facility_id": facility_id, "_id": {"$in": list(ids)}}
    await rows.update_many(mine, {"$set": {"public": True}})


async def posters(tx: Tx, facility_id: str, *, public: bool) -> list[str]:
    """The posters of a facility's recordings that are public, or are not."""
    wanted = {"facility_id": facility_id, "public": public, "poster": {"$gt": ""}}
    return [row["poster"] async for row in tx.collection(RECORDINGS).find(wanted, {"poster": 1})]


async def newest_in(
    db: Database, who: Principal, chosen: Sequence[str], limit: int, *, own: str = ""
) -> list[tuple[Recording, str]]:
    """The newest in the asker's area, and first of all those that are chosen and the `own` ones of
    an article; each with the name of its facility, "" for an article's own."""
    facilities = db.collection(COLLECTIONS[Aggregate.FACILITY])
    area = in_scope(who)
    rows = db.collection(RECORDINGS)
    wanted: Row = {"_id": {"$nin": list(chosen)}}
    if area:
        mine = facilities.find(area, {"_id": 1}).limit(MOST_FACILITIES)
        wanted["facility_id"] = {"$in": [row["_id"] async for row in mine]}
    else:
        # What belongs to an article belongs to no other.
        wanted["facility_id"] = {"$not": {"$regex": "^article:"}}
    mine_first = [one for one in await of_facility(db, own) if one.id not in chosen] if own else []
    newest = [_recording(row) async for row in rows.find(wanted).sort("at", -1).limit(limit)]
    found = [*await in_order(db, tuple(chosen)), *mine_first, *newest]
    ids = sorted({one.facility_id for one in found})
    named = facilities.find({"_id": {"$in": ids}}, {"owner.name": 1})
    names = {row["_id"]: row["owner"]["name"] async for row in named}
    return [(one, names.get(one.facility_id, "")) for one in found]


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
