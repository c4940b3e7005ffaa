"""Pieces of a batch and the places they lie in: sorted, without gap or overlap."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from shared.contracts.stamps import Interval, StockSpan

Place = Literal[
    "ordered", "printing", "stock", "unusable", "handed", "received", "spoilt", "missing", "damaged"
]
PLACES: Final[tuple[Place, ...]] = (
    "ordered",
    "printing",
    "stock",
    "unusable",
    "handed",
    "received",
    "spoilt",
    "missing",
    "damaged",
)


# What lies here is handed over no more; what was taken out of use in stock comes back to it where
# that is taken back.
ENDS: Final[frozenset[Place]] = frozenset({"unusable", "received", "spoilt", "missing", "damaged"})
# With a unit: what it can hand over, and what was taken out of use there.
KEPT: Final[frozenset[Place]] = frozenset({"stock", "unusable"})
# What of a unit's is another's once it was merged into that; the rest is its history.
INHERITED: Final[frozenset[Place]] = KEPT | {"handed"}


@dataclass(frozen=True, slots=True)
class Lying:
    """Serials first…last lie in a place: with the authority `unit_id` once they are in stock, from
    the print `job`, under a `handover` once they are handed over; since when.

    At the ENDS of their way only the place and the unit are kept, so that neighbours are one piece
    whenever and by whichever act they came there; the acts themselves are kept apart. What is
    unusable keeps all that it had in stock, so that it can lie there again as it did.
    """

    first: int
    last: int
    place: Place
    since: datetime | None
    unit_id: str = ""
    job: str = ""
    handover: str = ""

    @property
    def whereabouts(self) -> tuple[Place, str, str]:
        """What is another once it was moved."""
        return self.place, self.job, self.unit_id

    def moved(self, place: Place, now: datetime) -> "Lying":
        if place in ENDS:
            return Lying(self.first, self.last, place, None, self.unit_id)
        return replace(self, place=place, since=now)


def rewritten(
    lying: tuple[Lying, ...], first: int, last: int, change: Callable[[Lying], Lying]
) -> tuple[Lying, ...]:
    """The pieces cut at first and last, with `change` applied to what lies between, and joined."""
    start = bisect_left(lying, first, key=lambda one: one.last)
    end = bisect_right(lying, last, key=lambda one: one.first)
    parts: list[Lying] = []
    for one in lying[start:end]:
        if one.first < first:
            parts.append(replace(one, last=first - 1))
        parts.append(change(replace(one, first=max(one.first, first), last=min(one.last, last))))
        if one.last > last:
            parts.append(replace(one, first=last + 1))
    low, high = max(start - 1, 0), end + 1
    around = (*lying[low:start], *parts, *lying[end:high])
    return (*lying[:low], *_joined(around), *lying[high:])


def parted(lying: tuple[Lying, ...], intervals: Sequence[Interval]) -> tuple[Lying, ...]:
    """The pieces, with what of these serials a unit keeps being in stock as long as nobody has used
    it or taken it out of use, and unusable otherwise. The intervals are in order."""
    parts: list[Lying] = []
    for one in lying:
        if one.place not in KEPT:
            parts.append(one)
            continue
        low = one.first
        at = bisect_left(intervals, low, key=lambda interval: interval.last)
        while at < len(intervals) and intervals[at].first <= one.last:
            first, last, _, state = intervals[at]
            first, last, at = max(first, low), min(last, one.last), at + 1
            if low < first:
                parts.append(replace(one, first=low, last=first - 1))
            place: Place = "stock" if state == "issued" else "unusable"
            parts.append(replace(one, first=first, last=last, place=place))
            low = last + 1
        if low <= one.last:
            parts.append(replace(one, first=low))
    return tuple(_joined(parts))


def _joined(parts: Iterable[Lying]) -> list[Lying]:
    found: list[Lying] = []
    for part in parts:
        if found and replace(found[-1], last=part.last) == replace(part, first=found[-1].first):
            found[-1] = replace(found[-1], last=part.last)
        else:
            found.append(part)
    return found


def moved(lying: tuple[Lying, ...], before: tuple[Lying, ...]) -> tuple[StockSpan, ...]:
    """What of the same serials lies elsewhere than it did before, as it lies now, in order."""
    found: list[StockSpan] = []
    old = iter(before)
    was = next(old)
    for one in lying:
        while True:
            first, last = max(one.first, was.first), min(one.last, was.last)
            if first <= last and one.whereabouts != was.whereabouts:
                found.append(StockSpan(first, last, one.place))
            if was.last >= one.last:
                break
            was = next(old)
    return joined_pieces(found)


def joined_pieces(pieces: Iterable[StockSpan]) -> tuple[StockSpan, ...]:
    found: list[StockSpan] = []
    for one in pieces:
        if found and (found[-1].last + 1, found[-1].place) == (one.first, one.place):
            found[-1] = found[-1]._replace(last=one.last)
        else:
            found.append(one)
    return tuple(found)
