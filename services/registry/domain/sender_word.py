"""The sender's word on goods that only their receiver recorded: that it sent them, or never did."""

from datetime import datetime

from services.registry.domain.shipment import Shipment
from services.registry.domain.shipment_refusals import AlreadyAnswered, NotDeclared


def awaits(shipment: Shipment) -> bool:
    """Whether the sender has not said anything yet."""
    return shipment.declared and not shipment.disowned and shipment.acknowledged_at is None


def acknowledge(shipment: Shipment, now: datetime) -> Shipment:
    """It did send them: from now on they count as told by both. Said again it changes nothing."""
    if not shipment.declared:
        raise NotDeclared()
    if shipment.disowned:
        raise AlreadyAnswered()
    return shipment.step(now, acknowledged_at=now) if awaits(shipment) else shipment


def disown(shipment: Shipment, reason: str, now: datetime) -> Shipment:
    """It never sent them. Said again it changes nothing."""
    if not shipment.declared:
        raise NotDeclared()
    if shipment.acknowledged_at is not None:
        raise AlreadyAnswered()
    return shipment.step(now, disowned=reason) if awaits(shipment) else shipment
