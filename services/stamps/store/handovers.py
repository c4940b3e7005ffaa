"""Hand-overs of printed stamps as stored."""

from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.stamps.domain.handovers import OPEN, HandOver, Word
from services.stamps.domain.printing import Span
from services.stamps.store.codec import from_document, to_document
from services.stamps.store.lists import page_of
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Tx

HANDOVERS = "handovers"


async def prepare(db: Database) -> None:
    handovers = db.collection(HANDOVERS)
    await handovers.create_index([("facility_id", ASCENDING), ("_id", DESCENDING)])
    await handovers.create_index([("state", ASCENDING), ("_id", DESCENDING)])
    await handovers.create_index([("batch", ASCENDING), ("_id", DESCENDING)])


async def get(where: Tx | Database, handover_id: str) -> HandOver:
    found = await where.collection(HANDOVERS).find_one({"_id": handover_id})
    if found is None:
        raise NotFound()
    return _handover(found)


async def put(tx: Tx, one: HandOver) -> None:
    """Add the first version or replace the one before; raises EditConflict if it is another."""
    if one.version == 1:
        await tx.collection(HANDOVERS).insert_one(to_document(one))
        return
    answer = await tx.collection(HANDOVERS).replace_one(
        {"_id": one.id, "version": one.version - 1}, to_document(one)
    )
    if answer.matched_count != 1:
        raise EditConflict()


async def of_batch(db: Database, batch: int, limit: int = 200) -> list[HandOver]:
    """Newest first."""
    cursor = db.collection(HANDOVERS).find({"batch": batch}).sort("_id", DESCENDING)
    return [_handover(one) async for one in cursor.limit(limit)]


async def batches_open_of(db: Database, unit: str) -> list[int]:
    """The batches of which a unit gave, or is to receive, what somebody still has to act on."""
    sides = [{"unit_id": unit}, {"to_unit_id": unit}]
    cursor = db.collection(HANDOVERS).find({"state": {"$in": list(OPEN)}, "$or": sides})
    return sorted({int(one["batch"]) async for one in cursor})


async def open_of_batch(tx: Tx, batch: int) -> list[HandOver]:
    """Those of a batch on which somebody still has to act."""
    cursor = tx.collection(HANDOVERS).find({"batch": batch, "state": {"$in": list(OPEN)}})
    return [_handover(one) async for one in cursor]


async def find(
    db: Database, wanted: dict[str, Any], *, page: int = 1
) -> tuple[list[HandOver], int]:
    """One page of hand-overs, newest first, and how many there are."""
    documents, total = await page_of(db, HANDOVERS, wanted, page)
    return [_handover(one) for one in documents], total


def _handover(document: dict[str, Any]) -> HandOver:
    told = {
        **{name: _spans(document[name]) for name in ("spans", "missing", "damaged")},
        "by_person": tuple(document["by_person"]),
        "words": tuple(_word(one) for one in document["words"]),
    }
    return from_document(HandOver, {**document, **told})


def _word(row: dict[str, Any]) -> Word:
    return Word(**{**row, "by_person": tuple(row.get("by_person", ()))})


def _spans(rows: list[list[int]]) -> tuple[Span, ...]:
    return tuple((int(first), int(last)) for first, last in rows)
