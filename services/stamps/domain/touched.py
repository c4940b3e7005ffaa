"""Which serials of a batch recalls, withdrawals and warnings speak of.

The life cycle of a stamp is its own: a notice that holds lies over it, as a hold does, and goes
with its lift. A stamp is touched if its lot, product, facility or batch is named, or its serial.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.stamps.domain.known import Noticed
from services.stamps.domain.printing import Span, joined
from services.stamps.domain.spans import count
from shared.contracts.stamps import Interval

# The gravest first.
KINDS: Final = ("recall", "withdrawal", "warning")


@dataclass(frozen=True, slots=True)
class Naming:
    """One notice as it names things of one batch: the `whole` of it, or lots and ranges."""

    notice: Noticed
    whole: bool = False
    lots: frozenset[str] = frozenset()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Touched:
    """What the notices of one case touch of a batch; `spans` in order, none next to another."""

    case_id: str
    kind: str
    title: str
    authority: str
    spans: tuple[Span, ...] = ()

    @property
    def count(self) -> int:
        return count(self.spans)

    def of(self, first: int, last: int) -> tuple[Span, ...]:
        """The part of it that lies among these serials."""
        return part_of(self.spans, first, last)


def touched(
    namings: Iterable[Naming], quantity: int, intervals: Sequence[Interval]
) -> tuple[Touched, ...]:
    """By case, the gravest kind first and of each kind in the order given; parts of a case that
    touch nothing here are left out."""
    by_case: dict[tuple[str, str], Touched] = {}
    for one in namings:
        spans = _spans(one, quantity, intervals)
        if not spans:
            continue
        notice = one.notice
        key = (notice.case_id, notice.kind)
        before = by_case.get(key, Touched(*key, notice.title, notice.authority))
        by_case[key] = replace(before, spans=tuple(joined((*before.spans, *spans))))
    return tuple(sorted(by_case.values(), key=lambda one: KINDS.index(one.kind)))


def recalled(found: Iterable[Touched]) -> int:
    """Serials that a recall or withdrawal touches, each once."""
    spans = (span for one in found if one.kind != "warning" for span in one.spans)
    return count(tuple(joined(spans)))


def part_of(spans: Iterable[Span], first: int, last: int) -> tuple[Span, ...]:
    """What of the spans lies among these serials."""
    here = ((start, end) for start, end in spans if start <= last and end >= first)
    return tuple((max(start, first), min(end, last)) for start, end in here)


def _spans(one: Naming, quantity: int, intervals: Sequence[Interval]) -> list[Span]:
    if one.whole:
        return [(0, quantity - 1)]
    on_lots = [(first, last) for first, last, lot, _ in intervals if lot and lot in one.lots]
    return [*on_lots, *part_of(one.spans, 0, quantity - 1)]
