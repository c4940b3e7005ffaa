"""The blast radius of a target: figures, lots, places and scans, before anything is ordered."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.recall.actions import reach, titles
from services.recall.actions.orders import ORDER
from services.recall.actions.reach import NOBODY, Subject
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.terms import Cap, Extent
from services.recall.graph import figures, groups
from services.recall.graph.figures import Figures
from services.recall.graph.groups import Picture
from services.recall.queries import knowledge, scope
from services.recall.queries.knowledge import KnownUpTo
from services.recall.queries.scope import Scoped
from services.recall.store import cases, facts, genealogy, scans, stamps
from services.recall.store.facts import Facility, Product
from services.recall.store.scans import ScannedAt
from services.recall.store.stamps import StampCount
from shared.auth import Principal
from shared.mongo import Database

PREVIEW = "recall.preview"
# Places shown where goods were scanned last; more would not help anybody decide.
PLACES_SHOWN = 12
# Lots looked at on the way back to the sources.
MOST_UP: Final = 20_000


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
    """A facility with the affected lots that it made and that it `received`; a commune with those
    that were made or received there."""

    id: str
    name: str
    lots: int
    received: int = 0


@dataclass(frozen=True, slots=True)
class ScanPlace:
    """Where affected goods were scanned; `commune` is "" where phones told no place. `stamps` are
    the different ones that were scanned for the first time there."""

    commune: str
    name: str
    scans: int
    stamps: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Radius:
    """Everything that is known about what an order would reach, and up to when it is known.

    `lots`, `stamps` and `places_touched` (facilities, communes) count all; `stamps_scanned` are
    different stamps, each counted once it was scanned on its lot. Of the rest a facility
    (`told_to`) is told its own affairs alone: `scoped` holds the lots that may be looked at,
    `figures` what they add up to, `standing` the cases with those that their notices name.
    """

    subject: Subject
    label: str
    label_en: str
    label_zh: str
    scoped: Scoped
    figures: Figures
    stamps: StampCount
    stamps_by_lot: Mapping[str, StampCount] | None
    scans: int
    stamps_scanned: int
    places: tuple[ScanPlace, ...]
    needs_confirmation: bool
    known: KnownUpTo
    picture: Picture
    known_facilities: Mapping[str, Facility]
    standing: Mapping[str, set[str]]
    moves: int
    lots: int
    places_touched: tuple[int, int]
    told_to: str | None

    @property
    def target(self) -> Target:
        return self.subject.target

    @property
    def recalled(self) -> int:
        """Affected lots that a notice names already."""
        return len(set().union(*self.standing.values()))

    @property
    def facilities(self) -> tuple[Touched, ...]:
        """The owner's and all that made or were sent affected lots, with the lots each made."""
        counts = dict(self.figures.makers.most_common())
        for facility_id in (self.subject.facility.id, *sorted(self.figures.receivers)):
            counts.setdefault(facility_id, 0)
        known = self.known_facilities
        return tuple(
            Touched(
                id_,
                known[id_].name if id_ in known else id_,
                lots,
                self.figures.receivers[id_],
            )
            for id_, lots in counts.items()
            if id_
        )

    @property
    def communes(self) -> tuple[Touched, ...]:
        """Where the goods are, the most of them first: inspectors are sent there."""
        known = self.known_facilities
        here = [known[one.id] for one in self.facilities if one.id in known]
        names = {one.commune: one.commune_name for one in here if one.commune}
        counts = self.figures.lots_by({one.id: one.commune for one in here})
        ordered = sorted(names, key=lambda code: (-counts[code], code))
        return tuple(Touched(code, names[code], counts[code]) for code in ordered)


async def preview(
    target: Target,
    *,
    who: Principal,
    cap: Cap,
    db: Database,
    feeds: Mapping[str, str] | None = None,
) -> Radius:
    """What ordering this target would reach now. Raises TargetNotFound, TargetEmpty."""
    # Read before anything that it speaks of.
    number = await knowledge.taken_in(db)
    asking = asyncio.create_task(knowledge.of_registry(number, feeds or {}))
    try:
        return await _preview(target, who, cap, db, asking)
    finally:
        asking.cancel()


async def _preview(
    target: Target, who: Principal, cap: Cap, db: Database, asking: "asyncio.Task[KnownUpTo]"
) -> Radius:
    subject = await reach.find_subject(db, target, who, PREVIEW)
    subject.must_have_lots()
    target = subject.target
    of_serials = await _of_serials(db, target) if target.is_of_stamps else None
    roots = sorted(of_serials[1]) if of_serials else [lot.id for lot in subject.lots]
    found = await scope.scoped(db, roots, who, down=not target.is_of_stamps, most_up=MOST_UP)
    # Of one moment, so nothing is awaited in between.
    sums = figures.of_lots(found.graph, found.down.lots)
    opened = found.open_to(who)
    shown = (
        sums if opened is found else figures.of_lots(found.graph, opened.down.lots, opened.party)
    )
    drawn = groups.picture(found.graph, opened.down, opened.up, opened.party)
    ids = found.graph.lots.ids(found.down.lots)
    further, seen = _further(found), _further(opened)
    moves = len(scope.shipments_of(opened))
    ids_shown = found.graph.lots.ids(opened.down.lots)
    is_whole = target.kind in (TargetKind.PRODUCT, TargetKind.FACILITY) and not target.has_period
    total, places = StampCount(sums.issued, sums.active), _places(shown)
    if of_serials:
        total = of_serials[0]
    elif is_whole:
        total = await stamps.of_whole(db, target) + StampCount(further.issued, further.active)
        places = scans.joined([*await scans.of_whole(db, target), *_places(seen)])
    known = await _facilities(db, subject, sums, drawn)
    return Radius(
        subject=subject,
        label=titles.label(subject, "vi"),
        label_en=titles.label(subject, "en"),
        label_zh=titles.label(subject, "zh"),
        scoped=opened,
        figures=shown,
        stamps=total,
        stamps_by_lot=of_serials[1] if of_serials else None,
        scans=sum(place.scans for place in places),
        stamps_scanned=sum(place.stamps for place in places),
        places=await _named(db, places[:PLACES_SHOWN]),
        needs_confirmation=_extent(subject, ids, total).exceeds(cap),
        known=await asking,
        picture=drawn,
        known_facilities=known,
        standing=await cases.standing_among(db, ids_shown),
        moves=moves,
        lots=sums.lots,
        places_touched=_touched(subject, sums, known),
        told_to=who.facility_id,
    )


def _further(found: Scoped) -> Figures:
    """Of what was made from the target."""
    walk = found.down
    made = [lot for lot, step in zip(walk.lots, walk.steps, strict=True) if step]
    return figures.of_lots(found.graph, made, found.party)


def _touched(subject: Subject, sums: Figures, known: Mapping[str, Facility]) -> tuple[int, int]:
    every = {subject.facility.id, *sums.makers, *sums.receivers} - {""}
    return len(every), len({known[one].commune for one in every if one in known} - {""})


def _extent(subject: Subject, ids: Sequence[str], total: StampCount) -> Extent:
    named = () if subject.target.is_of_stamps else tuple(ids)
    return Extent(owner=subject.facility.place, places=(), lots=named, stamps=total.issued)


def may_order(who: Principal, subject: Subject) -> bool:
    return who.may(ORDER) and who.covers(ORDER, subject.scope)


async def _of_serials(db: Database, target: Target) -> tuple[StampCount, dict[str, StampCount]]:
    """Stamps of a target of stamps: in all, and by the lots they stand on."""
    batch = await stamps.batch(db, target.batch)
    last = target.last if target.last is not None else (batch.quantity - 1 if batch else 0)
    return await stamps.of_serials(db, target.batch, target.first or 0, last)


def _places(sums: Figures) -> list[ScannedAt]:
    return [
        ScannedAt(p.commune, p.scans, p.stamps, datetime.fromtimestamp(p.last, UTC))
        for p in sums.places
    ]


async def _named(db: Database, places: Sequence[ScannedAt]) -> tuple[ScanPlace, ...]:
    names = await facts.commune_names(db, {place.commune for place in places})
    return tuple(
        ScanPlace(
            place.commune,
            names.get(place.commune, place.commune),
            place.scans,
            place.stamps,
            place.last,
        )
        for place in places
    )


async def _facilities(
    db: Database, subject: Subject, sums: Figures, drawn: Picture
) -> dict[str, Facility]:
    """What is known of the makers, the receivers and those in the picture."""
    drawn_ones = {group.facility_id for group in drawn.groups.values()}
    wanted = {*sums.makers, *sums.receivers, *drawn_ones, *(to for to, _ in drawn.sent)}
    here = {subject.facility.id: subject.facility} if subject.facility.id else {}
    return {**here, **await facts.facilities(db, wanted - {"", *here})}


async def rows(radius: Radius, db: Database, skip: int, size: int) -> tuple[LotRow, ...]:
    """Some of the affected lots, the target's own first."""
    found, graph = radius.scoped, radius.scoped.graph
    numbers = found.down.lots[skip : skip + size]
    steps = found.down.steps[skip : skip + size]
    counts, scanned = figures.stamps_of(graph, numbers), figures.scans_of(graph, numbers)
    ids = graph.lots.ids(numbers)
    lots = await genealogy.lots(db, ids)
    products = await facts.products(db, {lot.product_id for lot in lots.values()})
    facilities = radius.known_facilities

    def stamps_on(number: int, lot_id: str) -> StampCount:
        if radius.stamps_by_lot is not None:
            return radius.stamps_by_lot.get(lot_id, StampCount())
        return StampCount(*counts.get(number, (0, 0)))

    return tuple(
        LotRow(
            lot=lots[lot_id],
            step=step,
            product=products.get(lots[lot_id].product_id),
            facility=facilities.get(lots[lot_id].facility_id, NOBODY),
            stamps=stamps_on(number, lot_id),
            scans=scanned.get(number, 0),
            cases=tuple(sorted(case for case, its in radius.standing.items() if lot_id in its)),
        )
        for number, step, lot_id in zip(numbers, steps, ids, strict=True)
        if lot_id in lots
    )
