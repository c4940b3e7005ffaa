"""Shipments in MongoDB: replaced only if nobody was faster; found by either end and by lot."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from pydantic import TypeAdapter

from services.registry.domain.shipment import Shipment, Status
from services.registry.store.codec import plain
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

SHIPMENTS = "shipments"
_adapter = TypeAdapter(Shipment)
PAGE_SIZE = 20


async def prepare(db: Database) -> None:
    rows = db.collection(SHIPMENTS)
    await rows.create_index("code", unique=True)
    await rows.create_index([("lines.lot_id", 1), ("created_at", 1)])
    # Receipts are few among shipments, and every process counts at its start which are unanswered.
    await rows.create_index("declared", partialFilterExpression={"declared": True})
    for end in ("sender", "receiver"):
        await rows.create_index([(f"{end}.facility_id", 1), ("updated_at", -1)])
        await rows.create_index([(f"{end}.commune", 1), ("updated_at", -1)])


async def insert(tx: Tx, shipment: Shipment) -> None:
    await tx.collection(SHIPMENTS).insert_one(_document(shipment))


async def put(tx: Tx, before: Shipment, after: Shipment) -> None:
    """Replace it if it is still as it was read; raises EditConflict."""
    result = await tx.collection(SHIPMENTS).replace_one(
        {"_id": after.id, "version": before.version}, _document(after)
    )
    if result.matched_count != 1:
        raise EditConflict()


async def get(source: Database | Tx, shipment_id: str) -> Shipment:
    row = await source.collection(SHIPMENTS).find_one({"_id": shipment_id})
    if row is None:
        raise NotFound()
    return _shipment(row)


async def code_is_free(tx: Tx, code: str) -> bool:
    return await tx.collection(SHIPMENTS).find_one({"code": code}, {"_id": 1}) is None


async def of_lot(source: Database | Tx, lot_id: str) -> list[Shipment]:
    cursor = source.collection(SHIPMENTS).find({"lines.lot_id": lot_id}).sort("created_at", 1)
    return [_shipment(row) async for row in cursor]


async def to_reader(db: Database, lot_id: str, who: Principal) -> list[Shipment]:
    """Those by which the lot came, or is on its way, to facilities that the account may read; what
    a sender told first, then the newest. What its sender says it never sent is none."""
    under_way = [Status.IN_TRANSIT.value, Status.HANDED_OVER.value, Status.RECEIVED.value]
    wanted: Document = {
        "lines.lot_id": lot_id,
        "status": {"$in": under_way},
        "disowned": {"$in": [None, ""]},
        **_end(who, "receiver"),
    }
    order = [("declared", 1), ("acknowledged_at", -1), ("created_at", -1)]
    cursor = db.collection(SHIPMENTS).find(wanted).sort(order)
    return [_shipment(row) async for row in cursor.limit(PAGE_SIZE)]


async def disowned(
    source: Database | Tx, facility_id: str, lots: Collection[str]
) -> tuple[str, ...]:
    """Which of these lots the facility says it received and their sender says it never sent."""
    if not lots:
        return ()
    wanted: Document = {
        "lines.lot_id": {"$in": sorted(lots)},
        "receiver.facility_id": facility_id,
        "disowned": {"$nin": [None, ""]},
    }
    rows = source.collection(SHIPMENTS).find(wanted, {"lines.lot_id": 1})
    found = {line["lot_id"] async for row in rows for line in row["lines"]}
    return tuple(sorted(found & {*lots}))


class Waiting(StrEnum):
    """What a list of shipments may be narrowed to, by whose word is missing."""

    ARRIVING = "1"
    ANSWER = "answer"


async def in_scope(
    db: Database, who: Principal, *, waiting: Waiting | None = None, page: int = 1
) -> list[Shipment]:
    """Those the account may see from either end, newest change first."""
    cursor = db.collection(SHIPMENTS).find(_wanted(who, waiting=waiting))
    cursor = cursor.sort([("updated_at", -1), ("_id", 1)]).skip((page - 1) * PAGE_SIZE)
    return [_shipment(row) async for row in cursor.limit(PAGE_SIZE)]


async def count(db: Database, who: Principal, *, waiting: Waiting | None = None) -> int:
    return await db.collection(SHIPMENTS).count_documents(_wanted(who, waiting=waiting))


# Recorded by the receiver, and the sender has not said anything yet.
UNANSWERED: Final[Document] = {
    "declared": True,
    "disowned": {"$in": [None, ""]},
    "acknowledged_at": None,
}


def _wanted(who: Principal, *, waiting: Waiting | None) -> Document:
    match waiting:
        case Waiting.ARRIVING:
            status = {"$in": ["planned", "in_transit", "handed_over"]}
            return {"$or": [_end(who, "receiver")], "status": status}
        case Waiting.ANSWER:
            return {"$or": [_end(who, "sender")], **UNANSWERED}
        case None:
            return {"$or": [_end(who, "receiver"), _end(who, "sender")]}


def _end(who: Principal, end: str) -> Document:
    found = area_filter(
        who, facility=f"{end}.facility_id", commune=f"{end}.commune", sector=f"{end}.sector"
    )
    return {f"{end}.facility_id": {"$exists": True}, **found}


def _document(shipment: Shipment) -> Document:
    body: Document = plain(shipment)
    body["_id"] = body.pop("id")
    return body


def _shipment(row: Document) -> Shipment:
    body = {key: value for key, value in row.items() if key != "_id"}
    return _adapter.validate_python({**body, "id": row["_id"]})
