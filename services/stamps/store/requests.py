"""Stamp requests and batches as stored."""

from dataclasses import asdict, fields
from typing import Any

from pymongo import DESCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.stamps.domain.requests import Batch, Request, RequestAlreadyDecided
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Tx

PAGE = 30
_REQUEST_FIELDS = {field.name for field in fields(Request)} - {"id"}


def _request(document: dict[str, Any]) -> Request:
    return Request(
        id=document["_id"],
        **{name: document[name] for name in _REQUEST_FIELDS if name in document},
    )


def _document(request: Request) -> dict[str, Any]:
    document = asdict(request)
    document["_id"] = document.pop("id")
    return document


def _batch(document: dict[str, Any]) -> Batch:
    return Batch(number=document["_id"], **{k: v for k, v in document.items() if k != "_id"})


async def add(tx: Tx, request: Request, key: str) -> None:
    await tx.collection("requests").insert_one({**_document(request), "key": key})


async def by_key(db: Database, account_id: str, key: str) -> Request | None:
    """The request this account made before under the same idempotency key."""
    found = await db.collection("requests").find_one({"submitted_by": account_id, "key": key})
    return _request(found) if found else None


async def get(where: Tx | Database, request_id: str) -> Request:
    found = await where.collection("requests").find_one({"_id": request_id})
    if found is None:
        raise NotFound()
    return _request(found)


async def put(tx: Tx, request: Request) -> None:
    """Replace the version before; raises EditConflict if somebody else did."""
    document = _document(request)
    document.pop("_id")
    answer = await tx.collection("requests").update_one(
        {"_id": request.id, "version": request.version - 1}, {"$set": document}
    )
    if answer.matched_count != 1:
        raise EditConflict()


async def find(db: Database, wanted: dict[str, Any], *, page: int = 1) -> tuple[list[Request], int]:
    """One page of requests, newest first, and how many there are."""
    requests = db.collection("requests")
    cursor = requests.find(wanted).sort("_id", DESCENDING).skip((page - 1) * PAGE).limit(PAGE)
    return [_request(document) async for document in cursor], await requests.count_documents(wanted)


async def next_batch_number(db: Database) -> int:
    """A number no batch has; drawn outside transactions, so a failed issue leaves a gap."""
    counter = await db.collection("counters").find_one_and_update(
        {"_id": "batch"}, {"$inc": {"n": 1}}, upsert=True, return_document=ReturnDocument.AFTER
    )
    assert counter is not None
    return int(counter["n"])


async def add_batch(tx: Tx, batch: Batch) -> None:
    document = asdict(batch)
    document["_id"] = document.pop("number")
    try:
        await tx.collection("batches").insert_one(document)
    except DuplicateKeyError as error:
        raise RequestAlreadyDecided() from error


async def get_batch(where: Tx | Database, number: int) -> Batch:
    found = await where.collection("batches").find_one({"_id": number})
    if found is None:
        raise NotFound()
    return _batch(found)


async def find_batches(
    db: Database, wanted: dict[str, Any], *, page: int = 1
) -> tuple[list[Batch], int]:
    batches = db.collection("batches")
    cursor = batches.find(wanted).sort("_id", DESCENDING).skip((page - 1) * PAGE).limit(PAGE)
    return [_batch(document) async for document in cursor], await batches.count_documents(wanted)
