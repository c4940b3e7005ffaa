"""Goods that come back to their sender: refused abroad, short at the receiver, not sold (R24)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from services.registry.domain.diary import CLOCK_TOLERANCE
from services.registry.domain.diary_refusals import DateInFuture
from services.registry.domain.shipment import End, Line, Returned, Shipment, Status
from services.registry.domain.shipment_refusals import (
    MoreThanOut,
    NothingReturned,
    NotLeftYet,
    ReturnUnexplained,
)
from shared.days import local_day, spoken

ZERO = Decimal(0)


def may_return(shipment: Shipment) -> bool:
    """Whether something of it may still come back to the sender."""
    if shipment.end is End.TRANSFER:
        left = shipment.status is Status.RECEIVED
    else:
        left = shipment.status not in (Status.PLANNED, Status.CANCELLED)
    open_ = any(outside(shipment, line) for line in shipment.lines)
    return left and shipment.end is not End.LOSS and open_


def outside(shipment: Shipment, line: Line) -> Decimal:
    """What of a line is neither with the receiver nor back with the sender, in its unit."""
    there = (line.received or ZERO) if shipment.end is End.TRANSFER else ZERO
    back = sum((one.quantity for one in shipment.returned if one.lot_id == line.lot_id), ZERO)
    return line.quantity - there - back


def take_back(
    shipment: Shipment,
    form_id: str,
    quantities: Mapping[str, Decimal],
    *,
    at: datetime,
    reason: str,
    now: datetime,
) -> Shipment:
    """With these quantities back, by lot; the same form again changes nothing."""
    if any(one.id == form_id for one in shipment.returned):
        return shipment
    if not may_return(shipment):
        raise NotLeftYet()
    if at > now + CLOCK_TOLERANCE:
        raise DateInFuture("at", date=spoken(local_day(at)))
    if not reason:
        raise ReturnUnexplained("reason")
    found = []
    for index, line in enumerate(shipment.lines):
        quantity = quantities.get(line.lot_id, ZERO)
        left = outside(shipment, line)
        if quantity > left:
            raise MoreThanOut(
                f"returned.{index}.quantity", left=f"{left.normalize():f} {line.unit}"
            )
        if quantity:
            found.append(Returned(form_id, line.lot_id, quantity, at, reason))
    if not found:
        raise NothingReturned("returned.0.quantity")
    return replace(
        shipment,
        version=shipment.version + 1,
        updated_at=now,
        returned=(*shipment.returned, *found),
    )
