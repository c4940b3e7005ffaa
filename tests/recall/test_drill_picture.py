"""The picture of a drill: marks in order, each once, in a measure that fits how long it took."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recall.pages.drill_picture import POINTS, axis, picture
from services.recall.queries.drill_page import Shown
from shared.web.filters import show_number
from tests.recall.builders import AT


class Drill:
    """What the picture reads of a drill."""

    def __init__(self, minutes: float) -> None:
        self.ordered_at = AT
        self.ended_at = AT + timedelta(minutes=minutes)


def shown(minutes: float, *acknowledged: float) -> Shown:
    return Shown(Drill(minutes), {}, None, acknowledged, [], 0, [])  # type: ignore[arg-type]


def test_a_drill_of_under_a_minute_is_drawn_in_seconds() -> None:
    chart = picture(shown(0.7, 0.105, 0.3, 0.7))
    assert chart
    assert "giây" in chart.title
    labels = [str(row[0]) for row in chart.rows]
    assert labels == ["0", "5", "10", "15", "20", "25", "30", "35", "40", "45"]
    assert [row[1] for row in chart.rows] == [0, 0, 1, 1, 2, 2, 2, 2, 2, 3]


@pytest.mark.parametrize(
    ("minutes", "word", "last"),
    [
        (0, "giây", "1"),
        (4.9, "giây", "300"),
        (5, "phút", "5"),
        (119, "phút", "120"),
        (120, "giờ", "2"),
        (72 * 60, "giờ", "72"),
        (1000 * 60, "giờ", "1.056"),
    ],
)
def test_longer_ones_are_drawn_in_minutes_and_hours(minutes: float, word: str, last: str) -> None:
    chart = picture(shown(minutes, minutes))
    assert chart
    assert word in chart.title
    assert chart.rows[-1] == [last, 1]


@given(st.floats(min_value=0, max_value=100_000))
def test_marks_are_in_order_each_reads_otherwise_and_all_time_is_within(minutes: float) -> None:
    measure, marks = axis(minutes)
    assert marks == sorted(set(marks))
    assert len({show_number(mark) for mark in marks}) == len(marks)
    assert len(marks) <= POINTS + 1
    assert marks[-1] * measure.minutes >= minutes - 1e-6


def test_what_was_kept_rounded_to_after_the_end_is_in_its_last_mark() -> None:
    chart = picture(shown(6.02, 6.1))
    assert chart
    assert chart.rows[-1][1] == 1
