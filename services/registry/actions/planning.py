"""Planning a shipment: what is sent, taken from what the sender holds, and to whom (R24)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from services.registry.actions import holding
from services.registry.actions.rights import author
from services.registry.domain.codes import NUMBERS, generated
from services.registry.domain.records import Aggregate, Owner
from services.registry.domain.shipment import LINK_LASTS, End, Line, Shipment, Status
from services.registry.domain.shipment_refusals import ReceiverUnknown
from services.registry.domain.units import in_base
from services.registry.store import records, shipments
from shared.auth import Principal
from shared.mongo import Tx

PREFIX: Final = "CH22"


@dataclass(frozen=True, slots=True)
class Sent:
    """One lot to send, by id, own code, or facility code and lot code."""

    lot: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Wanted:
    facility_id: str
    end: End
    lines: Sequence[Sent]
    place: str
    receiver: str = ""
    carrier: str = ""
    vehicle: str = ""
    planned_pickup: datetime | None = None
    planned_delivery: datetime | None = None
    country: str = ""
    documents: str = ""
    buyer: str = ""
    reason: str = ""
    at: datetime | None = None


async def planned(
    tx: Tx, wanted: Wanted, sender: Owner, shipment_id: str, who: Principal, now: datetime
) -> Shipment:
    """The shipment as it begins; its goods are taken from the sender already."""
    return Shipment(
        id=shipment_id,
        code=await free_code(tx),
        version=1,
        end=wanted.end,
        status=Status.PLANNED,
        sender=sender,
        receiver=await _receiver(tx, wanted),
        lines=await _lines(tx, wanted, sender),
        by=author(who),
        created_at=now,
        updated_at=now,
        place=wanted.place,
        carrier=wanted.carrier,
        vehicle=wanted.vehicle,
        planned_pickup=wanted.planned_pickup,
        planned_delivery=wanted.planned_delivery,
        country=wanted.country,
        documents=wanted.documents,
        buyer=wanted.buyer,
        reason=wanted.reason,
        link_until=now + LINK_LASTS,
    ).checked()


async def free_code(tx: Tx) -> str:
    while True:
        code = generated(PREFIX, secrets.randbelow(NUMBERS))
        if await shipments.code_is_free(tx, code):
            return code


async def _receiver(tx: Tx, wanted: Wanted) -> Owner | None:
    if wanted.end is not End.TRANSFER or not wanted.receiver:
        return None
    return await facility_of_code(tx, wanted.receiver, "receiver")


async def facility_of_code(tx: Tx, code: str, field: str) -> Owner:
    """The facility at the other end; raises where none that works has this code."""
    found = await records.by_code(tx, Aggregate.FACILITY, code.strip().upper())
    if found is None or not found.is_public:
        raise ReceiverUnknown(field, facility=code)
    return found.owner


async def _lines(tx: Tx, wanted: Wanted, sender: Owner) -> tuple[Line, ...]:
    """What is sent, taken from what the sender holds."""
    found: dict[str, Line] = {}
    for index, sent in enumerate(wanted.lines):
        field = f"lines.{index}"
        lot: Any = await holding.named(tx, sent.lot, f"{field}.lot", own=sender.code)
        if wanted.end is not End.LOSS:
            # What is recalled or failed a test may still be destroyed.
            await holding.check_usable(tx, lot, f"{field}.lot")
        await holding.take(
            tx, lot, sender.facility_id, sent.quantity, sent.unit, f"{field}.quantity"
        )
        line = Line(lot.id, sent.quantity, sent.unit)
        known = found.get(lot.id)
        if known is not None:
            line = replace(
                line,
                quantity=known.quantity
                + in_base(sent.quantity, sent.unit) / in_base(Decimal(1), known.unit),
                unit=known.unit,
            )
        found[lot.id] = line
    return tuple(found.values())
