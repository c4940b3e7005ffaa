"""The sender's word on goods that only their receiver recorded: that it sent them, or never did.

It is given by the sender's own account. An official may give it on the sender's behalf, saying on
what it rests, but not who recorded the receipt: nobody of the sender would have seen it (ADR 15).
"""

from collections.abc import Collection
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
    sender = shipment.sender.facility_id
    return may_answer_on(sender, shipment.by, shipment.by_person, speaker)


def acknowledge(shipment: Shipment, speaker: Speaker, now: datetime) -> Shipment:
    """It did send them: from now on they count as told by both. Said again it changes nothing."""
    if not shipment.declared:
        raise NotDeclared()
    if shipment.disowned:
        raise AlreadyAnswered()
    return _answered(shipment, speaker, now, acknowledged_at=now)


def disown(shipment: Shipment, reason: str, speaker: Speaker, now: datetime) -> Shipment:
    """It never sent them. Said again it changes nothing."""
    if not shipment.declared:
        raise NotDeclared()
    if shipment.acknowledged_at is not None:
        raise AlreadyAnswered()
    return _answered(shipment, speaker, now, disowned=reason)


def _answered(
    shipment: Shipment, speaker: Speaker, now: datetime, **said: datetime | str
) -> Shipment:
    sender = shipment.sender.facility_id
    check(sender, shipment.by, shipment.by_person, speaker)
    if not awaits(shipment):
        return shipment
    basis = basis_of(sender, speaker)
    return shipment.step(now, answered_by=speaker.by, answer_basis=basis, **said)


def check(sender: str, by: Author, by_person: Collection[str], speaker: Speaker) -> None:
    """Raise where the speaker may not give this sender's word on what `by` recorded."""
    if _is(sender, speaker):
        return
    if _recorded(by, by_person, speaker):
        raise OwnReceipt()
    if not speaker.basis:
        raise BasisMissing("basis")


def may_answer_on(sender: str, by: Author, by_person: Collection[str], speaker: Speaker) -> bool:
    """Whether the speaker may give this sender's word on what `by` recorded, if with a basis."""
    return _is(sender, speaker) or not _recorded(by, by_person, speaker)


def basis_of(sender: str, speaker: Speaker) -> str:
    """On what the word rests: the sender's own on itself, which is not said."""
    return "" if _is(sender, speaker) else speaker.basis


def _is(sender: str, speaker: Speaker) -> bool:
    return speaker.by.facility_id == sender


def _recorded(by: Author, by_person: Collection[str], speaker: Speaker) -> bool:
    """The same account, or another one of the same person."""
    same_person = bool(speaker.person & set(by_person))
    return speaker.by.account_id == by.account_id or same_person
