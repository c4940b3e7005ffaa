"""What stands against a batch is known whatever came before, in whatever order it came."""

from hypothesis import given
from hypothesis import strategies as st

from services.scan.knowing.board import Board, Standing
from tests.scan.world import hold, notice, stamps_of

BATCHES = st.integers(1, 4)


@st.composite
def standing(draw: st.DrawFn) -> Standing:
    """A version of one of few notices and holds, which may name other batches than the one before
    it did, or nothing any more."""
    subject, version = draw(st.sampled_from("abc")), draw(st.integers(1, 5))
    active = draw(st.booleans())
    if draw(st.booleans()):
        scope = draw(st.sampled_from(["batch", "facility"]))
        return hold(subject, scope, str(draw(BATCHES)), version, active=active)
    batches = draw(st.lists(BATCHES, max_size=3))
    ranges = [stamps_of(draw(BATCHES), 0, 9) for _ in range(draw(st.integers(0, 2)))]
    return notice(
        subject, version, active=active, batches=tuple(batches), stamps=tuple(ranges), lots=("1",)
    )


def names(event: Standing, batch: int) -> bool:
    if "scope" in type(event).model_fields:
        return (event.scope, event.target) == ("batch", str(batch))  # type: ignore[union-attr]
    return batch in event.batches or any(one.batch == batch for one in event.stamps)  # type: ignore[union-attr]


@given(st.lists(standing(), max_size=12))
def test_a_batch_is_touched_while_something_that_stands_names_it_or_serials_of_it(
    told: list[Standing],
) -> None:
    board = Board()
    newest: dict[tuple[type, str], Standing] = {}
    for event in told:
        key = (type(event), event.subject)
        is_newer = key not in newest or newest[key].version < event.version
        assert board.put(event) is is_newer
        if is_newer:
            newest[key] = event
        for batch in range(1, 5):
            stands = [one for one in newest.values() if one.active and names(one, batch)]
            assert board.touches(batch) is bool(stands)
            assert len(board.notices(batch, 5, "", set(), set())) + len(
                board.holds(batch, set())
            ) == len(stands)
