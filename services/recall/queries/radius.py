"""The blast radius of a target: figures, lots, places and scans, before anything is ordered."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from services.recall.actions import reach, titles
from services.recall.actions.orders import ORDER
from services.recall.actions.reach import NOBODY, Reach, Subject
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.terms import Cap
from services.recall.store import cases, facts, genealogy, scans, shipments
from services.recall.store.facts import Facility, Product
from services.recall.store.scans import ScannedAt
from services.recall.store.shipments import Move
from services.recall.store.stamps import StampCount
from shared.auth import Principal
from shared.mongo import Database

PREVIEW = "recall.preview"
# Places shown where goods were scanned last; more would not help anybody decide.
PLACES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class LotRow:
    """One affected lot. `step` 0 is the target itself, 1 what was made from it, and so on."""

    lot: Lot
    step: int
    product: Product | None
    facility: Facility
    stamps: StampCount
    scans: int
    cases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """A facility or commune with the number of its affected lots."""

    id: str
    name: str
    lots: int


@dataclass(frozen=True, slots=True)
class ScanPlace:
    """Where affected goods were scanned; `commune` is "" where phones told no place."""

    commune: str
    name: str
    scans: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Journey:
    """Where an affected lot was sent; `receiver` None for exports and sales to consumers."""

    move: Move
    lot: Lot
    sender: Facility
    receiver: Facility | None


@dataclass(frozen=True, slots=True)
class Radius:
    """Everything that is known about what an order would reach, and up to when it is known."""

    subject: Subject
    label: str
    label_en: str
    label_zh: str
    lots: tuple[LotRow, ...]
    facilities: tuple[Touched, ...]
    communes: tuple[Touched, ...]
    stamps: StampCount
    scans: int
    places: tuple[ScanPlace, ...]
    needs_confirmation: bool
    taken_in: dict[str, int]
    journeys: tuple[Journey, ...] = ()

    @property
    def target(self) -> Target:
        return self.subject.target


async def preview(target: Target, *, who: Principal, cap: Cap, db: Database) -> Radius:
    """What ordering this target would reach now. Raises TargetNotFound, TargetEmpty."""
    taken_in = await genealogy.taken_in(db)
    subject = await reach.find_subject(db, target, who, PREVIEW)
    reached = await reach.of_subject(db, subject)
    ids = [lot.id for lot in reached.lots]
    scans_by_lot, places = await _scans(db, reached)
    products = await facts.products(db, {lot.product_id for lot in reached.lots})
    standing: dict[str, list[str]] = {}
    for case_id, lots in (await cases.standing_over(db, ids)).items():
        for lot_id in lots:
            standing.setdefault(lot_id, []).append(case_id)
    rows = tuple(
        LotRow(
            lot=lot,
            step=reached.steps[lot.id],
            product=products.get(lot.product_id),
            facility=reached.facilities.get(lot.facility_id, NOBODY),
            stamps=reached.stamps_by_lot.get(lot.id, StampCount()),
            scans=scans_by_lot.get(lot.id, 0),
            cases=tuple(standing.get(lot.id, ())),
        )
        for lot in reached.lots
    )
    names = await facts.commune_names(db, {place.commune for place in places})
    return Radius(
        subject=subject,
        label=titles.label(subject, "vi"),
        label_en=titles.label(subject, "en"),
        label_zh=titles.label(subject, "zh"),
        lots=rows,
        facilities=_facilities(reached),
        communes=_communes(reached),
        stamps=reached.stamps,
        scans=sum(place.scans for place in places),
        places=tuple(
            ScanPlace(
                place.commune, names.get(place.commune, place.commune), place.scans, place.last
            )
            for place in places[:PLACES_SHOWN]
        ),
        needs_confirmation=reached.extent.exceeds(cap),
        taken_in=taken_in,
        journeys=await _journeys(db, reached),
    )


def may_order(who: Principal, subject: Subject) -> bool:
    return who.may(ORDER) and who.covers(ORDER, subject.scope)


async def _scans(db: Database, reached: Reach) -> tuple[dict[str, int], list[ScannedAt]]:
    """Scans by lot, and by place; of a product or facility as a whole also those on no lot."""
    target = reached.subject.target
    by_lot, places = await scans.by_lots(db, reached.steps)
    if target.kind in (TargetKind.PRODUCT, TargetKind.FACILITY) and not target.has_period:
        derived = [lot_id for lot_id, step in reached.steps.items() if step]
        _, derived_places = await scans.by_lots(db, derived)
        places = scans.joined([*await scans.of_whole(db, target), *derived_places])
    return by_lot, places


async def _journeys(db: Database, reached: Reach) -> tuple[Journey, ...]:
    """Which facilities the goods were sent to, in the order in which they left."""
    lots = {lot.id: lot for lot in reached.lots}
    moves = await shipments.of_lots(db, lots)
    ends = {end for move in moves for end in (move.from_facility_id, move.to_facility_id) if end}
    known = await facts.facilities(db, ends)
    return tuple(
        Journey(
            move=move,
            lot=lots[move.lot_id],
            sender=known.get(move.from_facility_id, NOBODY),
            receiver=known.get(move.to_facility_id, NOBODY) if move.to_facility_id else None,
        )
        for move in moves
    )


def _facilities(reached: Reach) -> tuple[Touched, ...]:
    counts = Counter(lot.facility_id for lot in reached.lots)
    owner = reached.subject.facility
    known = {**reached.facilities, **({owner.id: owner} if owner.id else {})}
    for facility_id in (owner.id, *sorted(reached.receivers)):
        counts.setdefault(facility_id, 0)
    return tuple(
        Touched(facility_id, known[facility_id].name if facility_id in known else facility_id, lots)
        for facility_id, lots in counts.most_common()
        if facility_id
    )


def _communes(reached: Reach) -> tuple[Touched, ...]:
    names = {f.commune: f.commune_name for f in reached.facilities.values()}
    owner = reached.subject.facility
    names.setdefault(owner.commune, owner.commune_name)
    counts = Counter(
        reached.facilities[lot.facility_id].commune
        for lot in reached.lots
        if lot.facility_id in reached.facilities
    )
    receivers = (reached.facilities[one] for one in reached.receivers & set(reached.facilities))
    for commune in (owner.commune, *(one.commune for one in receivers)):
        counts.setdefault(commune, 0)
    return tuple(Touched(code, names[code], lots) for code, lots in counts.most_common() if code)
