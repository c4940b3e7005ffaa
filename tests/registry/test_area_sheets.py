"""Boundaries and households of growing areas in sheets: read, checked, written, the same again."""

import io
import tempfile
import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from services.registry.domain.accepted import Market
from services.registry.domain.geometry import from_points, hectares
from services.registry.domain.growing_area import GrowingArea, Household, Season
from services.registry.domain.records import Aggregate, Author, Owner, entered
from services.registry.sheets import boundaries
from services.registry.sheets.beside import Beside, SecondSheet, rows_column
from services.registry.sheets.columns import COLUMNS, column_of
from services.registry.sheets.contents import content_of, values_of
from services.registry.sheets.exported import cells_of
from services.registry.sheets.writing import XlsxTable, headers_of
from shared.errors import Refusal
from shared.ids import new_id, now
from shared.sheets import reading, workbook
from shared.spreadsheets import csv_line
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.registry.sheets import applied, judged, name, rows, xlsx
from tests.tokens import bearer

AREA = Aggregate.GROWING_AREA
SQUARE = (
    "21.146800, 106.542100; 21.146800, 106.547900; 21.141500, 106.547900; 21.141500, 106.542100"
)
HEADERS = ["Mã cơ sở", "Tên vùng", "Cây trồng, vật nuôi", "Xã, phường, đặc khu", "Ranh giới"]
WKT = (
    "POLYGON ((106.5421 21.1468, 106.5479 21.1468, 106.5479 21.1415, 106.5421 21.1415, "
    "106.5421 21.1468))"
)
GEOJSON = (
    '{"type": "Polygon", "coordinates": [[[106.5421, 21.1468], [106.5479, 21.1468], '
    "[106.5479, 21.1415], [106.5421, 21.1415]]]}"
)


@pytest.mark.parametrize(
    "text",
    [
        SQUARE.replace(" ", ""),
        SQUARE.replace("; ", ";\n"),
        SQUARE.replace("; ", "\n"),
        "21,1468 106,5421; 21,1468 106,5479; 21,1415 106,5479; 21,1415 106,5421;",
        "21,1468; 106,5421\n21,1468; 106,5479\n21,1415; 106,5479\n21,1415; 106,5421",
        WKT,
        f"SRID=4326;{WKT}",
        WKT.replace("POLYGON (", "multipolygon(((").replace("))", ")))").replace("((((", "((("),
        GEOJSON,
        f'{{"type": "Feature", "properties": {{}}, "geometry": {GEOJSON}}}',
    ],
)
def test_a_boundary_is_read_however_people_write_it(text: str) -> None:
    assert boundaries.to_cells(boundaries.from_cell(text)) == (SQUARE, "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("21.1,106.5; 21.1,106.6; 21.0,106.5; 21.2,106.6", "boundary_invalid"),
        ("21.1,106.5; 21.1,106.6", "boundary_invalid"),
        ("21.1,106.5; 21.1", "boundary_invalid"),
        (GEOJSON[:-3], "boundary_invalid"),
        ("[" * 20_000, "boundary_invalid"),
        ("{" * 20_000, "boundary_invalid"),
        (f"SRID=3405;{WKT}", "boundary_invalid"),
        ("POLYGON ((1e999 2, 3 4, 5 6))", "boundary_invalid"),
        ("LINESTRING (106.5 21.1, 106.6 21.2)", "boundary_invalid"),
        ("POLYGON EMPTY", "boundary_invalid"),
        ("48.85,2.35; 48.86,2.36; 48.87,2.35", "boundary_outside"),
        ("POLYGON ((21.1 106.5, 21.1 106.6, 21.2 106.6))", "boundary_outside"),
    ],
)
def test_what_is_no_boundary_is_refused_with_its_column(text: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        boundaries.from_cell(text)
    assert (refused.value.code, refused.value.field) == (code, "boundary")


@st.composite
def squares(draw: st.DrawFn) -> str:
    """Areas of several parts, one beside the other, their corners with any digits."""
    parts = []
    for number in range(draw(st.integers(1, 4))):
        west = 106.1 + number * 0.5 + draw(st.floats(0, 0.1))
        south = draw(st.floats(20.1, 21.4))
        east, north = west + draw(st.floats(0.001, 0.3)), south + draw(st.floats(0.001, 0.5))
        corners = [(south, west), (south, east), (north, east), (north, west)]
        parts.append("\n".join(f"{y:.9f} {x:.9f}" for y, x in corners))
    return "\n\n".join(parts)


# As forms keep a text: composed, without breaks; a hard space is read as a space.
_NAMES = (
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), min_size=2)
    .map(
        lambda text: unicodedata.normalize("NFC", text.replace("\u00a0", " ")).strip()[:40].strip()
    )
    .filter(lambda text: len(text) >= 2 and text.isprintable())
)
_HECTARES = st.none() | st.decimals("0.0001", 99, places=4)
households = st.lists(
    st.builds(
        Household,
        name=_NAMES,
        area_hectares=_HECTARES,
    ),
    max_size=6,
).map(tuple)


@given(squares())
def test_a_written_boundary_is_read_as_the_same(points: str) -> None:
    boundary = from_points(points)
    assert boundaries.from_cell(boundaries.joined(*boundaries.to_cells(boundary))) == boundary


def test_a_boundary_of_two_thousand_corners_goes_on_in_the_next_column() -> None:
    lines = [f"21.{100_000 + n} 106.{500_000 + n % 2}" for n in range(0, 1998)]
    boundary = from_points("\n".join([*lines, "21.1 106.6"]))
    first, rest = boundaries.to_cells(boundary)
    assert max(len(first), len(rest)) <= 32_000
    assert rest
    assert boundaries.from_cell(boundaries.joined(first, rest)) == boundary


_SEASONS = st.lists(
    st.builds(
        Season,
        name=_NAMES,
        starts_on=st.dates(date(2000, 1, 1), date(2019, 12, 31)),
        ends_on=st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    ),
    max_size=4,
).map(tuple)
_MARKETS = st.lists(
    st.builds(
        Market,
        country=st.sampled_from(["CN", "JP", "AU", "EU"]),
        number=st.from_regex(r"([A-Z0-9-]{1,20})?", fullmatch=True),
        until=st.none() | st.dates(date(2000, 1, 1), date(2099, 12, 31)),
        requirement=_NAMES | st.just(""),
    ),
    max_size=4,
    unique_by=lambda one: one.country,
).map(tuple)


@pytest.mark.parametrize("format_", ["xlsx", "csv"])
@settings(max_examples=60, deadline=None)
@given(
    seasons=_SEASONS,
    markets=_MARKETS,
    members=households,
    points=st.none() | squares(),
    declared=st.none() | st.decimals("600", 999_999, places=4),
    title=_NAMES,
)
# A semicolon at the end of the only name parts no lines.
@example(
    members=(Household("Hộ Na;", None),),
    points=None,
    declared=None,
    title="Đồi Na",
    seasons=(Season("Vụ một; vụ hai | xuân", date(2019, 1, 1), date(2020, 6, 1)),),
    markets=(Market("CN", "", None, "Đóng gói; hun trùng | có giấy"),),
)
def test_an_exported_area_is_read_as_the_same(
    format_: str,
    members: tuple[Household, ...],
    points: str | None,
    declared: Decimal | None,
    title: str,
    seasons: tuple[Season, ...],
    markets: tuple[Market, ...],
) -> None:
    boundary = from_points(points) if points else ()
    owned = sum((one.area_hectares or Decimal() for one in members), Decimal())
    # Households larger than their area are refused however they come.
    assume(not boundary or owned <= max(declared or Decimal(), hectares(boundary)))
    area = GrowingArea(
        facility_id="f",
        name=title,
        crop="Na dai",
        commune="06862",
        area_hectares=declared,
        members=members,
        boundary=boundary,
        seasons=seasons,
        markets=markets,
    ).checked()
    assert _read_back(area, format_) == area


def _read_back(area: GrowingArea, format_: str) -> Any:
    """The area written into a file, and what that file makes of the record."""
    columns = COLUMNS[AREA]
    by = Author("a", "A", "unit", "u")
    owner = Owner("f", "HTX", "CS22-00000017", "06862", "agriculture")
    record = entered(
        AREA,
        area,
        record_id="r",
        code="VT22-1",
        owner=owner,
        by=by,
        now=now(),
    )
    headers = headers_of(columns)
    cells = cells_of(AREA, record, columns, {}, apart=format_ == "xlsx")
    column = rows_column(AREA)
    assert column is not None
    beside, at_beside, told = Beside(AREA, column), False, []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a"
        if format_ == "csv":
            file.write_bytes(b"\xef\xbb\xbf" + csv_line(headers) + csv_line(cells))
        else:
            table = XlsxTable(file, headers, second=SecondSheet.of(AREA, headers))
            table.add(cells)
            table.close()
        with file.open("rb") as read:
            for line in reading.read(read, frozenset({"ho tham gia"})):
                if isinstance(line, dict):
                    at_beside = bool(line.get("beside"))
                elif at_beside:
                    beside.take(line[0], line[1])
                else:
                    told.append(line[1])
    found = [column_of(AREA, str(header)) for header in told[0]]
    row = list(told[1])
    if beside:
        found.append(column)
        row += [None] * (len(told[0]) - len(row))
        row.append(beside.of({"code": "VT22-1"}))
    values = values_of(found, row, date1904=False)
    assert not values.errors
    made = content_of(AREA, values, area, facility_id="f", today=date(2026, 11, 26))
    assert not values.errors
    return replace(made, facility_id="f")


def book(lines: list[list[Any]], members: list[list[Any]]) -> bytes:
    """A workbook as an officer fills it in: areas, and their households in the second sheet."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as made:
        sheet = made.add_worksheet("Dữ liệu")
        for number, line in enumerate([HEADERS, *lines]):
            sheet.write_row(number, 0, line)
        second = made.add_worksheet("Hộ tham gia")
        headers = ["Mã vùng", "Mã cơ sở", "Tên vùng", "Tên hộ *", "Diện tích của hộ (ha)"]
        for number, line in enumerate([headers, *members]):
            second.write_row(number, 0, line)
    return out.getvalue()


async def test_areas_come_with_boundary_and_households(registry: Registry) -> None:
    clerk = registry.clerk()
    facility = (await registry.a_facility(tax_number=""))["code"]
    one, two = name(), name()
    lines = [[facility, one, "Na dai", "Phường An Sinh", SQUARE],
             [facility, two, "Na dai", "Phường An Sinh", ""]]  # fmt: skip
    members = [
        ["VÍ DỤ", "", "", "Người mẫu", 1],
        ["", facility, one, "Nguyễn Văn Khởi", 1.5],
        ["", facility, one, "Trần Thị Mơ", "0,75"],
        ["", facility, two, "Lê Văn Ba", ""],
    ]
    data = book(lines, members)
    told = await judged(registry, data, clerk, "growing-areas")
    assert told["counts"] == {"new": 2}, await rows(registry, told, clerk)
    assert (await applied(registry, told, clerk))["outcomes"] == {"entered": 2}
    ids = [row["record_id"] for row in await rows(registry, told, clerk)]
    draft = (await registry.record("growing-areas", ids[0]))["draft"]
    assert [(it["name"], it["area_hectares"]) for it in draft["members"]] == [
        ("Nguyễn Văn Khởi", "1.5"), ("Trần Thị Mơ", "0.75")]  # fmt: skip
    assert draft["households"] == 2
    assert 30 < float(draft["measured_hectares"]) < 40
    assert len((await registry.record("growing-areas", ids[1]))["draft"]["members"]) == 1
    again = await judged(registry, data, clerk, "growing-areas")
    assert again["counts"] == {"same": 2}
    # Areas that the second sheet does not name keep their households.
    fewer = await judged(registry, book(lines, members[:2]), clerk, "growing-areas")
    assert fewer["counts"] == {"same": 1, "changed": 1}, await rows(registry, fewer, clerk)


async def test_what_is_wrong_with_boundary_or_household_is_told_with_its_place(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    facility = (await registry.a_facility(tax_number=""))["code"]
    crossing = "21.1,106.5; 21.1,106.6; 21.0,106.5; 21.0,106.6; 21.05,106.4"
    names = [name() for _ in range(3)]
    lines = [[facility, names[0], "Na dai", "Phường An Sinh", crossing],
             [facility, names[1], "Na dai", "Phường An Sinh", ""],
             [facility, names[2], "Na dai", "Phường An Sinh", SQUARE]]  # fmt: skip
    members = [
        ["", facility, names[1], "Hộ một", "nhiều"],
        ["", facility, names[2], "H", 1],
        ["", facility, "Vùng không có", "Hộ lạc", 1],
    ]
    one = await judged(registry, book(lines, members), clerk, "growing-areas")
    assert one["counts"] == {"error": 4}
    told = [row["message"] for row in await rows(registry, one, clerk)]
    assert told[0].startswith("Ranh giới: Ranh giới chưa đúng: đường ranh tự cắt gần điểm")
    assert told[1].startswith("Danh sách hộ: trang Hộ tham gia, dòng 2: Hãy nhập một số")
    assert told[2].startswith("Danh sách hộ: trang Hộ tham gia, dòng 3: ")
    assert told[3].startswith("Trang Hộ tham gia: không có dòng nào của trang Dữ liệu")
    path = f"{API}/imports/{one['id']}/errors.xlsx"
    errors = await registry.client.get(path, headers=bearer(clerk))
    again = await judged(registry, errors.content, clerk, "growing-areas")
    assert again["counts"] == {"error": 4}
    assert [row["message"] for row in await rows(registry, again, clerk)][1:3] == told[1:3]


async def test_the_exported_file_shows_boundaries_and_changes_nothing(registry: Registry) -> None:
    facility = await registry.a_facility(tax_number="")
    area = builders.growing_area(
        facility_id=facility["id"],
        name=name(),
        members=[{"name": f"Hộ {new_id()[-4:]}", "area_hectares": "0.5"}, {"name": "Hộ | hai"}],
    )
    record = await registry.published("growing-areas", area)
    who = registry.approver(sector="agriculture")
    for format_ in ("xlsx", "csv"):
        path = f"{API}/exports/growing-areas.{format_}"
        answer = await registry.client.get(path, headers=bearer(who))
        one = await judged(registry, answer.content, who, "growing-areas", f"a.{format_}")
        told = await rows(registry, one, who)
        assert [row["verdict"] for row in told if row["record_id"] == record["id"]] in (
            ["same"],
            [],
        )
        assert set(one["counts"]) == {"same"}, await rows(registry, one, who, "problems")


async def test_a_template_has_a_sheet_for_households(registry: Registry) -> None:
    answer = await registry.client.get(
        f"{API}/templates/growing-areas.xlsx", headers=bearer(registry.clerk())
    )
    assert answer.status_code == 200
    with ZipFile(io.BytesIO(answer.content)) as archive:
        sheets = [title for title, _, _ in workbook.book(archive).sheets]
    assert sheets[:2] == ["Dữ liệu", "Hộ tham gia"]


async def test_areas_come_with_their_seasons_and_accepting_countries(registry: Registry) -> None:
    clerk = registry.clerk()
    facility = (await registry.a_facility(tax_number=""))["code"]
    headers = ["Mã cơ sở", "Tên vùng", "Cây trồng, vật nuôi", "Xã, phường, đặc khu", "Các vụ",
               "Nước chấp nhận mã vùng"]  # fmt: skip
    titles = [name() for _ in range(6)]
    good = ["Vụ xuân | 01/02/2026 | 30/06/2026\nVụ mùa | 2026-07-01 | 2026-11-30",
            "Trung Quốc | CN-QN-77 | 31/12/2027; Japan"]  # fmt: skip
    cells = [
        good,
        ["Vụ xuân", ""],
        ["Vụ xuân | 30/06/2026 | 01/02/2026", ""],
        ["Vụ xuân | 31/02/2026 | 01/06/2026", ""],
        ["", "Nước Na"],
        ["", "Nhật Bản; Japan"],
    ]
    lines = [
        [facility, title, "Na dai", "Phường An Sinh", *told]
        for title, told in zip(titles, cells, strict=True)
    ]
    file = xlsx(lines, headers)
    one = await judged(registry, file, clerk, "growing-areas")
    assert one["counts"] == {"new": 1, "error": 5}, await rows(registry, one, clerk)
    told = [row["message"] for row in await rows(registry, one, clerk, "error")]
    beginnings = ("Các vụ: Không hiểu dòng", "Các vụ: ", "Các vụ: Không hiểu dòng",
                  "Nước chấp nhận mã vùng: Không hiểu", "Nước chấp nhận mã vùng: Nước")  # fmt: skip
    assert [m[: len(b)] for m, b in zip(told, beginnings, strict=True)] == list(beginnings), told
    assert (await applied(registry, one, clerk))["outcomes"] == {"entered": 1}
    [record_id] = [row["record_id"] for row in await rows(registry, one, clerk) if row["record_id"]]
    draft = (await registry.record("growing-areas", record_id))["draft"]
    assert [(it["name"], it["starts_on"]) for it in draft["seasons"]] == [
        ("Vụ xuân", "2026-02-01"), ("Vụ mùa", "2026-07-01")]  # fmt: skip
    assert [(it["country"], it["number"], it["until"]) for it in draft["markets"]] == [
        ("CN", "CN-QN-77", "2027-12-31"), ("JP", "", None)]  # fmt: skip
    again = await judged(registry, xlsx(lines[:1], headers), clerk, "growing-areas")
    assert again["counts"] == {"same": 1}
