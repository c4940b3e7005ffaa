"""The hashes of stamps' codes: the secret keys are used here alone."""

import asyncio

import numpy as np
from numpy.typing import NDArray

from services.scan.domain.code_filter import PAIR_BYTES, pairs_of
from services.scan.offline.ranges import SERIAL_BITS, Ranges, Stamps
from shared.stampcode import MAX_SERIAL, Keyring, encode

# So many stamps' codes are hashed at a time, beside the loop.
AT_A_TIME = 1 << 14
# Of each stamp a row, of each key slot a column.
Pairs = NDArray[np.uint64]


class Hashes:
    """Hashes of codes, kept from one snapshot to the next: making a code anew costs far more.

    A stamp has a code in every key slot; which one it was printed with nobody here knows, so all
    of them are in the filter.
    """

    def __init__(self) -> None:
        self._stamps: Stamps = Ranges().stamps()
        self._pairs: Pairs = np.empty((0, 0), np.uint64)
        self._slots: tuple[object, ...] = ()

    async def of(self, stamps: Stamps, ring: Keyring) -> bytes:
        """The hashes of all codes of these stamps (domain/code_filter.py), in no order."""
        slots = len(slots_of(ring))
        if self._slots != ring.by_slot:
            self._stamps, self._pairs = Ranges().stamps(), np.empty((0, slots), np.uint64)
            self._slots = ring.by_slot
        pairs = np.empty((len(stamps), slots), np.uint64)
        # Both columns ascend, so that what is in both stands in the same order in both.
        known = np.isin(stamps, self._stamps, assume_unique=True)
        pairs[known] = self._pairs[np.isin(self._stamps, stamps, assume_unique=True)]
        new = np.flatnonzero(~known)
        for start in range(0, len(new), AT_A_TIME):
            part = new[start : start + AT_A_TIME]
            pairs[part] = await asyncio.to_thread(_hashed, stamps[part], ring)
        self._stamps, self._pairs = stamps, pairs
        return pairs.tobytes()


def codes_in(pairs: bytes) -> int:
    return len(pairs) // PAIR_BYTES


def slots_of(ring: Keyring) -> list[int]:
    return [number for number, slot in enumerate(ring.by_slot) if slot is not None]


def _hashed(stamps: Stamps, ring: Keyring) -> Pairs:
    slots = slots_of(ring)
    pairs = pairs_of(
        encode(ring, stamp >> SERIAL_BITS, stamp & MAX_SERIAL, slot)
        for stamp in stamps.tolist()
        for slot in slots
    )
    return np.frombuffer(pairs, np.uint64).reshape(-1, len(slots))
