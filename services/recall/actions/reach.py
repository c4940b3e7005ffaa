"""From a target to everything it reaches: the blast radius shown before an order, and ordered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.recall.domain import refusals
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.terms import Extent, Place
from services.recall.store import facts, genealogy, shipments, stamps, targets, tracing
from services.recall.store.facts import Facility, Product
from services.recall.store.newest import Reader, together
from services.recall.store.stamps import StampCount
from services.recall.store.targets import Known
from shared.auth import Principal, Scope, require

NOBODY = Facility("", "", "", "", "", "", "")


@dataclass(frozen=True, slots=True)
class Subject:
    """A target that exists: whose it is, what people call it, and in whose name the asker acts
    on it."""

    target: Target
    facility: Facility
    product: Product | None
    lots: tuple[Lot, ...]
    authority: str = ""
    # Of `genealogy.decide`, when it was looked up.
    turns: int = 0

    @property
    def scope(self) -> Scope:
        return Scope(self.facility.id, self.facility.commune, self.facility.sector)


@dataclass(frozen=True, slots=True)
class Reach:
    """What a subject reaches now. `steps` counts from the target; `stamps` are touched in all.

    For a target of stamps the lots are those the stamps stand on: shown, not named in the notice.
    """

    subject: Subject
    steps: dict[str, int]
    lots: tuple[Lot, ...]
    facilities: dict[str, Facility]
    stamps: StampCount
    stamps_by_lot: dict[str, StampCount]
    # Facilities that the goods were sent to; they hold some of them and make none.
    receivers: frozenset[str] = frozenset()

    @property
    def extent(self) -> Extent:
        named = () if self.subject.target.is_of_stamps else tuple(lot.id for lot in self.lots)
        return Extent(
            owner=self.subject.facility.place,
            places=places_of(
                self.lots, self.facilities, self.subject.facility.place, self.receivers
            ),
            lots=named,
            stamps=self.stamps.issued,
        )


async def find_subject(reader: Reader, target: Target, who: Principal, action: str) -> Subject:
    """The target as known here; raises TargetNotFound, also for what is out of the asker's scope.

    What is out of scope and what does not exist cannot be told apart, so ids cannot be probed.
    """
    known = await targets.find(reader, target, who.unit_id)
    subject = _subject(target, known)
    if not who.covers(action, subject.scope):
        raise refusals.TargetOutOfReach("target")
    require(who, action, subject.scope)
    if known.batch and target.last is not None and target.last >= known.batch.quantity:
        raise refusals.StampsOutsideBatch(
            "last", batch=known.batch.number, last=known.batch.quantity - 1
        )
    if who.facility_id is not None:
        return replace(subject, authority=subject.facility.name)
    return replace(subject, authority=known.unit_name or who.name)


def _subject(target: Target, known: Known) -> Subject:
    """Raises TargetNotFound for what is not known here."""
    is_known = {
        TargetKind.LOT: bool(known.lots),
        TargetKind.PRODUCT: known.product is not None,
        TargetKind.FACILITY: known.facility is not None,
    }
    if not is_known.get(target.kind, known.batch is not None):
        raise refusals.TargetNotFound("target")
    # A lot may be here before its facility: then only the whole province's officials reach it.
    facility = known.facility or NOBODY
    return Subject(target, facility, known.product, known.lots, turns=known.turns)


async def of_subject(reader: Reader, subject: Subject) -> Reach:
    """Trace the subject downstream; raises TargetEmpty for a period without any lot."""
    target = subject.target
    if target.has_period and not subject.lots:
        raise refusals.TargetEmpty("from")
    if target.is_of_stamps:
        return await _of_stamps(reader, subject)
    trace = await tracing.downstream(reader, subject.lots)
    steps, by_lot = trace.steps, trace.stamps
    total = sum(by_lot.values(), StampCount())
    if target.kind in (TargetKind.PRODUCT, TargetKind.FACILITY) and not target.has_period:
        derived = sum(
            (by_lot[i] for i, step in steps.items() if step and i in by_lot), StampCount()
        )
        total = await stamps.of_whole(reader, target) + derived
    facilities = await _facilities(reader, subject, trace.lots, trace.receivers)
    ordered = sorted(trace.lots, key=lambda lot: (steps[lot.id], lot.code, lot.id))
    sent_to = frozenset(trace.receivers)
    return Reach(subject, steps, tuple(ordered), facilities, total, by_lot, sent_to)


async def _of_stamps(reader: Reader, subject: Subject) -> Reach:
    target = subject.target
    batch = await stamps.batch(reader, target.batch)
    last = target.last if target.last is not None else (batch.quantity - 1 if batch else 0)
    total, by_lot = await stamps.of_serials(reader, target.batch, target.first or 0, last)
    lots = sorted((await genealogy.lots(reader, by_lot)).values(), key=lambda lot: lot.code)
    (moves,) = await together(reader, shipments.with_lots(sorted(by_lot)))
    sent_to = shipments.receivers(moves)
    facilities = await _facilities(reader, subject, lots, sent_to)
    steps = dict.fromkeys((lot.id for lot in lots), 0)
    return Reach(subject, steps, tuple(lots), facilities, total, by_lot, frozenset(sent_to))


async def _facilities(
    reader: Reader, subject: Subject, lots: Iterable[Lot], receivers: Iterable[str]
) -> dict[str, Facility]:
    """The makers and receivers of the lots that are known; the subject's own is here already."""
    wanted = {lot.facility_id for lot in lots} | set(receivers)
    here = {subject.facility.id: subject.facility} if subject.facility.id in wanted else {}
    missing = wanted - set(here)
    return {**here, **(await facts.facilities(reader, missing) if missing else {})}


def places_of(
    lots: Sequence[Lot],
    facilities: dict[str, Facility],
    owner: Place | None = None,
    receivers: Iterable[str] = (),
) -> tuple[Place, ...]:
    """The facilities that lots belong to, the owner first, then those they were sent to.

    A receiver of whom nothing is known yet is told all the same: it knows itself by its id.
    """
    first = [owner] if owner is not None else []
    found = [facilities.get(id_, NOBODY).place for id_ in {lot.facility_id: 0 for lot in lots}]
    holding = [
        facilities[id_].place if id_ in facilities else Place(id_, "", "")
        for id_ in sorted(receivers)
    ]
    ordered: dict[str, Place] = {}
    for place in (*first, *found, *holding):
        if place.facility_id:
            ordered.setdefault(place.facility_id, place)
    return tuple(ordered.values())
