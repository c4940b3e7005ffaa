"""Reads one file into rows, as a process: `python -m shared.sheets.reading FILE …`.

Writes JSON lines: first what the file is, then `[row, cells, formulas, merged]`. A cell is a text,
a number, true or false, null, or `{"d": "2026-11-22"}`. What cannot be read is `{"refused": …}`.
Sheets named after the file come first, each between `{"beside": its name}` and `{"beside": ""}`.
"""

import codecs
import csv
import io
import json
import resource
import sys
from collections.abc import Iterator, Set
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile, ZipFile

import filetype
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from shared.errors import Refusal
from shared.sheets.limits import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_LONG_CELL,
    MAX_ROWS,
    MAX_ROWS_BESIDE,
    READER_MEMORY,
    READER_SECONDS,
    FileEmpty,
    FileEncrypted,
    FileUnreadable,
    TooManyColumns,
    TooManyRows,
)
from shared.sheets.workbook import Survey, book, check_archive, survey
from shared.spelling import fold
from shared.spreadsheets import DATA_SHEET

ZIP = b"PK\x03\x04"
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
DELIMITERS = ",;\t"
_HEAD = 65_536
# A row may hold a long boundary, not a hundred long texts.
MAX_IN_ROW: Final = 400_000
# Cells in merged blocks; blocks of a sheet cannot overlap, so an honest one has far fewer.
MAX_MERGED: Final = 500_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Line = dict[str, Any] | list[Any]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (READER_MEMORY, READER_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (READER_SECONDS, READER_SECONDS))
    out = sys.stdout
    try:
        with Path(sys.argv[1]).open("rb") as file:
            for line in read(file, frozenset(map(fold, sys.argv[2:]))):
                out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    except Refusal as refusal:
        out.write(json.dumps({"refused": refusal.code, "params": refusal.params}) + "\n")
    except MemoryError:
        out.write(json.dumps({"refused": "file_unpacks_too_large", "params": {}}) + "\n")


def read(file: BinaryIO, beside: Set[str] = frozenset()) -> Iterator[Line]:
    """What the file is, then its rows; raises the refusals of `limits`.

    `beside` are the folded names of sheets that are read beside the main one.
    """
    head = file.read(_HEAD)
    file.seek(0)
    if head.startswith(ZIP):
        return read_workbook(file, beside)
    if is_other(head):
        raise FileUnreadable("file")
    if head.startswith(OLD_EXCEL):
        raise old_excel(file)
    return read_text(file, head)


def old_excel(file: BinaryIO) -> Refusal:
    """Why a file of the old format is refused: Excel also wraps one with a password so."""
    return FileEncrypted("file") if ENCRYPTED in file.read() else FileUnreadable("file")


def is_other(head: bytes) -> bool:
    """Whether the content is of a kind that is no spreadsheet, whatever its name says."""
    return not head.startswith((ZIP, OLD_EXCEL)) and filetype.guess(head) is not None


def read_workbook(file: BinaryIO, beside: Set[str]) -> Iterator[Line]:
    check_archive(file)
    try:
        with ZipFile(file) as archive:
            found = book(archive)
            shown = [sheet for sheet in found.sheets if sheet[2]]
            second = [sheet for sheet in shown if fold(sheet[0]).strip() in beside]
            visible = [sheet for sheet in shown if sheet not in second]
            named = [sheet for sheet in visible if sheet[0] == DATA_SHEET]
            if not visible:
                raise FileEmpty("file")
            name, part, _ = (named or visible)[0]
            seen = survey(archive, part)
            looked = [survey(archive, one, MAX_ROWS_BESIDE) for _, one, _ in second]
        file.seek(0)
        with CalamineWorkbook.from_filelike(file) as workbook:
            sheet = workbook.get_sheet_by_name(name)
            yield {
                "format": "xlsx",
                "sheet": name,
                "hidden": [n for n, _, is_shown in found.sheets if not is_shown],
                "ignored": [n for n, _, _ in visible if n != name],
                "date1904": found.date1904,
                "formulas": len(seen.formulas),
            }
            for (title, _, _), look in zip(second, looked, strict=True):
                yield {"beside": title}
                yield from _sheet_rows(workbook.get_sheet_by_name(title), look)
                yield {"beside": ""}
            yield from _sheet_rows(sheet, seen)
    except PasswordError as error:
        raise FileEncrypted("file") from error
    except (CalamineError, BadZipFile, OSError) as error:
        raise FileUnreadable("file") from error


def _sheet_rows(sheet: CalamineSheet, seen: Survey) -> Iterator[Line]:
    # The reader leaves out empty columns on the left; places are counted from the first it has.
    left = sheet.start[1] if sheet.start else 0
    merged = _Merged(sheet, left)
    formulas: dict[int, list[int]] = {}
    for row, column in seen.formulas:
        formulas.setdefault(row, []).append(column - left)
    for number, values in enumerate(sheet.iter_rows()):
        cells, joined = merged.filled(number, [_cell(value) for value in values])
        if any(cell is not None for cell in cells):
            yield [number + 1, _cut(cells), sorted(formulas.get(number, ())), joined]


class _Merged:
    """Gives every cell of a merged block the value that the block shows."""

    def __init__(self, sheet: CalamineSheet, left: int) -> None:
        self._ranges = [
            ((top, first - left), (bottom, last - left))
            for (top, first), (bottom, last) in sheet.merged_cell_ranges or ()
            if first == last and top < bottom < MAX_ROWS + 50
        ]
        self._values: dict[int, Any] = {}
        self._at: dict[int, list[int]] = {}
        covered = 0
        for index, (first, last) in enumerate(self._ranges):
            covered += last[0] - first[0] + 1
            if covered > MAX_MERGED:
                break
            for row in range(first[0], last[0] + 1):
                self._at.setdefault(row, []).append(index)

    def filled(self, row: int, cells: list[Any]) -> tuple[list[Any], list[int]]:
        """Only blocks that reach over several rows: a title across columns stays one cell."""
        joined = []
        for index in self._at.get(row, ()):
            (top, left), _ = self._ranges[index]
            if not 0 <= left < len(cells):
                continue
            if row == top:
                self._values[index] = cells[left]
            elif cells[left] is None and self._values.get(index) is not None:
                cells[left] = self._values[index]
                joined.append(left)
        return cells, joined


def _cell(value: Any) -> Any:  # noqa: PLR0911 - one return for each type reads best
    match value:
        case str():
            return value[: MAX_LONG_CELL + 1] if value.strip() else None
        case bool():
            return value
        case datetime():
            return {"d": value.date().isoformat()}
        case date():
            return {"d": value.isoformat()}
        case time() | timedelta():
            return str(value)
        case int() | float():
            return value
        case _:
            return None


def _cut(cells: list[Any]) -> list[Any]:
    """A row as it is, or cut to what is still refused as too long, cell by cell."""
    if sum(len(cell) for cell in cells if isinstance(cell, str)) <= MAX_IN_ROW:
        return cells
    return [cell[: MAX_CELL + 1] if isinstance(cell, str) else cell for cell in cells]


def read_text(file: BinaryIO, head: bytes) -> Iterator[Line]:
    encoding = encoding_of(file, head)
    text = io.TextIOWrapper(file, encoding, newline="")
    delimiter = delimiter_of(text.readline(_HEAD))
    text.seek(0)
    csv.field_size_limit(100_000)
    yield {"format": "csv", "encoding": encoding, "delimiter": delimiter}
    number, kept = 0, 0
    try:
        for cells in csv.reader(text, delimiter=delimiter):
            number += 1
            row = [_cell(cell) for cell in cells]
            while row and row[-1] is None:
                row.pop()
            if not row:
                continue
            kept += 1
            if kept > MAX_ROWS + 50:
                raise TooManyRows("file", limit=MAX_ROWS)
            if len(row) > MAX_COLUMNS:
                raise TooManyColumns("file", limit=MAX_COLUMNS)
            yield [number, _cut(row), [], []]
    except (csv.Error, UnicodeError) as error:
        raise FileUnreadable("file") from error


def encoding_of(file: BinaryIO, head: bytes) -> str:
    """By its mark, else UTF-16 by its zeros, UTF-8 if all of it is, else Vietnamese Windows."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    if head[1::2].count(0) > len(head) / 5:
        return "utf-16-le"
    if head[::2].count(0) > len(head) / 5:
        return "utf-16-be"
    if b"\0" in head:
        raise FileUnreadable("file")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := file.read(1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1258"
    finally:
        file.seek(0)
    return "utf-8"


def delimiter_of(line: str) -> str:
    """The sign that parts the first line into most cells."""
    return max(DELIMITERS, key=lambda sign: len(next(csv.reader([line], delimiter=sign), [])))


if __name__ == "__main__":
    main()
