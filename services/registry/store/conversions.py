"""Recordings that wait for their conversion: a row for each, one at a time in all processes."""

from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from bson import ObjectId
from gridfs import AsyncGridFSBucket
from pydantic import TypeAdapter
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.registry.domain.conversion import Conversion, ConversionState
from services.registry.store import media
from shared.errors import NotFound, Refusal
from shared.mongo import Database, Document, Tx, Unasked

CONVERSIONS = "conversions"
TURN: Final = Unasked("conversion_turn")
LEASE: Final = timedelta(seconds=60)
_reader = TypeAdapter(Conversion)


async def prepare(db: Database) -> None:
    await db.collection(CONVERSIONS).create_index([("facility_id", 1), ("at", -1)])
    await db.collection(CONVERSIONS).create_index([("state", 1), ("leased_until", 1)])


async def insert(tx: Tx, one: Conversion) -> None:
    row: Document = asdict(one)
    row["_id"], row["state"] = row.pop("id"), one.state.value
    await tx.collection(CONVERSIONS).insert_one({**row, "leased_until": one.at})


async def find(source: Database | Tx, conversion_id: str) -> Conversion | None:
    row = await source.collection(CONVERSIONS).find_one({"_id": conversion_id})
    return _from(row) if row is not None else None


async def get(source: Database | Tx, conversion_id: str) -> Conversion:
    """Raises NotFound."""
    found = await find(source, conversion_id)
    if found is None:
        raise NotFound()
    return found


async def of_facility(db: Database, facility_id: str) -> list[Conversion]:
    """Those that wait, are worked on or failed; newest first."""
    rows = db.collection(CONVERSIONS).find({"facility_id": facility_id})
    return [_from(row) async for row in rows.sort("at", -1).limit(50)]


async def count_open(tx: Tx, facility_id: str) -> int:
    wanted = {"facility_id": facility_id, "state": {"$ne": ConversionState.FAILED.value}}
    return await tx.collection(CONVERSIONS).count_documents(wanted)


async def claim(db: Database, by: str, now: datetime) -> Conversion | None:
    """The oldest that waits, or that a process left which died; None while another is at work."""
    free: Document = {"_id": TURN, "$or": [{"leased_until": {"$lte": now}}, {"by": by}]}
    mine = {"$set": {"by": by, "leased_until": now + LEASE}}
    try:
        await db.collection(TURN).update_one(free, mine, upsert=True)
    except DuplicateKeyError:
        return None
    row = await db.collection(CONVERSIONS).find_one_and_update(
        {"state": {"$ne": ConversionState.FAILED.value}, "leased_until": {"$lte": now}},
        {
            "$set": {
                "state": ConversionState.WORKING.value,
                "leased_until": now + LEASE,
                "percent": 0,
            },
            "$inc": {"attempts": 1},
        },
        sort=[("_id", 1)],
        return_document=ReturnDocument.AFTER,
    )
    if row is None:
        await db.collection(TURN).delete_one({"_id": TURN, "by": by})
    return _from(row) if row is not None else None


async def beat(db: Database, one: Conversion, by: str, percent: int, now: datetime) -> bool:
    """Note the progress and keep the turn; False where the conversion was taken back."""
    until = {"leased_until": now + LEASE}
    await db.collection(TURN).update_one({"_id": TURN, "by": by}, {"$set": until})
    found = await db.collection(CONVERSIONS).update_one(
        {"_id": one.id, "attempts": one.attempts}, {"$set": {"percent": percent, **until}}
    )
    return bool(found.matched_count)


async def release(db: Database, by: str) -> None:
    await db.collection(TURN).delete_one({"_id": TURN, "by": by})


async def fail(db: Database, one: Conversion, refusal: Refusal) -> None:
    """What was wrong, for its sender; the original is of no more use."""
    failure = {"code": refusal.code, "msgid": refusal.message, "params": refusal.params}
    changes = {"state": ConversionState.FAILED.value, "failure": failure, "original": ""}
    rows = db.collection(CONVERSIONS)
    await rows.update_one({"_id": one.id, "attempts": one.attempts}, {"$set": changes})
    await drop_original(db, one)


async def remove(tx: Tx, one: Conversion) -> bool:
    """Whether it was there, as it was read."""
    found = {"_id": one.id, "attempts": one.attempts}
    return bool((await tx.collection(CONVERSIONS).delete_one(found)).deleted_count)


async def remove_all(tx: Tx, owner: str) -> list[str]:
    """All of this owner's; the files that nobody names any more."""
    rows = tx.collection(CONVERSIONS)
    fields = {"original": 1, "captions": 1}
    found = [row async for row in rows.find({"facility_id": owner}, fields)]
    await rows.delete_many({"facility_id": owner})
    return [row[name] for row in found for name in fields if row.get(name)]


async def fetch_original(db: Database, one: Conversion, to: Path) -> None:
    stream = await _bucket(db).open_download_stream(ObjectId(one.original))
    with to.open("wb") as out:
        while piece := await stream.readchunk():
            out.write(piece)


async def drop_original(db: Database, one: Conversion) -> None:
    await media.drop_files(db, {"original": one.original})


def _bucket(db: Database) -> AsyncGridFSBucket:
    return AsyncGridFSBucket(db.handle, bucket_name=media.BUCKET)


def _from(row: Document) -> Conversion:
    known: dict[str, Any] = {name: row[name] for name in Conversion.__slots__ if name in row}
    return _reader.validate_python({**known, "id": row["_id"]})
