"""The blast radius of a target as the JSON API tells it."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from services.recall.domain.target import Target
from services.recall.queries.radius import Journey, LotRow, Radius

# Lots named in one answer; the figures count all of them.
LOTS_TOLD = 1_000


class TargetView(BaseModel):
    kind: str
    id: str
    first: int | None
    last: int | None
    since: date | None = Field(serialization_alias="from")
    until: date | None = Field(serialization_alias="to")

    @classmethod
    def of(cls, target: Target) -> "TargetView":
        return cls.model_validate(target, from_attributes=True)


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
    id: str
    name: str
    lots: int


class ScanPlaceView(BaseModel):
    commune: str
    name: str
    scans: int
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


class RadiusView(BaseModel):
    """What an order would reach. `known_up_to` tells up to which of registry's events."""

    target: TargetView
    label: str
    label_en: str
    label_zh: str
    lots: list[LotView]
    lots_total: int
    facilities: list[TouchedView]
    communes: list[TouchedView]
    stamps_issued: int
    stamps_activated: int
    scans: int
    scan_places: list[ScanPlaceView]
    needs_confirmation: bool
    known_up_to: dict[str, int]
    shipments: list[ShipmentView]
    shipments_total: int

    @classmethod
    def of(cls, radius: Radius) -> "RadiusView":
        return cls(
            target=TargetView.of(radius.target),
            label=radius.label,
            label_en=radius.label_en,
            label_zh=radius.label_zh,
            lots=[LotView.of(row) for row in radius.lots[:LOTS_TOLD]],
            lots_total=len(radius.lots),
            facilities=[
                TouchedView.model_validate(f, from_attributes=True) for f in radius.facilities
            ],
            communes=[TouchedView.model_validate(c, from_attributes=True) for c in radius.communes],
            stamps_issued=radius.stamps.issued,
            stamps_activated=radius.stamps.active,
            scans=radius.scans,
            scan_places=[
                ScanPlaceView.model_validate(p, from_attributes=True) for p in radius.places
            ],
            needs_confirmation=radius.needs_confirmation,
            known_up_to=radius.taken_in,
            shipments=[ShipmentView.of(one) for one in radius.journeys[:LOTS_TOLD]],
            shipments_total=len(radius.journeys),
        )
