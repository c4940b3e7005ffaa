"""The interval map says of every serial what a list of single stamps would say."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.stamps.domain.intervals import Segment, TooManyIntervals, issued, segments_of
from services.stamps.domain.life import (
    CHANGES,
    SerialsAlreadyActivated,
    SerialsNotUsable,
    UnknownChange,
    activation,
    change_of_state,
)
from shared.contracts.event import decode, encode
from shared.contracts.stamps import MAX_INTERVALS, SEGMENT_SERIALS, SegmentPublished
from shared.ids import now

SIZE = 40
ranges = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).map(sorted)
acts = st.lists(
    st.tuples(st.sampled_from(["activate:A", "activate:B", *CHANGES]), ranges), max_size=25
)


def apply(segment: Segment, name: str, first: int, last: int) -> Segment:
    change = activation(name[9:]) if name.startswith("activate:") else change_of_state(name)
    return segment.changed(first, last, change)


def expand(segment: Segment) -> dict[int, tuple[str, str]]:
    return {n: (i.lot, i.state) for i in segment.intervals for n in range(i.first, i.last + 1)}


@settings(max_examples=300)
@given(acts)
def test_any_row_of_acts_equals_the_same_acts_on_single_stamps(
    done: list[tuple[str, list[int]]],
) -> None:
    (segment,) = issued(1, "f", "p", SIZE)
    singles = {n: issued(1, "f", "p", n + 1)[0] for n in range(SIZE)}
    for name, (first, last) in done:
        try:
            after = apply(segment, name, first, last)
        except (SerialsAlreadyActivated, SerialsNotUsable):
            assert any(refuses(singles[n], name, n) for n in range(first, last + 1))
            continue
        segment = after
        for n in range(first, last + 1):
            singles[n] = apply(singles[n], name, n, n)
    expected = {n: expand(single)[n] for n, single in singles.items()}
    assert expand(segment) == expected
    starts = [interval.first for interval in segment.intervals]
    assert starts == sorted(starts)
    pairs = zip(segment.intervals, segment.intervals[1:], strict=False)
    assert all(a.last + 1 == b.first and a[2:] != b[2:] for a, b in pairs)


def refuses(single: Segment, name: str, n: int) -> bool:
    try:
        apply(single, name, n, n)
    except (SerialsAlreadyActivated, SerialsNotUsable):
        return True
    return False


@given(acts)
def test_a_serial_given_to_a_lot_never_leaves_it(done: list[tuple[str, list[int]]]) -> None:
    (segment,) = issued(1, "f", "p", SIZE)
    lots: dict[int, str] = {}
    for name, (first, last) in done:
        try:
            segment = apply(segment, name, first, last)
        except (SerialsAlreadyActivated, SerialsNotUsable):
            continue
        for n, (lot, _) in expand(segment).items():
            assert lots.setdefault(n, lot) == lot or lots[n] == ""
            lots[n] = lot


@pytest.mark.parametrize("quantity", [1, SEGMENT_SERIALS, SEGMENT_SERIALS + 1, 1_000_000])
def test_a_batch_is_cut_into_segments_that_hold_each_serial_once(quantity: int) -> None:
    segments = issued(9, "f", "p", quantity)
    edges = [(i.first, i.last) for s in segments for i in s.intervals]
    assert edges[0][0] == 0
    assert edges[-1][1] == quantity - 1
    assert all(a[1] + 1 == b[0] for a, b in itertools.pairwise(edges))
    assert [s.index for s in segments] == list(segments_of(0, quantity - 1))
    assert all(i.first // SEGMENT_SERIALS == s.index for s in segments for i in s.intervals)


def test_a_segment_cut_too_small_is_refused_and_stays_as_it_was() -> None:
    (segment,) = issued(1, "f", "p", SEGMENT_SERIALS)
    used = activation("lot")
    serial = 0
    while len(segment.intervals) + 2 <= MAX_INTERVALS:
        serial += 2
        segment = segment.changed(serial, serial, used)
    with pytest.raises(TooManyIntervals):
        segment.changed(serial + 2, serial + 2, used)
    assert len(segment.intervals) <= MAX_INTERVALS


def test_what_is_reported_of_a_delivery_is_refused_for_no_number_of_intervals() -> None:
    (segment,) = issued(1, "f", "p", SEGMENT_SERIALS)
    every_second = [(serial, serial) for serial in range(0, SEGMENT_SERIALS, 2)]
    cut = segment.reported(every_second, change_of_state("lost"))
    assert len(cut.intervals) == SEGMENT_SERIALS
    assert cut.version == segment.version + 1
    told = cut.published(now())
    assert len(told.intervals) == MAX_INTERVALS
    assert told.whole == cut.intervals
    read = decode(encode(told))
    assert isinstance(read, SegmentPublished)
    assert read.whole == told.whole
    assert len(encode(told)) < 2 * 1024 * 1024
    # What does not cut it further is done as ever, what does is refused.
    revoke = change_of_state("revoke")
    assert len(cut.changed(0, 9, revoke).intervals) < len(cut.intervals)
    few = segment.reported(every_second[:300], change_of_state("lost"))
    with pytest.raises(TooManyIntervals):
        few.changed(900, 900, revoke)
    assert len(few.changed(598, 598, revoke).intervals) == len(few.intervals)


def test_an_unknown_change_is_refused_by_name() -> None:
    with pytest.raises(UnknownChange):
        change_of_state("give_away")


def test_a_lifted_suspension_gives_back_what_the_stamp_was() -> None:
    (segment,) = issued(1, "f", "p", 10)
    segment = apply(segment, "activate:A", 0, 4)
    segment = apply(apply(segment, "suspend", 0, 9), "unsuspend", 0, 9)
    assert expand(segment)[0] == ("A", "active")
    assert expand(segment)[9] == ("", "issued")
