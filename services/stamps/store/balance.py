"""Stamps of one product, counted from its segments and decided requests. Each read is bounded in
time: whoever decides waits for a page, and can do without the figure."""

from typing import Any

from services.stamps.domain.life import STATES
from services.stamps.store.counting import UNCOUNTED, size
from services.stamps.store.growing import READ_MILLISECONDS
from shared.mongo import Database


async def by_state(
    db: Database, product_id: str, *, within: int = READ_MILLISECONDS
) -> dict[str, int]:
    """How many stamps of the product stand in each state that any are in; raises TooSlow
    (`store/growing.py`) where so many milliseconds do not suffice."""
    rows = await db.collection("segments").aggregate(summing(product_id), maxTimeMS=within)
    found = {row.pop("_id"): row async for row in rows}
    states = {state: int(number) for state, number in found.get(True, {}).items()}
    if False in found:
        for state, number in (await _uncounted(db, product_id, within)).items():
            states[state] = states.get(state, 0) + number
    return {state: number for state, number in states.items() if number}


def summing(product_id: str) -> list[dict[str, Any]]:
    """The steps that sum the counts, those that are of their segment's version (True) apart; an
    index answers them."""
    whole = {"$eq": ["$counted.version", "$version"]}
    sums: dict[str, Any] = {state: {"$sum": f"$counted.{state}"} for state in STATES}
    return [{"$match": {"product_id": product_id}}, {"$group": {"_id": whole, **sums}}]


async def _uncounted(db: Database, product_id: str, within: int) -> dict[str, int]:
    """The same of what an earlier release wrote last."""
    steps: list[dict[str, Any]] = [
        {"$match": {"product_id": product_id, **UNCOUNTED}},
        {"$unwind": "$intervals"},
        {
            "$group": {
                "_id": {"$arrayElemAt": ["$intervals", 3]},
                "n": {"$sum": size("$intervals")},
            }
        },
    ]
    rows = await db.collection("segments").aggregate(steps, maxTimeMS=within)
    return {row["_id"]: int(row["n"]) async for row in rows}


async def granted_for_lot(
    db: Database, facility_id: str, lot_id: str, *, within: int = READ_MILLISECONDS
) -> int:
    """Stamps issued on requests that named this lot; raises TooSlow."""
    wanted = {"facility_id": facility_id, "lot_id": lot_id, "state": "approved"}
    steps: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$group": {"_id": None, "n": {"$sum": "$approved"}}},
    ]
    rows = await db.collection("requests").aggregate(steps, maxTimeMS=within)
    return sum([int(row["n"]) async for row in rows])
