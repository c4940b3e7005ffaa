"""Serials or sheets as people write them: `120–143, 200` are two spans."""

import re
from typing import Final

from services.stamps.domain.printing import Span, joined

MAX_SPANS: Final = 100
# Thousands may be grouped, as pages show them.
_NUMBER: Final = r"\d{1,3}(?:\.\d{3})+|\d{1,7}"
_SPAN: Final = re.compile(rf"\s*({_NUMBER})\s*(?:[-–—]\s*({_NUMBER})\s*)?")


def spans_written(text: str) -> tuple[Span, ...]:
    """The spans of a text, in order and joined; () for an empty one.

    Raises ValueError for what is no list of numbers and spans, or for more than MAX_SPANS.
    """
    if not text.strip():
        return ()
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


def _span(part: str) -> Span:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise ValueError("not a span")
    first, last = (int(one.replace(".", "")) for one in (found[1], found[2] or found[1]))
    if last < first:
        raise ValueError("a span that ends before it begins")
    return first, last
