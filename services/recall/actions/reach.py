"""From a target to everything it reaches: the blast radius shown before an order, and ordered."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from services.recall.domain import refusals
from services.recall.domain.certificate import Certificate
from services.recall.domain.target import Lot, Target, TargetKind
from services.recall.domain.terms import Extent, Place
from services.recall.domain.within import ALL, Within
from services.recall.store import facts, genealogy, shipments, stamps, targets, tracing
from services.recall.store.areas import GrowingArea
from services.recall.store.facts import Facility, Product
from services.recall.store.newest import Reader, together
from services.recall.store.stamps import StampCount
from services.recall.store.targets import Known
from services.recall.store.tracing import Reached
from shared.auth import Principal, Scope, require
from shared.days import today

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
    area: GrowingArea | None = None
    certificate: Certificate | None = None
    # Of an input, which no single facility has: where whoever asks is responsible.
    unit: Place | None = None

    @property
    def owner(self) -> Place:
        """Whose it is, which decides who may order and lift."""
        return self.unit or self.facility.place

    @property
    def scope(self) -> Scope:
        return Scope(self.owner.facility_id, self.owner.commune, self.owner.sector)

    def must_have_lots(self) -> None:
        """Raises TargetEmpty for a period without any lot, and TargetWithoutLots for what only lots
        can be named by where it has none."""
        if self.lots:
            return
        if self.certificate is not None:
            raise refusals.CertificateWithoutLots("target")
        if self.target.has_period:
            raise refusals.TargetEmpty("from")
        if self.target.is_by_lots:
            raise refusals.TargetWithoutLots("target")


@dataclass(frozen=True, slots=True)
class Reach:
    """What a subject reaches now. `steps` counts from the target; `stamps` are touched in all.

    For a target of stamps the lots are those the stamps stand on: shown, not named in the notice.
    """

    subject: Subject
    steps: dict[str, int]
    lots: tuple[Reached, ...]
    facilities: dict[str, Facility]
    stamps: StampCount
    stamps_by_lot: dict[str, StampCount]
    # Facilities that the goods were sent to; they hold some of them and make none.
    receivers: frozenset[str] = frozenset()

    @property
    def extent(self) -> Extent:
        named = () if self.subject.target.is_of_stamps else tuple(lot.id for lot in self.lots)
        return Extent(
            owner=self.subject.owner,
            places=places_of(self.lots, self.facilities, self.subject.owner, self.receivers),
            lots=named,
            stamps=self.stamps.issued,
        )


async def find_subject(reader: Reader, target: Target, who: Principal, action: str) -> Subject:
    """The target as known here, its days and area settled; raises TargetNotFound, also for what is
    out of the asker's scope, PeriodInFuture and PeriodOutsideCertificate.

    What is out of scope and what does not exist cannot be told apart, so ids cannot be probed.
    """
    target.check_days(today())
    target = spoken_for(target, who)
    known = await targets.find(reader, target, who.unit_id)
    subject = await _subject(reader, target, known, who)
    if not who.covers(action, subject.scope):
        raise refusals.TargetOutOfReach("target")
    require(who, action, subject.scope)
    if known.batch and target.last is not None and target.last >= known.batch.quantity:
        raise refusals.StampsOutsideBatch(
            "last", batch=known.batch.number, last=known.batch.quantity - 1
        )
    if subject.certificate is not None:
        target = subject.certificate.settle(target)
        lots = tuple(lot for lot in known.lots if target.names(lot))
        subject = replace(subject, target=target, lots=lots)
    if who.facility_id is not None:
        return replace(subject, authority=subject.facility.name)
    return replace(subject, authority=known.unit_name or who.name)


def spoken_for(target: Target, who: Principal) -> Target:
    """An input with the area that the asker answers for, where it has none yet.

    Raises TargetOutOfReach for an area that is not all the asker's.
    """
    if target.kind is not TargetKind.INPUT:
        return target
    own = Within(who.facility_id or "", who.communes, who.sector)
    if target.within is None:
        return replace(target, within=own)
    if not own.contains(target.within):
        raise refusals.TargetOutOfReach("target")
    return target


async def _subject(reader: Reader, target: Target, known: Known, who: Principal) -> Subject:
    """Raises TargetNotFound for what is not known here."""
    # A lot may be here before its facility: then only the whole province's officials reach it.
    facility = known.facility or NOBODY
    subject = Subject(
        target,
        facility,
        known.product,
        known.lots,
        turns=known.turns,
        area=known.area,
        certificate=known.certificate,
    )
    if target.kind is TargetKind.INPUT:
        if not known.lots:
            await _must_be_used(reader, target)
        if not (target.within and target.within.facility_id):
            return replace(subject, unit=await _place_of(reader, subject))
        return subject
    is_known = {
        TargetKind.LOT: bool(known.lots),
        TargetKind.PRODUCT: known.product is not None,
        TargetKind.FACILITY: known.facility is not None,
        TargetKind.AREA: known.area is not None,
        TargetKind.CERTIFICATE: known.certificate is not None,
    }
    if not is_known.get(target.kind, known.batch is not None):
        raise refusals.TargetNotFound("target")
    return subject


async def _must_be_used(reader: Reader, target: Target) -> None:
    """Raises TargetNotFound for an input of which no lot is known that the asker may know of."""
    ever = replace(target, since=None, until=None)
    if await genealogy.is_any_named(reader, ever):
        return
    if await genealogy.is_any_named(reader, replace(ever, within=None)):
        raise refusals.TargetOutOfReach("target")
    raise refusals.TargetNotFound("target")


async def _place_of(reader: Reader, subject: Subject) -> Place:
    """Where a unit's case about an input lies: in the unit's area, and with the sector that most of
    the lots are of, so that there is always a department that may lift it."""
    within = subject.target.within or Within()
    commune = "" if ALL in within.communes else within.communes[0]
    if within.sector != ALL:
        return Place("", commune, within.sector)
    makers = await facts.facilities(reader, {lot.facility_id for lot in subject.lots})
    sectors = Counter(
        makers[lot.facility_id].sector for lot in subject.lots if lot.facility_id in makers
    )
    most = min(sectors, key=lambda one: (-sectors[one], one), default="")
    return Place("", commune, most)


async def of_subject(reader: Reader, subject: Subject) -> Reach:
    """Trace the subject downstream; raises TargetEmpty for a period without any lot, and for what
    only lots can be named by where it has none."""
    subject.must_have_lots()
    target = subject.target
    if target.is_of_stamps:
        return await _of_stamps(reader, subject)
    trace = await tracing.downstream(reader, subject.lots, at_least=subject.turns)
    steps, by_lot = trace.steps, trace.stamps
    total = sum(by_lot.values(), StampCount())
    if target.kind in (TargetKind.PRODUCT, TargetKind.FACILITY) and not target.has_period:
        derived = sum(
            (by_lot[i] for i, step in steps.items() if step and i in by_lot), StampCount()
        )
        total = await stamps.of_whole(reader, target) + derived
    facilities = await _facilities(reader, subject, trace.lots, trace.receivers)
    ordered = sorted(trace.lots, key=lambda lot: (steps[lot.id], lot.id))
    sent_to = frozenset(trace.receivers)
    return Reach(subject, steps, tuple(ordered), facilities, total, by_lot, sent_to)


async def _of_stamps(reader: Reader, subject: Subject) -> Reach:
    target = subject.target
    batch = await stamps.batch(reader, target.batch)
    last = target.last if target.last is not None else (batch.quantity - 1 if batch else 0)
    total, by_lot = await stamps.of_serials(reader, target.batch, target.first or 0, last)
    known = await genealogy.lots(reader, by_lot)
    lots = [Reached(lot.id, lot.facility_id) for _, lot in sorted(known.items())]
    (moves,) = await together(reader, shipments.with_lots(sorted(by_lot)))
    sent_to = shipments.receivers(moves)
    facilities = await _facilities(reader, subject, lots, sent_to)
    steps = dict.fromkeys((lot.id for lot in lots), 0)
    return Reach(subject, steps, tuple(lots), facilities, total, by_lot, frozenset(sent_to))


async def _facilities(
    reader: Reader, subject: Subject, lots: Iterable[Reached], receivers: Iterable[str]
) -> dict[str, Facility]:
    """The makers and receivers of the lots that are known; the subject's own is here already."""
    wanted = {lot.facility_id for lot in lots} | set(receivers)
    here = {subject.facility.id: subject.facility} if subject.facility.id in wanted else {}
    missing = wanted - set(here)
    return {**here, **(await facts.facilities(reader, missing) if missing else {})}


def places_of(
    lots: Sequence[Reached],
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
