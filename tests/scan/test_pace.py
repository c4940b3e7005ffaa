"""The recorder's long work goes in small parts, all of it, and at once where counting is behind."""

import time
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.scan.store.pace import BEHIND, MOST_REST, PART, Pace

NOON = datetime(2026, 11, 26, 5, tzinfo=UTC)


async def parted(pace: Pace, count: int) -> list[list[int]]:
    return [list(part) async for part in pace.parts(range(count))]


@given(count=st.integers(0, 5 * PART), rest=st.sampled_from([0.0, None]))
async def test_every_item_is_in_one_part_and_in_its_order(count: int, rest: float | None) -> None:
    parts = await parted(Pace(rest), count)
    assert [item for part in parts for item in part] == list(range(count))
    assert all(parts)
    assert len(parts) == (min(count, 1) if rest is None else -(-count // PART))


@given(waited=st.timedeltas(timedelta(seconds=-5), 3 * BEHIND))
def test_the_longer_a_segment_has_waited_the_less_is_rested(waited: timedelta) -> None:
    """A clock of another machine may be ahead, too."""
    rest = Pace.of(NOON - waited, NOON).rest
    later = Pace.of(NOON - waited - timedelta(seconds=0.1), NOON).rest
    assert rest is None or 0 <= rest <= MOST_REST
    assert (rest is None) == (waited >= BEHIND)
    assert later is None or (rest is not None and later <= rest)


async def test_who_is_not_behind_rests_after_each_part() -> None:
    began = time.perf_counter()
    worked = 0.0
    async for _ in Pace(1.0).parts(range(2 * PART)):
        started = time.perf_counter()
        time.sleep(0.02)
        worked += time.perf_counter() - started
    assert time.perf_counter() - began >= 2 * worked
