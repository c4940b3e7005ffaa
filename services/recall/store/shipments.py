"""Where goods went: shipments as registry told them, the newest version of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pymongo import ASCENDING

from services.recall.store.newest import Reader, Wanted, each, put_newest
from shared.contracts.registry import ShipmentPublished
from shared.mongo import Database, Document, Tx

SHIPMENTS = "shipments"
CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Move:
    """One lot of one shipment. `kind` is transfer, export or sale; `to_facility_id` may be ""."""

    shipment_id: str
    code: str
    kind: str
    status: str
    lot_id: str
    from_facility_id: str
    to_facility_id: str
    country: str
    quantity: Decimal
    unit: str
    received: Decimal | None
    sent_at: datetime | None
    returned: Decimal = Decimal(0)

    @property
    def amount(self) -> Decimal:
        """What came, as far as it was said, else what was sent."""
        return self.quantity if self.received is None else self.received

    @property
    def kept(self) -> Decimal:
        """The same without what came back to the sender."""
        return max(Decimal(0), min(self.amount, self.quantity - self.returned))


async def prepare(db: Database) -> None:
    await db.collection(SHIPMENTS).create_index([("lot_ids", ASCENDING)])
    await db.collection(SHIPMENTS).create_index([("turn", ASCENDING)], sparse=True)


async def note_shipments(tx: Tx, events: Sequence[ShipmentPublished], turn: int) -> list[Document]:
    """Keep those that are newer than what is here; returns them. `turn` is `genealogy.arrive`'s."""
    documents = [
        {
            "_id": event.subject,
            "version": event.version,
            "turn": turn,
            "code": event.code,
            "kind": event.kind,
            "status": event.status,
            "from_facility_id": event.from_facility_id,
            "to_facility_id": event.to_facility_id,
            "country": event.country,
            "sent_at": event.sent_at,
            "lot_ids": sorted({lot.lot_id for lot in event.lots}),
            "lots": [
                {
                    "lot_id": lot.lot_id,
                    "quantity": str(lot.quantity),
                    "unit": lot.unit_name or lot.unit,
                    "received": None if lot.received is None else str(lot.received),
                    "returned": str(lot.returned),
                }
                for lot in event.lots
            ],
        }
        for event in events
    ]
    return await put_newest(tx, SHIPMENTS, documents)


async def codes(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """What those of these shipments that are known are called by their senders."""
    return {row["_id"]: row["code"] async for row in each(reader, SHIPMENTS, ids)}


def with_lots(lots: Sequence[str]) -> Wanted:
    """Shipments that hold any of these lots. See `receivers`."""
    return SHIPMENTS, [{"$match": {"lot_ids": {"$in": lots}}}]


def receivers(shipments: Iterable[Document]) -> set[str]:
    """The facilities that these shipments went to and that may hold some of their goods."""
    return {
        row["to_facility_id"]
        for row in shipments
        if row["status"] != CANCELLED and row["to_facility_id"]
    }


async def sent_to(reader: Reader, lots: Iterable[str], facility_id: str) -> set[str]:
    """Which of these lots were sent to the facility; cancelled shipments moved nothing."""
    wanted = set(lots)
    also = {"to_facility_id": facility_id, "status": {"$ne": CANCELLED}}
    found: set[str] = set()
    async for row in each(reader, SHIPMENTS, wanted, field="lot_ids", also=also):
        found |= wanted & set(row["lot_ids"])
    return found


async def of_lots(reader: Reader, lots: Iterable[str]) -> list[Move]:
    """Where these lots were sent, by time; cancelled shipments moved nothing."""
    wanted = set(lots)
    found: dict[tuple[str, str], Move] = {}
    async for row in each(reader, SHIPMENTS, sorted(wanted), field="lot_ids"):
        if row["status"] == CANCELLED:
            continue
        for lot in row["lots"]:
            if lot["lot_id"] in wanted:
                received = lot["received"]
                found[row["_id"], lot["lot_id"]] = Move(
                    shipment_id=row["_id"],
                    code=row["code"],
                    kind=row["kind"],
                    status=row["status"],
                    lot_id=lot["lot_id"],
                    from_facility_id=row["from_facility_id"],
                    to_facility_id=row["to_facility_id"],
                    country=row["country"],
                    quantity=Decimal(lot["quantity"]),
                    unit=lot["unit"],
                    received=None if received is None else Decimal(received),
                    sent_at=row["sent_at"],
                    returned=Decimal(lot.get("returned", "0")),
                )
    return sorted(found.values(), key=lambda move: (str(move.sent_at or ""), move.code))
