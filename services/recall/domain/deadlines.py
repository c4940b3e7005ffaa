"""The deadlines of a case: how long each is, who owes it, and who is told what when (data in
deadlines.toml)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.days import local_day, local_midnight
from shared.tiers import ORDER
from shared.working_days import BeyondCalendar, Calendar, Weekends

DATA: Final = Path(__file__).with_name("deadlines.toml")
ONE_DAY: Final = timedelta(days=1)
# Why a clock stopped: what it waits for was done, or nobody waits for it any more.
MET: Final = "met"
ENDED: Final = "ended"
WEEKENDS: Final = Weekends()


class Span(BaseModel):
    """A length of time as the law gives it: exactly one of these."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hours: int | None = Field(None, ge=1)
    days: int | None = Field(None, ge=1)
    working_days: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.hours, self.days, self.working_days)) != 1:
            raise ValueError("a deadline is so many hours, days or working days")
        return self

    def after(self, start: datetime, calendar: Calendar) -> datetime:
        """When it has passed. Raises BeyondCalendar."""
        if self.hours is not None:
            return start + timedelta(hours=self.hours)
        first = local_day(start)
        if self.working_days is not None:
            last = calendar.add_working_days(first, self.working_days)
        else:
            last = calendar.first_working(first + timedelta(days=self.days or 1))
        return local_midnight(last + ONE_DAY).astimezone(UTC)


class Deadline(Span):
    """One kind of deadline. Texts in Vietnamese, English and Chinese; `own` where other words fit a
    recall that the owner of the goods ordered itself."""

    name: str
    name_en: str
    name_zh: str
    own: str = ""
    own_en: str = ""
    own_zh: str = ""
    basis: str = ""
    sectors: tuple[str, ...] = ()
    tiers: tuple[str, ...] = Field(min_length=1)
    reminders: tuple[int, ...] = ()
    escalation: Span

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(not 0 < percent < 100 for percent in self.reminders):
            raise ValueError("a reminder comes between 0 and 100 per cent of the time")
        places = [ORDER.index(tier) for tier in self.tiers]
        if places != sorted(set(places), reverse=True):
            raise ValueError("a missed deadline goes up the tiers")
        return self

    def names(self, *, own: bool = False) -> tuple[str, str, str]:
        """`own`: the owner of the goods ordered the recall itself."""
        if own and self.own:
            return self.own, self.own_en, self.own_zh
        return self.name, self.name_en, self.name_zh

    def tiers_from(self, tier: str) -> tuple[str, ...]:
        """Who owes it and who is told after them, where this tier is the one that owes it; the
        deadline's own order where it is none of them."""
        return self.tiers[self.tiers.index(tier) :] if tier in self.tiers else self.tiers

    def is_for(self, sector: str) -> bool:
        return not self.sectors or sector in self.sectors


@cache
def deadlines() -> Mapping[str, Deadline]:
    """By name. Raises ValueError where the file is wrong."""
    told = tomllib.loads(DATA.read_text("utf-8"))
    return {name: Deadline.model_validate(one) for name, one in told.items()}


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at an instant of a running clock, once.

    `name` is near:<per cent>, due or escalated:<tier>; `tier` who is told.
    """

    name: str
    at: datetime
    tier: str

    @property
    def is_reminder(self) -> bool:
        return self.name.startswith("near:")


@dataclass(frozen=True, slots=True)
class Timing:
    """When a clock is due and what happens when. `sure` is False where a day that is only
    expected to be off, or one that no calendar has, was counted on."""

    due_at: datetime
    steps: tuple[Step, ...]
    sure: bool


def timing(
    deadline: Deadline, tiers: tuple[str, ...], start: datetime, calendar: Calendar
) -> Timing:
    """The steps in their order. In years beyond the calendar weekends alone are days off: what is
    due then comes too early rather than too late, and is marked as not sure."""
    try:
        due = deadline.after(start, calendar)
        sure = deadline.hours is not None or calendar.is_sure(
            local_day(start), local_day(due) - ONE_DAY
        )
    except BeyondCalendar:
        due, sure = deadline.after(start, WEEKENDS), False
    whole = due - start
    steps = [
        Step(f"near:{percent}", _to_milliseconds(start + whole * percent / 100), tiers[0])
        for percent in sorted(deadline.reminders)
    ]
    steps.append(Step("due", due, tiers[0]))
    told_at = due
    for tier in tiers[1:]:
        steps.append(Step(f"escalated:{tier}", told_at, tier))
        told_at = _after(deadline.escalation, told_at, calendar)
    return Timing(due, tuple(steps), sure)


def _after(span: Span, start: datetime, calendar: Calendar) -> datetime:
    """The next tier's time. What ended at midnight ended with the day before: the day that begins
    then is the first that counts."""
    if span.hours is None:
        start -= timedelta(microseconds=1)
    try:
        return span.after(start, calendar)
    except BeyondCalendar:
        return span.after(start, WEEKENDS)


def _to_milliseconds(at: datetime) -> datetime:
    """As MongoDB keeps it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline of one case. `id` is "<case>/<deadline>", and "/<of>" where there are several of
    its kind. `started_at` is None for one that was stopped before its start was told: it is over.

    `done` are the steps that were taken or passed over; `told` the tiers that know of it by now,
    beginning with the one that owes it; `next_at` when the next step is due, None if none is;
    `calendar` the digest of the calendar that it was timed by.
    """

    id: str
    case_id: str
    name: str
    version: int
    facility_id: str
    commune: str
    sector: str
    tiers: tuple[str, ...]
    started_at: datetime | None
    due_at: datetime | None
    sure: bool = True
    stopped_at: datetime | None = None
    stopped_by: str = ""
    done: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    next_at: datetime | None = None
    calendar: str = ""

    @property
    def is_running(self) -> bool:
        return self.started_at is not None and self.stopped_at is None

    def may_run_again(self, at: datetime) -> bool:
        """Whether it ran before that without being met."""
        return self.started_at is not None and self.started_at < at and self.stopped_by != MET

    def is_overdue(self, at: datetime) -> bool:
        return self.is_running and self.due_at is not None and self.due_at <= at

    def is_late(self) -> bool:
        """Whether it was met after its time."""
        return bool(self.due_at and self.stopped_at and self.stopped_at > self.due_at)

    def share_gone(self, at: datetime) -> float:
        """How much of the time has passed, 0 to 1."""
        if self.started_at is None or self.due_at is None:
            return 1.0
        return min(1.0, max(0.0, (at - self.started_at) / (self.due_at - self.started_at)))
