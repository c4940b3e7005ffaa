"""Working days as Vietnam counts them: weekly rest, holidays, days made up for and exchanged.

The days are data (working_days.toml, and a file of the installation's own). A day is one in
Vietnam's time. What is asked of a year that the data do not have is refused: a deadline counted
without its holidays would be wrong without anybody seeing it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

DATA = Path(__file__).with_name("working_days.toml")
ONE_DAY = timedelta(days=1)
SATURDAY = 5


class Standing(StrEnum):
    """Whether a day off was announced, or is what custom and the lunar calendar let expect."""

    DECIDED = "decided"
    EXPECTED = "expected"


class Cause(StrEnum):
    """Why a day is off, or a Saturday is not."""

    WEEKLY_REST = "weekly_rest"
    HOLIDAY = "holiday"
    # A holiday fell on a weekly rest day (Labour Code 2019, Art. 111.3).
    MADE_UP = "made_up"
    EXCHANGED = "exchanged"
    WORKS = "works"


class BeyondCalendar(Exception):
    """The data have no such year. `year`: which."""

    def __init__(self, year: int) -> None:
        super().__init__(f"working days of {year} are not in the calendar")
        self.year = year


@dataclass(frozen=True, slots=True)
class Marked:
    """A day that is not what its weekday says. `names`: vi, en, zh; empty for an exchange."""

    day: date
    cause: Cause
    standing: Standing
    names: tuple[str, str, str] = ("", "", "")

    @property
    def is_off(self) -> bool:
        return self.cause is not Cause.WORKS


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Holiday(_Row):
    name: str = Field(min_length=1)
    name_en: str = ""
    name_zh: str = ""
    on: tuple[date, ...] = Field(min_length=1)
    standing: Standing | None = None


class _Swap(_Row):
    off: date
    works: date

    @model_validator(mode="after")
    def _a_weekday_for_a_rest_day(self) -> Self:
        if self.off.weekday() >= SATURDAY or self.works.weekday() < SATURDAY:
            raise ValueError("a swap exchanges a weekday for a Saturday or Sunday")
        return self


class _Year(_Row):
    year: int
    standing: Standing
    holiday: tuple[_Holiday, ...] = ()
    swap: tuple[_Swap, ...] = ()

    @model_validator(mode="after")
    def _within_the_year(self) -> Self:
        days = [day for one in self.holiday for day in one.on]
        if len(set(days)) != len(days):
            raise ValueError(f"{self.year} names a day twice")
        for day in days:
            if day.year != self.year:
                raise ValueError(f"{day} is not of {self.year}")
        return self


class _File(_Row):
    year: tuple[_Year, ...]


@dataclass(frozen=True)
class Calendar:
    """The working days of the years that are known. Made by `calendar_of`."""

    years: Mapping[int, Standing]
    marked: Mapping[date, Marked] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """The same for calendars that say the same."""
        told = sorted(
            (day.isoformat(), one.cause, one.standing) for day, one in self.marked.items()
        )
        return sha256(repr((sorted(self.years), told)).encode()).hexdigest()[:16]

    def is_off(self, day: date) -> bool:
        """Raises BeyondCalendar."""
        if day.year not in self.years:
            raise BeyondCalendar(day.year)
        known = self.marked.get(day)
        return known.is_off if known is not None else day.weekday() >= SATURDAY

    def is_working(self, day: date) -> bool:
        return not self.is_off(day)

    def first_working(self, day: date) -> date:
        """The day itself, or the first after it on which work is done."""
        while self.is_off(day):
            day += ONE_DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """The working day that comes `count` (at least 1) working days after `day`, which is not
        counted itself (Civil Code 2015, Art. 147.2). Raises BeyondCalendar."""
        if count < 1:
            raise ValueError("a deadline lies at least one working day ahead")
        for _ in range(count):
            day = self.first_working(day + ONE_DAY)
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days come after `first`, up to `last` and with it; below 0 backwards."""
        if last < first:
            return -self.working_days_between(last, first)
        days = ((first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
        return sum(self.is_working(day) for day in days)

    def is_sure(self, first: date, last: date) -> bool:
        """Whether nothing that is only expected lies after `first`, up to `last` and with it."""
        days = ((first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
        return all(
            day.year in self.years
            and ((one := self.marked.get(day)) is None or one.standing is Standing.DECIDED)
            for day in days
        )

    def of_year(self, year: int) -> list[Marked]:
        """What differs from the weekdays, in order."""
        return sorted((m for m in self.marked.values() if m.day.year == year), key=lambda m: m.day)


class Weekends(Calendar):
    """Any year, without holidays: what is counted with it comes too early, never too late."""

    def __init__(self) -> None:
        super().__init__(years={})

    def is_off(self, day: date) -> bool:
        return day.weekday() >= SATURDAY


@cache
def calendar_of(own: Path | None = None) -> Calendar:
    """The calendar that the program comes with; years in an installation's file take the place of
    the same ones. Raises ValueError where a file is wrong: a start fails by it, not a deadline."""
    years = {one.year: one for one in _read(DATA)}
    if own is not None:
        years |= {one.year: one for one in _read(own)}
    return _made(sorted(years.values(), key=lambda one: one.year))


def _read(path: Path) -> Sequence[_Year]:
    try:
        told: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from error
    return _File.model_validate(told).year


def _made(years: Sequence[_Year]) -> Calendar:
    known = {one.year: one.standing for one in years}
    marked: dict[date, Marked] = {}
    for year in years:
        for swap in year.swap:
            marked[swap.off] = Marked(swap.off, Cause.EXCHANGED, year.standing)
            marked[swap.works] = Marked(swap.works, Cause.WORKS, year.standing)
        for holiday in year.holiday:
            for day in holiday.on:
                marked[day] = _holiday(day, holiday, year)
    for year in years:
        _make_up(year, marked)
    return Calendar(known, marked)


def _holiday(day: date, told: _Holiday, year: _Year, cause: Cause = Cause.HOLIDAY) -> Marked:
    names = (told.name, told.name_en or told.name, told.name_zh or told.name)
    return Marked(day, cause, told.standing or year.standing, names)


def _make_up(year: _Year, marked: dict[date, Marked]) -> None:
    """Of each holiday on a weekly rest day, the next working day is off (Art. 111.3)."""
    due = [(day, told) for told in year.holiday for day in told.on if day.weekday() >= SATURDAY]
    for day, told in sorted(due, key=lambda one: one[0]):
        other = day + ONE_DAY
        while other.weekday() >= SATURDAY or other in marked:
            other += ONE_DAY
        marked[other] = _holiday(other, told, year, Cause.MADE_UP)
