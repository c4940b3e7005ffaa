"""How many different people scanned one thing on one day: exactly while they are few, about when
they are many, in 2 kB however many they are.

People are their daily-keyed hashes (`counting/visitors.py`). Up to MOST_EXACT of them are kept as
they are. Beyond, only 2,048 small numbers are: of each of as many parts of the hashes the longest
run of leading zeros met in it (HyperLogLog), from which nobody can be told; their number is
estimated as O. Ertl does ("New cardinality estimation algorithms for HyperLogLog sketches", 2017,
arXiv:1702.01284, section 4), with a standard error of 1.04 / sqrt(2048), 2.3 %.

Meeting somebody again changes nothing, and the order does not matter.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST_EXACT: Final = 200
USER_BITS: Final = 64
_BITS: Final = 11
_PARTS: Final = 1 << _BITS
# What is left of a hash to count leading zeros in.
_REST: Final = USER_BITS - _BITS
_SCALE: Final = 1 / (2 * math.log(2))


@dataclass(frozen=True, slots=True)
class People:
    """`few` are hashes of eight bytes; once there were too many, `runs` holds a byte for each part
    and `few` nothing."""

    few: frozenset[bytes] = frozenset()
    runs: bytes = b""

    def __post_init__(self) -> None:
        """Raises ValueError for what nobody was ever counted in."""
        if any(len(one) * 8 != USER_BITS for one in self.few) or len(self.runs) not in (0, _PARTS):
            raise ValueError("people in another form")
        if max(self.runs, default=0) > _REST + 1:
            raise ValueError("a run that is too long")

    def met(self, users: Iterable[bytes]) -> "People":
        """With these too."""
        if self.runs:
            return People(runs=_longest(self.runs, users))
        few = self.few.union(users)
        return People(few) if len(few) <= MOST_EXACT else People(runs=_longest(bytes(_PARTS), few))

    @property
    def number(self) -> int:
        if not self.runs:
            return len(self.few)
        return max(round(_estimated(self.runs)), MOST_EXACT + 1)


def _longest(runs: bytes, users: Iterable[bytes]) -> bytes:
    longest = bytearray(runs)
    for user in users:
        value = int.from_bytes(user, "big")
        part, rest = value >> _REST, value & ((1 << _REST) - 1)
        longest[part] = max(longest[part], _REST - rest.bit_length() + 1)
    return bytes(longest)


def _estimated(runs: bytes) -> float:
    often = [0] * (_REST + 2)
    for run in runs:
        often[run] += 1
    total = _PARTS * _tau(1 - often[_REST + 1] / _PARTS)
    for run in range(_REST, 0, -1):
        total = (total + often[run]) / 2
    total += _PARTS * _sigma(often[0] / _PARTS)
    return _SCALE * _PARTS * _PARTS / total if total else float(1 << USER_BITS)


def _sigma(x: float) -> float:
    """x + the sum of x^(2^k) 2^(k-1), for the parts that nobody fell in."""
    if x == 1:
        return math.inf
    power, total, before = 1.0, x, -1.0
    while total != before:
        x, before = x * x, total
        total += x * power
        power *= 2
    return total


def _tau(x: float) -> float:
    """Its like for the parts that are full."""
    if x in (0, 1):
        return 0.0
    power, total, before = 1.0, 1 - x, -1.0
    while total != before:
        x, before = math.sqrt(x), total
        power /= 2
        total -= (1 - x) ** 2 * power
    return total / 3
