"""Stamps of one product, counted from its interval maps and decided requests. Each read is bounded
in time: whoever decides waits for a page, and can do without the figure."""

from typing import Any

from services.stamps.store.growing import READ_MILLISECONDS
from shared.mongo import Database


async def by_state(
    db: Database, product_id: str, lot_id: str, *, within: int = READ_MILLISECONDS
) -> dict[tuple[bool, str], int]:
    """How many stamps of the product stand in each state, those of the lot (True) apart; raises
    TooSlow (`store/growing.py`) where so many milliseconds do not suffice."""

    def part(place: int) -> dict[str, Any]:
        return {"$arrayElemAt": ["$intervals", place]}

    size = {"$add": [{"$subtract": [part(1), part(0)]}, 1]}
    of_lot = {"$and": [{"$ne": [lot_id, ""]}, {"$eq": [part(2), lot_id]}]}
    steps: list[dict[str, Any]] = [
        {"$match": {"product_id": product_id}},
        {"$unwind": "$intervals"},
        {"$group": {"_id": {"lot": of_lot, "state": part(3)}, "n": {"$sum": size}}},
    ]
    rows = await db.collection("segments").aggregate(steps, maxTimeMS=within)
    return {(bool(row["_id"]["lot"]), row["_id"]["state"]): int(row["n"]) async for row in rows}


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
