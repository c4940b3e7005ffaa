"""The blast radius of a target as the JSON API tells it."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel, Field

from services.recall.domain.target import Target
from services.recall.queries.journeys import Journey
from services.recall.queries.knowledge import KnownUpTo
from services.recall.queries.outside import Outside
from services.recall.queries.radius import LotRow, Radius
from services.recall.queries.told import Told
from services.recall.queries.upstream import Upstream
from services.recall.store.genealogy import REGISTRY
from services.recall.views.radius_rows import (
    BalanceView,
    LotView,
    ScanPlaceView,
    ShipmentView,
    SourceLotView,
    ToTellView,
    TouchedView,
)

# Lots named in one answer; the figures count all of them.
LOTS_TOLD = 1_000


class TargetView(BaseModel):
    kind: str
    id: str
    first: int | None
    last: int | None
    since: date | None = Field(serialization_alias="from")
    until: date | None = Field(serialization_alias="to")
    number: str

    @classmethod
    def of(cls, target: Target) -> "TargetView":
        return cls.model_validate(target, from_attributes=True)


class KnownView(BaseModel):
    """All of registry's events up to `number` count here, all that happened until `at`; `missing`
    later ones do not. `missing` and `at` are null where registry could not be asked."""

    number: int
    missing: int | None
    at: datetime | None

    @classmethod
    def of(cls, known: KnownUpTo) -> "KnownView":
        return cls.model_validate(known, from_attributes=True)


class OutsideView(BaseModel):
    """Lots of one commune and sector on which the input was used and that the order does not reach,
    with the units that may order for them."""

    commune: str
    sector: str
    lots: int
    facilities: int
    responsible: list[str]


class RadiusView(BaseModel):
    """What an order would reach. `lots_total` and the stamps count all of it; a facility is told
    the rest of its own lots and shipments alone. `known_up_to` tells up to which of registry's
    events, `outside` what lies beyond the caller's area of an input that was used there too."""

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
    stamps_scanned: int
    lots_scanned: int
    scan_places: list[ScanPlaceView]
    needs_confirmation: bool
    known_up_to: dict[str, int]
    known: KnownView
    shipments: list[ShipmentView]
    shipments_total: int
    quantities: list[BalanceView]
    sources: list[SourceLotView]
    sources_total: int
    sources_cut: bool
    to_be_told: list[ToTellView]
    to_be_told_total: int
    outside: list[OutsideView]

    @classmethod
    def of(
        cls,
        radius: Radius,
        rows: Sequence[LotRow],
        journeys: Sequence[Journey],
        back: Upstream,
        told: Told,
        beyond: Sequence[Outside],
    ) -> "RadiusView":
        return cls(
            target=TargetView.of(radius.target),
            label=radius.label,
            label_en=radius.label_en,
            label_zh=radius.label_zh,
            lots=[LotView.of(row) for row in rows],
            lots_total=radius.lots,
            facilities=[
                TouchedView.model_validate(f, from_attributes=True) for f in radius.facilities
            ],
            communes=[TouchedView.model_validate(c, from_attributes=True) for c in radius.communes],
            stamps_issued=radius.stamps.issued,
            stamps_activated=radius.stamps.active,
            scans=radius.scans,
            stamps_scanned=radius.stamps_scanned,
            lots_scanned=radius.figures.lots_scanned,
            scan_places=[
                ScanPlaceView.model_validate(p, from_attributes=True) for p in radius.places
            ],
            needs_confirmation=radius.needs_confirmation,
            known_up_to={REGISTRY: radius.known.number},
            known=KnownView.of(radius.known),
            shipments=[ShipmentView.of(one) for one in journeys],
            shipments_total=radius.moves,
            quantities=[BalanceView.of(*one) for one in radius.figures.balances.items()],
            sources=[SourceLotView.of(row) for row in back.rows],
            sources_total=back.total,
            sources_cut=back.cut,
            to_be_told=[ToTellView.of(row) for row in told.facilities],
            to_be_told_total=told.total,
            outside=[
                OutsideView(
                    commune=one.commune_name,
                    sector=one.sector,
                    lots=one.lots,
                    facilities=one.facilities,
                    responsible=list(one.responsible),
                )
                for one in beyond
            ],
        )
