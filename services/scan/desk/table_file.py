"""A table that somebody takes away, as CSV or XLSX; no cell of it becomes a formula."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter
from starlette.responses import Response, StreamingResponse

Cell = str | int
_CSV: Final = "text/csv; charset=utf-8"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What spreadsheets read as the beginning of a formula, or skip before one.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_ROWS_AT_ONCE: Final = 500
_PIECE: Final = 65_536
_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def table_file(
    kind: str, name: str, head: Sequence[str], rows: AsyncIterator[Sequence[Cell]]
) -> Response:
    """`kind` is csv or xlsx."""
    pieces = _csv(head, rows) if kind == "csv" else _xlsx(head, rows)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{kind}"',
        "Cache-Control": "private, no-store",
    }
    media = _CSV if kind == "csv" else _XLSX
    return StreamingResponse(pieces, media_type=media, headers=headers)


def neutral(cell: Cell) -> Cell:
    """A text that would be a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


async def _csv(head: Sequence[str], rows: AsyncIterator[Sequence[Cell]]) -> AsyncIterator[bytes]:
    """As spreadsheets here read it: UTF-8 with its mark, semicolons."""
    yield b"\xef\xbb\xbf" + _line(head)
    async for row in rows:
        yield _line(row)


def _line(cells: Sequence[Cell]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerow([neutral(cell) for cell in cells])
    return out.getvalue().encode()


async def _xlsx(head: Sequence[str], rows: AsyncIterator[Sequence[Cell]]) -> AsyncIterator[bytes]:
    """A workbook is finished before it can be sent, so it grows in a file, not in memory."""
    with tempfile.TemporaryDirectory(prefix="txng-scan-") as folder:
        file = Path(folder) / "table.xlsx"
        book = xlsxwriter.Workbook(str(file), _OPTIONS)
        sheet = book.add_worksheet()
        sheet.set_column(0, len(head) - 1, 18)
        sheet.freeze_panes(1, 0)
        _write(sheet, 0, head)
        number = 0
        async for row in rows:
            number += 1
            _write(sheet, number, row)
            if number % _ROWS_AT_ONCE == 0:
                await asyncio.sleep(0)
        await asyncio.to_thread(book.close)
        with file.open("rb") as made:
            while piece := made.read(_PIECE):
                yield piece


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, cells: Sequence[Cell]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(row, column, cell)
        else:
            sheet.write_string(row, column, str(neutral(cell)))
