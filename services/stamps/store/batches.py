"""Batches of stamps as stored, and the numbers they get."""

from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.stamps.domain.requests import Batch, RequestAlreadyDecided
from services.stamps.store.codec import from_document, to_document
from services.stamps.store.lists import page_of
from shared.errors import NotFound
from shared.mongo import Database, Tx


async def next_number(db: Database) -> int:
    """A number no batch has; drawn outside transactions, so a failed issue leaves a gap."""
    counter = await db.collection("counters").find_one_and_update(
        {"_id": "batch"}, {"$inc": {"n": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert counter is not None
    return int(counter["n"])


async def add(tx: Tx, batch: Batch) -> None:
    try:
        await tx.collection("batches").insert_one(to_document(batch, key="number"))
    except DuplicateKeyError as error:
        raise RequestAlreadyDecided() from error


async def get(where: Tx | Database, number: int) -> Batch:
    found = await where.collection("batches").find_one({"_id": number})
    if found is None:
        raise NotFound()
    return from_document(Batch, found, key="number")


async def find(db: Database, wanted: dict[str, Any], *, page: int = 1) -> tuple[list[Batch], int]:
    """One page of batches, newest first, and how many there are."""
    documents, total = await page_of(db, "batches", wanted, page)
    return [from_document(Batch, one, key="number") for one in documents], total
