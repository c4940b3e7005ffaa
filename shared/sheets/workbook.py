"""A look into an XLSX archive before it is read: its sheets, its formulas, how large it really is.

The reader of cells holds a sheet as one rectangle, so a single cell at the far corner would cost
gigabytes; here the XML passes by in pieces, and such a sheet is refused first.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import Any, BinaryIO
from xml.parsers.expat import ExpatError, ParserCreate
from zipfile import BadZipFile, ZipFile

from shared.sheets.limits import (
    MAX_COLUMNS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED,
    FileUnpacksTooLarge,
    FileUnreadable,
    TooManyColumns,
    TooManyRows,
)

PIECE = 1 << 18
# A title above the table and the header take rows too.
SPARE_ROWS = 50
MAX_FORMULAS = 20_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Start = Callable[[str, dict[str, str]], None]


@dataclass
class Book:
    """`sheets` are (name, part, visible) in order; `date1904` the system of Macintosh dates."""

    sheets: list[tuple[str, str, bool]] = field(default_factory=list)
    date1904: bool = False


@dataclass
class Survey:
    """`formulas` are (row, column) from 0 of cells whose value a formula gave."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    rows: int = 0


def check_archive(file: BinaryIO) -> None:
    """Refuse an archive that says of itself that it becomes too large."""
    try:
        with ZipFile(file) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
            packed = sum(one.compress_size for one in archive.infolist()) or 1
    except (BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FileUnreadable("file") from error
    finally:
        file.seek(0)
    if unpacked > MAX_UNPACKED or (unpacked > MAX_UNPACKED / 10 and unpacked / packed > MAX_RATIO):
        raise FileUnpacksTooLarge("file")


def book(archive: ZipFile) -> Book:
    """What the workbook says of its sheets."""
    found = Book()
    named: list[tuple[str, str, bool]] = []
    targets: dict[str, str] = {}

    def of_workbook(tag: str, at: dict[str, str]) -> None:
        if tag == "workbookPr":
            found.date1904 = at.get("date1904", "0") in ("1", "true")
        elif tag == "sheet":
            shown = at.get("state", "visible") == "visible"
            key = next((text for name, text in at.items() if name.endswith(":id")), "")
            named.append((at.get("name", ""), key, shown))

    def of_relations(tag: str, at: dict[str, str]) -> None:
        if tag == "Relationship":
            target = at.get("Target", "")
            inside = target.lstrip("/") if target.startswith("/") else join("xl", target)
            targets[at.get("Id", "")] = normpath(inside)

    _walk(archive, "xl/workbook.xml", of_workbook)
    _walk(archive, "xl/_rels/workbook.xml.rels", of_relations)
    found.sheets = [(name, targets.get(key, ""), shown) for name, key, shown in named]
    return found


def survey(archive: ZipFile, part: str, most: int = MAX_ROWS) -> Survey:
    """The formulas of a sheet; raises what makes it too large to be read (over `most` rows)."""
    found = Survey()
    at_cell = [-1, -1]

    def start(tag: str, at: dict[str, str]) -> None:
        # Rows and cells need not say where they stand: then they follow the one before.
        if tag == "row":
            told = at.get("r", "")
            at_cell[:] = [int(told[:8]) - 1 if told.isdecimal() else at_cell[0] + 1, -1]
        elif tag == "c":
            place = _REFERENCE.fullmatch(at.get("r", ""))
            if place is not None:
                at_cell[:] = [int(place[2]) - 1, _column(place[1])]
            else:
                at_cell[1] += 1
        elif tag in ("v", "is"):
            # Only cells that hold something count: formatted empty rows cost nothing.
            row, column = at_cell
            if row >= most + SPARE_ROWS:
                raise TooManyRows("file", limit=most)
            if column >= MAX_COLUMNS:
                raise TooManyColumns("file", limit=MAX_COLUMNS)
            found.rows = max(found.rows, row + 1)
        elif tag == "f" and len(found.formulas) < MAX_FORMULAS:
            found.formulas.add((at_cell[0], at_cell[1]))

    _walk(archive, part, start)
    return found


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _walk(archive: ZipFile, part: str, start: Start) -> None:
    """Call `start` for every element, by its name without prefix, with its attributes."""

    def local(tag: str, attributes: dict[str, str]) -> None:
        start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)

    def refuse(*_: Any) -> None:
        raise FileUnreadable("file")

    parser = ParserCreate()
    parser.StartElementHandler = local
    parser.StartDoctypeDeclHandler = refuse  # Excel writes none; entities live there.
    read = 0
    try:
        with archive.open(part) as stream:
            while piece := stream.read(PIECE):
                read += len(piece)
                if read > MAX_UNPACKED:
                    raise FileUnpacksTooLarge("file")
                parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (ExpatError, KeyError, BadZipFile, OSError, NotImplementedError, EOFError) as error:
        raise FileUnreadable("file") from error
