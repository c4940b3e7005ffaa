"""How long the law gives, and when whom is told what."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recall.domain.deadlines import Span, deadlines, timing
from shared.days import VIETNAM
from shared.working_days import calendar_of

CALENDAR = calendar_of()
starts = st.datetimes(datetime(2024, 1, 1), datetime(2028, 11, 30), timezones=st.just(UTC))
kinds = st.sampled_from(sorted(deadlines()))


def vn(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=VIETNAM)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("span", "start", "due"),
    [
        # Hours run through nights, weekends and Tết.
        (Span(hours=24), vn(2026, 2, 14, 9), vn(2026, 2, 15, 9)),
        # Three working days from a Thursday before Tết end after it.
        (Span(working_days=3), vn(2026, 2, 12, 9), vn(2026, 2, 25)),
        (Span(working_days=3), vn(2026, 11, 2, 23, 59), vn(2026, 11, 6)),
        (Span(working_days=3), vn(2026, 11, 6, 8), vn(2026, 11, 12)),
        # The day is Vietnam's: it is Tuesday there while it is still Monday in UTC.
        (Span(working_days=1), datetime(2026, 11, 2, 17, 30, tzinfo=UTC), vn(2026, 11, 5)),
        # Days that end on a day off end with the next working day.
        (Span(days=3), vn(2026, 11, 4, 9), vn(2026, 11, 10)),
        (Span(days=3), vn(2026, 11, 2, 9), vn(2026, 11, 6)),
    ],
)
def test_a_deadline_ends_when_the_law_says(span: Span, start: datetime, due: datetime) -> None:
    assert span.after(start, CALENDAR) == due


@pytest.mark.parametrize("told", [{}, {"hours": 1, "days": 1}, {"hours": 0}, {"weeks": 1}])
def test_a_length_is_one_of_hours_days_or_working_days(told: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Span(**told)


def test_all_deadlines_are_named_in_three_languages_and_go_up_the_tiers() -> None:
    for one in deadlines().values():
        assert all((one.name, one.name_en, one.name_zh))
        assert one.tiers[-1] == "province"


def test_who_owes_it_may_stand_higher_and_nobody_below_is_told() -> None:
    decide = deadlines()["decide"]
    assert decide.tiers_from("department") == ("department", "province")
    assert decide.tiers_from("facility") == decide.tiers


def test_a_missed_deadline_climbs_tier_by_tier() -> None:
    decide = deadlines()["decide"]
    start = vn(2026, 11, 4, 9)
    found = timing(decide, decide.tiers, start, CALENDAR)
    assert [
        (step.name, step.tier, (step.at - start) / timedelta(hours=1)) for step in found.steps
    ] == [
        ("near:50", "commune", 12),
        ("near:80", "commune", pytest.approx(19.2)),
        ("due", "commune", 24),
        ("escalated:unit", "unit", 24),
        ("escalated:department", "department", 36),
        ("escalated:province", "province", 48),
    ]


def test_each_further_tier_has_the_working_day_that_begins_as_the_last_time_ended() -> None:
    """Due at the midnight that begins Thursday: the unit's day is Thursday, not Friday."""
    answer = deadlines()["handling_answer"]
    found = timing(answer, answer.tiers, vn(2026, 11, 2, 9), CALENDAR)
    assert found.due_at == vn(2026, 11, 6)
    climbs = [step.at for step in found.steps if step.name.startswith("escalated:")]
    assert climbs == [vn(2026, 11, 6), vn(2026, 11, 7), vn(2026, 11, 10)]


@given(kinds, starts)
def test_steps_come_one_after_the_other_and_none_before_the_start(
    name: str, start: datetime
) -> None:
    deadline = deadlines()[name]
    found = timing(deadline, deadline.tiers, start, CALENDAR)
    times = [step.at for step in found.steps]
    assert times == sorted(times)
    assert start <= times[0]
    assert len({step.name for step in found.steps}) == len(found.steps)
    assert found.due_at > start


@given(kinds, starts, st.integers(0, 10_000))
def test_what_starts_later_is_never_due_earlier(name: str, start: datetime, minutes: int) -> None:
    deadline = deadlines()[name]
    later = min(start + timedelta(minutes=minutes), datetime(2028, 11, 30, tzinfo=UTC))
    first = timing(deadline, deadline.tiers, min(start, later), CALENDAR)
    assert first.due_at <= timing(deadline, deadline.tiers, max(start, later), CALENDAR).due_at


def test_beyond_the_calendar_weekends_alone_count_and_it_says_so() -> None:
    answer = deadlines()["handling_answer"]
    known = timing(answer, answer.tiers, vn(2026, 11, 2, 9), CALENDAR)
    assert known.sure
    beyond = timing(answer, answer.tiers, vn(2028, 12, 28, 9), CALENDAR)
    assert not beyond.sure
    assert beyond.due_at == vn(2029, 1, 3)
    assert not timing(answer, answer.tiers, vn(2027, 2, 4, 9), CALENDAR).sure, "only expected"
    decide = deadlines()["decide"]
    assert timing(decide, decide.tiers, vn(2028, 12, 31, 9), CALENDAR).sure, "hours need none"
