"""Stamps of one product, counted from its interval maps and decided requests."""

from typing import Any

from shared.mongo import Database


async def by_state(db: Database, product_id: str, lot_id: str) -> dict[tuple[bool, str], int]:
    """How many stamps of the product stand in each state, those of the lot (True) apart."""

    def part(place: int) -> dict[str, Any]:
        return {"$arrayElemAt": ["$intervals", place]}

    size = {"$add": [{"$subtract": [part(1), part(0)]}, 1]}
    of_lot = {"$and": [{"$ne": [lot_id, ""]}, {"$eq": [part(2), lot_id]}]}
    steps: list[dict[str, Any]] = [
        {"$match": {"product_id": product_id}},
        {"$unwind": "$intervals"},
        {"$group": {"_id": {"lot": of_lot, "state": part(3)}, "n": {"$sum": size}}},
    ]
    rows = await db.collection("segments").aggregate(steps)
    return {(bool(row["_id"]["lot"]), row["_id"]["state"]): int(row["n"]) async for row in rows}


async def granted_for_lot(db: Database, facility_id: str, lot_id: str) -> int:
    """Stamps issued on requests that named this lot."""
    wanted = {"facility_id": facility_id, "lot_id": lot_id, "state": "approved"}
    steps: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$group": {"_id": None, "n": {"$sum": "$approved"}}},
    ]
    rows = await db.collection("requests").aggregate(steps)
    return sum([int(row["n"]) async for row in rows])
