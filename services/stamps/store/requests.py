"""Stamp requests as stored."""

from typing import Any

from services.stamps.domain.requests import Request
from services.stamps.store.codec import from_document, to_document
from services.stamps.store.lists import page_of
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Tx


async def add(tx: Tx, request: Request) -> None:
    await tx.collection("requests").insert_one(to_document(request))


async def get(where: Tx | Database, request_id: str) -> Request:
    found = await where.collection("requests").find_one({"_id": request_id})
    if found is None:
        raise NotFound()
    return from_document(Request, found)


async def put(tx: Tx, request: Request) -> None:
    """Replace the version before; raises EditConflict if somebody else did."""
    answer = await tx.collection("requests").replace_one(
        {"_id": request.id, "version": request.version - 1}, to_document(request)
    )
    if answer.matched_count != 1:
        raise EditConflict()


async def find(db: Database, wanted: dict[str, Any], *, page: int = 1) -> tuple[list[Request], int]:
    """One page of requests, newest first, and how many there are."""
    documents, total = await page_of(db, "requests", wanted, page)
    return [from_document(Request, one) for one in documents], total
