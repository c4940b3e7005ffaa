"""The sender's word on goods that only their receiver recorded: that it sent them, or never did.

It is given by the sender's own account. An official may give it on the sender's behalf, saying on
what it rests, but not who recorded the receipt: nobody of the sender would have seen it (ADR 15).
"""

from dataclasses import dataclass
from datetime import datetime

from services.registry.domain.records import Author
from services.registry.domain.shipment import Shipment
from services.registry.domain.shipment_refusals import (
    AlreadyAnswered,
    BasisMissing,
    NotDeclared,
    OwnReceipt,
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who gives the word. `person`: marks by which accounts of one person are told; `basis`: how
    an official knows what the sender says (a signed paper, a visit)."""

    by: Author
    person: frozenset[str] = frozenset()
    basis: str = ""


def awaits(shipment: Shipment) -> bool:
    """Whether the sender has not said anything yet."""
    return shipment.declared and not shipment.disowned and shipment.acknowledged_at is None


def may_answer(shipment: Shipment, speaker: Speaker) -> bool:
    """Whether a page should ask: the sender itself, or an official who has not recorded it."""
    return _is_sender(shipment, speaker) or not _recorded(shipment, speaker)


def acknowledge(shipment: Shipment, speaker: Speaker, now: datetime) -> Shipment:
    """It did send them: from now on they count as told by both. Said again it changes nothing."""
    if not shipment.declared:
        raise NotDeclared()
    if shipment.disowned:
        raise AlreadyAnswered()
    _check(shipment, speaker)
    if not awaits(shipment):
        return shipment
    return shipment.step(
        now, acknowledged_at=now, answered_by=speaker.by, answer_basis=_basis(shipment, speaker)
    )


def disown(shipment: Shipment, reason: str, speaker: Speaker, now: datetime) -> Shipment:
    """It never sent them. Said again it changes nothing."""
    if not shipment.declared:
        raise NotDeclared()
    if shipment.acknowledged_at is not None:
        raise AlreadyAnswered()
    _check(shipment, speaker)
    if not awaits(shipment):
        return shipment
    return shipment.step(
        now, disowned=reason, answered_by=speaker.by, answer_basis=_basis(shipment, speaker)
    )


def _check(shipment: Shipment, speaker: Speaker) -> None:
    if _is_sender(shipment, speaker):
        return
    if _recorded(shipment, speaker):
        raise OwnReceipt()
    if not speaker.basis:
        raise BasisMissing("basis")


def _is_sender(shipment: Shipment, speaker: Speaker) -> bool:
    return speaker.by.facility_id == shipment.sender.facility_id


def _recorded(shipment: Shipment, speaker: Speaker) -> bool:
    """The same account, or another one of the same person."""
    same_person = bool(speaker.person & set(shipment.by_person))
    return speaker.by.account_id == shipment.by.account_id or same_person


def _basis(shipment: Shipment, speaker: Speaker) -> str:
    return "" if _is_sender(shipment, speaker) else speaker.basis
