"""How many stamps stand where: per segment its intervals and counts by lot, summed on reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING

from services.recall.domain.target import Target, TargetKind
from services.recall.store import genealogy
from services.recall.store.newest import Reader, Wanted, put_newest
from shared.contracts.stamps import SEGMENT_SERIALS, BatchIssued, SegmentPublished
from shared.mongo import Database, Document, Tx

SEGMENTS, BATCHES = "segments", "batches"
ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class StampCount:
    """Stamps issued and, of these, active now."""

    issued: int = 0
    active: int = 0

    def __add__(self, other: "StampCount") -> "StampCount":
        return StampCount(self.issued + other.issued, self.active + other.active)


@dataclass(frozen=True, slots=True)
class Batch:
    number: int
    facility_id: str
    product_id: str
    quantity: int


async def prepare(db: Database) -> None:
    segments = db.collection(SEGMENTS)
    await segments.create_index([("lots.lot", ASCENDING)], name="by_lot")
    await segments.create_index([("batch", ASCENDING), ("segment", ASCENDING)])
    await segments.create_index([("product_id", ASCENDING)])
    await segments.create_index([("facility_id", ASCENDING)])
    await segments.create_index([("turn", ASCENDING)], sparse=True)


async def note_batches(tx: Tx, events: Sequence[BatchIssued]) -> None:
    documents = [
        {
            "_id": event.batch,
            "version": event.version,
            "facility_id": event.facility_id,
            "product_id": event.product_id,
            "quantity": event.quantity,
        }
        for event in events
    ]
    await put_newest(tx, BATCHES, documents)


async def note_segments(tx: Tx, events: Sequence[SegmentPublished]) -> None:
    turn = await genealogy.next_turn(tx, genealogy.STAMPS)
    await put_newest(tx, SEGMENTS, [_document(event, turn) for event in events])


def _document(event: SegmentPublished, turn: int) -> dict[str, Any]:
    by_lot: dict[str, StampCount] = {}
    for first, last, lot, state in event.whole:
        count = last - first + 1
        here = StampCount(count, count if state == ACTIVE else 0)
        by_lot[lot] = by_lot.get(lot, StampCount()) + here
    total = sum(by_lot.values(), StampCount())
    return {
        "_id": event.subject,
        "version": event.version,
        "turn": turn,
        "batch": event.batch,
        "segment": event.segment,
        "facility_id": event.facility_id,
        "product_id": event.product_id,
        "issued": total.issued,
        "active": total.active,
        "lots": [
            {"lot": lot, "issued": count.issued, "active": count.active}
            for lot, count in by_lot.items()
            if lot
        ],
        "intervals": [list(interval) for interval in event.whole],
    }


async def batch(reader: Reader, number: int) -> Batch | None:
    document = await reader.collection(BATCHES).find_one({"_id": number})
    return None if document is None else batch_of(document)


def batch_of(document: Document) -> Batch:
    return Batch(
        document["_id"], document["facility_id"], document["product_id"], document["quantity"]
    )


def on_lots(lots: Sequence[str]) -> Wanted:
    """Stamps standing on each of these lots; a lot without any is left out. See `counted`."""
    stages: list[dict[str, Any]] = [
        {"$match": {"lots.lot": {"$in": lots}}},
        {"$unwind": "$lots"},
        {"$match": {"lots.lot": {"$in": lots}}},
        {
            "$group": {
                "_id": "$lots.lot",
                "issued": {"$sum": "$lots.issued"},
                "active": {"$sum": "$lots.active"},
            }
        },
    ]
    return SEGMENTS, stages


def counted(rows: Iterable[Document]) -> dict[str, StampCount]:
    """By lot, what `on_lots` found."""
    return {row["_id"]: StampCount(row["issued"], row["active"]) for row in rows}


async def of_whole(reader: Reader, target: Target) -> StampCount:
    """Stamps of a product, facility or batch, whatever lot they stand on, if any."""
    field = {TargetKind.PRODUCT: "product_id", TargetKind.FACILITY: "facility_id"}
    wanted = {"batch": target.batch} if target.is_of_stamps else {field[target.kind]: target.id}
    pipeline: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$group": {"_id": None, "issued": {"$sum": "$issued"}, "active": {"$sum": "$active"}}},
    ]
    async for row in await reader.collection(SEGMENTS).aggregate(pipeline):
        return StampCount(row["issued"], row["active"])
    return StampCount()


async def of_serials(
    reader: Reader, number: int, first: int, last: int
) -> tuple[StampCount, dict[str, StampCount]]:
    """Stamps of these serials: in all, and by the lots they stand on."""
    total, by_lot = StampCount(), dict[str, StampCount]()
    segments = {"$gte": first // SEGMENT_SERIALS, "$lte": last // SEGMENT_SERIALS}
    wanted = {"batch": number, "segment": segments}
    async for document in reader.collection(SEGMENTS).find(wanted, {"intervals": 1}):
        for low, high, lot, state in document["intervals"]:
            count = min(high, last) - max(low, first) + 1
            if count > 0:
                here = StampCount(count, count if state == ACTIVE else 0)
                total += here
                if lot:
                    by_lot[lot] = by_lot.get(lot, StampCount()) + here
    return total, by_lot


async def lot_of_serial(reader: Reader, number: int, serial: int) -> str:
    """The lot a stamp stands on, "" before its activation or where it is not known."""
    _, by_lot = await of_serials(reader, number, serial, serial)
    return next(iter(by_lot), "")
