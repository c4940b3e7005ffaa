"""A case: one recall, withdrawal or warning from its order to its end, and what each step tells."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from services.recall.domain import refusals
from services.recall.domain.reach import Part, grown, parts_of
from services.recall.domain.recovery_refusals import HandlingMissing
from services.recall.domain.target import Target
from services.recall.domain.terms import (
    STANDING,
    Cap,
    Closing,
    CorrectionRequest,
    Extent,
    Kind,
    LegalBasis,
    Level,
    LiftRequest,
    Official,
    Order,
    Place,
    Said,
    State,
    Wording,
)
from shared.contracts.event import Event
from shared.contracts.recall import (
    NoticePublished,
    RecallClosed,
    RecallLifted,
    RecallOrdered,
    ScopeChanged,
)
from shared.tiers import is_below


@dataclass(frozen=True, slots=True)
class Case:
    """One case with all parts of its notice. Every method returns the new state with its facts."""

    id: str
    version: int
    state: State
    kind: Kind
    legal_basis: LegalBasis
    target: Target
    wording: Wording
    authority: str
    owner: Place
    places: tuple[Place, ...]
    lot_count: int
    stamps: int
    ordered_by: Official
    asked_at: datetime
    changed_at: datetime
    level: Level
    reason_key: str = ""
    parts: tuple[Part, ...] = ()
    ordered_at: datetime | None = None
    decided_by: Official | None = None
    lift: LiftRequest | None = None
    lifted_by: Official | None = None
    closing: Closing | None = None
    # Lots that corrections took out, which do not come back by themselves, and those they added.
    excluded: tuple[str, ...] = ()
    additions: tuple[str, ...] = ()
    correction: CorrectionRequest | None = None
    corrected_at: datetime | None = None
    # How many corrections were made.
    revision: int = 0

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING

    @property
    def lots(self) -> tuple[str, ...]:
        return tuple(lot for part in self.parts for lot in part.lots)

    @property
    def ordering(self) -> Official:
        """Whose order it is: of two people the one of the higher tier, else who asked first."""
        first, second = self.ordered_by, self.decided_by
        return second if second and is_below(first.tier, second.tier) else first

    def announced_by(self, facility_id: str | None) -> bool:
        """Whether this facility ordered it itself: nothing is told to it, it tells others."""
        return facility_id is not None and self.ordered_by.facility_id == facility_id

    @property
    def said(self) -> Said:
        return Said(self.kind, self.level, self.reason_key, self.wording, self.target)

    @classmethod
    def order(
        cls,
        case_id: str,
        order: Order,
        extent: Extent,
        *,
        who: Official,
        authority: str,
        cap: Cap,
        now: datetime,
    ) -> tuple["Case", tuple[Event, ...]]:
        """A new case: published at once, or waiting for a second person above the cap."""
        case = cls(
            id=case_id,
            version=1,
            state=State.AWAITING,
            kind=order.kind,
            legal_basis=order.basis_for(who),
            target=order.target,
            wording=order.wording,
            authority=authority,
            owner=extent.owner,
            places=extent.places,
            lot_count=len(extent.lots),
            stamps=extent.stamps,
            ordered_by=who,
            asked_at=now,
            changed_at=now,
            level=order.fitting_level,
            reason_key=order.reason_key,
        )
        if extent.exceeds(cap):
            return case, ()
        return case._published(extent, now)

    def confirm(
        self, extent: Extent, *, who: Official, now: datetime
    ) -> tuple["Case", tuple[Event, ...]]:
        """A second person agrees; the reach is taken as it is at this moment."""
        if self.state is not State.AWAITING:
            raise refusals.NotAwaitingConfirmation()
        self._by_another(self.ordered_by, who)
        confirmed = self.next(now, decided_by=who)
        return confirmed._published(extent, now)

    def decline(self, *, who: Official, now: datetime) -> "Case":
        """A waiting order comes to nothing; also the one who asked may take it back."""
        if self.state is not State.AWAITING:
            raise refusals.NotAwaitingConfirmation()
        return self.next(now, state=State.DECLINED, decided_by=who)

    def grow(
        self, lots: Sequence[str], places: Sequence[Place], *, cause: str, now: datetime
    ) -> tuple["Case", tuple[Part, ...], tuple[Event, ...]]:
        """Lots made from affected ones join, but none that was taken out; nothing ever leaves
        but by two people."""
        known = {*self.lots, *self.excluded}
        joining = [lot for lot in dict.fromkeys(lots) if lot not in known]
        if not joining or not self.is_standing:
            return self, (), ()
        changed = grown(self.parts, joining)
        kept = [part for part in self.parts if part.number < changed[0].number]
        case = self.next(
            now,
            parts=(*kept, *changed),
            lot_count=self.lot_count + len(joining),
            places=tuple(dict.fromkeys((*self.places, *places))),
        )
        fact = ScopeChanged(
            subject=case.id, version=case.version, time=now, added_lots=tuple(joining), cause=cause
        )
        return case, changed, (fact, *(case.notice(part, now) for part in changed))

    def spread(
        self, places: Sequence[Place], *, cause: str, now: datetime
    ) -> tuple["Case", tuple[Event, ...]]:
        """Goods in the case were sent to these places: they are told too; notices stay."""
        known = {place.facility_id for place in self.places}
        joining = [place for place in dict.fromkeys(places) if place.facility_id not in known]
        if not joining or not self.is_standing:
            return self, ()
        case = self.next(now, places=(*self.places, *joining))
        fact = ScopeChanged(
            subject=case.id,
            version=case.version,
            time=now,
            added_lots=(),
            cause=cause,
            added_facilities=tuple(place.facility_id for place in joining),
        )
        return case, (fact,)

    def request_lift(self, reason: str, *, who: Official, now: datetime) -> "Case":
        self._must_stand()
        if self.lift is not None:
            raise refusals.LiftAlreadyRequested()
        return self.next(now, lift=LiftRequest(who, reason, now))

    def decline_lift(self, *, now: datetime) -> "Case":
        self._must_stand()
        if self.lift is None:
            raise refusals.LiftNotRequested()
        return self.next(now, lift=None)

    def confirm_lift(self, *, who: Official, now: datetime) -> tuple["Case", tuple[Event, ...]]:
        """All parts are cleared, each with a higher version than any that showed it."""
        self._must_stand()
        if self.lift is None:
            raise refusals.LiftNotRequested()
        self._by_another(self.lift.requested_by, who)
        case = self.next(
            now,
            state=State.LIFTED,
            lifted_by=who,
            correction=None,
            parts=tuple(part.cleared() for part in self.parts),
        )
        fact = RecallLifted(
            subject=case.id,
            version=case.version,
            time=now,
            reason=self.lift.reason,
            requested_by=self.lift.requested_by.name,
            confirmed_by=who.name,
        )
        return case, (fact, *(case.notice(part, now) for part in case.parts))

    @property
    def ended_with(self) -> Closing | None:
        """The closing as it is told: of goods only where any were to be taken back."""
        return self.closing.fitting(self.kind) if self.closing else None

    def close(self, closing: Closing) -> tuple["Case", tuple[Event, ...]]:
        """The goods are handled, or the danger that a warning spoke of is over. The notices stay
        until they are lifted. Raises HandlingMissing of all but warnings."""
        if self.state is State.CLOSED:
            raise refusals.RecallAlreadyClosed()
        if self.state is not State.ORDERED:
            raise refusals.RecallNotOrdered()
        if self.kind is not Kind.WARNING and closing.handling is None:
            raise HandlingMissing("handling")
        closing = closing.fitting(self.kind)
        case = self.next(closing.at, state=State.CLOSED, closing=closing)
        fact = RecallClosed(
            subject=case.id,
            version=case.version,
            time=closing.at,
            finding=closing.finding,
            handling=closing.handling or "",
            recovered=closing.recovered_text,
        )
        return case, (fact,)

    def _published(self, extent: Extent, now: datetime) -> tuple["Case", tuple[Event, ...]]:
        case = replace(
            self,
            state=State.ORDERED,
            ordered_at=now,
            places=extent.places,
            lot_count=len(extent.lots),
            stamps=extent.stamps,
            parts=parts_of(self.target, extent.lots),
        )
        fact = RecallOrdered(
            subject=case.id,
            version=case.version,
            time=now,
            kind=case.kind,
            target_kind=case.target.kind,
            target=case.target.id,
            reason=case.wording.reason,
            legal_basis=case.legal_basis,
            level=case.level,
            reason_key=case.reason_key,
            # The first part's only: a reader that needs all of very many has the notices.
            lots=case.parts[0].lots,
            facilities=tuple(place.facility_id for place in case.places),
            parts=len(case.parts),
            ordered_by=case.ordered_by.name,
        )
        return case, (fact, *(case.notice(part, now) for part in case.parts))

    def notice(self, part: Part, now: datetime, *, narrowed: bool = False) -> NoticePublished:
        assert self.ordered_at is not None
        return NoticePublished(
            subject=f"{self.id}/{part.number}",
            version=part.version,
            time=now,
            case_id=self.id,
            part=part.number,
            kind=self.kind,
            active=part.active,
            level=self.level,
            reason_key=self.reason_key,
            corrected_at=self.corrected_at,
            narrowed=narrowed,
            **asdict(self.wording),
            ordered_at=self.ordered_at,
            authority=self.authority,
            lots=part.lots,
            products=part.products,
            facilities=part.facilities,
            batches=part.batches,
            stamps=part.stamps,
        )

    def next(self, now: datetime, **changes: Any) -> "Case":
        return replace(self, version=self.version + 1, changed_at=now, **changes)

    def _must_stand(self) -> None:
        if not self.is_standing:
            raise refusals.NotStanding()

    @staticmethod
    def _by_another(first: Official, second: Official) -> None:
        if first.account_id == second.account_id:
            raise refusals.SecondPersonNeeded()
