"""The shapes and draws of the scale bench are those its figures claim."""

from collections import Counter
from random import Random

import pytest

from services.stamps.domain.intervals import Segment, issued
from services.stamps.domain.life import activation, change_of_state
from tests.scale.shapes import (
    QUANTITY,
    RARE,
    Act,
    acts_on,
    median_intervals,
    uniform,
    zipf,
)

MANY = 4_000


def applied(segment: Segment, act: Act) -> Segment:
    change = change_of_state(act.change) if act.change else activation(f"lot {act.lot}")
    return segment.changed(act.first, act.last, change)


@pytest.mark.parametrize("ordinal", [*range(20), RARE - 1, 2 * RARE - 1])
def test_every_act_is_one_the_domain_allows_and_adds_two_intervals(ordinal: int) -> None:
    (segment,) = issued(1, "facility", "product", QUANTITY)
    for number, act in enumerate(acts_on(ordinal), start=1):
        segment = applied(segment, act)
        assert len(segment.intervals) == 1 + 2 * number


def test_the_median_batch_has_five_intervals_and_one_in_a_hundred_has_hundreds() -> None:
    counts = Counter(1 + 2 * len(acts_on(ordinal)) for ordinal in range(MANY))
    assert median_intervals(counts) == 5
    rare = sum(n for intervals, n in counts.items() if intervals > 200)
    assert rare == MANY // RARE
    assert max(counts) <= 500


def test_a_batch_has_the_same_shape_whenever_it_is_asked_for() -> None:
    assert acts_on(RARE - 1) == acts_on(RARE - 1)


def test_uniform_codes_are_seldom_drawn_twice() -> None:
    drawn = uniform(Random(1), MANY * QUANTITY, MANY)
    assert all(0 <= one < MANY * QUANTITY for one in drawn)
    assert len(set(drawn)) > MANY * 0.99


def test_of_zipf_drawn_codes_the_first_rank_comes_twice_as_often_as_the_second() -> None:
    stamps, count = 1_000_000_000, 200_000
    drawn = zipf(Random(1), stamps, count)
    assert all(0 <= one < stamps for one in drawn)
    (_, first), (_, second) = Counter(drawn).most_common(2)
    # 1 / ln(10^9) of all is the share of the first; a tenth of it is chance.
    assert first / count == pytest.approx(1 / 20.7 * 0.693, rel=0.1)
    assert first / second == pytest.approx(0.693 / 0.405, rel=0.1)
