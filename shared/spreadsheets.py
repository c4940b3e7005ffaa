"""Tables as files for spreadsheets, XLSX and CSV, row by row and in bounded memory; no cell ever
becomes a formula."""

import asyncio
import csv
import io
import re
import shutil
import tempfile
from asyncio import Future
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

import xlsxwriter

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV: Final = "text/csv; charset=utf-8"
# By this mark Excel knows that a CSV file is UTF-8.
MARK: Final = b"\xef\xbb\xbf"
# How a workbook is written: every text as the text it is.
OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}

# The sheet that a table lies on.
DATA_SHEET: Final = "Dữ liệu"
# Rows of one sheet of a workbook, its header among them: a longer table goes on in a further sheet.
SHEET_ROWS: Final = 1_048_576
# What Excel itself holds in one cell.
MOST_IN_CELL: Final = 32_767
# What spreadsheets read as the beginning of a formula, or skip before one.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_NEUTRALISED = re.compile(r"'+[=+\-@\t\r\n]")
_WIDTH: Final = 18
_PIECE: Final = 1 << 18
# A pause after so many rows, so that others are answered while a large file is written.
_ROWS_AT_ONCE: Final = 100


def row_by_row(file: Path) -> dict[str, Any]:
    """Options of a workbook whose rows go to disk as they come: beside the file, with which they
    are removed."""
    return {**OPTIONS, "constant_memory": True, "tmpdir": str(file.parent)}


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `plain_text` is its inverse."""
    if text.startswith(FORMULA) or _NEUTRALISED.match(text):
        return f"'{text}"
    return text


def plain_text(text: str) -> str:
    return text[1:] if _NEUTRALISED.match(text) else text


class Table(Protocol):
    """A workbook that is written row by row; finished once it is closed."""

    def add(self, cells: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


class Workbook:
    """A table on sheets of one name; rows go to disk as they come."""

    def __init__(self, file: Path, headers: Sequence[str]) -> None:
        self._book = xlsxwriter.Workbook(str(file), row_by_row(file))
        self._sheet = Sheet(self._book, DATA_SHEET, headers)

    def add(self, cells: Sequence[Any]) -> None:
        self._sheet.add(cells)

    def close(self) -> None:
        self._book.close()


class Sheet:
    """A sheet of a workbook, its header written; a further one once it is full."""

    def __init__(
        self, book: Any, name: str, headers: Sequence[str], widths: Sequence[int] = ()
    ) -> None:
        self._book, self._name, self._headers, self._widths = book, name, headers, widths
        self._count = 0
        self._bold = book.add_format({"bold": True, "bg_color": "#E3F1EF", "border": 1})
        self._day = book.add_format({"num_format": "dd/mm/yyyy"})
        self._text = book.add_format({"num_format": "@"})
        self._begin()

    def _begin(self) -> None:
        self._count += 1
        name = self._name if self._count == 1 else f"{self._name} ({self._count})"
        self._sheet, self._row = self._book.add_worksheet(name), 0
        for place in range(len(self._headers)):
            width = self._widths[place] if place < len(self._widths) else _WIDTH
            self._sheet.set_column(place, place, width)
        self._sheet.freeze_panes(1, 0)
        for place, header in enumerate(self._headers):
            self._sheet.write_string(0, place, neutral(header), self._bold)

    def add(self, cells: Iterable[Any]) -> None:
        """A row. Days are dates or {"d": an ISO day}; an empty cell is None or ""."""
        if self._row + 1 >= SHEET_ROWS:
            self._begin()
        self._row += 1
        for place, cell in enumerate(cells):
            match cell:
                case None | "":
                    continue
                case bool():
                    self._sheet.write_string(self._row, place, "Có" if cell else "Không")
                case int() | float() | Decimal():
                    self._sheet.write_number(self._row, place, cell)
                case date():
                    self._sheet.write_datetime(self._row, place, cell, self._day)
                case {"d": str(day)}:
                    found = date.fromisoformat(day)
                    self._sheet.write_datetime(self._row, place, found, self._day)
                case _:
                    text = neutral(str(cell))[:MOST_IN_CELL]
                    self._sheet.write_string(self._row, place, text, self._text)


async def workbook(
    begun: Callable[[Path], Table], rows: AsyncIterator[Sequence[Any]]
) -> AsyncIterator[bytes]:
    """A workbook piece by piece; it is finished before it can be sent, so it grows in a file, not
    in memory. `begun` makes the one that the rows are added to.

    Nothing of it stays on the disk, also where whoever asked for it has gone: its user closes this
    (`aclosing`), since an iterator that nobody goes on with does not end by itself.
    """
    folder = tempfile.mkdtemp(prefix="txng-table-")
    finishing: Future[None] | None = None
    try:
        file = Path(folder) / "table.xlsx"
        table = begun(file)
        async with _closing(rows):
            count = 0
            async for row in rows:
                table.add(row)
                count += 1
                if count % _ROWS_AT_ONCE == 0:
                    await asyncio.sleep(0)
        finishing = asyncio.get_running_loop().run_in_executor(None, table.close)
        # A thread is not cancelled with us, and still writes there.
        await asyncio.shield(finishing)
        with file.open("rb") as made:
            while piece := made.read(_PIECE):
                yield piece
    finally:
        if finishing is None or finishing.done():
            _remove(folder)
        else:
            finishing.add_done_callback(lambda _: _remove(folder))


def _closing(rows: AsyncIterator[Any]) -> AbstractAsyncContextManager[Any]:
    """Ends an iterator that can be ended."""
    return aclosing(rows) if isinstance(rows, AsyncGenerator) else nullcontext()


def _remove(folder: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def csv_line(cells: Iterable[Any]) -> bytes:
    """One line as Excel in Vietnam reads it: semicolons, decimal commas, UTF-8."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerow([_csv_cell(cell) for cell in cells])
    return out.getvalue().encode()


def _csv_cell(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "Có" if cell else "Không"
        case date():
            return cell.strftime("%d/%m/%Y")
        case float() | Decimal():
            text = format(Decimal(str(cell)), "f").replace(".", ",")
            return f" {text}" if text.startswith("-") else text
        case _:
            return neutral(str(cell))


async def csv_lines(
    headers: Sequence[str], rows: AsyncIterator[Sequence[Any]]
) -> AsyncIterator[bytes]:
    """A CSV file piece by piece."""
    async with _closing(rows):
        yield MARK + csv_line(headers)
        async for row in rows:
            yield csv_line(row)
