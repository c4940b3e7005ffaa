"""Pieces of a batch and the places they lie in: sorted, without gap or overlap."""

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


@dataclass(frozen=True, slots=True)
class Lying:
    """Serials first…last lie in a place: with the authority `unit_id` once they are in stock, from
    the print `job`, under a `handover` once they are handed over; since when."""

    first: int
    last: int
    place: Place
    since: datetime
    unit_id: str = ""
    job: str = ""
    handover: str = ""


def rewritten(
    lying: Iterable[Lying], first: int, last: int, change: Callable[[Lying], Lying]
) -> tuple[Lying, ...]:
    """The pieces cut at first and last, with `change` applied to what lies between, and joined."""
    found: list[Lying] = []
    for one in lying:
        if one.last < first or one.first > last:
            parts = [one]
        else:
            low, high = max(one.first, first), min(one.last, last)
            parts = [change(replace(one, first=low, last=high))]
            if one.first < first:
                parts.insert(0, replace(one, last=first - 1))
            if one.last > last:
                parts.append(replace(one, first=last + 1))
        for part in parts:
            if found and replace(found[-1], last=part.last) == replace(part, first=found[-1].first):
                found[-1] = replace(found[-1], last=part.last)
            else:
                found.append(part)
    return tuple(found)


def joined_pieces(pieces: Iterable[StockSpan]) -> tuple[StockSpan, ...]:
    found: list[StockSpan] = []
    for one in pieces:
        if found and (found[-1].last + 1, found[-1].place) == (one.first, one.place):
            found[-1] = found[-1]._replace(last=one.last)
        else:
            found.append(one)
    return tuple(found)
