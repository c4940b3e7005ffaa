"""Holds as stored."""

from dataclasses import asdict
from typing import Any

from services.stamps.domain.holds import Hold
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Tx


def _hold(document: dict[str, Any]) -> Hold:
    return Hold(id=document["_id"], **{k: v for k, v in document.items() if k not in _NOT_OURS})


_NOT_OURS = {"_id", "source_version"}


def _document(hold: Hold) -> dict[str, Any]:
    document = asdict(hold)
    document["_id"] = document.pop("id")
    return document


def facility_hold_id(facility_id: str) -> str:
    """The one hold that follows a facility's stopping and resuming."""
    return f"facility:{facility_id}"


async def get(where: Tx | Database, hold_id: str) -> Hold:
    found = await find_one(where, hold_id)
    if found is None:
        raise NotFound()
    return found


async def find_one(where: Tx | Database, hold_id: str) -> Hold | None:
    found = await where.collection("holds").find_one({"_id": hold_id})
    return _hold(found) if found else None


async def add(tx: Tx, hold: Hold) -> None:
    await tx.collection("holds").insert_one(_document(hold))


async def put(tx: Tx, hold: Hold) -> None:
    document = _document(hold)
    document.pop("_id")
    answer = await tx.collection("holds").update_one(
        {"_id": hold.id, "version": hold.version - 1}, {"$set": document}
    )
    if answer.matched_count != 1:
        raise EditConflict()


async def of(db: Database, *, facility_id: str, batch: int | None = None) -> list[Hold]:
    """Active holds on a facility's stamps; with `batch`, those that touch this batch."""
    wanted: dict[str, Any] = {"facility_id": facility_id, "active": True}
    if batch is not None:
        wanted["target"] = {"$in": [str(batch), facility_id]}
    return [_hold(document) async for document in db.collection("holds").find(wanted)]


async def seen_version(tx: Tx, hold_id: str) -> int:
    """The facility version that last set or lifted this hold; 0 if none did."""
    found = await tx.collection("holds").find_one({"_id": hold_id}, {"source_version": 1})
    return int(found.get("source_version", 0)) if found else 0


async def note_version(tx: Tx, hold_id: str, source_version: int) -> None:
    await tx.collection("holds").update_one(
        {"_id": hold_id}, {"$set": {"source_version": source_version}}
    )
