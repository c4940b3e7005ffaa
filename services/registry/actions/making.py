"""What an act on lots is asked for, what it takes from whom, and the lots that come out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.registry.actions.lots import checked_lot
from services.registry.actions.rights import author
from services.registry.domain.diary import Entry, Step
from services.registry.domain.lot import Lot
from services.registry.domain.product import ProductNotPublished
from services.registry.domain.records import Aggregate, Record, entered
from services.registry.domain.transformation import (
    REGROUPED,
    STEPS,
    Given,
    Kind,
    Made,
    Transformation,
)
from services.registry.store import holdings, records
from shared.auth import Principal
from shared.days import local_day
from shared.errors import Refusal
from shared.ids import new_id
from shared.mongo import Tx


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


async def made_of(
    tx: Tx,
    wanted: Wanted,
    facility: Record[Any],
    sources: dict[str, Record[Any]],
    who: Principal,
    now: datetime,
) -> Transformation:
    """What the act comes to: its goods by lot and product, what came out with its dates."""
    first = next(iter(sources.values()), None)
    usual = first.shown.product_id if first is not None else ""
    products = await _products(tx, facility, [one.product_id or usual for one in wanted.made])
    inputs = await records.find_many(
        tx, Aggregate.PRODUCT, tuple({lot.shown.product_id for lot in sources.values()})
    )
    contents = {key: one.content.net_content for key, one in {**inputs, **products}.items()}
    holders = {lot.id: await holder_of(tx, wanted.kind, lot, facility) for lot in sources.values()}
    return Transformation(
        id=new_id(),
        kind=wanted.kind,
        facility_id=facility.id,
        at=wanted.at.astimezone(UTC),
        place=wanted.place,
        step=STEPS.get(wanted.kind) or wanted.step or Step.PROCESSING,
        given=_given(wanted, sources, holders, contents),
        made=_made(wanted, sources, usual, contents),
        by=author(who),
        recorded_at=now,
        category=next((one.content.category for one in products.values()), ""),
        method=wanted.method or REGROUPED.get(wanted.kind, ("",))[0],
        explanation=wanted.explanation,
        by_person=tuple(sorted(who.person)),
    )


def _given(
    wanted: Wanted,
    sources: Mapping[str, Record[Any]],
    holders: Mapping[str, str],
    contents: Mapping[str, str],
) -> tuple[Given, ...]:
    return tuple(
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


def _made(
    wanted: Wanted, sources: Mapping[str, Record[Any]], usual: str, contents: Mapping[str, str]
) -> tuple[Made, ...]:
    """What is split or merged keeps the day it was made, and no longer than the oldest of it."""
    lots = [lot.shown for lot in sources.values()]
    day, ends = local_day(wanted.at), None
    if wanted.kind in (Kind.SPLIT, Kind.MERGE):
        day = max((lot.produced_on for lot in lots), default=day)
        ends = min((lot.expires_on for lot in lots if lot.expires_on is not None), default=None)
    return tuple(
        Made(
            lot_id=new_id(),
            code=one.code,
            product_id=one.product_id or usual,
            quantity=one.quantity,
            unit=one.unit,
            produced_on=one.produced_on or day,
            expires_on=one.expires_on or ends,
            net_content=contents.get(one.product_id or usual, ""),
        )
        for one in wanted.made
    )


def _product_of(sources: Mapping[str, Record[Any]], one: Source) -> str:
    return str(sources[one.lot].shown.product_id) if one.lot else ""


async def _products(tx: Tx, facility: Record[Any], ids: Sequence[str]) -> dict[str, Record[Any]]:
    """The products of the outputs, each the facility's own and published."""
    found = await records.find_many(tx, Aggregate.PRODUCT, tuple(set(ids)))
    for index, one in enumerate(ids):
        product = found.get(one)
        if product is None or not product.is_public or product.owner.facility_id != facility.id:
            raise ProductNotPublished(f"made.{index}.product_id")
    return found


async def enter_outputs(
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
