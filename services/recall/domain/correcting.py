"""Correcting a standing case: what it says from now on, what that changes, and who must agree.

Nothing is erased: each correction is a new version of the case, with what it said before kept
beside it. What tells consumers less than before takes two people, as a lift does.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.recall.domain import refusals
from services.recall.domain.case import Case
from services.recall.domain.reach import Part, grown, parts_of
from services.recall.domain.target import Lot, Target
from services.recall.domain.terms import (
    Cap,
    Correction,
    CorrectionRequest,
    Official,
    Place,
    Said,
)
from shared.contracts.event import Event
from shared.contracts.recall import MAX_TARGETS, RecallCorrected, ScopeChanged, StampRange


@dataclass(frozen=True, slots=True)
class NewReach:
    """What the corrected case reaches: all its `lots`, the `places` that are new, and the stamps
    on what joins. `excluded` are lots taken out of it for good, `additions` those added by hand."""

    lots: tuple[str, ...]
    places: tuple[Place, ...] = ()
    stamps: int = 0
    excluded: tuple[str, ...] = ()
    additions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What is different after a correction."""

    before: Said
    after: Said
    added: tuple[str, ...]
    removed: tuple[str, ...]
    narrows: bool
    parts: tuple[Part, ...]
    reach: NewReach

    @property
    def names(self) -> tuple[str, ...]:
        """Of kind, level, reason, words, target and lots those that changed."""
        return (*self.before.differs_in(self.after), *(("lots",) if self._of_lots else ()))

    @property
    def _of_lots(self) -> bool:
        return bool(self.added or self.removed)

    def needs_another(self, cap: Cap) -> bool:
        """Whether a second person must agree: less is told, or much more than one may order."""
        widens = self.reach.stamps > cap.stamps or len(self.added) > cap.lots
        return self.narrows or (bool(self.added) and widens)


def change_of(case: Case, correction: Correction, reach: NewReach) -> Change:
    """Raises NotStanding, NothingToCorrect, CorrectionEmpties, CorrectedToAnother."""
    if not case.is_standing:
        raise refusals.NotStanding()
    before, after = case.said, correction.said
    if not before.target.may_become(after.target):
        raise refusals.CorrectedToAnother("target")
    if after.level not in after.kind.levels:
        raise refusals.LevelDoesNotFit("level")
    kept, wanted = set(case.lots), set(reach.lots)
    added = tuple(lot for lot in reach.lots if lot not in kept)
    removed = tuple(lot for lot in case.lots if lot not in wanted)
    aim = None if before.target == after.target else after.target
    words_changed = set(before.differs_in(after)) - {"target"}
    parts = _corrected(case.parts, wanted, added, aim, everything=bool(words_changed))
    narrows = bool(removed) or before.is_weakened_by(after) or not _covers(parts, case.parts)
    change = Change(before, after, added, removed, narrows, parts, reach)
    if not change.names:
        raise refusals.NothingToCorrect()
    if not any(_names_something(part) for part in parts):
        raise refusals.CorrectionEmpties()
    return change


def ask(case: Case, correction: Correction, *, who: Official, now: datetime) -> Case:
    """The correction waits for a second person."""
    _must_be_free(case)
    return case.next(now, correction=CorrectionRequest(who, correction, now))


def decline(case: Case, *, now: datetime) -> Case:
    """The case goes on saying what it says."""
    _asked(case)
    return case.next(now, correction=None)


def asked_of(case: Case, who: Official) -> Correction:
    """The correction that waits, if this person may confirm it."""
    asked = _asked(case)
    if asked.requested_by.account_id == who.account_id:
        raise refusals.SecondPersonNeeded()
    return asked.correction


def correct(
    case: Case, change: Change, why: str, *, by: Official, confirmed: Official | None, now: datetime
) -> tuple[Case, tuple[Part, ...], tuple[Event, ...]]:
    """The corrected case, the parts of its notice that changed, and what it tells."""
    if confirmed is None:
        _must_be_free(case)
    versions = {part.number: part.version for part in case.parts}
    changed = tuple(part for part in change.parts if versions.get(part.number) != part.version)
    places = tuple(dict.fromkeys((*case.places, *change.reach.places)))
    joined = tuple(place.facility_id for place in places[len(case.places) :])
    corrected = case.next(
        now,
        **change.after.fields(),
        parts=change.parts,
        lot_count=sum(len(part.lots) for part in change.parts),
        places=places,
        excluded=change.reach.excluded,
        additions=change.reach.additions,
        correction=None if confirmed else case.correction,
        corrected_at=now,
        revision=case.revision + 1,
    )
    return corrected, changed, _told(case, corrected, change, changed, why, by, confirmed, joined)


def _told(
    case: Case,
    corrected: Case,
    change: Change,
    changed: Sequence[Part],
    why: str,
    by: Official,
    confirmed: Official | None,
    joined: tuple[str, ...],
) -> tuple[Event, ...]:
    now = corrected.changed_at
    fact = RecallCorrected(
        subject=case.id,
        version=corrected.version,
        time=now,
        why=why,
        corrected_by=by.name,
        confirmed_by=confirmed.name if confirmed else "",
        changed=change.names,
        narrows=change.narrows,
        kind=corrected.kind,
        level=corrected.level,
        reason=corrected.wording.reason,
        kind_before=case.kind,
        level_before=case.level,
        reason_before=case.wording.reason,
        added_lots=change.added[:MAX_TARGETS],
        removed_lots=change.removed[:MAX_TARGETS],
        added_facilities=joined,
    )
    notices = tuple(corrected.notice(part, now, narrowed=change.narrows) for part in changed)
    if not (change.added or joined):
        return (fact, *notices)
    # Who follows how far cases reach hears of it as of any other growth.
    scope = ScopeChanged(
        subject=case.id,
        version=corrected.version,
        time=now,
        added_lots=change.added,
        cause=why[:500],
        added_facilities=joined,
    )
    return (fact, scope, *notices)


def reached(
    lots: Iterable[Lot], roots: Collection[str], excluded: Collection[str]
) -> dict[str, Lot]:
    """Of traced lots those that are reached from the roots without passing one taken out."""
    made_from: dict[str, list[Lot]] = {}
    known = {lot.id: lot for lot in lots}
    for lot in known.values():
        for source in lot.inputs:
            made_from.setdefault(source, []).append(lot)
    out = set(excluded)
    found = {one: known[one] for one in roots if one in known and one not in out}
    frontier = list(found)
    while frontier:
        for lot in made_from.get(frontier.pop(), ()):
            if lot.id not in found and lot.id not in out:
                found[lot.id] = lot
                frontier.append(lot.id)
    return found


def left(
    lots: Collection[str],
    below: Mapping[str, Lot],
    out: Collection[str],
    names: Callable[[Lot], bool],
) -> set[str]:
    """What stays of a case's lots when some are taken `out`, with what was made of them alone.

    `below` are the lots taken out and all that was made from them. Of those stay what the target
    names itself and what was made from something that stays. No other lot is touched.
    """
    stays = set(lots) - set(below)
    gone = set(out)
    rest = [lot for lot in below.values() if lot.id in set(lots) and lot.id not in gone]
    stays |= {lot.id for lot in rest if names(lot)}
    while joining := {
        lot.id for lot in rest if lot.id not in stays and not stays.isdisjoint(lot.inputs)
    }:
        stays |= joining
    return stays


def _corrected(
    before: Sequence[Part],
    wanted: Collection[str],
    added: Sequence[str],
    aim: Target | None,
    *,
    everything: bool,
) -> tuple[Part, ...]:
    """All parts as they stand afterwards; those that changed have the next version."""
    versions = {part.number: part for part in before}
    parts = [
        replace(part, lots=tuple(lot for lot in part.lots if lot in wanted)) for part in before
    ]
    if aim is not None:
        named = parts_of(aim, ())[0]
        parts[0] = replace(
            parts[0],
            products=named.products,
            facilities=named.facilities,
            batches=named.batches,
            stamps=named.stamps,
        )
    after = {part.number: part for part in parts}
    after |= {part.number: part for part in (grown(parts, added) if added else ())}
    return tuple(
        _versioned(after[number], versions.get(number), everything) for number in sorted(after)
    )


def _versioned(part: Part, former: Part | None, everything: bool) -> Part:
    if former is None:
        return replace(part, version=1)
    same = replace(part, version=former.version) == former
    return former if same and not everything else replace(part, version=former.version + 1)


def _covers(after: Sequence[Part], before: Sequence[Part]) -> bool:
    """Whether everything named besides lots is named still."""
    for kind in ("products", "facilities"):
        now = {one for part in after for one in getattr(part, kind)}
        if not {one for part in before for one in getattr(part, kind)} <= now:
            return False
    batches = {one for part in after for one in part.batches}
    ranges = [one for part in after for one in part.stamps]
    if not {one for part in before for one in part.batches} <= batches:
        return False
    return all(_within(one, batches, ranges) for part in before for one in part.stamps)


def _within(one: StampRange, batches: set[int], ranges: Sequence[StampRange]) -> bool:
    return one.batch in batches or any(
        other.batch == one.batch and other.first <= one.first and one.last <= other.last
        for other in ranges
    )


def _names_something(part: Part) -> bool:
    return bool(part.lots or part.products or part.facilities or part.batches or part.stamps)


def _must_be_free(case: Case) -> None:
    if case.correction is not None:
        raise refusals.CorrectionAlreadyRequested()


def _asked(case: Case) -> CorrectionRequest:
    if not case.is_standing:
        raise refusals.NotStanding()
    if case.correction is None:
        raise refusals.CorrectionNotRequested()
    return case.correction
