"""Working days as the law counts them, from data that are checked."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.working_days import BeyondCalendar, Cause, Standing, Weekends, calendar_of

CALENDAR = calendar_of()
YEARS = sorted(CALENDAR.years)
# The last weeks are left out: what is counted from them may end in a year without data.
days = st.dates(date(YEARS[0], 1, 1), date(YEARS[-1], 10, 31))
counts = st.integers(1, 25)


@given(days, counts)
def test_a_deadline_never_ends_on_a_day_off(day: date, count: int) -> None:
    assert CALENDAR.is_working(CALENDAR.add_working_days(day, count))


@given(days, counts)
def test_counting_back_gives_what_was_added(day: date, count: int) -> None:
    assert CALENDAR.working_days_between(day, CALENDAR.add_working_days(day, count)) == count


@given(days, counts, st.integers(0, 20))
def test_what_begins_later_never_ends_earlier(day: date, count: int, later: int) -> None:
    other = min(day + timedelta(days=later), date(YEARS[-1], 10, 31))
    assert CALENDAR.add_working_days(day, count) <= CALENDAR.add_working_days(other, count)


@given(days, counts)
def test_a_working_day_more_ends_later(day: date, count: int) -> None:
    assert CALENDAR.add_working_days(day, count) < CALENDAR.add_working_days(day, count + 1)


@given(days, days)
def test_between_two_days_it_is_the_same_both_ways(first: date, last: date) -> None:
    there = CALENDAR.working_days_between(first, last)
    assert there == -CALENDAR.working_days_between(last, first)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), counts)
def test_without_holidays_a_deadline_ends_no_later(day: date, count: int) -> None:
    """But where a Saturday is worked, which only a calendar knows."""
    weekends = Weekends()
    end = weekends.add_working_days(day, count)
    assert weekends.is_working(end)
    if day.year in CALENDAR.years and end.year in CALENDAR.years:
        worked = sum(m.cause is Cause.WORKS for m in CALENDAR.marked.values())
        assert end <= CALENDAR.add_working_days(day, count) + timedelta(days=3 * worked)


@pytest.mark.parametrize(
    ("day", "count", "end"),
    [
        # The Friday before Tết 2026: nine days off.
        (date(2026, 2, 13), 1, date(2026, 2, 23)),
        (date(2026, 2, 12), 3, date(2026, 2, 24)),
        # Hùng Kings' day fell on a Sunday: Monday off; 30 April and 1 May follow.
        (date(2026, 4, 24), 3, date(2026, 5, 4)),
        # A Saturday that is worked for a Monday off.
        (date(2026, 8, 21), 1, date(2026, 8, 22)),
        (date(2026, 8, 28), 1, date(2026, 9, 3)),
        # Tết 2027 begins on a Saturday; its two days of the weekend are made up for.
        (date(2027, 2, 4), 1, date(2027, 2, 12)),
        # 30 April 2028 is a Sunday and 1 May a holiday itself.
        (date(2028, 4, 28), 1, date(2028, 5, 3)),
        (date(2024, 2, 7), 1, date(2024, 2, 15)),
        (date(2025, 1, 24), 1, date(2025, 2, 3)),
    ],
)
def test_holidays_of_known_years_are_passed_over(day: date, count: int, end: date) -> None:
    assert CALENDAR.add_working_days(day, count) == end


@pytest.mark.parametrize("year", YEARS)
def test_every_year_has_its_holidays(year: int) -> None:
    """Labour Code 2019, Art. 112: eleven days, and the day of culture since 2026."""
    holidays = [m for m in CALENDAR.of_year(year) if m.cause is Cause.HOLIDAY]
    assert len(holidays) == (11 if year < 2026 else 12)
    fixed = {date(year, 1, 1), date(year, 4, 30), date(year, 5, 1), date(year, 9, 2)}
    assert fixed <= {m.day for m in holidays}
    assert all(all(m.names) for m in holidays)
    on_rest = [m for m in holidays if m.day.weekday() >= 5]
    made_up = [m for m in CALENDAR.of_year(year) if m.cause is Cause.MADE_UP]
    assert len(on_rest) == len(made_up)


@pytest.mark.parametrize(
    ("year", "first"),
    [
        (2024, date(2024, 2, 10)),
        (2025, date(2025, 1, 29)),
        (2026, date(2026, 2, 17)),
        (2027, date(2027, 2, 6)),
        (2028, date(2028, 1, 26)),
    ],
)
def test_the_lunar_new_year_is_among_its_days_off(year: int, first: date) -> None:
    """At least one day before it and the first three of the year."""
    lunar = {m.day for m in CALENDAR.of_year(year) if m.is_off}
    assert {first + timedelta(days=n) for n in (-1, 0, 1, 2)} <= lunar
    # The moon is new on that day, give or take what the mean month differs from the true one.
    new_moon = datetime(2000, 1, 6, 18, 14, tzinfo=UTC)
    age = (datetime(first.year, first.month, first.day, 5, tzinfo=UTC) - new_moon) / timedelta(
        days=29.530588
    )
    assert abs(age - round(age)) * 29.53 < 1.2


def test_what_was_not_announced_is_said_to_be_expected() -> None:
    assert CALENDAR.years[2026] is Standing.DECIDED
    assert CALENDAR.years[2027] is Standing.EXPECTED
    assert CALENDAR.is_sure(date(2026, 2, 13), date(2026, 2, 23))
    assert not CALENDAR.is_sure(date(2027, 2, 4), date(2027, 2, 12))
    assert not CALENDAR.is_sure(date(2028, 12, 29), date(2029, 1, 3))


def test_a_year_without_data_is_refused() -> None:
    with pytest.raises(BeyondCalendar) as refused:
        CALENDAR.add_working_days(date(YEARS[-1], 12, 28), 5)
    assert refused.value.year == YEARS[-1] + 1
    with pytest.raises(BeyondCalendar):
        CALENDAR.is_off(date(YEARS[0] - 1, 12, 31))


def test_a_deadline_of_no_days_is_none() -> None:
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.add_working_days(date(2026, 3, 2), 0)


OWN = """
[[year]]
year = 2029
standing = "decided"
holiday = [{ name = "Tết Dương lịch", on = [2029-01-01] }]

[[year]]
year = 2026
standing = "decided"
"""


def test_an_installation_adds_years_and_replaces_others(tmp_path: Path) -> None:
    own = tmp_path / "days.toml"
    own.write_text(OWN)
    calendar = calendar_of(own)
    assert calendar.add_working_days(date(2028, 12, 29), 1) == date(2029, 1, 2)
    assert calendar.is_working(date(2026, 2, 17))
    assert calendar.is_off(date(2027, 1, 1))
    assert calendar.digest != CALENDAR.digest
    assert calendar.marked[date(2029, 1, 1)].names == ("Tết Dương lịch",) * 3


DECIDED = '[[year]]\nyear = 2030\nstanding = "decided"\n'


@pytest.mark.parametrize(
    "wrong",
    [
        "not toml [",
        '[[year]]\nyear = 2030\nstanding = "maybe"',
        DECIDED + "holydays = []",
        DECIDED + 'holiday = [{ name = "x", on = [2031-01-01] }]',
        DECIDED + 'holiday = [{ name = "x", on = [] }]',
        DECIDED
        + 'holiday = [{ name = "x", on = [2030-01-01] }, { name = "y", on = [2030-01-01] }]',
        # 5 January 2030 is a Saturday, 7 January a Monday.
        DECIDED + "swap = [{ off = 2030-01-05, works = 2030-01-07 }]",
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, wrong: str) -> None:
    own = tmp_path / "days.toml"
    own.write_text(wrong)
    with pytest.raises(ValueError, match=r"\S"):
        calendar_of(own)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        calendar_of(tmp_path / "none.toml")
