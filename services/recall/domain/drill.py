"""A drill of a recall (diễn tập thu hồi): real data and real people, nothing that consumers see.

Circular 17/2021/TT-BNNPTNT has whoever makes or trades food keep a plan of recall and rehearse it
once a year. A drill is no case: it has no notice, and none of its states can become one.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from services.recall.domain import drill_refusals as refusals
from services.recall.domain.refusals import SecondPersonNeeded
from services.recall.domain.target import Target
from services.recall.domain.terms import Cap, Official, Place
from shared.contracts.recall import RecallDrillEnded, RecallDrillStarted
from shared.errors import EditConflict

# In every message and on every page of a drill, word for word, before anything else.
MARK: Final = "DIỄN TẬP – không phải thu hồi thật"
MOST_HOURS: Final = 168
MOST_LOTS: Final = 20_000
MOST_FACILITIES: Final = 5_000
# Drills that one facility begins within 24 hours: each asks others, who have work to do.
MOST_A_DAY: Final = 3
# What nobody agrees to within so long comes to nothing, and frees its target.
LONGEST_WAIT: Final = timedelta(days=7)
# Facilities that one event names; a drill that reaches more tells the rest in further ones.
NAMED: Final = 500


class State(StrEnum):
    AWAITING = "awaiting_confirmation"
    RUNNING = "running"
    ENDED = "ended"
    DECLINED = "declined"
    CALLED_OFF = "called_off"


OPEN: Final = (State.AWAITING, State.RUNNING)
# Whoever is in its reach knows of it in these.
TOLD: Final = (State.RUNNING, State.ENDED, State.CALLED_OFF)


@dataclass(frozen=True, slots=True)
class Reached:
    """What the target reached when the drill was ordered. `seconds` is how long finding it took;
    it rests on registry's events up to `known_number`, `missing` later ones were not in yet (None
    where registry could not be asked)."""

    lots: int
    facilities: int
    stamps: int
    seconds: float
    known_number: int
    missing: int | None = None
    known_at: datetime | None = None

    def exceeds(self, cap: Cap) -> bool:
        return self.stamps > cap.stamps or self.lots > cap.lots


@dataclass(frozen=True, slots=True)
class Plan:
    """What is rehearsed: the target with its names, the scenario in words, how many hours at
    most."""

    target: Target
    label: str
    label_en: str
    label_zh: str
    scenario: str
    hours: int


@dataclass(frozen=True, slots=True)
class Drill:
    """`owner` is whose the target is, which decides who may; `authority` in whose name it runs,
    `tier` that of who began it.

    `begun_at` → `scoped_at` → `ordered_at` (after the second person, where one is needed) →
    `ended_at`. `ended_by` is None where its hours ran out. `score` is what the end froze.
    """

    id: str
    version: int
    state: State
    plan: Plan
    owner: Place
    authority: str
    unit_id: str
    by: Official
    begun_at: datetime
    scoped_at: datetime
    reached: Reached
    ordered_at: datetime | None = None
    decided_by: Official | None = None
    ends_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: Official | None = None
    reason: str = ""
    score: dict[str, Any] | None = None
    tier: str = ""

    @classmethod
    def begin(
        cls,
        drill_id: str,
        plan: Plan,
        reached: Reached,
        *,
        owner: Place,
        who: Official,
        unit_id: str,
        authority: str,
        cap: Cap,
        now: datetime,
        tier: str = "",
    ) -> "Drill":
        """At once, or waiting for a second person above the cap. Raises DrillTooLarge,
        DrillReachesTooMany, NobodyInReach."""
        _must_fit(reached)
        scoped = now + timedelta(seconds=reached.seconds)
        drill = cls(
            id=drill_id,
            version=1,
            state=State.AWAITING,
            plan=plan,
            owner=owner,
            authority=authority,
            unit_id=unit_id,
            by=who,
            begun_at=now,
            scoped_at=scoped,
            reached=reached,
            tier=tier,
        )
        return drill if reached.exceeds(cap) else drill._ordered(scoped)

    @property
    def is_running(self) -> bool:
        return self.state is State.RUNNING

    @property
    def is_called_off(self) -> bool:
        """Then nothing of it counts, and no figure of it is shown to anybody."""
        return self.state is State.CALLED_OFF

    @property
    def open_keys(self) -> tuple[str, ...]:
        """No two drills that are not over share one: of authorities the target, of a facility
        itself. So no facility's own drill keeps the authority from rehearsing its goods."""
        if self.state not in OPEN:
            return ()
        return (f"by:{self.by.facility_id}" if self.by.facility_id else self.plan.target.key,)

    @property
    def waited(self) -> float:
        """Seconds from when it was asked for until the facilities were told."""
        return ((self.ordered_at or self.scoped_at) - self.begun_at).total_seconds()

    def confirm(self, reached: Reached, *, who: Official, now: datetime) -> "Drill":
        """A second person agrees; its reach is taken as it is at this moment. Raises
        DrillNotWaiting, SecondPersonNeeded."""
        self._must_wait()
        if who.account_id == self.by.account_id:
            raise SecondPersonNeeded()
        _must_fit(reached)
        scoped = now + timedelta(seconds=reached.seconds)
        return self._next(reached=reached, decided_by=who, scoped_at=scoped)._ordered(scoped)

    def decline(self, *, who: Official | None, now: datetime) -> "Drill":
        """It comes to nothing; also who asked may take it back. By itself (`who` None) where nobody
        agreed for too long."""
        self._must_wait()
        return self._next(state=State.DECLINED, decided_by=who, ended_at=now)

    def end(self, *, who: Official | None, now: datetime) -> "Drill":
        """Early, or by itself once its hours are over. Raises DrillOver."""
        self._must_be_running()
        assert self.ends_at is not None
        at = min(now, self.ends_at)
        return self._next(state=State.ENDED, ended_at=at, ended_by=who)

    def call_off(self, reason: str, *, who: Official, now: datetime) -> "Drill":
        """It counts as no rehearsal and gets no score."""
        self._must_be_running()
        return self._next(state=State.CALLED_OFF, ended_at=now, ended_by=who, reason=reason)

    def scored(self, score: dict[str, Any]) -> "Drill":
        """With the figures as the end found them; they are stated once. Raises DrillOver,
        EditConflict."""
        if self.state is not State.ENDED:
            raise refusals.DrillOver()
        if self.score is not None:
            raise EditConflict()
        return self._next(score=score)

    def must_take_answers(self, now: datetime) -> None:
        """Raises DrillOver, also where its hours are over and nobody has ended it yet."""
        self._must_be_running()
        if self.ends_at is not None and now >= self.ends_at:
            raise refusals.DrillOver()

    def _must_be_running(self) -> None:
        if not self.is_running:
            raise refusals.DrillOver()

    def told(self, facilities: tuple[str, ...], part: int) -> RecallDrillStarted:
        """One of the events that tell those in its reach."""
        assert self.ordered_at is not None
        assert self.ends_at is not None
        return RecallDrillStarted(
            subject=f"{self.id}/{part}",
            version=self.version,
            time=self.ordered_at,
            drill_id=self.id,
            owner_facility_id=self.owner.facility_id,
            commune=self.owner.commune,
            sector=self.owner.sector,
            unit_id=self.unit_id,
            facilities=facilities,
            facilities_total=self.reached.facilities,
            lots=self.reached.lots,
            ordered_at=self.ordered_at,
            ends_at=self.ends_at,
        )

    def over(
        self, rehearsed: tuple[str, ...], part: int, until: datetime | None, *, unit: bool = False
    ) -> RecallDrillEnded:
        """It ended with a score, or was called off and has none; `until` is how long those who
        rehearsed have done their duty, `unit` whether its own unit is one of them."""
        assert self.ended_at is not None
        score = self.score or {}
        return RecallDrillEnded(
            subject=f"{self.id}/{part}",
            version=self.version,
            time=self.ended_at,
            drill_id=self.id,
            owner_facility_id=self.owner.facility_id,
            commune=self.owner.commune,
            sector=self.owner.sector,
            unit_id=self.unit_id if unit else "",
            counted=self.score is not None,
            rehearsed=rehearsed,
            rehearsed_until=until,
            grade=score.get("grade", ""),
            scope_seconds=self.reached.seconds,
            complete_percent=score.get("complete"),
            facilities=self.reached.facilities,
            acknowledged=score.get("acknowledged", 0),
        )

    def _ordered(self, now: datetime) -> "Drill":
        ends_at = now + timedelta(hours=self.plan.hours)
        return replace(self, state=State.RUNNING, ordered_at=now, ends_at=ends_at)

    def _must_wait(self) -> None:
        if self.state is not State.AWAITING:
            raise refusals.DrillNotWaiting()

    def _next(self, **changes: Any) -> "Drill":
        return replace(self, version=self.version + 1, **changes)


def must_be_few_enough(lots: int) -> None:
    """Raises DrillTooLarge."""
    if lots > MOST_LOTS:
        raise refusals.DrillTooLarge("target", lots=lots, most=MOST_LOTS)


def _must_fit(reached: Reached) -> None:
    if not reached.facilities or not reached.lots:
        raise refusals.NobodyInReach("target")
    must_be_few_enough(reached.lots)
    if reached.facilities > MOST_FACILITIES:
        most = MOST_FACILITIES
        raise refusals.DrillReachesTooMany("target", facilities=reached.facilities, most=most)
