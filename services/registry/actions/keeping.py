"""Whoever has goods of a lot writes down what was done with them; nobody else can (R20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from services.registry.actions import holding, measuring
from services.registry.actions.rights import author, may, require_for
from services.registry.domain.holding import NotHeld
from services.registry.domain.keeping import Keeping, MoreThanHeld, Work
from services.registry.domain.media import ImageUnknown
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.units import convert, in_base, measure
from services.registry.store import holdings, keepings, media, records, trace_events
from shared import audit
from shared import once as kept
from shared.auth import Principal
from shared.errors import NotFound, OutOfReach
from shared.ids import new_id
from shared.mongo import Database, Tx, transact
from shared.once import Once

READ, ENTER, STRIKE = "lot.read", "lot.enter", "lot.keeping.strike"
ACT: Final = "lot.keeping"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`lot`: its id, the code of one's own lot, or "facility code/lot code"."""

    facility_id: str
    lot: str
    work: Work
    at: datetime
    place: str
    quantity: Decimal | None = None
    unit: str = ""
    temperature: Decimal | None = None
    note: str = ""
    photos: Sequence[str] = ()


async def record(
    wanted: Wanted, *, who: Principal, now: datetime, db: Database, once: Once | None = None
) -> Keeping:
    """One entry, once per key."""

    async def work(tx: Tx) -> Keeping:
        before = await kept.answered(tx, once)
        if before is not None:
            return await keepings.get(tx, before["id"])
        facility = await records.get(tx, Aggregate.FACILITY, wanted.facility_id)
        require_for(who, ENTER, facility)
        facility.owner.must_operate()
        lot = await holding.named(tx, wanted.lot, "lot", own=facility.owner.code)
        one = _entry(wanted, lot, who, now).checked(now)
        if one.photos and not await media.all_belong(tx, one.photos, facility.id):
            raise ImageUnknown("photos")
        _check_quantity(one, lot, await _has(tx, lot, facility))
        await keepings.insert(tx, one)
        await trace_events.follow_keeping(tx, one, facility.owner, lot)
        await measuring.tell_kept(tx, one, lot, now)
        await kept.keep(tx, once, {"id": one.id}, now)
        by_authority = not who.facility_id
        await audit.accepted(
            tx, who, ACT, one.id, lot=lot.id, work=one.work.value, on_behalf=by_authority
        )
        return one

    async with audit.attempt(db, who, ACT, wanted.facility_id):
        return await transact(db, work)


async def strike(
    keeping_id: str, *, reason: str, who: Principal, now: datetime, db: Database
) -> Keeping:
    """What was written by mistake: it stays readable with the reason, and counts no more."""

    async def work(tx: Tx) -> Keeping:
        before = await keepings.get(tx, keeping_id)
        facility = await records.get(tx, Aggregate.FACILITY, before.facility_id)
        require_for(who, ENTER, facility)
        after = before.strike(reason)
        await keepings.strike(tx, after)
        lot = await records.get(tx, Aggregate.LOT, after.lot_id)
        await trace_events.follow_keeping(tx, after, facility.owner, lot)
        await measuring.tell_kept(tx, after, lot, now)
        await audit.accepted(tx, who, STRIKE, after.id, reason)
        return after

    async with audit.attempt(db, who, STRIKE, keeping_id):
        return await transact(db, work)


async def held_lot(
    db: Database, facility_id: str, lot_id: str, *, who: Principal
) -> tuple[Record[Any], Record[Any]]:
    """A facility in scope, and a published lot that it has or had; NotFound for any other."""
    facility = await records.get(db, Aggregate.FACILITY, facility_id)
    require_for(who, READ, facility)
    lot = await records.get(db, Aggregate.LOT, lot_id)
    foreign = lot.owner.facility_id != facility_id
    if foreign and await holdings.find(db, lot_id, facility_id) is None:
        raise OutOfReach()
    if lot.published is None:
        raise OutOfReach() if foreign else NotFound()
    return facility, lot


async def seen_of_lot(db: Database, lot_id: str, *, who: Principal) -> list[Keeping]:
    """What this account may see of what was done with a lot, the latest first."""
    found = await keepings.of_lot(db, lot_id)
    ids = tuple({one.facility_id for one in found})
    facilities = await records.find_many(db, Aggregate.FACILITY, ids)
    seen = {key for key, one in facilities.items() if may(who, READ, one)}
    return [one for one in found if one.facility_id in seen]


def _entry(wanted: Wanted, lot: Record[Any], who: Principal, now: datetime) -> Keeping:
    return Keeping(
        id=new_id(),
        work=wanted.work,
        lot_id=lot.id,
        facility_id=wanted.facility_id,
        at=wanted.at.astimezone(UTC),
        place=wanted.place,
        by=author(who),
        recorded_at=now,
        quantity=wanted.quantity,
        unit=wanted.unit if wanted.quantity is not None else "",
        temperature=wanted.temperature,
        note=wanted.note,
        photos=tuple(wanted.photos),
    )


async def _has(tx: Tx, lot: Record[Any], facility: Record[Any]) -> Decimal:
    """How much it ever had, in the base unit; raises NotHeld for goods that never came here."""
    found = await holdings.find(tx, lot.id, facility.id)
    if found is not None:
        return found.has
    if lot.owner.facility_id != facility.id:
        raise NotHeld("lot", lot=lot.code)
    return in_base(lot.shown.quantity, lot.shown.unit)


def _check_quantity(one: Keeping, lot: Record[Any], has: Decimal) -> None:
    if one.quantity is None:
        return
    unit = lot.shown.unit
    convert(one.quantity, one.unit, unit)
    if in_base(one.quantity, one.unit) > has:
        amount = f"{(has / measure(unit).in_base).normalize():f}".replace(".", ",")
        raise MoreThanHeld("quantity", has=amount, unit=unit)
