"""Holds as stored."""

from typing import Any

from pymongo import DESCENDING

from services.stamps.domain.holds import Hold
from services.stamps.store.codec import from_document, to_document
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Tx


async def get(where: Tx | Database, hold_id: str) -> Hold:
    found = await find_one(where, hold_id)
    if found is None:
        raise NotFound()
    return found


async def find_one(where: Tx | Database, hold_id: str) -> Hold | None:
    found = await where.collection("holds").find_one({"_id": hold_id})
    return from_document(Hold, found) if found else None


async def put(tx: Tx, hold: Hold) -> None:
    """Add the first version or replace the one before; raises EditConflict if it is another."""
    if hold.version == 1:
        await tx.collection("holds").insert_one(to_document(hold))
        return
    answer = await tx.collection("holds").replace_one(
        {"_id": hold.id, "version": hold.version - 1}, to_document(hold)
    )
    if answer.matched_count != 1:
        raise EditConflict()


async def touching(db: Database, *, facility_id: str, batch: int) -> list[Hold]:
    """Active holds on this batch, and on all stamps of its facility."""
    wanted: dict[str, Any] = {
        "facility_id": facility_id,
        "active": True,
        "target": {"$in": [str(batch), facility_id]},
    }
    return [from_document(Hold, one) async for one in db.collection("holds").find(wanted)]


async def ever_on(db: Database, *, facility_id: str, batch: int) -> list[Hold]:
    """Officers' holds on this batch, lifted ones too, newest first, and its facility's in force."""
    wanted = {
        "facility_id": facility_id,
        "$or": [{"target": str(batch)}, {"target": facility_id, "active": True}],
    }
    cursor = db.collection("holds").find(wanted).sort("_id", DESCENDING)
    return [from_document(Hold, one) async for one in cursor]
