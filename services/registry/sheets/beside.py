"""A second sheet beside the main one: rows that belong to rows there, found by code or name.

A cell of the shape ROWS holds several rows. In XLSX they stand in a sheet of their own, in CSV one
a line in the cell, its values parted by a bar.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.registry.domain.imports import Sort
from services.registry.domain.words import fold
from services.registry.sheets.column import ROWS, Column
from services.registry.sheets.columns import COLUMNS, column_of
from shared.sheets.limits import ColumnsMissing

EXAMPLE: Final = "vi du"
HEADER_WITHIN: Final = 20


def rows_column(sort: Sort) -> Column | None:
    """The column whose rows have a sheet of their own, if this kind has one."""
    return next((one for one in COLUMNS[sort] if one.shape == ROWS and one.sheet), None)


def keys_of(sort: Sort) -> tuple[Column, ...]:
    """The columns by which a row of the second sheet names its row of the first."""
    kept = ("code", "lot_code", "facility", "name")
    return tuple(one for name in kept for one in COLUMNS[sort] if one.field == name)


@dataclass(frozen=True, slots=True)
class SecondSheet:
    """How a table writes rows beside it: of the cell at `place`, after the cells at `keys`."""

    name: str
    place: int
    keys: tuple[int, ...]
    headers: tuple[str, ...]

    @classmethod
    def of(cls, sort: Sort, headers: Sequence[str]) -> "SecondSheet | None":
        """For a table with these headers; None if it has no column of rows."""
        columns = [column_of(sort, header) for header in headers]
        column = rows_column(sort)
        if column is None or column not in columns:
            return None
        keys = [one for one in keys_of(sort) if one in columns]
        return cls(
            name=column.sheet,
            place=columns.index(column),
            keys=tuple(columns.index(one) for one in keys),
            headers=tuple(one.header for one in (*keys, *column.rows)),
        )


class Beside:
    """The rows of a second sheet while a file is read, and whom they belong to."""

    def __init__(self, sort: Sort, column: Column) -> None:
        self.column = column
        self._columns = (*keys_of(sort), *column.rows)
        self._keys = len(keys_of(sort))
        self._places: list[int | None] | None = None
        self._looked = 0
        self._rows: dict[str, list[Any]] = {}
        self._named: dict[str, list[Any]] = {}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def take(self, line: int, cells: Sequence[Any]) -> None:
        """One row of the second sheet; raises ColumnsMissing if its header names too little."""
        if self._places is None:
            self._look_for_headers(cells)
            return
        values = [
            cells[place] if place is not None and place < len(cells) else None
            for place in self._places
        ]
        keys = [one.field for one in self._columns[: self._keys]]
        names, told = values[: self._keys], values[self._keys :]
        if fold(str(cells[0] or "")).strip() == EXAMPLE or not any(one is not None for one in told):
            return
        key = _key(dict(zip(keys, names, strict=True)))
        self._rows.setdefault(key, []).append([line, told])
        self._named.setdefault(key, names)

    def of(self, given: Mapping[str, Any]) -> list[Any] | None:
        """The rows that belong to a row of the main sheet; None if it is not named there."""
        found = self._rows.pop(_key(given), None)
        # A row that has a code may be named without it all the same.
        other = self._rows.pop(_key({**given, "code": None}), None) if given.get("code") else None
        return [*(found or ()), *(other or ())] if found or other else None

    def left(self) -> Iterator[tuple[list[Any], list[Any]]]:
        """What belongs to no row of the main sheet: the names given there, and the rows."""
        for key, rows in self._rows.items():
            yield self._named[key], rows

    def _look_for_headers(self, cells: Sequence[Any]) -> None:
        self._looked += 1
        headers = [_plain(str(cell or "")) for cell in cells]
        places = [_place(headers, one) for one in self._columns]
        if sum(place is not None for place in places) < 2 and self._looked < HEADER_WITHIN:
            return
        missing = [
            one.header
            for one, place in zip(self._columns, places, strict=True)
            if place is None and one.required and one in self.column.rows
        ]
        named = [place is not None for place in places[: self._keys]]
        if self._columns[0].field == "code":
            if not (named[0] or all(named[1:])):
                missing.insert(0, self._columns[0].header)
        else:
            keys = zip(self._columns, named, strict=False)
            missing[:0] = [one.header for one, is_named in keys if not is_named]
        if missing:
            raise ColumnsMissing("file", columns=", ".join(missing))
        self._places = places


def _key(given: Mapping[str, Any]) -> str:
    """By its code, or by its facility and its name or lot code. Names keep their marks: "Bến" and
    "Bền" are two."""
    if given.get("code"):
        return f"code:{_plain(_said(given['code']))}"
    name = _said(given.get("name") or given.get("lot_code"))
    spelled = unicodedata.normalize("NFC", " ".join(name.split())).casefold()
    return f"name:{_plain(_said(given.get('facility')))}\n{spelled}"


def _said(cell: Any) -> str:
    """A number typed without its quotation mark is the text that it shows."""
    is_whole = isinstance(cell, float) and cell.is_integer()
    return str(int(cell)) if is_whole else str(cell or "")


def _place(headers: Sequence[str], column: Column) -> int | None:
    wanted = (_plain(column.header), _plain(column.field))
    return next((place for place, one in enumerate(headers) if one in wanted), None)


def _plain(text: str) -> str:
    return " ".join(fold(text.replace("*", " ")).split())
