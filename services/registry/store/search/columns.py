"""What rows are narrowed, counted and ordered by: one value a row, kept as numbers."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.registry.store.search.word_rows import Mask
from shared.mongo import Document

Numbers = NDArray[np.int64]
# What stands for a value that is missing: it comes first, as in the database.
LEAST: Final = -(2**62)


class Growing:
    """A column of numbers to which rows are added."""

    def __init__(self) -> None:
        self._array: Numbers = np.zeros(1_024, np.int64)

    def __setitem__(self, row: int, value: int) -> None:
        if row >= len(self._array):
            larger = np.zeros(max(row + 1, 2 * len(self._array)), np.int64)
            larger[: len(self._array)] = self._array
            self._array = larger
        self._array[row] = value

    def __getitem__(self, row: int) -> int:
        return int(self._array[row]) if row < len(self._array) else 0

    def first(self, number: int) -> Numbers:
        """The first `number` rows, not to be written to; there are always as many."""
        if number > len(self._array):
            self[number - 1] = 0
        return self._array[:number]


class Values:
    """A column of few different values, or tuples of them; each value has a number."""

    def __init__(self) -> None:
        self._number: dict[Any, int] = {}
        self._rows = Growing()
        self._tuples = False

    def put(self, row: int, value: Any) -> None:
        self._tuples |= isinstance(value, tuple)
        self._rows[row] = self._number.setdefault(value, len(self._number))

    def that(self, condition: Any, number: int) -> Mask:
        """Of `number` rows those whose value meets a condition, as the database would say."""
        rows = self._rows.first(number)
        if not self._tuples and not isinstance(condition, dict):
            return np.equal(rows, self._number.get(condition, -1))
        fits = [place for value, place in self._number.items() if meets(value, condition)]
        if len(fits) == 1:
            return np.equal(rows, fits[0])
        wanted = np.zeros(len(self._number) + 1, np.bool_)
        wanted[fits] = True
        return wanted[rows]

    def counts(self, mask: Mask) -> dict[Any, int]:
        """How many of the rows have each value; of a tuple, each of its members."""
        numbers = np.bincount(self._rows.first(len(mask))[mask], minlength=len(self._number))
        found: dict[Any, int] = {}
        for value, place in self._number.items():
            if number := int(numbers[place]):
                for one in value if isinstance(value, tuple) else (value,):
                    found[one] = found.get(one, 0) + number
        return found


class Order:
    """Rows in the order of a text that each has of its own."""

    def __init__(self, texts: Mapping[int, str] | None = None) -> None:
        given = texts or {}
        rows = sorted(given, key=given.__getitem__)
        self._texts = [given[row] for row in rows]
        self._rows = np.array(rows, np.int32)
        self._text_of = dict(given)
        self._ranks: Numbers | None = None

    def put(self, row: int, text: str | None) -> None:
        """The text of a row from now on; None for a row that is gone."""
        before = self._text_of.get(row)
        if before == text:
            return
        self._ranks = None
        if before is not None:
            place = bisect_left(self._texts, before)
            del self._texts[place], self._text_of[row]
            self._rows = np.delete(self._rows, place)
        if text is not None:
            place = bisect_left(self._texts, text)
            self._texts.insert(place, text)
            self._rows = np.insert(self._rows, place, row)
            self._text_of[row] = text

    def ranks(self, number: int) -> Numbers:
        """The place of each of `number` rows."""
        if self._ranks is None or len(self._ranks) != number:
            self._ranks = np.full(number, LEAST, np.int64)
            self._ranks[self._rows] = np.arange(len(self._rows))
        return self._ranks


def meets(value: Any, condition: Any) -> bool:
    """Whether a value meets a condition of the kinds that lists use; raises for any other."""
    if isinstance(condition, dict):
        return all(_OPERATORS[name](value, given) for name, given in condition.items())
    return _is(value, condition)


def _is(value: Any, wanted: Any) -> bool:
    return wanted in value if isinstance(value, tuple) else bool(value == wanted)


_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "$in": lambda value, given: any(_is(value, one) for one in given),
    "$ne": lambda value, given: not _is(value, given),
    "$gte": lambda value, given: value is not None and value >= given,
    "$lt": lambda value, given: value is not None and value < given,
}


def every(condition: Document) -> list[tuple[str, Any]]:
    """The fields of a filter with the condition on each; `$and` may be nested."""
    found: list[tuple[str, Any]] = []
    for field, wanted in condition.items():
        if field == "$and":
            for part in wanted:
                found += every(part)
        else:
            found.append((field, wanted))
    return found
