"""Rows of whole numbers in columns, each of one lot, replaced by the key they were told under."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

# Keys that a dictionary remembers before they are sorted in among the others.
RECENT: Final = 50_000
# The lot of a row that is no longer so.
GONE: Final = -1


class Lines:
    """The first column is the number of a lot. All rows of a key are replaced at once.

    A key costs sixteen bytes, not an entry of a dictionary: keys are kept sorted, but for the most
    recent.
    """

    def __init__(self, *more: str) -> None:
        """`more` are the codes (of `array`) of the columns after the lot's."""
        self._columns = [array("i"), *(array(code) for code in more)]
        self._keys = array("q")
        self._sorted = np.empty(0, np.int64)
        self._order = np.empty(0, np.int32)
        self._recent: dict[int, list[int]] = {}
        self._gone = 0

    def __len__(self) -> int:
        return len(self._keys) - self._gone

    def put(self, key: int, rows: Iterable[Sequence[int]], *, is_new: bool = False) -> None:
        """Replace the key's rows; `is_new`: it is known that there are none."""
        if not is_new:
            self._drop(key)
        places = self._recent.setdefault(key, [])
        for row in rows:
            places.append(len(self._keys))
            self._keys.append(key)
            for column, value in zip(self._columns, row, strict=True):
                column.append(value)
        if len(self._recent) > RECENT:
            self._sort_in()

    def of(self, lots: Marks) -> Rows:
        """The rows of the marked lots, a column of the result each. `lots` has one place more than
        there are lots, which is not marked."""
        where = np.frombuffer(self._columns[0], np.int32)
        picked = np.flatnonzero(lots[where])
        return self._picked(picked)

    def all(self) -> Rows:
        return self._picked(np.flatnonzero(np.frombuffer(self._columns[0], np.int32) != GONE))

    def _picked(self, rows: npt.NDArray[np.intp]) -> Rows:
        taken = [np.frombuffer(c, c.typecode)[rows] for c in self._columns]
        return np.array(taken, np.int64).reshape(len(self._columns), len(rows))

    def _drop(self, key: int) -> None:
        places = self._recent.pop(key, None)
        if places is None:
            first, last = np.searchsorted(self._sorted, [key, key + 1])
            places = [int(place) for place in self._order[first:last]]
        lots = self._columns[0]
        for place in places:
            if lots[place] != GONE:
                lots[place] = GONE
                self._gone += 1

    def _sort_in(self) -> None:
        if self._gone * 2 > len(self._keys):
            self._compact()
        keys = np.frombuffer(self._keys, np.int64)
        self._order = np.argsort(keys, kind="stable").astype(np.int32)
        self._sorted = keys[self._order]
        self._recent = {}

    def _compact(self) -> None:
        """Forget the rows that are gone."""
        stay = np.flatnonzero(np.frombuffer(self._columns[0], np.int32) != GONE)
        columns = [*self._columns, self._keys]
        kept = [array(c.typecode, np.frombuffer(c, c.typecode)[stay].tobytes()) for c in columns]
        *self._columns, self._keys = kept
        self._gone = 0
