"""Shipments: goods taken, sent on their way, handed over, counted by the receiver (R24)."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from services.registry.actions import markets
from services.registry.actions.planning import Wanted, planned
from services.registry.actions.rights import require_for
from services.registry.domain.records import Aggregate
from services.registry.domain.review_refusals import ReasonMissing
from services.registry.domain.shipment import (
    End,
    Shipment,
)
from services.registry.domain.units import in_base
from services.registry.stages import unit_names
from services.registry.store import holdings, records, shipments, trace_events
from shared import audit
from shared import once as kept
from shared.auth import Principal, require
from shared.contracts.registry import PackedLot, ShipmentPublished, ShippedLot
from shared.errors import NotFound
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.once import Once
from shared.turns import turn

ENTER: Final = "lot.enter"
READ: Final = "lot.read"


async def send(
    wanted: Wanted,
    *,
    shipment_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Shipment:
    """Reserve what is sent and tell it; a sale or a loss is over with that."""

    async def work(tx: Tx) -> Shipment:
        before = await kept.answered(tx, once)
        if before is not None:
            return await shipments.get(tx, before["id"])
        facility = await records.get(tx, Aggregate.FACILITY, wanted.facility_id)
        require_for(who, ENTER, facility)
        facility.owner.must_operate()
        shipment = await planned(tx, wanted, facility.owner, shipment_id, who, now)
        if shipment.end is End.EXPORT:
            leaving = wanted.planned_pickup or now
            lot_ids = [line.lot_id for line in shipment.lines]
            await markets.check_export(tx, wanted.country, lot_ids, facility, leaving)
        if shipment.end.is_at_once:
            shipment = shipment.sold(wanted.at or now, now)
        await shipments.insert(tx, shipment)
        await trace_events.follow_shipment(tx, shipment)
        await outbox.append(tx, told(shipment))
        await kept.keep(tx, once, {"id": shipment.id}, now)
        await audit.accepted(tx, who, "shipment.send", shipment.id, end=shipment.end)
        return shipment

    async with (
        audit.attempt(db, who, "shipment.send", wanted.facility_id),
        turn(db.name, f"facility {wanted.facility_id}"),
    ):
        return await transact(db, work)


async def receive(
    shipment_id: str,
    *,
    form_id: str,
    counted: Mapping[str, tuple[Decimal, str]],
    at: datetime,
    who: Principal,
    now: datetime,
    db: Database,
) -> Shipment:
    """The receiver's count: what arrived is theirs to use from now on."""

    async def change(tx: Tx, before: Shipment) -> Shipment:
        if before.receiver is None:
            raise NotFound()
        require(who, ENTER, before.receiver.scope())
        after = before.receive(form_id, counted, at=at, by=who.name, now=now)
        if after is not before:
            for line in after.lines:
                amount = in_base(line.received or Decimal(0), line.unit)
                await holdings.receive(tx, line.lot_id, before.receiver.facility_id, amount)
        return after

    return await act_on(shipment_id, "shipment.receive", change, who, db)


async def cancel(
    shipment_id: str, *, reason: str, who: Principal, now: datetime, db: Database
) -> Shipment:
    """Before it set off: what was reserved is there again."""

    async def change(tx: Tx, before: Shipment) -> Shipment:
        require(who, ENTER, before.sender.scope())
        if not reason:
            raise ReasonMissing("reason")
        after = before.cancel(reason, now)
        for line in before.lines:
            amount = in_base(line.quantity, line.unit)
            await holdings.give_back(tx, line.lot_id, before.sender.facility_id, amount)
        return after

    return await act_on(shipment_id, "shipment.cancel", change, who, db)


async def renew_link(
    shipment_id: str, *, open_: bool, who: Principal, now: datetime, db: Database
) -> Shipment:
    """A new link for the transporter, or none; those given before are worthless."""

    async def change(_: Tx, before: Shipment) -> Shipment:
        require(who, ENTER, before.sender.scope())
        return before.renew_link(now, open_=open_)

    return await act_on(shipment_id, "shipment.link", change, who, db)


async def read(shipment_id: str, *, who: Principal, db: Database) -> Shipment:
    """A shipment that the account may see from either end; raises NotFound."""
    shipment = await shipments.get(db, shipment_id)
    _require_either(who, shipment)
    return shipment


def told(shipment: Shipment) -> ShipmentPublished:
    """What the other services may know: no names of drivers, no positions."""
    return ShipmentPublished(
        subject=shipment.id,
        version=shipment.version,
        time=shipment.updated_at,
        code=shipment.code,
        kind=shipment.end.value,
        status=shipment.status.value,
        from_facility_id=shipment.sender.facility_id,
        to_facility_id=shipment.receiver.facility_id if shipment.receiver else "",
        country=shipment.country,
        lots=tuple(
            ShippedLot(
                lot_id=line.lot_id,
                quantity=line.quantity,
                unit=line.unit,
                received=line.received,
                unit_name=unit_names(line.unit)[0],
                returned=sum(
                    (one.quantity for one in shipment.returned if one.lot_id == line.lot_id),
                    Decimal(0),
                ),
            )
            for line in shipment.lines
        ),
        sent_at=shipment.sent_at,
        received_at=shipment.received_at,
        ssccs=tuple(sscc for sscc, _ in shipment.units),
        packed=_packed(shipment),
    )


def _what_is_told(shipment: Shipment) -> tuple[object, ...]:
    """What other services must hear of when it changes."""
    return shipment.status, shipment.returned, shipment.units, shipment.packed


def _packed(shipment: Shipment) -> tuple[PackedLot, ...]:
    units = {line.lot_id: line.unit for line in shipment.lines}
    return tuple(
        PackedLot(sscc=one.sscc, lot_id=one.lot_id, quantity=one.quantity, unit=units[one.lot_id])
        for one in shipment.packed
    )


def _word(shipment: Shipment) -> str:
    """For the ledger: whose word it is, and what it rests on where an official gave it."""
    return shipment.answer_basis or "sender"


def _require_either(who: Principal, shipment: Shipment) -> None:
    scopes = [end.scope() for end in (shipment.sender, shipment.receiver) if end is not None]
    reached = next((scope for scope in scopes if who.covers(READ, scope)), scopes[0])
    require(who, READ, reached)


async def act_on(
    shipment_id: str,
    act: str,
    change: Callable[[Tx, Shipment], Awaitable[Shipment]],
    who: Principal | None,
    db: Database,
) -> Shipment:
    """One step of a shipment; `who` is None for its transporter, whose link the step checks."""

    async def work(tx: Tx) -> Shipment:
        before = await shipments.get(tx, shipment_id)
        if who is not None:
            _require_either(who, before)
        after = await change(tx, before)
        if after is before:
            return before
        await shipments.put(tx, before, after)
        await trace_events.follow_shipment(tx, after)
        if _what_is_told(after) != _what_is_told(before):
            await outbox.append(tx, told(after))
        said = {"word": _word(after)} if after.answered_by != before.answered_by else {}
        reason = after.cancelled or (after.disowned if said else "")
        await audit.accepted(tx, who, act, shipment_id, reason, status=after.status, **said)
        return after

    async with audit.attempt(db, who, act, shipment_id):
        return await transact(db, work)
