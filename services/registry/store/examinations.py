"""Lots to be examined in MongoDB, and the results whose descendants are being told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import TypeAdapter
from pymongo import ReturnDocument

from services.registry.domain.examining import Examination
from services.registry.store.codec import plain
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

EXAMINATIONS: Final = "examinations"
SPREADS: Final = "spreads"
PAGE_SIZE: Final = 20
# A publication that had not ended when a result was told ends within this.
SETTLES: Final = timedelta(seconds=90)
AGAIN: Final = timedelta(seconds=5)
LEASE: Final = timedelta(seconds=20)
_adapter = TypeAdapter(Examination)


@dataclass(frozen=True, slots=True)
class Spread:
    """A result whose meaning for the descendants of its lot is being worked out."""

    result_id: str
    turn: int
    changed_at: datetime


async def prepare(db: Database) -> None:
    rows = db.collection(EXAMINATIONS)
    await rows.create_index("lot_id")
    await rows.create_index([("result_id", 1), ("lot_id", 1)])
    for field in ("owner.facility_id", "owner.commune"):
        await rows.create_index([(field, 1), ("standing", 1), ("opened_at", 1)])
    await rows.create_index([("standing", 1), ("opened_at", 1)])
    await db.collection(SPREADS).create_index([("settled", 1), ("look_at", 1)])


async def get(source: Database | Tx, examination_id: str) -> Examination:
    row = await source.collection(EXAMINATIONS).find_one({"_id": examination_id})
    if row is None:
        raise NotFound()
    return _examination(row)


async def insert(tx: Tx, one: Examination) -> None:
    await tx.collection(EXAMINATIONS).insert_one(_document(one))


async def put(tx: Tx, before: Examination, after: Examination) -> None:
    result = await tx.collection(EXAMINATIONS).replace_one(
        {"_id": after.id, "version": before.version}, _document(after)
    )
    if result.matched_count != 1:
        raise EditConflict()


async def of_lot(source: Database | Tx, lot_id: str) -> list[Examination]:
    rows = source.collection(EXAMINATIONS).find({"lot_id": lot_id}).sort([("opened_at", 1)])
    return [_examination(row) async for row in rows]


async def of_result(
    source: Database | Tx, result_id: str, lots: Sequence[str] | None = None
) -> dict[str, Examination]:
    """By lot; of all lots, or of these."""
    wanted: Document = {"result_id": result_id}
    if lots is not None:
        wanted["lot_id"] = {"$in": list(lots)}
    rows = source.collection(EXAMINATIONS).find(wanted)
    return {row["lot_id"]: _examination(row) async for row in rows}


async def holding_back(db: Database, lots: Sequence[str]) -> set[str]:
    """Which of these lots are held back by what they came from."""
    wanted = {
        "lot_id": {"$in": list(lots)},
        "$or": [{"standing": "confirmed"}, {"standing": "open", "holds": True}],
    }
    rows = db.collection(EXAMINATIONS).find(wanted, {"lot_id": 1})
    return {row["lot_id"] async for row in rows}


async def in_scope(
    db: Database, who: Principal, *, waiting: bool, page: int = 1
) -> list[Examination]:
    """Those that hold a lot back first, then the oldest."""
    cursor = db.collection(EXAMINATIONS).find(_wanted(who, waiting=waiting))
    cursor = cursor.sort([("holds", -1), ("opened_at", 1), ("_id", 1)])
    cursor = cursor.skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return [_examination(row) async for row in cursor]


async def count(db: Database, who: Principal, *, waiting: bool) -> int:
    return await db.collection(EXAMINATIONS).count_documents(_wanted(who, waiting=waiting))


def _wanted(who: Principal, *, waiting: bool) -> Document:
    scope = area_filter(
        who, facility="owner.facility_id", commune="owner.commune", sector="owner.sector"
    )
    return {"$and": [scope, {"standing": "open"} if waiting else {}]}


async def begin(tx: Tx, result_id: str, now: datetime) -> None:
    """With a result, or a decision on it: its lot's descendants are to be told."""
    await tx.collection(SPREADS).update_one(
        {"_id": result_id},
        {"$inc": {"turn": 1}, "$set": {"changed_at": now, "settled": False, "look_at": now}},
        upsert=True,
    )


async def claim(db: Database, now: datetime) -> Spread | None:
    """The next result to work on, for a while; None if there is nothing to do."""
    row = await db.collection(SPREADS).find_one_and_update(
        {"settled": False, "look_at": {"$lte": now}},
        {"$set": {"look_at": now + LEASE}},
        sort=[("look_at", 1)],
        return_document=ReturnDocument.AFTER,
    )
    return Spread(row["_id"], row["turn"], row["changed_at"]) if row is not None else None


async def looked(db: Database, spread: Spread, now: datetime) -> None:
    """All are told. It is looked at again until no publication of before can still be under way."""
    settled = now - spread.changed_at > SETTLES
    await db.collection(SPREADS).update_one(
        {"_id": spread.result_id, "turn": spread.turn},
        {"$set": {"settled": settled, "look_at": now + AGAIN}},
    )


def _document(one: Examination) -> Document:
    body: Document = plain(one)
    body["_id"] = body.pop("id")
    return body


def _examination(row: Document) -> Examination:
    body = {key: value for key, value in row.items() if key != "_id"}
    return _adapter.validate_python({**body, "id": row["_id"]})
