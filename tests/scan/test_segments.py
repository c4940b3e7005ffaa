"""A segment as scan keeps it says of each serial what was told of it, however finely it is cut."""

from services.scan.domain.segments import from_document, from_event, to_document
from shared.contracts.stamps import MAX_INTERVALS, Interval, SegmentPublished
from shared.ids import now


def test_a_segment_told_in_two_lists_is_known_as_a_whole() -> None:
    states = ("issued", "lost")
    whole = [Interval(one, one, "", states[one % 2]) for one in range(2 * MAX_INTERVALS)]
    told = SegmentPublished(
        subject="7/0",
        version=1,
        time=now(),
        batch=7,
        segment=0,
        facility_id="f",
        product_id="p",
        intervals=tuple(whole[:MAX_INTERVALS]),
        more=tuple(whole[MAX_INTERVALS:]),
    )
    kept = from_document(to_document(told))
    for segment in (from_event(told), kept):
        found = [segment.find(serial) for serial in range(2 * MAX_INTERVALS)]
        assert [one and one[1] for one in found] == [one.state for one in whole]
        assert segment.find(2 * MAX_INTERVALS) is None
