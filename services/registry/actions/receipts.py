"""Goods that came without a shipment here: their receiver records them, their sender answers.

What was used of them before they were recorded is counted off at once, so that one step makes the
balance whole. The receipt takes from what the sender has: nobody receives more than was made.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.registry.actions import holding, planning, shipping, supplying
from services.registry.actions.rights import author, require_for
from services.registry.domain import sender_word
from services.registry.domain.records import Aggregate, Owner, Record
from services.registry.domain.review_refusals import ReasonMissing
from services.registry.domain.sender_word import Speaker
from services.registry.domain.shipment import End, Line, Shipment, Status
from services.registry.domain.shipment_refusals import OwnLot
from services.registry.domain.units import in_base
from services.registry.store import holdings, records, shipments, trace_events
from shared import audit
from shared import once as kept
from shared.auth import Principal, require
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.once import Once
from shared.turns import turn

ACT = "shipment.declare"


@dataclass(frozen=True, slots=True)
class Receipt:
    """`lot`: its id or "facility code/lot code"; `sender` the code of who gave it, "" its maker."""

    facility_id: str
    lot: str
    quantity: Decimal
    unit: str
    at: datetime
    place: str
    sender: str = ""
    documents: str = ""


async def record(
    wanted: Receipt,
    *,
    shipment_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Shipment:
    """Book what was received, and count off what the facility's diaries used of it already."""

    async def work(tx: Tx) -> Shipment:
        before = await kept.answered(tx, once)
        if before is not None:
            return await shipments.get(tx, before["id"])
        facility = await records.get(tx, Aggregate.FACILITY, wanted.facility_id)
        require_for(who, shipping.ENTER, facility)
        facility.owner.must_operate()
        lot = await holding.named(tx, wanted.lot, "lot", own=facility.owner.code)
        if lot.owner.facility_id == facility.id:
            raise OwnLot("lot", lot=lot.code)
        # Also of a lot that is recalled by now: a recall must find whoever received it.
        sender = await _sender(tx, wanted, lot)
        unit = wanted.unit or lot.shown.unit
        amount = await holding.take(tx, lot, sender.facility_id, wanted.quantity, unit, "quantity")
        await holdings.receive(tx, lot.id, facility.id, amount)
        line = Line(lot.id, wanted.quantity, unit)
        shipment = await _shipment(tx, wanted, line, sender, facility.owner, shipment_id, who, now)
        await shipments.insert(tx, shipment)
        await trace_events.follow_shipment(tx, shipment)
        await outbox.append(tx, shipping.told(shipment))
        await supplying.count_off(tx, facility.id, lot)
        await kept.keep(tx, once, {"id": shipment.id}, now)
        await audit.accepted(tx, who, ACT, shipment.id, lot=lot.id, on_behalf=not who.facility_id)
        return shipment

    async with (
        audit.attempt(db, who, ACT, wanted.facility_id),
        turn(db.name, f"facility {wanted.facility_id}"),
    ):
        return await transact(db, work)


async def acknowledge(
    shipment_id: str, *, basis: str = "", who: Principal, now: datetime, db: Database
) -> Shipment:
    """The sender says that it did send that: its receiver may then read where the goods came from.

    No goods move by it: they were taken from what the sender has when the receipt was recorded.
    `basis` is what an official's word on the sender's behalf rests on.
    """

    async def change(_: Tx, before: Shipment) -> Shipment:
        require(who, shipping.ENTER, before.sender.scope())
        return sender_word.acknowledge(before, speaker(who, basis), now)

    return await shipping.act_on(shipment_id, "shipment.acknowledge", change, who, db)


async def disown(
    shipment_id: str, *, reason: str, basis: str = "", who: Principal, now: datetime, db: Database
) -> Shipment:
    """The sender says that it never sent that: its goods are its own again, officials are told.

    What the receiver has stays as it said, for officials to settle: it may be used already.
    """

    async def change(tx: Tx, before: Shipment) -> Shipment:
        require(who, shipping.ENTER, before.sender.scope())
        if not reason:
            raise ReasonMissing("reason")
        after = sender_word.disown(before, reason, speaker(who, basis), now)
        if after is not before:
            for line in before.lines:
                amount = in_base(line.quantity, line.unit)
                await holdings.give_back(tx, line.lot_id, before.sender.facility_id, amount)
        return after

    return await shipping.act_on(shipment_id, "shipment.disown", change, who, db)


def speaker(who: Principal, basis: str = "") -> Speaker:
    """The account as one that gives, or might give, the sender's word."""
    return Speaker(author(who), who.person, basis)


async def _sender(tx: Tx, wanted: Receipt, lot: Record[Any]) -> Owner:
    """Who gave it: the lot's maker, or another facility that had received it."""
    if not wanted.sender:
        return lot.owner
    return await planning.facility_of_code(tx, wanted.sender, "sender")


async def _shipment(
    tx: Tx,
    wanted: Receipt,
    line: Line,
    sender: Owner,
    receiver: Owner,
    shipment_id: str,
    who: Principal,
    now: datetime,
) -> Shipment:
    return (
        Shipment(
            id=shipment_id,
            code=await planning.free_code(tx),
            version=1,
            end=End.TRANSFER,
            status=Status.PLANNED,
            sender=sender,
            receiver=receiver,
            lines=(line,),
            by=author(who),
            by_person=tuple(sorted(who.person)),
            created_at=now,
            updated_at=now,
            place=wanted.place,
            documents=wanted.documents,
        )
        .checked()
        .declared_received(wanted.at, who.name, now)
    )
