"""Handing printed stamps over to a facility or another unit, and their receipt (R40)."""

from datetime import date, datetime

from services.stamps.actions.awaiting import tell_waiting
from services.stamps.actions.noting import note, stock_of
from services.stamps.actions.stock import take_out
from services.stamps.domain.handovers import HandOver, must_be_possible, must_take_stock
from services.stamps.domain.intervals import segments_of
from services.stamps.domain.life import must_be_unused
from services.stamps.domain.moves import Act
from services.stamps.domain.printing import Span
from services.stamps.domain.requests import ReasonNeeded
from services.stamps.domain.spans import count
from services.stamps.store import batches, facts, handovers, segments, units
from shared import audit, once
from shared.auth import Principal, require
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import new_id
from shared.mongo import Database, Tx, transact
from shared.turns import turn


async def hand_over(
    number: int,
    *,
    serials: tuple[Span, ...],
    recipient: str,
    handed_on: date,
    remark: str = "",
    to_unit_id: str = "",
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> HandOver:
    """Give what lies in the stock of who acts to a person of the facility or, with `to_unit_id`, of
    another unit that answers for the facility and takes it in its own stock.

    Raises NotCentral, NotInStock, SerialsNotUsable, NothingHanded, HandedInFuture,
    HandedBeforeIssue, FacilityNotActive, ToOwnUnit, TakesNoStock, TooManyPieces. All or nothing.
    """
    to = [to_unit_id] if to_unit_id else []
    asked = once.once(who, key, "hand over", number, serials, recipient, handed_on, remark, *to)

    async def work(tx: Tx) -> HandOver:
        if before := await once.answered(tx, asked):
            return await handovers.get(tx, before["id"])
        batch = await batches.get(tx, number)
        facility = await facts.facility(tx, batch.facility_id)
        require(who, "stamps.hand_over", facility.scope)
        found = await stock_of(tx, number)
        must_be_possible(serials, handed_on, local_day(batch.issued_at), now)
        if to_unit_id:
            must_take_stock(await units.get(tx, to_unit_id), facility.scope, giver=who.unit_id)
        else:
            facility.must_be_active()
        made = HandOver(
            id=new_id(),
            batch=number,
            facility_id=batch.facility_id,
            product_id=batch.product_id,
            unit_id=who.unit_id,
            spans=serials,
            recipient=recipient,
            handed_on=handed_on.isoformat(),
            by=who.account_id,
            by_name=who.name,
            by_tier=who.tier,
            by_person=tuple(sorted(who.person)),
            at=now,
            note=remark,
            to_unit_id=to_unit_id,
        )
        moved = found.hand_over(serials, handover=made.id, unit=who.unit_id, now=now)
        await _must_be_unused(tx, number, serials)
        await handovers.put(tx, made)
        act: Act = "transfer" if to_unit_id else "hand_over"
        await note(tx, found, moved, act, who, now, handover=made.id, to_unit=to_unit_id)
        await once.keep(tx, asked, {"id": made.id}, now)
        moved_to = {"to_unit": to_unit_id} if to else {}
        await audit.accepted(
            tx, who, "stamps.hand_over", made.id, batch=number, quantity=made.total, **moved_to
        )
        return made

    async with (
        audit.attempt(db, who, "stamps.hand_over", str(number)),
        turn(db.name, f"batch {number}"),
    ):
        return await transact(db, work)


async def withdraw(
    handover_id: str, *, reason: str, who: Principal, db: Database, now: datetime
) -> HandOver:
    """A hand-over that did not take place: its stamps are in stock again, with the unit that had
    them, also where a higher tier withdraws it.

    Raises NotWaiting, NotYourHandOver, ReasonNeeded.
    """

    async def work(tx: Tx) -> HandOver:
        made = await handovers.get(tx, handover_id)
        require(who, "stamps.hand_over", await facts.scope_of(tx, made.facility_id))
        if not reason:
            raise ReasonNeeded("reason")
        withdrawn = made.withdraw(who)
        found = await stock_of(tx, made.batch)
        back = found.take_back(made.id, now=now)
        await handovers.put(tx, withdrawn)
        told = {"unit": made.unit_id, "handover": made.id, "reason": reason}
        told["to_unit"] = made.to_unit_id
        await note(tx, found, back, "take_back", who, now, **told)
        await audit.accepted(
            tx, who, "stamps.hand_over", made.id, reason, batch=made.batch, withdrawn=True
        )
        return withdrawn

    async with audit.attempt(db, who, "stamps.hand_over", handover_id):
        return await transact(db, work)


async def receive(
    handover_id: str,
    *,
    missing: tuple[Span, ...] = (),
    damaged: tuple[Span, ...] = (),
    text: str = "",
    key: str | None = None,
    who: Principal,
    db: Database,
    now: datetime,
) -> HandOver:
    """The facility or unit has it, but for what is missing or damaged: these are lost and damaged
    at once.

    Raises NotWaiting, NotHandedToYou, OwnHandOver, OutsideHandOver, MissingAndDamaged, WordsNeeded.
    """
    asked = once.once(who, key, "receive", handover_id, missing, damaged, text)

    async def work(tx: Tx) -> HandOver:
        made = await handovers.get(tx, handover_id)
        require(who, made.receipt_right, await facts.scope_of(tx, made.facility_id))
        if await once.answered(tx, asked):
            return made
        received = made.receive(missing, damaged, text, who=who, now=now)
        found = await stock_of(tx, made.batch)
        there = found.receive(made.id, missing, damaged, now=now, unit=made.to_unit_id)
        await handovers.put(tx, received)
        act: Act = "take_in" if made.to_unit_id else "receive"
        told = {"handover": made.id, "reason": text, "to_unit": made.to_unit_id}
        await note(tx, found, there, act, who, now, **told)
        await take_out(tx, made.batch, missing, "lost", text, who, now)
        await take_out(tx, made.batch, damaged, "damaged", text, who, now)
        await once.keep(tx, asked, {"id": made.id}, now)
        lacks = {"missing": count(missing), "damaged": count(damaged)}
        counted = {"batch": made.batch, "quantity": made.total, **lacks}
        await audit.accepted(tx, who, made.receipt_right, made.id, text, **counted)
        return received

    async with (
        audit.attempt(db, who, await _receipt_right(db, handover_id), handover_id),
        turn(db.name, f"hand-over {handover_id}"),
    ):
        return await transact(db, work)


async def answer(
    handover_id: str,
    *,
    text: str = "",
    agrees: bool,
    who: Principal,
    db: Database,
    now: datetime,
) -> HandOver:
    """What a side says of a difference, or that it agrees with the other: then it is settled.

    Raises NoDifference, NotYourHandOver, OwnHandOver, SpokeForOtherSide, OwnWord, WordsNeeded,
    TooManyWords.
    """
    action = "stamps.receive" if who.facility_id is not None else "stamps.hand_over"

    async def work(tx: Tx) -> HandOver:
        made = await handovers.get(tx, handover_id)
        require(who, action, await facts.scope_of(tx, made.facility_id))
        answered = made.answer(text, agrees=agrees, who=who, now=now)
        await handovers.put(tx, answered)
        await tell_waiting(tx, made.batch, now)
        await audit.accepted(tx, who, action, made.id, text, batch=made.batch, agrees=agrees)
        return answered

    async with audit.attempt(db, who, action, handover_id):
        return await transact(db, work)


async def _receipt_right(db: Database, handover_id: str) -> str:
    """The right that who receives uses, for the ledger."""
    try:
        return (await handovers.get(db, handover_id)).receipt_right
    except NotFound:
        return "stamps.receive"


async def _must_be_unused(tx: Tx, batch: int, spans: tuple[Span, ...]) -> None:
    for first, last in spans:
        found = await segments.of_batch(tx, batch, segments_of(first, last))
        must_be_unused((one for part in found for one in part.intervals), first, last)
