"""An uploaded file into the rows that were filled in, their cells by field."""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from services.recall.domain.rows_file import (
    MAX_BYTES,
    MAX_LETTERS,
    MAX_ROWS,
    FileUnderWay,
    Line,
    ReadersBusy,
)
from services.recall.sheets.columns import HEADER_WITHIN, PREFILLED, Column, columns_in, require
from services.recall.sheets.template import BESIDE
from shared.sheets import reader
from shared.sheets.limits import (
    FileEmpty,
    FileTooLarge,
    FileUnpacksTooLarge,
    FileUnreadable,
    TooManyRows,
)
from shared.spreadsheets import plain_text

# A cell is kept a little longer than any field may be, so that what is too long is told as such.
MOST_IN_CELL: Final = 1_200
# Seconds of reading, and of waiting for one's turn; somebody waits for the answer.
LONGEST: Final = 10
LONGEST_WAIT: Final = 20
# What a workbook may become when it is unpacked: a thousand rows never need as much as registry's.
MAX_UNPACKED: Final = 20_000_000
# Each file is read in a process of its own: more at once would only take cores from each other.
_reading = asyncio.Semaphore(1)
# Whose file is read, or waits to be: nobody keeps all others waiting with many.
_under_way: set[str] = set()


class Sheet:
    """What was read: `lines`, and how Excel counts days there. What was not: headers that mean
    nothing, other sheets, and how many rows were taken for not filled in."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.unknown: tuple[str, ...] = ()
        self.ignored: tuple[str, ...] = ()
        self.passed = 0
        self.date1904 = False


async def read(data: bytes, party: str) -> Sheet:
    """Raises the refusals of `shared.sheets.limits`, FileUnderWay and ReadersBusy, each at the
    field `file`. `party` is whose file it is: of each, one at a time is read."""
    if not data:
        raise FileEmpty("file")
    if len(data) > MAX_BYTES:
        raise FileTooLarge("file", limit=MAX_BYTES // 1_000_000)
    async with _turn(party):
        await asyncio.to_thread(_check_unpacked, data)
        with tempfile.TemporaryDirectory(prefix="txng-rows-") as folder:
            file = Path(folder) / "file"
            file.write_bytes(data)
            try:
                async with asyncio.timeout(LONGEST), aclosing(reader.lines(file)) as lines:
                    return await _read(lines)
            except TimeoutError:
                raise FileUnreadable("file") from None


@asynccontextmanager
async def _turn(party: str) -> AsyncIterator[None]:
    if party in _under_way:
        raise FileUnderWay("file")
    _under_way.add(party)
    try:
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await _reading.acquire()
        except TimeoutError:
            raise ReadersBusy("file") from None
        try:
            yield
        finally:
            _reading.release()
    finally:
        _under_way.discard(party)


def _check_unpacked(data: bytes) -> None:
    """What the archive says of itself; one that lies, or is none, is told where it is read."""
    with (
        suppress(BadZipFile, OSError, ValueError, NotImplementedError),
        ZipFile(io.BytesIO(data)) as archive,
    ):
        if sum(one.file_size for one in archive.infolist()) > MAX_UNPACKED:
            raise FileUnpacksTooLarge("file")


async def _read(lines: AsyncIterator[Any]) -> Sheet:
    found = Sheet()
    columns: list[Column | None] | None = None
    looked = letters = 0
    async for told in lines:
        if isinstance(told, dict):
            found.date1904 = bool(told.get("date1904"))
            found.ignored = _ignored(told)
            continue
        number, cells = told[0], told[1]
        if columns is None:
            looked += 1
            columns = columns_in(cells)
            if columns is None and looked >= HEADER_WITHIN:
                break
            found.unknown = _unknown(cells, columns or [])
            continue
        line = _line(number, cells, columns)
        if line is None:
            found.passed += 1
            continue
        letters += sum(len(cell) for cell in line.cells.values() if isinstance(cell, str))
        if len(found.lines) >= MAX_ROWS:
            raise TooManyRows("file", limit=MAX_ROWS)
        if letters > MAX_LETTERS:
            raise FileTooLarge("file", limit=MAX_BYTES // 1_000_000)
        found.lines.append(line)
    if columns is None:
        require(())
    if not found.lines:
        raise FileEmpty("file")
    return found


def _line(number: int, cells: list[Any], columns: Sequence[Column | None]) -> Line | None:
    """None for a row that was not filled in."""
    given = {
        column.field: _cut(cell)
        for column, cell in zip(columns, cells, strict=False)
        if column is not None and not column.told and cell is not None
    }
    given = {name: cell for name, cell in given.items() if cell != ""}
    return Line(number, given) if given.keys() - PREFILLED else None


def _cut(cell: Any) -> Any:
    return plain_text(cell.strip())[:MOST_IN_CELL] if isinstance(cell, str) else cell


def _unknown(headers: list[Any], columns: Sequence[Column | None]) -> tuple[str, ...]:
    pairs = zip(headers, columns, strict=False)
    return tuple(str(header)[:80] for header, column in pairs if header and column is None)[:20]


def _ignored(told: dict[str, Any]) -> tuple[str, ...]:
    """Sheets beside the one that is read, but for those that the template has itself."""
    others = [str(name) for name in (*told.get("ignored", ()), *told.get("hidden", ()))]
    return tuple(name[:80] for name in others if name not in BESIDE)[:20]
