"""The Merkle tree of RFC 9162: its hashes, which of them are kept, and proofs made of them.

A perfect subtree has a place `(level, number)`: it covers the leaves number·2^level up to, and
without, (number + 1)·2^level. Its hash is kept with its last leaf, so that of each leaf there is a
list: its own hash, and those of all perfect subtrees that end with it, from small to large.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

EMPTY_ROOT = sha256(b"").digest()


class Place(NamedTuple):
    """Of a perfect subtree."""

    level: int
    number: int

    @property
    def last_leaf(self) -> int:
        """The leaf with which its hash is kept, at position `level`."""
        return ((self.number + 1) << self.level) - 1


# A run of leaves, the second number excluded.
Range = tuple[int, int]
Hashes = Mapping[Place, bytes]


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def places_of(run: Range) -> list[Place]:
    """The perfect subtrees that a subtree of RFC 9162 over these leaves is made of, in order."""
    start, end = run
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(Place(level, start >> level))
        start += 1 << level
    return found


def folded(hashes: Sequence[bytes]) -> bytes:
    """The hash of a subtree from those of the perfect ones it is made of."""
    if not hashes:
        return EMPTY_ROOT
    *others, result = hashes
    for one in reversed(others):
        result = node_hash(one, result)
    return result


def hash_of(run: Range, known: Hashes) -> bytes:
    return folded([known[place] for place in places_of(run)])


def root(size: int, known: Hashes) -> bytes:
    """The root of the first `size` leaves."""
    return hash_of((0, size), known)


def grown(size: int, known: Hashes, leaves: Iterable[bytes]) -> tuple[list[list[bytes]], bytes]:
    """What is to be kept with each new leaf, and the root with them.

    `known` has the perfect subtrees of the tree of `size` leaves.
    """
    edge = [known[place] for place in places_of((0, size))]
    kept = []
    for number, leaf in enumerate(leaves, start=size):
        made = [leaf_hash(leaf)]
        while number >> (len(made) - 1) & 1:
            made.append(node_hash(edge.pop(), made[-1]))
        edge.append(made[-1])
        kept.append(made)
    return kept, folded(edge)


def inclusion(index: int, size: int) -> list[Range]:
    """The subtrees whose hashes prove that leaf `index` is among the first `size` (2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    start, end = 0, size
    path: list[Range] = []
    while end - start > 1:
        middle = start + _left(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency(first: int, second: int) -> list[Range]:
    """The subtrees whose hashes prove that the tree of `second` leaves begins with that of `first`
    (2.1.4.1)."""
    if not 0 < first <= second:
        raise ValueError("no proof between trees of these sizes")
    start, end = 0, second
    path: list[Range] = []
    while first != end:
        middle = start + _left(end - start)
        if first <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    # The older tree as a whole needs no proof: whoever asks has its root.
    return ([] if start == 0 else [(start, end)]) + path[::-1]


def places_needed(runs: Iterable[Range]) -> set[Place]:
    return {place for run in runs for place in places_of(run)}


def proof(runs: Iterable[Range], known: Hashes) -> list[bytes]:
    return [hash_of(run, known) for run in runs]


def _left(size: int) -> int:
    """The leaves of the left part of a subtree: the largest power of two below its size."""
    return 1 << ((size - 1).bit_length() - 1)
