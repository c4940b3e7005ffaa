"""The stamps that lots have: activated for them, or issued on requests that named them and waiting.

Each read is bounded in time and number.
"""

from collections.abc import Collection
from typing import Any, Final

from pymongo import ASCENDING

from services.stamps.domain.life import ACTIVATE
from services.stamps.store.growing import READ_MILLISECONDS
from shared.mongo import Database

MOST_REQUESTS: Final = 2_000
# Of a stamp that was never activated: it still can be, if only after a suspension is lifted.
_WAITING: Final = ("issued", "suspended")
# Of the stamps that no request named a lot for.
LOOSE: Final = ""


async def prepare(db: Database) -> None:
    await db.collection("requests").create_index([("lot_id", ASCENDING), ("product_id", ASCENDING)])
    # Every change has a lot, empty where it is no activation; the last two let it answer alone.
    await db.collection("changes").create_index(
        [("lot", ASCENDING), ("change", ASCENDING), ("first", ASCENDING), ("last", ASCENDING)],
        name="activated_for",
        partialFilterExpression={"change": ACTIVATE},
    )


async def of_lots(
    db: Database, lot_ids: Collection[str], product_id: str
) -> tuple[dict[str, int], bool]:
    """The stamps of each lot, LOOSE those of the product that wait for no lot in particular; and
    whether there are more requests than were read."""
    found = await activated(db, lot_ids)
    named, cut = await _named(db, lot_ids, product_id)
    for batch, number in (await _waiting(db, named)).items():
        found[named[batch]] = found.get(named[batch], 0) + number
    return found, cut


async def activated(db: Database, lot_ids: Collection[str]) -> dict[str, int]:
    """The stamps activated for each lot, whatever became of them since; raises TooSlow. A serial is
    activated once and its lot never changes, so nothing is counted twice."""
    steps: list[dict[str, Any]] = [
        {"$match": {"change": ACTIVATE, "lot": {"$in": list(lot_ids)}}},
        {"$group": {"_id": "$lot", "n": {"$sum": _size("$first", "$last")}}},
    ]
    return await _summed(db, "changes", steps)


async def _named(
    db: Database, lot_ids: Collection[str], product_id: str
) -> tuple[dict[int, str], bool]:
    """The batches that were issued for these lots or, of the product, for none: for which lot."""
    loose = {"lot_id": LOOSE, "product_id": product_id}
    wanted = {"state": "approved", "$or": [{"lot_id": {"$in": list(lot_ids)}}, loose]}
    rows = db.collection("requests").find(
        wanted, {"lot_id": 1, "batch": 1}, max_time_ms=READ_MILLISECONDS
    )
    found = [(row["batch"], row["lot_id"]) async for row in rows.limit(MOST_REQUESTS + 1)]
    return dict(found[:MOST_REQUESTS]), len(found) > MOST_REQUESTS


async def _waiting(db: Database, batches: Collection[int]) -> dict[int, int]:
    """How many stamps of each of these batches can still be activated."""
    part = {
        name: {"$arrayElemAt": ["$intervals", at]}
        for at, name in enumerate(("first", "last", "lot", "state"))
    }
    steps: list[dict[str, Any]] = [
        {"$match": {"batch": {"$in": list(batches)}}},
        {"$unwind": "$intervals"},
        {"$project": {"batch": 1, **part}},
        {"$match": {"lot": "", "state": {"$in": list(_WAITING)}}},
        {"$group": {"_id": "$batch", "n": {"$sum": _size("$first", "$last")}}},
    ]
    return await _summed(db, "segments", steps)


def _size(first: str, last: str) -> dict[str, Any]:
    return {"$add": [{"$subtract": [last, first]}, 1]}


async def _summed(db: Database, name: str, steps: list[dict[str, Any]]) -> dict[Any, int]:
    rows = await db.collection(name).aggregate(steps, maxTimeMS=READ_MILLISECONDS)
    return {row["_id"]: int(row["n"]) async for row in rows}
