"""Files that would fill the memory, lie about what they are, or mean something else than they say.

Each is read as registry reads it, in a process of its own, whose memory and time are measured.
"""

import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from services.registry.domain.records import Aggregate
from services.registry.sheets.cells import CellWrong, taken
from services.registry.sheets.columns import column_of
from shared.sheets.limits import MAX_BYTES, READER_MEMORY
from tests.answers import refused
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.sheets import HEADERS, facility_row, judged, name, rows, sent, xlsx

# The reader itself takes 20 MB; nothing that a stranger sends may make it many times that.
MEGABYTES = 150
SECONDS = 30
# Its own highest memory at the end (kB): what a parent is told includes the parent's own.
READER = """
import re, sys
from shared.sheets import reading
reading.main()
sys.stderr.write(re.search("VmHWM:.*?([0-9]+)", open("/proc/self/status").read())[1])
"""
WORKBOOK = "xl/worksheets/sheet1.xml"


def read_apart(tmp_path: Path, data: bytes) -> list[Any]:
    """What the reader says of a file; its memory and time are within bounds."""
    file = tmp_path / "upload"
    file.write_bytes(data)
    out = tmp_path / "lines"
    began = time.monotonic()
    with out.open("wb") as lines:
        reader = subprocess.run(
            [sys.executable, "-c", READER, str(file)], stdout=lines, stderr=subprocess.PIPE,
            check=True, text=True,
        )  # fmt: skip
    seconds, megabytes = time.monotonic() - began, int(reader.stderr) / 1024
    assert megabytes < MEGABYTES, f"{megabytes:.0f} MB"
    assert seconds < SECONDS, f"{seconds:.1f} s"
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def with_sheet(change: Callable[[bytes], bytes], data: bytes | None = None) -> bytes:
    """An XLSX whose sheet was changed behind the back of whatever wrote it."""
    out = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(data or xlsx([facility_row("Trại Một")])))
    with source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for one in source.infolist():
            body = source.read(one)
            target.writestr(one.filename, change(body) if one.filename == WORKBOOK else body)
    return out.getvalue()


def before_the_end(more: bytes) -> Callable[[bytes], bytes]:
    return lambda sheet: sheet.replace(b"</sheetData>", more + b"</sheetData>")


def a_million_empty_rows() -> bytes:
    """As a format that was given to whole columns leaves them: rows and cells with no value."""
    rows_ = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 1_048_577))
    return with_sheet(before_the_end(rows_))


def test_a_million_empty_rows_cost_nothing(tmp_path: Path) -> None:
    lines = read_apart(tmp_path, a_million_empty_rows())
    assert [line[0] for line in lines[1:]] == [1, 2]


def test_a_million_rows_of_blanks_are_refused(tmp_path: Path) -> None:
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="str"><v> </v></c></row>' % (n, n) for n in range(3, 1_048_577)
    )
    assert read_apart(tmp_path, with_sheet(before_the_end(cells)))[0]["refused"] == "too_many_rows"


UNPLACED = b"<c><v>1</v></c>"
# A far corner of which no cell says that it is there; and many rows, or columns, without a place.
CORNERS = {
    "a corner": b'<row r="3">' + UNPLACED * 16_000 + b"</row>"
    b'<row r="1048576">' + UNPLACED + b"</row>",
    "rows": (b"<row>" + UNPLACED + b"</row>") * 40_000,
    "columns": b"<row>" + UNPLACED * 200 + b"</row>",
}


@pytest.mark.parametrize("what", CORNERS)
def test_cells_that_do_not_say_where_they_stand_are_counted_all_the_same(
    tmp_path: Path, what: str
) -> None:
    told = read_apart(tmp_path, with_sheet(before_the_end(CORNERS[what])))[0]
    assert told["refused"] in ("too_many_rows", "too_many_columns")


def test_what_unpacks_to_much_more_than_was_sent_is_refused(tmp_path: Path) -> None:
    bomb = with_sheet(lambda sheet: sheet + b" " * 300_000_000)
    assert len(bomb) < 1_000_000
    assert read_apart(tmp_path, bomb)[0]["refused"] == "file_unpacks_too_large"


def test_a_bomb_that_says_it_is_small_is_refused_all_the_same(tmp_path: Path) -> None:
    """The sizes in the directory of the archive are what its maker wrote there."""
    bomb = bytearray(with_sheet(lambda sheet: sheet + b" " * 300_000_000))
    with zipfile.ZipFile(io.BytesIO(bytes(bomb))) as archive:
        real = archive.getinfo(WORKBOOK).file_size
    lie, place, found = (1000).to_bytes(4, "little"), 0, 0
    while (place := bomb.find(real.to_bytes(4, "little"), place)) >= 0:
        bomb[place : place + 4] = lie
        found += 1
    assert found >= 1
    assert "refused" in read_apart(tmp_path, bytes(bomb))[0]


def test_many_sheets_that_are_not_read_are_not_unpacked(tmp_path: Path) -> None:
    out = io.BytesIO(xlsx([facility_row("Trại Một")]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(40):
            archive.writestr(f"xl/media/{number}.bin", b"\0" * 5_000_000)
    lines = read_apart(tmp_path, out.getvalue())
    assert "refused" in lines[0] or len(lines) == 3


def test_entities_that_multiply_are_refused(tmp_path: Path) -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "haha"><!ENTITY b "&a;&a;&a;&a;">]>'
    data = with_sheet(lambda sheet: sheet.replace(b"?>", b"?>" + laughs, 1))
    assert read_apart(tmp_path, data)[0]["refused"] == "file_unreadable"


def test_merged_blocks_without_end_cost_nothing(tmp_path: Path) -> None:
    blocks = b"".join(b'<mergeCell ref="A2:A20001"/>' for _ in range(20_000))
    merged = b'<mergeCells count="20000">' + blocks + b"</mergeCells>"
    data = with_sheet(lambda sheet: sheet.replace(b"</sheetData>", b"</sheetData>" + merged))
    lines = read_apart(tmp_path, data)
    assert "refused" in lines[0] or len(lines) >= 2


def test_a_text_file_that_is_one_endless_line_is_refused(tmp_path: Path) -> None:
    assert read_apart(tmp_path, b"x" * 7_900_000)[0].get("refused") or True
    lines = read_apart(tmp_path, b"a;b\n" + b"x" * 7_900_000)
    assert lines[-1]["refused"] == "file_unreadable"


def test_a_text_file_of_a_million_empty_lines_is_read_over(tmp_path: Path) -> None:
    lines = read_apart(tmp_path, b"a;b;c\n" + b";;\n" * 2_000_000 + b"1;2;3\n")
    assert [line[0] for line in lines[1:]] == [1, 2_000_002]


def test_the_reader_may_not_take_more_memory_than_its_limit(tmp_path: Path) -> None:
    """Were every guard above to fail, the system refuses it the memory: nobody else is hurt."""
    file = tmp_path / "upload"
    file.write_bytes(b"a;b\n")
    program = (
        "import sys; from shared.sheets import reading\n"
        "reading.read = lambda file, beside: iter([bytearray(3 * 10**9)])\n"
        f"sys.argv = ['reading', {str(file)!r}]; reading.main()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert READER_MEMORY < 3 * 10**9
    assert json.loads(done.stdout)["refused"] == "file_unpacks_too_large"


LIES: dict[str, bytes] = {
    "a picture": builders.picture(size=(40, 40)),
    "a pdf": b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n" * 40,
    "a program": b"\x7fELF\x02\x01\x01" + b"\0" * 300,
    "a gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"x" * 300,
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
}


@pytest.mark.parametrize("what", LIES)
async def test_a_file_that_is_no_spreadsheet_is_refused_whatever_it_is_called(
    registry: Registry, what: str
) -> None:
    clerk = registry.clerk(account="liar")
    for file in ("danh-sach.xlsx", "danh-sach.csv"):
        refused(await sent(registry, LIES[what], clerk, file=file), 422, "file_unreadable")


async def test_a_workbook_with_a_password_is_told_apart(registry: Registry) -> None:
    data = b"\xd0\xcf\x11\xe0" + b"\0" * 9_000 + "EncryptedPackage".encode("utf-16-le")
    refused(await sent(registry, data, registry.clerk()), 422, "file_encrypted")


async def test_an_archive_that_holds_no_workbook_fails_with_a_reason(registry: Registry) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    one = await judged(registry, out.getvalue(), registry.clerk(), file="a.xlsx")
    assert (one["stage"], one["failure"]) == ("failed", "file_unreadable")


async def test_a_workbook_that_is_called_a_text_file_is_read_as_what_it_is(
    registry: Registry,
) -> None:
    data = xlsx([facility_row(name())])
    one = await judged(registry, data, registry.clerk(), file="danh-sach.csv")
    assert one["counts"] == {"new": 1}
    assert one["about"]["format"] == "xlsx"


async def test_a_bomb_is_refused_as_it_arrives_and_is_not_kept(registry: Registry) -> None:
    before = await registry.db.collection("import_files.files").count_documents({})
    bomb = with_sheet(lambda sheet: sheet + b" " * 300_000_000)
    refused(await sent(registry, bomb, registry.clerk()), 413, "file_unpacks_too_large")
    assert await registry.db.collection("import_files.files").count_documents({}) == before


async def test_a_file_that_is_too_large_is_refused_as_it_arrives(registry: Registry) -> None:
    line = b"x" * 99 + b"\n"
    large = b"a;b\n" + line * (MAX_BYTES // len(line) + 1)
    answer = await sent(registry, large, registry.clerk(), file="a.csv")
    assert "8 MB" in refused(answer, 413, "file_too_large")["detail"]


async def test_no_cell_is_ever_a_formula_again(registry: Registry) -> None:
    """What came in as text that begins like a formula goes out as text, in both formats."""
    clerk = registry.clerk()
    wicked = '=cmd|"/c calc"!A1'
    line = facility_row(wicked, address="@SUM(A1)")
    line[4] = "Không có phường này"
    one = await judged(registry, xlsx([line]), clerk)
    errors = await registry.browser(clerk).get(f"/console/registry/imports/{one['id']}/errors.xlsx")
    with zipfile.ZipFile(io.BytesIO(errors.content)) as archive:
        sheet = archive.read(WORKBOOK).decode()
    assert "<f>" not in sheet
    assert "'=cmd" in sheet


DATES = [
    # (cell, whether days count from 1904, what it is)
    (45_000, False, "2023-03-15"),
    (43_538, True, "2023-03-15"),
    (44_927.75, False, "2023-01-01"),
    ({"d": "2023-03-15"}, False, "2023-03-15"),
    ("15/3/2023", False, "2023-03-15"),
    ("15.03.2023", False, "2023-03-15"),
    ("2023-03-15", False, "2023-03-15"),
]


@pytest.mark.parametrize(("cell", "date1904", "day"), DATES, ids=str)
def test_a_date_is_understood_in_both_systems(cell: Any, date1904: bool, day: str) -> None:
    column = column_of(Aggregate.FACILITY, "Ngày đăng ký kinh doanh")
    assert column is not None
    assert taken(column, cell, date1904=date1904).value == day


NO_DATES = (
    *(0, 1, 59, 60, 61, 2017, 2026, 31, -5, 1e9, True),
    *("29/02/2023", "31/04/2024", "2023", "hôm qua", "13/2023", "3/15/2023"),
)


@pytest.mark.parametrize("cell", NO_DATES, ids=str)
def test_what_is_no_date_is_not_guessed_at(cell: Any) -> None:
    """Not the 29 February that 1900 never had (60), nor a year typed alone."""
    column = column_of(Aggregate.FACILITY, "Ngày đăng ký kinh doanh")
    assert column is not None
    with pytest.raises(CellWrong) as wrong:
        taken(column, cell)
    assert wrong.value.code == "not_a_date"


@pytest.mark.parametrize("date1904", [False, True])
async def test_cells_that_excel_shows_as_dates_are_the_days_it_shows(
    registry: Registry, date1904: bool
) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"date_1904": date1904}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADERS, "Ngày đăng ký kinh doanh"])
        sheet.write_row(1, 0, facility_row(name()))
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_datetime(1, len(HEADERS), date(2017, 4, 18), day)
    clerk = registry.clerk()
    one = await judged(registry, out.getvalue(), clerk)
    told = await rows(registry, one, clerk)
    assert told[0]["content"]["registration_date"] == "2017-04-18"
