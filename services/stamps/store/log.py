"""The transparency log as stored: entries, what waits to become one, and the signed head.

An entry is never changed. It holds the leaf's line as it was hashed, and beside it the same as a
document to search in (`fact`), the opened words, and the tree's hashes that are kept with it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING

from services.stamps.log.checkpoints import Checkpoint
from services.stamps.log.leaves import OWN, Leaf, Opened
from services.stamps.log.tree import EMPTY_ROOT, Hashes, Place
from shared.contracts.event import Event, from_envelope
from shared.errors import EditConflict
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, Unasked

ENTRIES: Final = Unasked("log_entries")
QUEUE: Final = Unasked("log_queue")
HEADS: Final = Unasked("log_head")
_HEAD = "head"
_TYPES = [event.type for event in OWN]
# Of one stamp no more than these are told at once, the newest.
MOST_OF_A_STAMP = 300


async def prepare(db: Database) -> None:
    """The indexes; the unique one is the last judge that nothing is told twice. And an empty head,
    so that there is one document that all who append write to."""
    entries = db.collection(ENTRIES)
    await entries.create_index("key", name="told_once", unique=True)
    await entries.create_index([("fact.batch", ASCENDING), ("_id", ASCENDING)], sparse=True)
    for named in ("lots", "products", "facilities", "batches", "stamps.batch"):
        await entries.create_index(f"fact.{named}", sparse=True)
    await entries.create_index("fact.target", sparse=True)
    await db.collection(QUEUE).create_index("order")
    empty = {"origin": "", "size": 0, "root": EMPTY_ROOT, "at": 0, "note": "", "taken": 0}
    await db.collection(HEADS).update_one({"_id": _HEAD}, {"$setOnInsert": empty}, upsert=True)


async def add(tx: Tx, leaf: Leaf) -> None:
    """Let a leaf wait for its place. What waits already is not changed."""
    row = {"order": new_id(), "fact": dict(leaf.fact), "opened": _opened_row(leaf.opened)}
    await tx.collection(QUEUE).update_one({"_id": leaf.key}, {"$setOnInsert": row}, upsert=True)


@dataclass(frozen=True, slots=True)
class Head:
    """The newest checkpoint, and up to which number of the own feed all is in the log.

    Before the first checkpoint its note is empty.
    """

    checkpoint: Checkpoint
    taken: int


async def head(where: Tx | Database) -> Head:
    found = await where.collection(HEADS).find_one({"_id": _HEAD})
    assert found is not None, "prepare makes it"
    checkpoint = Checkpoint(
        origin=found["origin"],
        size=found["size"],
        root=bytes(found["root"]),
        at=found["at"],
        note=found["note"],
    )
    return Head(checkpoint, found["taken"])


async def move_head(tx: Tx, before: Head, after: Head) -> None:
    """Raises EditConflict if the head is no longer as it was read."""
    known = {"_id": _HEAD, "size": before.checkpoint.size, "taken": before.taken}
    newest = after.checkpoint
    changes = {
        "origin": newest.origin,
        "size": newest.size,
        "root": newest.root,
        "at": newest.at,
        "note": newest.note,
        "taken": after.taken,
    }
    answer = await tx.collection(HEADS).update_one(known, {"$set": changes})
    if answer.matched_count != 1:
        raise EditConflict()


async def numbered(where: Tx | Database) -> int:
    """Up to which number the service's own events are numbered."""
    counter = await where.collection(outbox.COUNTER).find_one({"_id": outbox.HEAD})
    return int(counter["n"]) if counter else 0


async def own_events(tx: Tx, after: int, upto: int) -> list[Event]:
    """Those of the service's own events in (after, upto] that the log tells, in order."""
    wanted = {"number": {"$gt": after, "$lte": upto}, "body.type": {"$in": _TYPES}}
    rows = tx.collection(outbox.ROWS).find(wanted, {"body": 1}).sort("number", ASCENDING)
    events = [from_envelope(row["body"]) async for row in rows]
    return [event for event in events if event is not None]


async def is_waiting(db: Database) -> bool:
    return await db.collection(QUEUE).find_one({}, {"_id": 1}) is not None


async def take_queued(tx: Tx, limit: int) -> list[Leaf]:
    """The leaves that have waited longest; they wait no more."""
    queue = tx.collection(QUEUE)
    rows = [row async for row in queue.find({}).sort("order", ASCENDING).limit(limit)]
    if rows:
        await queue.delete_many({"_id": {"$in": [row["_id"] for row in rows]}})
    return [Leaf(row["_id"], row["fact"], _opened(row["opened"])) for row in rows]


async def told(tx: Tx, keys: Sequence[str]) -> set[str]:
    """Those of these that are in the log already."""
    rows = tx.collection(ENTRIES).find({"key": {"$in": list(keys)}}, {"key": 1})
    return {row["key"] async for row in rows}


async def append(
    tx: Tx, size: int, leaves: Sequence[Leaf], kept: Sequence[Sequence[bytes]], at: datetime
) -> None:
    """Entries number `size` and on."""
    rows = [
        {
            "_id": number,
            "key": leaf.key,
            "line": leaf.line,
            "fact": dict(leaf.fact),
            "opened": _opened_row(leaf.opened),
            "hashes": list(hashes),
            "at": at,
        }
        for number, (leaf, hashes) in enumerate(zip(leaves, kept, strict=True), start=size)
    ]
    await tx.collection(ENTRIES).insert_many(rows)


async def hashes(where: Tx | Database, places: Iterable[Place]) -> Hashes:
    """The hashes of perfect subtrees, by one read of as many entries at most.

    Of an entry that is missing there is none, and whoever needs it gets a KeyError.
    """
    wanted = set(places)
    if not wanted:
        return {}
    numbers = [place.last_leaf for place in wanted]
    rows = where.collection(ENTRIES).find({"_id": {"$in": numbers}}, {"hashes": 1})
    kept = {row["_id"]: row["hashes"] async for row in rows}
    return {
        place: bytes(kept[place.last_leaf][place.level])
        for place in wanted
        if len(kept.get(place.last_leaf, ())) > place.level
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """`line` is what was hashed; `at` when it came into the log; `opened` the words it vouches for,
    None where there are none or they were erased."""

    number: int
    line: str
    fact: dict[str, Any]
    opened: Opened | None
    at: datetime


async def entries(db: Database, start: int, end: int) -> list[Entry]:
    """Entries start … end-1, in order."""
    wanted = {"_id": {"$gte": start, "$lt": end}}
    rows = db.collection(ENTRIES).find(wanted, {"hashes": 0}).sort("_id", ASCENDING)
    return [_entry(row) async for row in rows]


async def batch_entry(db: Database, batch: int, size: int) -> Entry | None:
    """The issue of a batch, if it is among the first `size` entries."""
    row = await db.collection(ENTRIES).find_one({"key": f"batch/{batch}"}, {"hashes": 0})
    return _entry(row) if row is not None and row["_id"] < size else None


async def changes_touching(db: Database, batch: int, serial: int, size: int) -> list[Entry]:
    """What was done to a serial, among the first `size` entries, newest first."""
    wanted = {
        "fact.batch": batch,
        "_id": {"$lt": size},
        "fact.first": {"$lte": serial},
        "fact.last": {"$gte": serial},
    }
    return await _newest(db, wanted)


async def notices_touching(
    db: Database, *, batch: int, serial: int, named: dict[str, list[str]], size: int
) -> list[Entry]:
    """Notices that name the batch, the serial or one of the `named` lots, products, facilities;
    and holds on the batch or on one of these facilities."""
    within = {"batch": batch, "first": {"$lte": serial}, "last": {"$gte": serial}}
    any_of: list[dict[str, Any]] = [
        {"fact.batches": batch},
        {"fact.stamps": {"$elemMatch": within}},
        *({f"fact.{kind}": {"$in": ids}} for kind, ids in named.items() if ids),
        {"fact.scope": "batch", "fact.target": str(batch)},
        {"fact.scope": "facility", "fact.target": {"$in": named["facilities"]}},
    ]
    return await _newest(db, {"_id": {"$lt": size}, "$or": any_of})


async def _newest(db: Database, wanted: dict[str, Any]) -> list[Entry]:
    rows = db.collection(ENTRIES).find(wanted, {"hashes": 0}).sort("_id", DESCENDING)
    return [_entry(row) async for row in rows.limit(MOST_OF_A_STAMP)]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(row["_id"], row["line"], row["fact"], _opened(row["opened"]), row["at"])


def _opened(row: dict[str, str] | None) -> Opened | None:
    return Opened(row["salt"], row["text"]) if row else None


def _opened_row(opened: Opened | None) -> dict[str, str] | None:
    return {"salt": opened.salt, "text": opened.text} if opened else None
