"""What people and programs send of a shipment: its plan, reports on the way, the count."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from services.registry.actions.planning import Sent, Wanted
from services.registry.actions.receipts import Receipt
from services.registry.domain.shipment import MAX_LINES, End, Position
from services.registry.inputs import (
    Degrees,
    Id,
    Latitude,
    Line,
    Longitude,
    Moment,
    OptionalId,
    OptionalUnit,
    Quantity,
    Unit,
)
from shared.web.fields import Input, Prose

Counted = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=3)]
# On what an official's word for the sender rests.
Basis = Annotated[Prose, Field(max_length=1000)]
Place = Annotated[str, Field(min_length=2, max_length=200)]


class SentRow(Input):
    """`lot`: its id, the code of one's own lot, or "facility code/lot code"."""

    lot: Annotated[str, Field(min_length=1, max_length=100)]
    quantity: Quantity


class SentFields(SentRow):
    unit: Unit


class PlanFields(Input):
    """`end`: transfer (then `receiver`, a facility's code), export (country, documents), sale or
    loss (then `reason`).
    """

    end: End
    place: Place
    receiver: Annotated[str, Field(max_length=30)] = ""
    carrier: Line = ""
    vehicle: Line = ""
    planned_pickup: Moment | None = None
    planned_delivery: Moment | None = None
    country: Line = ""
    documents: Line = ""
    buyer: Line = ""
    reason: Line = ""

    def of(self, facility_id: str, lines: Sequence[Sent]) -> Wanted:
        fields = {k: v for k, v in dict(self).items() if k in Wanted.__slots__}
        return Wanted(**{**fields, "facility_id": facility_id, "lines": lines})


class ShipmentFields(PlanFields):
    """A plan with what goes along; programs name a unit for each lot."""

    facility_id: OptionalId = ""
    lines: Annotated[tuple[SentFields, ...], Field(max_length=MAX_LINES)] = ()
    at: Moment | None = None

    def wanted(self, facility_id: str) -> Wanted:
        return self.of(facility_id, [Sent(one.lot, one.quantity, one.unit) for one in self.lines])


class ReceiptFields(Input):
    """Goods that came without a shipment here; `sender` is the code of who gave them, if not their
    maker. Without a unit the quantity is in the lot's own.
    """

    lot: Annotated[str, Field(min_length=1, max_length=100)]
    quantity: Quantity
    unit: OptionalUnit = ""
    at: Moment
    place: Place
    sender: Annotated[str, Field(max_length=30)] = ""
    documents: Line = ""

    def receipt(self, facility_id: str) -> Receipt:
        fields = {k: v for k, v in dict(self).items() if k in Receipt.__slots__}
        return Receipt(**{**fields, "facility_id": facility_id})


class CountFields(Input):
    lot_id: Id
    quantity: Counted
    reason: Line = ""


class ReceiveFields(Input):
    """`id` is made when the form is shown: the same form sent twice is one receipt."""

    id: Id
    at: Moment
    counted: Annotated[tuple[CountFields, ...], Field(max_length=MAX_LINES)] = ()

    def by_lot(self) -> dict[str, tuple[Decimal, str]]:
        return {row.lot_id: (row.quantity, row.reason) for row in self.counted}


class BackFields(Input):
    lot_id: Id
    quantity: Counted


class ReturnFields(Input):
    """What came back to the sender, by lot in its line's unit; the same `id` counts once."""

    id: Id
    at: Moment
    returned: Annotated[tuple[BackFields, ...], Field(max_length=MAX_LINES)] = ()
    reason: Annotated[Prose, Field(max_length=1000)] = ""

    def by_lot(self) -> dict[str, Decimal]:
        return {row.lot_id: row.quantity for row in self.returned}


class ReportFields(Input):
    """Where the goods are: a place in words or coordinates; a temperature if it is measured."""

    id: Id
    at: Moment | None = None
    place: Line = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    temperature: Degrees | None = None

    def position(self, now: datetime) -> Position:
        return Position(
            id=self.id,
            at=self.at or now,
            place=self.place,
            # No finer than a hundred metres: the goods are followed, not the driver.
            latitude=None if self.latitude is None else round(self.latitude, 3),
            longitude=None if self.longitude is None else round(self.longitude, 3),
            temperature=self.temperature,
        )


class CancelFields(Input):
    reason: Annotated[Prose, Field(min_length=3, max_length=1000)]
