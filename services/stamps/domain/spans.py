"""Serials or sheets as people write them: `120–143, 200` are two spans."""

import re
from collections.abc import Iterable
from typing import Final

from services.stamps.domain.printing import Span, joined

MAX_SPANS: Final = 100
# Thousands may be grouped, as pages show them.
_NUMBER: Final = r"\d{1,3}(?:\.\d{3})+|\d{1,7}"
# Thousands as English and Chinese pages show them; it would be read as two numbers.
_THOUSANDS: Final = re.compile(r"\d,\d{3}(?!\d)")
_SPAN: Final = re.compile(rf"\s*({_NUMBER})\s*(?:[-–—]\s*({_NUMBER})\s*)?")


class Ambiguous(ValueError):
    """A comma that may part two numbers, or the thousands of one."""


def spans_written(text: str) -> tuple[Span, ...]:
    """The spans of a text, in order and joined; () for an empty one.

    Raises Ambiguous, and ValueError for what is no list of numbers and spans, or for more than
    MAX_SPANS.
    """
    if not text.strip():
        return ()
    if _THOUSANDS.search(text):
        raise Ambiguous("thousands or two numbers")
    parts = re.split("[,;]", text)
    if len(parts) > MAX_SPANS:
        raise ValueError("too many spans")
    return tuple(joined(_span(part) for part in parts))


def written(spans: tuple[Span, ...]) -> str:
    """Spans as `spans_written` reads them."""
    return ", ".join(f"{first}-{last}" if first != last else f"{first}" for first, last in spans)


def count(spans: tuple[Span, ...]) -> int:
    return sum(last - first + 1 for first, last in spans)


def within(spans: tuple[Span, ...], outer: tuple[Span, ...]) -> bool:
    """Whether every number of `spans` is one of `outer`, which are joined."""
    return all(any(a <= first and last <= b for a, b in outer) for first, last in spans)


def left(outer: tuple[Span, ...], *taken: tuple[Span, ...]) -> tuple[Span, ...]:
    """What of `outer` none of the others hold."""
    found: list[Span] = []
    gone = joined(span for spans in taken for span in spans)
    for start, end in outer:
        low = start
        for first, last in gone:
            if last < low or first > end:
                continue
            if first > low:
                found.append((low, first - 1))
            low = last + 1
        if low <= end:
            found.append((low, end))
    return tuple(found)


def next_to_print(quantity: int, printed: Iterable[Span], most: int) -> Span:
    """The first serials of 0…`quantity` - 1 that no file holds yet, at most so many of them.

    A stamp that is printed twice is two stamps with one code, so what to print next is never what
    has been printed, unless everything has.
    """
    first, end = 0, quantity - 1
    for start, last in joined(printed):
        if first < start:
            end = start - 1
            break
        first = last + 1
    if first >= quantity:
        first, end = 0, quantity - 1
    return first, min(end, first + most - 1)


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise ValueError("not a span")
    first, last = (int(one.replace(".", "")) for one in (found[1], found[2] or found[1]))
    if last < first:
        raise ValueError("a span that ends before it begins")
    return first, last
