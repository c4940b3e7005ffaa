"""What the form for printing offers: never twice what was printed, while anything is left."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from services.stamps.domain.printing import Span, joined
from services.stamps.domain.spans import next_to_print

QUANTITY = 60
SPANS = st.lists(
    st.tuples(st.integers(0, QUANTITY - 1), st.integers(0, QUANTITY - 1)).map(
        lambda ends: (min(ends), max(ends))
    ),
    max_size=8,
)


def serials(spans: list[Span]) -> set[int]:
    return {serial for first, last in spans for serial in range(first, last + 1)}


@given(SPANS, st.integers(1, QUANTITY))
def test_it_is_the_first_that_was_not_printed_and_nothing_that_was(
    printed: list[Span], most: int
) -> None:
    first, last = next_to_print(QUANTITY, printed, most)
    offered = set(range(first, last + 1))
    left = set(range(QUANTITY)) - serials(printed)
    assert 1 <= len(offered) <= most
    if left:
        assert first == min(left)
        assert offered <= left
    else:
        assert first == 0


@given(SPANS)
def test_joined_spans_hold_the_same_serials_and_do_not_touch(spans: list[Span]) -> None:
    found = joined(spans)
    assert serials(found) == serials(spans)
    assert all(one[1] + 1 < other[0] for one, other in itertools.pairwise(found))
