"""The interval map of one segment of a batch, as kept in memory and in the database."""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any

import msgspec

from shared.contracts.stamps import SegmentPublished

# A serial's segment is what is left of it after these bits (stamps publishes 2**14 at a time).
SEGMENT_BITS = 14

# What buyers are told: in Vietnamese, English and Chinese ("" where it was not given); or nothing.
Words = tuple[str, ...]
SILENT: Words = ()

# Lot and state of a serial, and why it has that state where that is told to buyers.
Interval = tuple[str, str, Words]


class Segment(msgspec.Struct, frozen=True, gc=False):
    """Four columns, one entry an interval; the serials of `firsts` ascend."""

    version: int
    number: int | None
    facility_id: str
    product_id: str
    firsts: "array[int]"
    lasts: "array[int]"
    lots: tuple[str, ...]
    states: tuple[str, ...]
    # First and last serial, and what is told of them; of most segments nothing is.
    said: tuple[tuple[int, int, Words], ...] = ()

    def find(self, serial: int) -> Interval | None:
        """What stands of a serial; None if it was never issued."""
        place = bisect_right(self.firsts, serial) - 1
        if place < 0 or serial > self.lasts[place]:
            return None
        told = self._told(serial) if self.said else SILENT
        return self.lots[place], self.states[place], told

    def _told(self, serial: int) -> Words:
        for first, last, words in self.said:
            if first <= serial <= last:
                return words
        return SILENT


def key_of(batch: int, serial: int) -> str:
    """The id of the segment that a serial lies in."""
    return f"{batch}/{serial >> SEGMENT_BITS}"


def weight(segment: Segment) -> int:
    """About how many bytes it takes in memory, its key and place in the cache included."""
    told = sum(400 + 4 * sum(map(len, words)) for *_, words in segment.said)
    return 700 + 80 * len(segment.firsts) + told


def from_event(event: SegmentPublished) -> Segment:
    ordered = sorted(event.whole)
    return _segment(
        event.version,
        event.number,
        event.facility_id,
        event.product_id,
        [interval.first for interval in ordered],
        [interval.last for interval in ordered],
        [interval.lot for interval in ordered],
        [interval.state for interval in ordered],
        [(one.first, one.last, one.text) for one in event.said],
        [(one.text_en, one.text_zh) for one in event.said],
    )


def to_document(event: SegmentPublished) -> dict[str, Any]:
    segment = from_event(event)
    return {
        "version": segment.version,
        "number": segment.number,
        "facility_id": segment.facility_id,
        "product_id": segment.product_id,
        "first": list(segment.firsts),
        "last": list(segment.lasts),
        "lot": list(segment.lots),
        "state": list(segment.states),
        # Beside one another, so that replicas of a release before read the first list as ever.
        "said": [[first, last, words[0]] for first, last, words in segment.said],
        "said_in": [list(words[1:]) for *_, words in segment.said],
    }


def from_document(document: dict[str, Any]) -> Segment:
    return _segment(
        document["version"],
        document["number"],
        document["facility_id"],
        document["product_id"],
        document["first"],
        document["last"],
        document["lot"],
        document["state"],
        document.get("said", ()),
        document.get("said_in", ()),
    )


def _segment(
    version: int,
    number: int | None,
    facility_id: str,
    product_id: str,
    firsts: list[int],
    lasts: list[int],
    lots: list[str],
    states: list[str],
    said: Iterable[Sequence[Any]],
    translated: Iterable[Sequence[str]],
) -> Segment:
    # Ids and states repeat a great deal across segments: one copy of each is enough.
    return Segment(
        version=version,
        number=number,
        facility_id=sys.intern(facility_id),
        product_id=sys.intern(product_id),
        firsts=array("i", firsts),
        lasts=array("i", lasts),
        lots=tuple(map(sys.intern, lots)),
        states=tuple(map(sys.intern, states)),
        said=tuple(
            (first, last, (text, *others))
            # What was kept before words were translated has no translations.
            for (first, last, text), others in zip(
                said, chain(translated, repeat(("", ""))), strict=False
            )
        ),
    )
