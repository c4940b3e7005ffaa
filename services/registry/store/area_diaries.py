"""Diaries of growing areas, and every change of them."""

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from pymongo.errors import DuplicateKeyError

from services.registry.domain.area_diary import AreaDiary
from services.registry.domain.diary import Entry
from services.registry.domain.records import Author
from services.registry.store.codec import plain
from shared.errors import EditConflict
from shared.mongo import Database, Tx

DIARIES = "area_diaries"
CHANGES = "area_diary_changes"
_diary = TypeAdapter(AreaDiary)


async def prepare(db: Database) -> None:
    await db.collection(CHANGES).create_index([("area_id", 1), ("version", -1)], unique=True)


async def get(source: Database | Tx, area_id: str) -> AreaDiary:
    """The area's diary, an empty one where nothing was written yet."""
    row = await source.collection(DIARIES).find_one({"_id": area_id})
    if row is None:
        return AreaDiary(area_id)
    return _diary.validate_python(
        {"area_id": area_id, "version": row["version"], "entries": row["entries"]}
    )


async def put(
    tx: Tx, before: AreaDiary, after: AreaDiary, *, act: str, entry: Entry, by: Author, at: datetime
) -> None:
    """Replace the diary if it is still as it was read, and keep what changed."""
    body: dict[str, Any] = plain(after)
    row = {"_id": body.pop("area_id"), **body}
    rows = tx.collection(DIARIES)
    try:
        if before.version == 0:
            await rows.insert_one(row)
        else:
            wanted = {"_id": after.area_id, "version": before.version}
            if (await rows.replace_one(wanted, row)).matched_count != 1:
                raise EditConflict()
        await tx.collection(CHANGES).insert_one(
            {
                "_id": f"{after.area_id}/{after.version}",
                "area_id": after.area_id,
                "version": after.version,
                "act": act,
                "entry": plain(entry),
                "by": plain(by),
                "at": at,
            }
        )
    except DuplicateKeyError as error:
        raise EditConflict() from error


async def changes(db: Database, area_id: str, limit: int = 50) -> list[dict[str, Any]]:
    """What changed in a diary, newest first: version, act, entry, by, at."""
    cursor = db.collection(CHANGES).find({"area_id": area_id}).sort("version", -1).limit(limit)
    return [
        {**row, "entry": TypeAdapter(Entry).validate_python(row["entry"])} async for row in cursor
    ]
