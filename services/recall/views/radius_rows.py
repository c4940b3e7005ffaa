"""What the blast radius of a target names: lots, places, shipments, sources, whom to tell."""

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel

from services.recall.graph.figures import Balance
from services.recall.queries.journeys import Journey
from services.recall.queries.radius import LotRow
from services.recall.queries.told import ToTell
from services.recall.queries.upstream import SourceRow


class LotView(BaseModel):
    """`step` 0 is the target itself, 1 what was made from it, and so on."""

    id: str
    code: str
    step: int
    product: str
    facility_id: str
    facility: str
    commune: str
    produced_on: date
    quantity: str
    unit: str
    stamps_issued: int
    stamps_activated: int
    scans: int
    recalls: list[str]

    @classmethod
    def of(cls, row: LotRow) -> "LotView":
        return cls(
            id=row.lot.id,
            code=row.lot.code,
            step=row.step,
            product=row.product.name if row.product else "",
            facility_id=row.lot.facility_id,
            facility=row.facility.name,
            commune=row.facility.commune_name,
            produced_on=row.lot.produced_on,
            quantity=str(row.lot.quantity),
            unit=row.lot.unit,
            stamps_issued=row.stamps.issued,
            stamps_activated=row.stamps.active,
            scans=row.scans,
            recalls=list(row.cases),
        )


class TouchedView(BaseModel):
    """A facility: `lots` are those it made, `received` those it was sent. A commune: `lots` are
    those that were made or received there."""

    id: str
    name: str
    lots: int
    received: int = 0


class ScanPlaceView(BaseModel):
    commune: str
    name: str
    scans: int
    stamps: int
    last: datetime


class ShipmentView(BaseModel):
    """Where an affected lot was sent; `received` is the receiver's own count, null before it."""

    shipment_id: str
    code: str
    kind: str
    status: str
    lot_id: str
    lot: str
    from_facility_id: str
    from_facility: str
    to_facility_id: str
    to_facility: str
    country: str
    quantity: str
    unit: str
    received: str | None
    sent_at: datetime | None

    @classmethod
    def of(cls, journey: Journey) -> "ShipmentView":
        move = journey.move
        return cls(
            shipment_id=move.shipment_id,
            code=move.code,
            kind=move.kind,
            status=move.status,
            lot_id=move.lot_id,
            lot=journey.lot.code,
            from_facility_id=move.from_facility_id,
            from_facility=journey.sender.name,
            to_facility_id=move.to_facility_id,
            to_facility=journey.receiver.name if journey.receiver else "",
            country=move.country,
            quantity=str(move.quantity),
            unit=move.unit,
            received=None if move.received is None else str(move.received),
            sent_at=move.sent_at,
        )


class SourceLotView(BaseModel):
    """A lot that the target was made from, `step` back; `kind` lot, or supply where it was used on
    one. `shipments` are the codes of those that brought it."""

    id: str
    code: str
    step: int
    kind: str
    product: str
    facility_id: str
    facility: str
    commune: str
    growing_area_id: str
    produced_on: date
    shipments: list[str]

    @classmethod
    def of(cls, row: SourceRow) -> "SourceLotView":
        return cls(
            id=row.lot.id,
            code=row.lot.code,
            step=row.step,
            kind="supply" if row.is_supply else "lot",
            product=row.product.name if row.product else "",
            facility_id=row.lot.facility_id,
            facility=row.facility.name,
            commune=row.facility.commune_name,
            growing_area_id=row.lot.growing_area_id,
            produced_on=row.lot.produced_on,
            shipments=[move.code for move in row.came],
        )


class BalanceView(BaseModel):
    """Where the goods are by the books, in `unit`. `on_market` is what was made less what is in
    stock by the books (`at_makers`, `at_receivers`), exported and lost; `short` is what receivers
    counted less than was sent. Goods used up as a material are in no book here: they stand under
    what is in stock."""

    unit: str
    made: str
    at_makers: str
    on_the_way: str
    at_receivers: str
    sold: str
    exported: str
    lost: str
    short: str
    on_market: str

    @classmethod
    def of(cls, unit: str, balance: Balance) -> "BalanceView":
        names = [name for name in cls.model_fields if name != "unit"]
        return cls(unit=unit, **{name: plain(getattr(balance, name)) for name in names})


class ToTellView(BaseModel):
    """A facility that must be told, and the units that answer for its place and sector."""

    facility_id: str
    facility: str
    commune: str
    lots_made: int
    lots_received: int
    phone: str
    address: str
    units: list[str]

    @classmethod
    def of(cls, row: ToTell) -> "ToTellView":
        return cls(
            facility_id=row.facility.id,
            facility=row.facility.name,
            commune=row.facility.commune_name,
            lots_made=row.made,
            lots_received=row.received,
            phone=row.phone,
            address=row.address,
            units=[unit.name for unit in row.units],
        )


def plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
