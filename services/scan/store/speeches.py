"""What is spoken: a row for each thing that is spoken of, and the files by what they say.

A row's key is the read model's collection and the id in it. `due` while it is to be looked at,
`asked` how often that was asked for, `version` the newest that was heard of, `made` the file.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from pymongo import ReturnDocument, UpdateOne

from services.scan.domain.aggregates import LOTS, NOTICES, PRODUCTS
from shared.mongo import Database, Document, Tx, Unasked

# A list of work and what comes of it: looked at anew whenever an event comes, also once more.
ROWS: Final = Unasked("speeches")
FILES: Final = Unasked("speech_files")
GATE = "speech_gate"
SPOKEN_OF: Final = (PRODUCTS, LOTS, NOTICES)
# Somebody may still have the page open that names the file.
KEPT_UNUSED: Final = timedelta(days=7)
READ_MILLISECONDS: Final = 400
PAGE: Final = 1_000
_PATIENCE_SECONDS: Final = 300
_NOTICES_FIRST: Final = timedelta(days=365)


class Row(NamedTuple):
    """Something that is to be looked at."""

    collection: str
    id: str
    version: int
    asked: int
    tries: int
    made: str

    @property
    def key(self) -> str:
        return key_of(self.collection, self.id)


def key_of(collection: str, thing: str) -> str:
    return f"{collection}/{thing}"


async def prepare(db: Database) -> None:
    rows = db.collection(ROWS)
    await rows.create_index("after", partialFilterExpression={"due": True})
    await rows.create_index("revision")
    await rows.create_index("made")
    await rows.create_index("until", sparse=True)
    await db.collection(FILES).create_index(
        "unused_at", expireAfterSeconds=int(KEPT_UNUSED.total_seconds())
    )
    await db.collection(PRODUCTS).create_index("published.facility_id")


async def want(
    where: Tx | Database, collection: str, wanted: Iterable[tuple[str, int]], now: datetime
) -> None:
    """Have these looked at, by id and the version that was heard of; asking twice does no more.

    Notices go before all that waits, and nothing loses its place by being asked for again.
    """
    first = now - _NOTICES_FIRST if collection == NOTICES else now
    writes = [
        UpdateOne(
            {"_id": key_of(collection, thing)},
            {
                "$max": {"version": version},
                "$inc": {"asked": 1},
                "$min": {"after": first},
                "$set": {"due": True, "tries": 0},
            },
            upsert=True,
        )
        for thing, version in wanted
    ]
    if writes:
        await where.collection(ROWS).bulk_write(writes, ordered=False)


async def want_what_is_not_known(db: Database, now: datetime) -> int:
    """Have everything looked at that has no row: what was published before there were any."""
    found = 0
    for collection in SPOKEN_OF:
        lookup = {"from": ROWS, "localField": "key", "foreignField": "_id", "as": "row"}
        pipeline: list[Document] = [
            {"$match": {"published": {"$exists": True}}},
            {"$project": {"key": {"$concat": [collection, "/", "$_id"]}}},
            {"$lookup": lookup},
            {"$match": {"row": []}},
            {"$project": {"_id": 1}},
        ]
        missing: list[tuple[str, int]] = []
        async for one in await db.collection(collection).aggregate(pipeline):
            missing.append((one["_id"], 0))
            if len(missing) == PAGE:
                await want(db, collection, missing, now)
                found, missing = found + PAGE, []
        await want(db, collection, missing, now)
        found += len(missing)
    return found


async def want_what_is_over(db: Database, today: date, now: datetime) -> None:
    """Have those looked at again that nobody will listen to any more."""
    rows = db.collection(ROWS).find({"until": {"$lt": today.isoformat()}}, {"_id": 1})
    over = [row["_id"].partition("/") async for row in rows.limit(PAGE)]
    for collection in SPOKEN_OF:
        await want(db, collection, [(k[2], 0) for k in over if k[0] == collection], now)


async def next_due(db: Database, now: datetime) -> Row | None:
    """What has waited for longest."""
    row = await db.collection(ROWS).find_one(
        {"due": True, "after": {"$lte": now}}, sort=[("after", 1)]
    )
    if row is None:
        return None
    collection, _, thing = row["_id"].partition("/")
    rest = int(row["version"]), int(row["asked"]), int(row["tries"]), row.get("made", "")
    return Row(collection, thing, *rest)


async def put_off(db: Database, row: Row, now: datetime) -> None:
    """The read model is not so far yet: look again soon, then later and later."""
    wait = min(_PATIENCE_SECONDS, 2**row.tries)
    await db.collection(ROWS).update_one(
        {"_id": row.key, "asked": row.asked},
        {"$set": {"after": now + timedelta(seconds=wait)}, "$inc": {"tries": 1}},
    )


async def published(db: Database, collection: str, thing: str) -> Document | None:
    """The passport or notice as the read model has it now."""
    found = await db.collection(collection).find_one({"_id": thing}, {"published": 1})
    return found.get("published") if found else None


async def products_of(db: Database, facility_id: str) -> list[str]:
    found = db.collection(PRODUCTS).find({"published.facility_id": facility_id}, {"_id": 1})
    return [one["_id"] async for one in found]


async def is_there(db: Database, name: str) -> bool:
    return await db.collection(FILES).find_one({"_id": name}, {"_id": 1}) is not None


async def file(db: Database, name: str) -> bytes | None:
    found = await db.collection(FILES).find_one({"_id": name}, {"data": 1})
    return bytes(found["data"]) if found else None


async def settle(
    tx: Tx, row: Row, name: str, data: bytes | None, until: date | None, now: datetime
) -> bool:
    """Note under which name it is spoken of from now on, "" for none, and let go what was before.

    `data` is None where the file should be there already; False, and nothing done, if it is not.
    """
    rows, files = tx.collection(ROWS), tx.collection(FILES)
    if name:
        # Written even where nothing changes, so that it meets whoever lets the same file go.
        kept: dict[str, Any] = {"$set": {"used_at": now}, "$unset": {"unused_at": ""}}
        if data is not None:
            kept["$setOnInsert"] = {"data": data}
        done = await files.update_one({"_id": name}, kept, upsert=data is not None)
        if not done.matched_count and data is None:
            return False
    before = await rows.find_one({"_id": row.key}, {"made": 1, "asked": 1})
    if before is None:
        return True
    change: dict[str, Any] = {"made": name}
    dropped: dict[str, str] = {}
    if before.get("made", "") != name:
        change["revision"] = await _pass_gate(tx)
    if until is not None and name:
        change["until"] = until.isoformat()
    else:
        dropped["until"] = ""
    if before["asked"] == row.asked:
        dropped["due"] = ""
    written: dict[str, Any] = {"$set": change}
    await rows.update_one({"_id": row.key}, written | ({"$unset": dropped} if dropped else {}))
    old = before.get("made", "")
    if old and old != name and not await rows.count_documents({"made": old}, limit=1):
        await files.update_one({"_id": old}, {"$set": {"unused_at": now}})
    return True


async def forget(db: Database, row: Row) -> None:
    """It asked only for others to be looked at."""
    await db.collection(ROWS).delete_one({"_id": row.key, "asked": row.asked})


async def changed_after(db: Database, revision: int) -> list[tuple[int, str, str]]:
    """What changed after a revision, oldest first, at most a page: revision, key, file's name."""
    rows = db.collection(ROWS).find(
        {"revision": {"$gt": revision}},
        {"revision": 1, "made": 1},
        max_time_ms=READ_MILLISECONDS,
    )
    ordered = rows.sort("revision", 1).limit(PAGE)
    return [(int(row["revision"]), row["_id"], row["made"]) async for row in ordered]


async def _pass_gate(tx: Tx) -> int:
    """One after another, so that whoever has a higher number is seen later."""
    gate = await tx.collection(GATE).find_one_and_update(
        {"_id": "gate"},
        {"$inc": {"passed": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    assert gate is not None
    return int(gate["passed"])
