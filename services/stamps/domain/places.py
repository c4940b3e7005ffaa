"""Pieces of a batch and the places they lie in: sorted, without gap or overlap."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from shared.contracts.stamps import StockSpan

Place = Literal[
    "ordered", "printing", "stock", "handed", "received", "spoilt", "missing", "damaged"
]
PLACES: Final[tuple[Place, ...]] = (
    "ordered",
    "printing",
    "stock",
    "handed",
    "received",
    "spoilt",
    "missing",
    "damaged",
)


# What lies here moves no more.
ENDS: Final[frozenset[Place]] = frozenset({"received", "spoilt", "missing", "damaged"})


@dataclass(frozen=True, slots=True)
class Lying:
    """Serials first…last lie in a place: with the authority `unit_id` once they are in stock, from
    the print `job`, under a `handover` once they are handed over; since when.

    At the ENDS of their way only the place and the unit are kept, so that neighbours are one piece
    whenever and by whichever act they came there; the acts themselves are kept apart.
    """

    first: int
    last: int
    place: Place
    since: datetime | None
    unit_id: str = ""
    job: str = ""
    handover: str = ""

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


def _joined(parts: Iterable[Lying]) -> list[Lying]:
    found: list[Lying] = []
    for part in parts:
        if found and replace(found[-1], last=part.last) == replace(part, first=found[-1].first):
            found[-1] = replace(found[-1], last=part.last)
        else:
            found.append(part)
    return found


def joined_pieces(pieces: Iterable[StockSpan]) -> tuple[StockSpan, ...]:
    found: list[StockSpan] = []
    for one in pieces:
        if found and (found[-1].last + 1, found[-1].place) == (one.first, one.place):
            found[-1] = found[-1]._replace(last=one.last)
        else:
            found.append(one)
    return tuple(found)
