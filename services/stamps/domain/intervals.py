"""The interval map of a batch: which serials share a lot and a state, segment by segment."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.stamps.domain.said import SILENT, Words, retold
from shared.contracts.stamps import (
    MAX_INTERVALS,
    SEGMENT_SERIALS,
    Interval,
    Said,
    SegmentPublished,
)
from shared.errors import Kind, Refusal

Change = Callable[[Interval], Interval]


class SerialsOutsideBatch(Refusal):
    code = "serials_outside_batch"
    kind = Kind.INVALID
    message = "Lô tem này chỉ có số sê-ri từ 0 đến {last}. Hãy sửa khoảng {first}–{asked}."


class TooManyIntervals(Refusal):
    code = "too_many_intervals"
    message = (
        "Đoạn tem này đã bị chia quá nhỏ (tối đa {limit} khoảng). "
        "Hãy gộp thay đổi thành các khoảng liền nhau dài hơn."
    )


@dataclass(frozen=True, slots=True)
class Segment:
    """Serials index·16384 … (index+1)·16384-1 of a batch, as sorted disjoint intervals.

    `said` is what buyers are told of some of them, sorted and disjoint too.
    """

    batch: int
    index: int
    facility_id: str
    product_id: str
    intervals: tuple[Interval, ...]
    version: int = 1
    said: tuple[Said, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.batch}/{self.index}"

    def changed(
        self,
        first: int,
        last: int,
        change: Change,
        told: Words | None = SILENT,
        *,
        limit: int = MAX_INTERVALS,
    ) -> "Segment":
        """The segment with `change` applied to its serials in first…last, and `told` of them; None
        leaves what was told before.

        Raises TooManyIntervals where it would be cut into more than `limit` (and more than it was):
        an activation, which can be made in longer spans; what takes stamps out of use has no limit.
        Raises TooManySaid, and whatever `change` refuses.
        """
        intervals = _replaced(self.intervals, first, last, change)
        must_be_few(intervals, self.intervals, limit)
        start = self.index * SEGMENT_SERIALS
        here = max(first, start), min(last, start + SEGMENT_SERIALS - 1)
        said = self.said if told is None else retold(self.said, *here, told)
        return replace(self, intervals=intervals, said=said, version=self.version + 1)

    def reported(
        self, spans: Iterable[tuple[int, int]], change: Change, told: Words | None = SILENT
    ) -> "Segment":
        """As `changed`, for all of these spans in one version; itself if none lies in it.

        They report what is so, as what is missing of a delivery: that is refused for no number of
        intervals.
        """
        after = self
        start = self.index * SEGMENT_SERIALS
        for first, last in spans:
            if first < start + SEGMENT_SERIALS and last >= start:
                after = after.changed(first, last, change, told, limit=SEGMENT_SERIALS)
        return self if after is self else replace(after, version=self.version + 1)

    def published(self, now: datetime) -> SegmentPublished:
        return SegmentPublished(
            subject=self.key,
            version=self.version,
            time=now,
            batch=self.batch,
            segment=self.index,
            facility_id=self.facility_id,
            product_id=self.product_id,
            intervals=self.intervals[:MAX_INTERVALS],
            more=self.intervals[MAX_INTERVALS:],
            said=self.said,
        )


def issued(batch: int, facility_id: str, product_id: str, quantity: int) -> list[Segment]:
    """The segments of a new batch, every serial 0…quantity-1 issued and without a lot."""
    segments = []
    for index, start in enumerate(range(0, quantity, SEGMENT_SERIALS)):
        last = min(start + SEGMENT_SERIALS, quantity) - 1
        interval = Interval(start, last, "", "issued")
        segments.append(Segment(batch, index, facility_id, product_id, (interval,)))
    return segments


def must_lie_within(quantity: int, first: int, last: int) -> None:
    """Raise SerialsOutsideBatch unless first…last are serials of a batch of this quantity."""
    if not 0 <= first <= last < quantity:
        raise SerialsOutsideBatch("first", last=quantity - 1, first=first, asked=last)


def must_be_few(
    after: Sequence[Interval], before: Sequence[Interval], limit: int = MAX_INTERVALS
) -> None:
    """Raise TooManyIntervals where a change cuts a segment into more than `limit`; one that was
    reported to be in more may be changed on, but not be cut further."""
    if len(after) > max(limit, len(before)):
        raise TooManyIntervals(limit=limit)


def segments_of(first: int, last: int) -> range:
    """Indexes of the segments that serials first…last lie in."""
    return range(first // SEGMENT_SERIALS, last // SEGMENT_SERIALS + 1)


def rewritten(
    intervals: Sequence[Interval], first: int, last: int, change: Change
) -> Iterator[Interval]:
    """The intervals, cut at first and last, with `change` applied to what lies between."""
    for interval in intervals:
        start, end, lot, state = interval
        if end < first or start > last:
            yield interval
            continue
        if start < first:
            yield Interval(start, first - 1, lot, state)
        yield change(Interval(max(start, first), min(end, last), lot, state))
        if end > last:
            yield Interval(last + 1, end, lot, state)


def _replaced(
    intervals: tuple[Interval, ...], first: int, last: int, change: Change
) -> tuple[Interval, ...]:
    """The intervals rewritten and merged where they are touched: a segment may hold thousands, and
    all changes of one are gone over again when a revocation is undone."""
    low = max(bisect_left(intervals, first, key=lambda one: one.last) - 1, 0)
    high = bisect_right(intervals, last, key=lambda one: one.first) + 1
    touched = merged(rewritten(intervals[low:high], first, last, change))
    return (*intervals[:low], *touched, *intervals[high:])


def merged(intervals: Iterator[Interval]) -> tuple[Interval, ...]:
    """Neighbours of the same lot and state joined."""
    result: list[Interval] = []
    for interval in intervals:
        if result:
            before = result[-1]
            if before[1] + 1 == interval[0] and before[2:] == interval[2:]:
                result[-1] = Interval(before[0], interval[1], before[2], before[3])
                continue
        result.append(interval)
    return tuple(result)
