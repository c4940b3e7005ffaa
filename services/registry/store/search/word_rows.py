"""Which rows have a word that begins so.

Almost all of it is one sorted list of words, each followed by its rows, so that whatever begins
with some letters is one slice. What has changed since lies beside it, and is merged in when it has
grown.
"""

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]
Rows = NDArray[np.int32]
Mask = NDArray[np.bool_]

# In whose search a word counts.
PUBLIC: Final = 1
CONSOLE: Final = 2
# Words consist of digits and small letters; this sign comes after all of them.
_AFTER: Final = "{"
# So many words of changed rows are looked through beside the rest, or this share of all.
CROWDED: Final = 20_000
CROWDED_SHARE: Final = 16


@dataclass(frozen=True, slots=True)
class Settled:
    """Words in order; those of number n have the rows from `starts[n]` up to `starts[n + 1]`."""

    words: list[str]
    starts: NDArray[np.int64]
    rows: Rows
    bits: Bits

    def beginning(self, start: str) -> slice:
        first = bisect_left(self.words, start)
        last = bisect_left(self.words, start + _AFTER, first)
        return slice(int(self.starts[first]), int(self.starts[last]))


NOTHING: Final = Settled([], np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.uint8))


class Gathered:
    """Words of rows in no order, in few bytes each."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._of = array("i")
        self._rows = array("i")
        self._bits = array("B")

    def add(self, row: int, words: Iterable[tuple[str, int]]) -> None:
        for word, bits in words:
            self._of.append(self.numbers.setdefault(word, len(self.numbers)))
            self._rows.append(row)
            self._bits.append(bits)

    def columns(self) -> tuple[Rows, Rows, Bits]:
        """The number of the word, its row, its bits."""
        return (
            np.array(self._of, dtype=np.int32),
            np.array(self._rows, dtype=np.int32),
            np.array(self._bits, dtype=np.uint8),
        )


def settled(before: Settled, without: Rows, more: Gathered) -> Settled:
    """What was settled but for some rows, and more; it reads what it is given and changes none."""
    words = sorted({*before.words, *more.numbers})
    place = {word: number for number, word in enumerate(words)}
    moved = np.fromiter((place[word] for word in before.words), np.int32, len(before.words))
    added = np.fromiter((place[word] for word in more.numbers), np.int32, len(more.numbers))
    old = np.repeat(moved, np.diff(before.starts))
    kept = ~np.isin(before.rows, without)
    of, rows, bits = more.columns()
    numbers = np.concatenate([old[kept], added[of]])
    order = np.argsort(numbers, kind="stable")
    counts = np.bincount(numbers, minlength=len(words))
    return Settled(
        words,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.concatenate([before.rows[kept], rows])[order],
        np.concatenate([before.bits[kept], bits])[order],
    )


Words = tuple[tuple[str, int], ...]


class WordRows:
    """The words of all rows of a table; `bits` tell in whose search each counts."""

    def __init__(self, base: Settled = NOTHING) -> None:
        self._base = base
        # Rows whose words in the base are out of date, with the words that they have now.
        self._changed: dict[int, Words] = {}
        self._recent: list[tuple[str, int, int]] = []

    @property
    def crowded(self) -> bool:
        """Whether so much has changed that it should be settled."""
        return len(self._recent) > max(CROWDED, len(self._base.rows) // CROWDED_SHARE)

    def put(self, row: int, words: Mapping[str, int]) -> None:
        """The words of a row from now on; none for a row that is gone."""
        for word, bits in self._changed.get(row, ()):
            del self._recent[bisect_left(self._recent, (word, row, bits))]
        self._changed[row] = tuple(words.items())
        for word, bits in words.items():
            insort(self._recent, (word, row, bits))

    def beginning(self, start: str, bits: int, number: int) -> Mask:
        """Of `number` rows those with a word that begins so."""
        found = np.zeros(number, np.bool_)
        part = self._base.beginning(start)
        rows = self._base.rows[part]
        found[rows[self._base.bits[part] & bits != 0]] = True
        if self._changed:
            found[np.fromiter(self._changed, np.int32, len(self._changed))] = False
            first = bisect_left(self._recent, (start,))
            last = bisect_left(self._recent, (start + _AFTER,), first)
            for _, row, marked in self._recent[first:last]:
                if marked & bits:
                    found[row] = True
        return found

    def changed(self) -> dict[int, Words]:
        """What is to be settled, as it now is."""
        return dict(self._changed)

    def settle(self, changed: Mapping[int, Words]) -> Settled:
        """A new base with these changes. It may run in a thread while this is asked and changed."""
        more = Gathered()
        for row, words in changed.items():
            more.add(row, words)
        without = np.fromiter(changed, np.int32, len(changed))
        return settled(self._base, without, more)

    def install(self, base: Settled, changed: Mapping[int, Words]) -> None:
        """Go by the new base; what has changed again meanwhile stays beside it."""
        self._base = base
        left = {row: now for row, now in self._changed.items() if changed.get(row) is not now}
        self._changed = left
        self._recent = sorted(
            (word, row, bits) for row, words in left.items() for word, bits in words
        )


def marked(public: Iterable[str], console: Iterable[str]) -> dict[str, int]:
    """Words with the searches that each counts in."""
    found: dict[str, Any] = dict.fromkeys(public, PUBLIC)
    for word in console:
        found[word] = found.get(word, 0) | CONSOLE
    return found
