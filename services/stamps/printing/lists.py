"""Codes for print houses that draw the symbols themselves: CSV, or a sheet for spreadsheets.

The text of a code is given in groups with hyphens, as it is printed: a code that happens to look
like a number would be turned into one by whatever opens a CSV. Scanning takes both spellings.
"""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import BinaryIO, Final

import python_calamine
import xlsxwriter

from services.stamps.printing.jobs import Job, Sheets, Stamp
from services.stamps.printing.outputs import Tell, recipe
from services.stamps.printing.pdf import Fragment
from services.stamps.printing.reading import Unreadable
from shared.stampcode import group

COLUMNS: Final = ("serial", "code", "symbol")
# With hidden numbers, in which no spreadsheet sees a number or a day.
PIN: Final = "pin"
_PART: Final = 20_000
# The mark by which spreadsheets know UTF-8, and the line ends of RFC 4180.
_MARK: Final = "\ufeff"
_TOLD: Final = 1_000


class CsvOutput:
    """One line a stamp: its serial, its code in text, what its symbol holds."""

    def __init__(self, job: Job, total: int) -> None:
        self.parts: Sequence[Sheets] = [
            Sheets(1, 1, before, min(_PART, total - before)) for before in range(0, total, _PART)
        ]
        self._job = job
        self._head = (_MARK + ",".join(_columns(job)) + "\r\n").encode()
        self.recipe = recipe(f"csv {job.batch} {job.prefix} {total}", self._head)

    def part(self, out: BinaryIO, number: int, stamps: list[Stamp], tell: Tell) -> Fragment:
        text = StringIO(newline="")
        csv.writer(text).writerows(_rows(self._job, stamps))
        tell(len(stamps))
        content = text.getvalue().encode("ascii")
        read = [tuple(row) for row in csv.reader(StringIO(content.decode("ascii"), newline=""))]
        _must_be(read, self._job, stamps)
        out.write(content)
        return Fragment(len(content), [], "")

    def ends(self, fragments: Sequence[Fragment]) -> tuple[bytes, bytes]:
        return self._head, b""


class XlsxOutput:
    """The same as a workbook, made at once and row by row: it cannot be put together from parts."""

    def __init__(self, job: Job, total: int) -> None:
        self.parts: Sequence[Sheets] = [Sheets(1, 1, 0, total)]
        self._job = job
        columns = ",".join(_columns(job)).encode()
        self.recipe = recipe(f"xlsx {job.batch} {job.prefix} {total}", columns)

    def part(self, out: BinaryIO, number: int, stamps: list[Stamp], tell: Tell) -> Fragment:
        file = BytesIO()
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(file, options) as book:
            sheet = book.add_worksheet("codes")
            for row, cells in enumerate([_columns(self._job), *_rows(self._job, stamps)]):
                for column, cell in enumerate(cells):
                    sheet.write_string(row, column, cell)
                if row % _TOLD == 0:
                    tell(row)
        file.seek(0)
        book_read = python_calamine.CalamineWorkbook.from_filelike(file)
        rows = book_read.get_sheet_by_index(0).to_python()
        _must_be([tuple(map(str, row)) for row in rows[1:]], self._job, stamps)
        content = file.getvalue()
        out.write(content)
        return Fragment(len(content), [], "")

    def ends(self, fragments: Sequence[Fragment]) -> tuple[bytes, bytes]:
        return b"", b""


def _columns(job: Job) -> tuple[str, ...]:
    return (*COLUMNS, PIN) if job.numbers else COLUMNS


def _rows(job: Job, stamps: Sequence[Stamp]) -> list[tuple[str, ...]]:
    prefix, numbers = job.prefix, job.numbers
    return [
        (str(serial), group(code), prefix + code, *((numbers.of(code),) if numbers else ()))
        for serial, code in stamps
    ]


def _must_be(read: Sequence[tuple[str, ...]], job: Job, stamps: Sequence[Stamp]) -> None:
    if list(read) != _rows(job, stamps):
        raise Unreadable("the list does not say what was written")
