"""Who read a stamp on one day: the first scan of each source at each place, in sixteen bytes each.

Layout, little-endian: milliseconds since 1970 (8), commune, 0 if not given (4), verdict's place in
NAMES (1), source (3).
"""

import struct
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from services.scan.domain.records import NAMES, PLACES, Scan

_LAYOUT = struct.Struct("<QIB3s")
# A stamp that so many have read on a day is judged by these.
MOST_KEPT = 100


class Sighting(NamedTuple):
    """Milliseconds since 1970, daily hash of the source, commune of five digits or "", verdict."""

    milliseconds: int
    source: int
    commune: str
    verdict: str

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.milliseconds / 1000, UTC)

    @property
    def who_where(self) -> tuple[int, str]:
        return self.source, self.commune


def sighting_of(scan: Scan) -> Sighting:
    commune = f"{scan.commune:05d}" if scan.commune else ""
    return Sighting(scan.milliseconds, scan.source, commune, scan.verdict)


def first_of_each(sightings: Iterable[Sighting]) -> list[Sighting]:
    """The earliest of each source at each place, the earliest first; at most MOST_KEPT."""
    kept: dict[tuple[int, str], Sighting] = {}
    for one in sorted(sightings):
        kept.setdefault(one.who_where, one)
    return list(kept.values())[:MOST_KEPT]


def packed(sightings: Iterable[Sighting]) -> bytes:
    return b"".join(
        _LAYOUT.pack(
            one.milliseconds,
            int(one.commune or 0),
            PLACES[one.verdict],
            one.source.to_bytes(3, "little"),
        )
        for one in sightings
    )


def unpacked(data: bytes) -> list[Sighting]:
    return [
        Sighting(
            milliseconds,
            int.from_bytes(source, "little"),
            f"{commune:05d}" if commune else "",
            NAMES[place],
        )
        for milliseconds, commune, place, source in _LAYOUT.iter_unpack(data)
    ]
