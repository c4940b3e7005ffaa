"""A shipment (chuyến hàng): lots on their way from one facility to another, abroad, or sold (R24).

Circular 17/2021, Art. 6: of what leaves and arrives, consignee and consignor, time, place, type,
weight and identification are recorded. Forms carry ids made when they were shown: what comes twice,
from a telephone that was out of reach, is done once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from services.registry.domain.diary import CLOCK_TOLERANCE
from services.registry.domain.diary_refusals import DateInFuture
from services.registry.domain.packing import Packed
from services.registry.domain.records import Author, Owner
from services.registry.domain.shipment_refusals import (
    AlreadyOnTheWay,
    CountryMissing,
    DifferenceUnexplained,
    LinkInvalid,
    LossUnexplained,
    MoreThanSent,
    NothingShipped,
    PlanOutOfOrder,
    PositionsFull,
    ReceiverMissing,
    SameFacility,
    ShipmentOver,
)
from shared.days import local_day, spoken
from shared.errors import EditConflict

MAX_LINES = 100
MAX_POSITIONS = 500
LINK_LASTS: Final = timedelta(days=7)


class End(StrEnum):
    """Where goods go: to another facility, abroad, to consumers; or they are lost or destroyed."""

    TRANSFER = "transfer"
    EXPORT = "export"
    SALE = "sale"
    LOSS = "loss"

    @property
    def is_at_once(self) -> bool:
        """Nobody carries it anywhere and nobody confirms it."""
        return self in (End.SALE, End.LOSS)


class Status(StrEnum):
    PLANNED = "planned"
    IN_TRANSIT = "in_transit"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Line:
    """`received` in the same unit; `reason` where it is less than what was sent."""

    lot_id: str
    quantity: Decimal
    unit: str
    received: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """Where the goods were: a place as typed, coordinates as a phone gave them, degrees Celsius."""

    id: str
    at: datetime
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    temperature: Decimal | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """`photo` is the id of a picture, "" without one."""

    id: str
    at: datetime
    name: str
    place: str = ""
    photo: str = ""


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back to the sender of one lot, in its line's unit; `id` is that of the form."""

    id: str
    lot_id: str
    quantity: Decimal
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Shipment:
    """`reason` says why goods were lost or destroyed.

    `declared` where nobody sent it here: the receiver recorded what it had received. `disowned` is
    why its sender says that it never sent that, `acknowledged_at` when it said that it did, by
    `answered_by`, an official with `answer_basis`. `by_person` are marks of `by`'s person.

    `link` numbers the transporter's link: a new number makes the older ones worthless. `units` are
    logistic units: the SSCC of each, and the id of its form; `packed` is what some hold.
    """

    id: str
    code: str
    version: int
    end: End
    status: Status
    sender: Owner
    receiver: Owner | None
    lines: tuple[Line, ...]
    by: Author
    created_at: datetime
    updated_at: datetime
    place: str = ""
    carrier: str = ""
    vehicle: str = ""
    planned_pickup: datetime | None = None
    planned_delivery: datetime | None = None
    country: str = ""
    documents: str = ""
    buyer: str = ""
    picked_up: Position | None = None
    positions: tuple[Position, ...] = ()
    handed_over: HandOver | None = None
    received_id: str = ""
    received_at: datetime | None = None
    received_by: str = ""
    cancelled: str = ""
    reason: str = ""
    returned: tuple[Returned, ...] = ()
    declared: bool = False
    disowned: str = ""
    acknowledged_at: datetime | None = None
    answered_by: Author | None = None
    answer_basis: str = ""
    by_person: tuple[str, ...] = ()
    link: int = 1
    link_until: datetime | None = None
    units: tuple[tuple[str, str], ...] = ()
    packed: tuple[Packed, ...] = ()

    @property
    def is_over(self) -> bool:
        done = self.end is not End.TRANSFER and self.status is Status.HANDED_OVER
        return done or self.status in (Status.RECEIVED, Status.CANCELLED)

    @property
    def is_told(self) -> bool:
        """Whether its sender said so too; what a receiver alone has recorded is only its word."""
        return not self.declared or self.acknowledged_at is not None

    @property
    def sent_at(self) -> datetime | None:
        return self.picked_up.at if self.picked_up is not None else None

    def checked(self) -> "Shipment":
        """The same; raises what its end needs and what is out of order."""
        if not self.lines:
            raise NothingShipped("lines")
        if self.end is End.TRANSFER and self.receiver is None:
            raise ReceiverMissing("receiver")
        if self.receiver is not None and self.receiver.facility_id == self.sender.facility_id:
            raise SameFacility("receiver")
        if self.end is End.EXPORT and not (self.country and self.documents):
            raise CountryMissing("documents" if self.country else "country")
        if self.end is End.LOSS and not self.reason:
            raise LossUnexplained("reason")
        pickup, delivery = self.planned_pickup, self.planned_delivery
        if pickup is not None and delivery is not None and delivery < pickup:
            raise PlanOutOfOrder("planned_delivery")
        return self

    def sold(self, at: datetime, now: datetime) -> "Shipment":
        """Sold over the counter, or lost: nobody confirms it."""
        _check_past(at, now)
        there = Position(self.id, at, self.place)
        lines = tuple(replace(line, received=line.quantity) for line in self.lines)
        return replace(self, status=Status.RECEIVED, picked_up=there, received_at=at, lines=lines)

    def declared_received(self, at: datetime, by: str, now: datetime) -> "Shipment":
        """Goods that came without a shipment of ours, as their receiver counted them."""
        _check_past(at, now)
        return replace(self.sold(at, now), declared=True, received_by=by)

    def pick_up(self, where: Position, now: datetime) -> "Shipment":
        """The transporter has the goods. Said again it changes nothing."""
        if self.picked_up is not None:
            return self
        self._check_open()
        _check_past(where.at, now)
        return self.step(now, status=Status.IN_TRANSIT, picked_up=where)

    def report(self, where: Position, now: datetime) -> "Shipment":
        """One more position; reports that come late or twice fall into their place."""
        if any(one.id == where.id for one in self.positions):
            return self
        if self.status is Status.CANCELLED:
            raise ShipmentOver()
        if len(self.positions) >= MAX_POSITIONS:
            raise PositionsFull(limit=MAX_POSITIONS)
        _check_past(where.at, now)
        found = sorted((*self.positions, where), key=lambda one: (one.at, one.id))
        return replace(self, version=self.version + 1, updated_at=now, positions=tuple(found))

    def hand_over(self, given: HandOver, now: datetime) -> "Shipment":
        """Delivered; whoever forgot to say that it was picked up has picked it up by now."""
        if self.handed_over is not None and self.handed_over.id == given.id:
            return self
        if self.handed_over is not None:
            raise ShipmentOver()
        self._check_open()
        _check_past(given.at, now)
        started = self.picked_up or Position(given.id, given.at, self.place)
        return self.step(now, status=Status.HANDED_OVER, picked_up=started, handed_over=given)

    def receive(
        self,
        form_id: str,
        counted: Mapping[str, tuple[Decimal, str]],
        *,
        at: datetime,
        by: str,
        now: datetime,
    ) -> "Shipment":
        """The receiver's own count by lot, (quantity, reason); raises where it is not explained."""
        if self.received_id == form_id:
            return self
        self._check_open()
        _check_past(at, now)
        lines = []
        for index, line in enumerate(self.lines):
            quantity, reason = counted.get(line.lot_id, (line.quantity, ""))
            if quantity > line.quantity:
                sent = f"{line.quantity.normalize():f} {line.unit}"
                raise MoreThanSent(f"counted.{index}.quantity", sent=sent)
            if quantity != line.quantity and not reason:
                raise DifferenceUnexplained(f"counted.{index}.reason")
            lines.append(replace(line, received=quantity, reason=reason))
        return self.step(
            now,
            status=Status.RECEIVED,
            picked_up=self.picked_up or Position(form_id, at, self.place),
            lines=tuple(lines),
            received_id=form_id,
            received_at=at,
            received_by=by,
        )

    def cancel(self, reason: str, now: datetime) -> "Shipment":
        if self.status is Status.CANCELLED:
            raise ShipmentOver()
        if self.status is not Status.PLANNED:
            raise AlreadyOnTheWay()
        return self.step(now, status=Status.CANCELLED, cancelled=reason)

    def renew_link(self, now: datetime, *, open_: bool) -> "Shipment":
        """A new link, or none at all; those given before no longer open anything."""
        until = now + LINK_LASTS if open_ else None
        return self.step(now, link=self.link + 1, link_until=until)

    def check_link(self, number: int, now: datetime) -> None:
        if number != self.link or self.link_until is None or now > self.link_until:
            raise LinkInvalid()

    def expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _check_open(self) -> None:
        if self.is_over:
            raise ShipmentOver()

    def step(self, now: datetime, **changes: object) -> "Shipment":
        """Changed by one act: what the other modules of its life use too."""
        return replace(self, version=self.version + 1, updated_at=now, **changes)  # type: ignore[arg-type]


def _check_past(at: datetime, now: datetime) -> None:
    if at > now + CLOCK_TOLERANCE:
        raise DateInFuture("at", date=spoken(local_day(at)))
