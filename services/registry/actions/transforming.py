"""Split, merge, process, collect: quantities taken and new lots made in one transaction (R23)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from services.registry.actions import holding, turns
from services.registry.actions.lots import checked_lot
from services.registry.actions.rights import author, require_for
from services.registry.domain.diary import Entry, Step, local_day
from services.registry.domain.holding import NotHeld
from services.registry.domain.lot import Lot
from services.registry.domain.product import FacilityIsStopped, ProductNotPublished
from services.registry.domain.records import Aggregate, Record, entered
from services.registry.domain.transformation import STEPS, Given, Kind, Made, Transformation
from services.registry.store import holdings, records, trace_events, transformations
from shared import audit
from shared import once as kept
from shared.auth import Principal
from shared.errors import Kind as Sort
from shared.errors import Refusal
from shared.ids import new_id
from shared.mongo import Database, Tx, transact
from shared.once import Once

ACT: Final = "lot.enter"
METHODS: Final = {Kind.SPLIT: "Chia lô", Kind.MERGE: "Gộp lô"}


class OutputPublished(Refusal):
    code = "output_published"
    message = (
        "Lô {lot} làm ra đã được công bố, nên không hủy được lần này. "
        "Nếu có sai sót, hãy thu hồi hoặc liên hệ cơ quan quản lý."
    )


class AlreadyCancelled(Refusal):
    code = "already_cancelled"
    message = "Lần này đã bị hủy trước đó. Hãy tải lại trang."


class CancelReasonMissing(Refusal):
    code = "reason_missing"
    kind = Sort.INVALID
    message = "Hãy nêu lý do hủy."


@dataclass(frozen=True, slots=True)
class Source:
    """One line of what went in, as it was sent: a lot by id or code, or a seller's name."""

    quantity: Decimal
    unit: str
    lot: str = ""
    supplier: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """One lot to make. Empty product and dates follow from what went in."""

    code: str
    quantity: Decimal
    unit: str
    product_id: str = ""
    produced_on: date | None = None
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    facility_id: str
    kind: Kind
    at: datetime
    place: str
    given: Sequence[Source]
    made: Sequence[Output]
    step: Step | None = None
    method: str = ""
    explanation: str = ""


async def transform(
    wanted: Wanted,
    *,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Transformation:
    """Take what goes in, make drafts of what comes out; all of it or nothing, once per key."""

    async def work(tx: Tx) -> Transformation:
        before = await kept.answered(tx, once)
        if before is not None:
            return await transformations.get(tx, before["id"])
        facility = await records.get(tx, Aggregate.FACILITY, wanted.facility_id)
        require_for(who, ACT, facility)
        if not facility.owner.active:
            raise FacilityIsStopped()
        sources = await _sources(tx, wanted, facility)
        one = await _made_of(tx, wanted, facility, sources, who, now)
        one.checked(now)
        for index, given in enumerate(one.given):
            if given.lot_id:
                await _take(tx, sources[given.lot_id], given, index)
        await _enter_outputs(tx, one, facility, sources, who, now)
        await transformations.insert(tx, one)
        await trace_events.follow_transformation(tx, one, facility.owner)
        await kept.keep(tx, once, {"id": one.id}, now)
        await audit.accepted(
            tx,
            who,
            f"lot.{one.kind}",
            one.id,
            one.explanation,
            given=len(one.given),
            made=len(one.made),
        )
        return one

    async with (
        audit.attempt(db, who, f"lot.{wanted.kind}", wanted.facility_id),
        turns.of(wanted.facility_id),
    ):
        return await transact(db, work)


async def cancel(
    transformation_id: str, *, reason: str, who: Principal, now: datetime, db: Database
) -> Transformation:
    """Undo an act none of whose lots is published: what it used is there again."""

    async def work(tx: Tx) -> Transformation:
        one = await transformations.get(tx, transformation_id)
        facility = await records.get(tx, Aggregate.FACILITY, one.facility_id)
        require_for(who, ACT, facility)
        if one.cancelled:
            raise AlreadyCancelled()
        if not reason:
            raise CancelReasonMissing("reason")
        made = await records.find_many(tx, Aggregate.LOT, tuple(m.lot_id for m in one.made))
        for lot in made.values():
            if lot.published is not None:
                raise OutputPublished(lot=lot.code)
            # Written, so that a publication at the same moment conflicts with this.
            touched = replace(lot, version=lot.version + 1, updated_at=now, reason=reason)
            await records.put(tx, lot, touched, act="edited", by=author(who), reason=reason)
        inputs = await records.find_many(tx, Aggregate.LOT, one.lots_given)
        for given in one.given:
            if given.lot_id:
                lot = inputs[given.lot_id]
                await holding.give_back(tx, lot, given.holder, given.quantity, given.unit)
        after = replace(one, cancelled=reason)
        await transformations.replace(tx, after)
        await trace_events.follow_transformation(tx, after, facility.owner)
        await audit.accepted(tx, who, f"lot.{one.kind}.cancel", one.id, reason)
        return after

    async with audit.attempt(db, who, "lot.transformation.cancel", transformation_id):
        return await transact(db, work)


async def holder_of(tx: Tx, kind: Kind, lot: Record[Any], facility: Record[Any]) -> str:
    """Whose goods are taken: the facility's own or received ones; collectors also buy directly."""
    own = facility.id
    if lot.owner.facility_id == own or kind is not Kind.COLLECT:
        return own
    if await holdings.find(tx, lot.id, own) is not None:
        return own
    if "collector" in (facility.published or facility.content).kinds:
        return str(lot.owner.facility_id)
    return own


async def _sources(tx: Tx, wanted: Wanted, facility: Record[Any]) -> dict[str, Record[Any]]:
    """The lots that go in, by id; raises where one is not published or is being recalled."""
    found = {}
    for index, source in enumerate(wanted.given):
        if source.lot:
            field = f"given.{index}.lot"
            name = source.lot
            lot = await holding.named(tx, name, field, own=facility.owner.code)
            await holding.check_usable(tx, lot, field)
            found[lot.id] = found[name] = lot
    return found


async def _take(tx: Tx, lot: Record[Any], given: Given, index: int) -> None:
    field = f"given.{index}.quantity"
    try:
        await holding.take(tx, lot, given.holder, given.quantity, given.unit, field)
    except NotHeld:
        raise NotHeld(f"given.{index}.lot", lot=lot.code) from None


async def _made_of(
    tx: Tx,
    wanted: Wanted,
    facility: Record[Any],
    sources: dict[str, Record[Any]],
    who: Principal,
    now: datetime,
) -> Transformation:
    first = next(iter(sources.values()), None)
    given_lots = [lot.shown for lot in sources.values()]
    usual = first.shown.product_id if first is not None else ""
    products = await _products(tx, facility, [one.product_id or usual for one in wanted.made])
    inputs = await records.find_many(
        tx, Aggregate.PRODUCT, tuple({lot.product_id for lot in given_lots})
    )
    contents = {key: one.content.net_content for key, one in {**inputs, **products}.items()}
    carries_on = wanted.kind in (Kind.SPLIT, Kind.MERGE)
    day = max((lot.produced_on for lot in given_lots), default=local_day(wanted.at))
    expiries = [lot.expires_on for lot in given_lots if lot.expires_on is not None]
    holders = {lot.id: await holder_of(tx, wanted.kind, lot, facility) for lot in sources.values()}
    given = tuple(
        Given(
            quantity=one.quantity,
            unit=one.unit,
            lot_id=sources[one.lot].id if one.lot else "",
            supplier="" if one.lot else one.supplier,
            net_content=contents.get(_product_of(sources, one), ""),
            product_id=_product_of(sources, one),
            holder=holders[sources[one.lot].id] if one.lot else "",
        )
        for one in wanted.given
    )
    made = tuple(
        Made(
            lot_id=new_id(),
            code=one.code,
            product_id=one.product_id or usual,
            quantity=one.quantity,
            unit=one.unit,
            produced_on=one.produced_on or (day if carries_on else local_day(wanted.at)),
            # What is split or merged keeps no longer than the oldest of it.
            expires_on=one.expires_on or (min(expiries, default=None) if carries_on else None),
            net_content=contents.get(one.product_id or usual, ""),
        )
        for one in wanted.made
    )
    category = next((one.content.category for one in products.values()), "")
    return Transformation(
        id=new_id(),
        kind=wanted.kind,
        facility_id=facility.id,
        at=wanted.at.astimezone(UTC),
        place=wanted.place,
        step=STEPS.get(wanted.kind) or wanted.step or Step.PROCESSING,
        given=given,
        made=made,
        by=author(who),
        recorded_at=now,
        category=category,
        method=wanted.method or METHODS.get(wanted.kind, ""),
        explanation=wanted.explanation,
    )


def _product_of(sources: dict[str, Record[Any]], one: Source) -> str:
    return str(sources[one.lot].shown.product_id) if one.lot else ""


async def _products(tx: Tx, facility: Record[Any], ids: Sequence[str]) -> dict[str, Record[Any]]:
    """The products of the outputs, each the facility's own and published."""
    found = await records.find_many(tx, Aggregate.PRODUCT, tuple(set(ids)))
    for index, one in enumerate(ids):
        product = found.get(one)
        if product is None or not product.is_public or product.owner.facility_id != facility.id:
            raise ProductNotPublished(f"made.{index}.product_id")
    return found


async def _enter_outputs(
    tx: Tx,
    one: Transformation,
    facility: Record[Any],
    sources: dict[str, Record[Any]],
    who: Principal,
    now: datetime,
) -> None:
    """A draft for each lot that came out, with its inputs and the act as its first diary entry."""
    for index, made in enumerate(one.made):
        lot = Lot(
            facility_id=facility.id,
            product_id=made.product_id,
            code=made.code,
            quantity=made.quantity,
            unit=made.unit,
            produced_on=made.produced_on,
            expires_on=made.expires_on,
            growing_area_id=_area(one, facility, sources),
            inputs=one.lots_given,
            entries=(_entry(one, made),),
            transformation_id=one.id,
        )
        record = entered(
            Aggregate.LOT,
            lot,
            record_id=made.lot_id,
            code=made.code,
            owner=facility.owner,
            by=author(who),
            now=now,
        )
        try:
            lot = await checked_lot(tx, record, lot, now)
            await records.insert(tx, replace(record, draft=lot, code=lot.code), by=author(who))
        except Refusal as refusal:
            if refusal.field in ("code", "produced_on", "expires_on"):
                refusal.field = f"made.{index}.{refusal.field}"
            raise


def _area(one: Transformation, facility: Record[Any], sources: dict[str, Record[Any]]) -> str:
    """What is split off still grew where it grew."""
    areas = {
        lot.shown.growing_area_id
        for lot in sources.values()
        if lot.owner.facility_id == facility.id
    }
    if one.kind in (Kind.SPLIT, Kind.MERGE) and len(areas) == 1:
        return str(areas.pop())
    return ""


def _entry(one: Transformation, made: Made) -> Entry:
    suppliers = [given.supplier for given in one.given if given.supplier]
    collected = one.step is Step.COLLECTING
    source = ", ".join(suppliers)[:200] if collected else ""
    return Entry(
        id=f"{made.lot_id}-made",
        step=one.step,
        at=one.at,
        place=one.place,
        source=source,
        method="" if collected or one.step is Step.SLAUGHTERING else one.method,
        quantity=made.quantity,
        unit=made.unit,
    )
