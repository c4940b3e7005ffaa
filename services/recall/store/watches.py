"""Acts whose receipts are late, until every replica has said that it shows them.

An act that every replica confirms in time never gets here: its entry's mark is taken away, with
those of others at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING

from services.recall.domain.alarm import Watch
from services.recall.store.entries import ENTRIES, UNWATCHED
from services.recall.store.newest import Reader
from shared.errors import EditConflict
from shared.indexes import retire
from shared.mongo import Database, Document, Tx, Unasked

WATCHES: Final = Unasked("receipt_watches")
KEPT_DAYS: Final = 400
_SHOWN: Final = ("case", "case_version", "act", "at")


async def prepare(db: Database) -> None:
    rows = db.collection(WATCHES)
    await retire(rows, "open")
    await rows.create_index(
        [("open", ASCENDING), ("_id", ASCENDING)],
        name="by_turns",
        partialFilterExpression={"open": True},
    )
    await rows.create_index([("case_id", ASCENDING)])
    await rows.create_index("complete_at", expireAfterSeconds=KEPT_DAYS * 86_400)


async def unwatched(db: Database, limit: int) -> list[str]:
    """Ids of the entries of acts that nobody has found confirmed, or late, so far."""
    rows = db.collection(ENTRIES).find({UNWATCHED: True}, {"_id": 1}).limit(limit)
    return [row["_id"] async for row in rows]


async def of_entries(db: Database, seen: Mapping[str, datetime]) -> list[tuple[str, Watch]]:
    """These entries' acts as watches that nobody keeps yet; `seen` since when each is waited for,
    by the entry's id."""
    wanted = {"_id": {"$in": list(seen)}, UNWATCHED: True}
    rows = db.collection(ENTRIES).find(wanted, dict.fromkeys(_SHOWN, 1))
    return [
        (
            row["_id"],
            Watch(
                case_id=row["case"],
                case_version=row["case_version"],
                act="ordered" if row["act"] == "confirmed" else row["act"],
                since=row["at"],
                seen_at=seen[row["_id"]],
                version=0,
            ),
        )
        async for row in rows
    ]


async def confirmed(db: Database, entry_ids: Sequence[str]) -> None:
    """Nothing is waited for any more, and nothing was late."""
    if entry_ids:
        ids = {"_id": {"$in": list(entry_ids)}, UNWATCHED: True}
        await db.collection(ENTRIES).update_many(ids, {"$unset": {UNWATCHED: ""}})


async def begin(tx: Tx, entry_id: str, watch: Watch) -> None:
    """Keep a watch with the mark of its act, so none is lost with a process. Raises EditConflict
    where another process was first."""
    taken = await tx.collection(ENTRIES).update_one(
        {"_id": entry_id, UNWATCHED: True}, {"$unset": {UNWATCHED: ""}}
    )
    if not taken.matched_count:
        raise EditConflict()
    await tx.collection(WATCHES).insert_one(_document(watch))


async def open_ones(db: Database, limit: int, *, after: str = "") -> list[Watch]:
    """By id, from the one after this on."""
    wanted = {"open": True, "_id": {"$gt": after}}
    rows = db.collection(WATCHES).find(wanted).sort("_id", ASCENDING).limit(limit)
    return [_watch(row) async for row in rows.hint("by_turns")]


async def count_open(db: Database) -> int:
    return await db.collection(WATCHES).count_documents({"open": True})


async def of_case(reader: Reader, case_id: str) -> list[Watch]:
    """By version of the case."""
    rows = reader.collection(WATCHES).find({"case_id": case_id}).sort("case_version", ASCENDING)
    return [_watch(row) async for row in rows]


async def put(tx: Tx, watch: Watch) -> None:
    """Raises EditConflict where another process was first."""
    before = {"_id": watch.id, "version": watch.version - 1}
    result = await tx.collection(WATCHES).replace_one(before, _document(watch))
    if not result.matched_count:
        raise EditConflict()


def _document(watch: Watch) -> Document:
    body: dict[str, Any] = asdict(watch)
    return {"_id": watch.id, **body, "open": watch.complete_at is None}


def _watch(row: Document) -> Watch:
    told: dict[str, Any] = {k: v for k, v in row.items() if k not in ("_id", "open")}
    return Watch(**{**told, "raised": tuple(told["raised"])})
