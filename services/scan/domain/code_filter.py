"""A filter of stamp codes that a telephone can ask without signal and without any secret key.

It is a Bloom filter over what is printed: what was put in is always found, of what was not put in
about seven in ten thousand are found too. So a hit means "look it up", never more.

A code of 20 canonical characters is hashed as SHA-256 of ``TXNG-offline-1`` and the code; the first
and second four bytes, big-endian, are a and b. Its bits are ``(a + i * (b | 1)) mod size`` for i
from 0 to 9; bit n is bit ``n & 7`` of byte ``n >> 3``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

HASHES = 10
# Fifteen bits a code and ten hashes: (1 - e^(-10/15))^10 = 0.00074 wrong hits.
BITS_PER_CODE = 15
LEAST_BITS = 64
# So that the sums above stay below what 32 bits of size and JavaScript's numbers hold exactly.
MOST_BITS = 2**30
PAIR_BYTES = 8

_STARTED = sha256(b"TXNG-offline-1")


def pair_of(code: str) -> bytes:
    """The eight bytes of a code's hash that its bits are made from; `code` is canonical."""
    state = _STARTED.copy()
    state.update(code.encode("ascii"))
    return state.digest()[:PAIR_BYTES]


def pairs_of(codes: Iterable[str]) -> bytes:
    """Those of many codes, one after another."""
    return b"".join(map(pair_of, codes))


@dataclass(frozen=True, slots=True)
class CodeFilter:
    """`size` in bits, a multiple of eight; `data` are size / 8 bytes."""

    size: int
    data: bytes

    def __contains__(self, code: str) -> bool:
        return all(self.data[bit >> 3] >> (bit & 7) & 1 for bit in self._bits(pair_of(code)))

    def _bits(self, pair: bytes) -> list[int]:
        a, b = int.from_bytes(pair[:4]), int.from_bytes(pair[4:]) | 1
        return [(a + i * b) % self.size for i in range(HASHES)]


def size_for(codes: int) -> int:
    """How many bits a filter of so many codes takes; raises ValueError beyond what it can be."""
    size = max(LEAST_BITS, -(-codes * BITS_PER_CODE // 8) * 8)
    if size > MOST_BITS:
        raise ValueError(f"{codes} codes are more than a filter holds")
    return size


def room_in(bytes_: int) -> int:
    """How many codes a filter of at most so many bytes holds."""
    return min(bytes_ * 8, MOST_BITS) // BITS_PER_CODE


def filled(pairs: bytes) -> CodeFilter:
    """The filter that holds codes with these pairs (`pairs_of`)."""
    hashed = np.frombuffer(pairs, dtype=">u4").reshape(-1, 2).astype(np.uint64)
    size = size_for(len(hashed))
    first, step = hashed[:, 0], hashed[:, 1] | np.uint64(1)
    bits: NDArray[np.bool_] = np.zeros(size, dtype=np.bool_)
    for i in range(HASHES):
        bits[(first + np.uint64(i) * step) % np.uint64(size)] = True
    return CodeFilter(size, np.packbits(bits, bitorder="little").tobytes())
