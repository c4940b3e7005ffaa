"""Many ranges of serials, and the stamps in them, as bare numbers.

A million of them may lie scattered, each a single stamp: an object for each took several times
what all their hashes take.
"""

from array import array
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from services.scan.domain.segments import SEGMENT_BITS
from shared.stampcode import MAX_SERIAL

# Serials of a batch, both ends included.
Range = tuple[int, int, int]
SERIAL_BITS = MAX_SERIAL.bit_length()
# A stamp is its batch before its serial, a segment the same without the serial's last bits; each
# stands in such a column once, in ascending order.
Stamps = NDArray[np.int64]
Segments = NDArray[np.int64]


class Ranges:
    """Grows as a list of ranges does, and takes 24 bytes for each."""

    __slots__ = ("_numbers",)

    def __init__(self, ranges: Iterable[Range] = ()) -> None:
        self._numbers = array("q")
        for one in ranges:
            self.add(one)

    @classmethod
    def of(cls, stamps: Stamps) -> "Ranges":
        """One for each stamp."""
        made = cls()
        serials = stamps & MAX_SERIAL
        columns = np.column_stack((stamps >> SERIAL_BITS, serials, serials))
        made._numbers.frombytes(columns.astype(np.int64).tobytes())
        return made

    def add(self, one: Range) -> None:
        self._numbers.extend(one)

    def take(self, others: "Ranges") -> None:
        self._numbers.extend(others._numbers)

    def __iter__(self) -> Iterator[Range]:
        numbers = iter(self._numbers)
        return zip(numbers, numbers, numbers, strict=True)

    def __len__(self) -> int:
        return len(self._numbers) // 3

    @property
    def size(self) -> int:
        """How many stamps are in them; where ranges overlap, those are counted twice."""
        return int(self._sizes().sum())

    def stamps(self) -> Stamps:
        """Every stamp that is in any of them."""
        table, sizes = self._table(), self._sizes()
        starts = table[:, 0] << SERIAL_BITS | table[:, 1]
        # So that counting from nought on over all of them begins anew at each start.
        starts -= np.cumsum(sizes) - sizes
        return np.unique(np.repeat(starts, sizes) + np.arange(sizes.sum()))

    def _table(self) -> NDArray[np.int64]:
        return np.frombuffer(self._numbers, dtype=np.int64).reshape(-1, 3)

    def _sizes(self) -> NDArray[np.int64]:
        table = self._table()
        return table[:, 2] - table[:, 1] + 1


def segments_of(stamps: Stamps) -> Segments:
    return np.unique(stamps >> SEGMENT_BITS)


def has_segment(segments: Segments, key: str) -> bool:
    """`key` as in services/scan/domain/segments.py: "<batch>/<segment>"."""
    batch, _, number = key.partition("/")
    sought = int(batch) << SERIAL_BITS - SEGMENT_BITS | int(number)
    place = int(np.searchsorted(segments, sought))
    return place < len(segments) and int(segments[place]) == sought
