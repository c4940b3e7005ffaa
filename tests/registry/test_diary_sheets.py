"""A lot's whole diary in a sheet: exported, changed, uploaded again; what is left out stays."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from services.registry.domain.diary import FIELDS, Entry, Step
from services.registry.domain.records import Aggregate
from services.registry.sheets import diary_rows
from services.registry.sheets.beside import SecondSheet
from services.registry.sheets.cells import CellWrong, taken
from services.registry.sheets.diary_columns import DIARY, ROWS_OF_DIARY
from services.registry.sheets.given import given as cell
from services.registry.sheets.in_row import InRow
from services.registry.sheets.writing import XlsxTable
from shared.ids import new_id
from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.registry.sheets import applied, judged, rows
from tests.tokens import bearer

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("C", "Z"), exclude_characters="|;"),
    max_size=20,
).map(str.strip)
AMOUNTS = st.one_of(st.none(), st.decimals("0.001", "99999", places=3))


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """One as a form or a program may have written it: to the second, with photos."""
    step = draw(st.sampled_from(list(Step)))
    texts = {
        name: draw(WORDS)
        for name in FIELDS[step]
        if name in diary_rows._PLAIN and name not in ("unit", "withdrawal_days")
    }
    more: dict[str, Any] = {}
    if step is Step.INPUT:
        kind = draw(st.sampled_from(("fertiliser", "pesticide", "veterinary_drug")))
        days = draw(st.integers(0, 60))
        more = {"kind": kind, "name": draw(WORDS) or "x", "withdrawal_days": days,
                "supply_lot": "lot", "taken": Decimal(3), "labels": ("label",)}  # fmt: skip
    if "quantity" in FIELDS[step] and (amount := draw(AMOUNTS)) is not None:
        more |= {"quantity": amount, "unit": "kg"}
    at = NOW - timedelta(seconds=draw(st.integers(1, 10**8)))
    entry = Entry(new_id(), step, at, draw(WORDS) or "Kho", note=draw(WORDS), photos=("photo",))
    return replace(entry, **{**texts, **more})


def as_line(entry: Entry) -> list[InRow]:
    """Through the text of a CSV cell."""
    it = diary_rows.shown(entry)
    told = cell(ROWS_OF_DIARY, [[cell(one, getattr(it, one.field)) for one in DIARY]])
    found: list[InRow] = taken(ROWS_OF_DIARY, told).value
    return found


@given(entries())
@settings(max_examples=200)
def test_an_entry_is_read_back_as_it_is_however_exactly_it_was_written(entry: Entry) -> None:
    found = diary_rows.applied(as_line(entry), [entry], NOW)
    assert found.entries == (entry,)
    # Nor does the same row without its key bring it once more.
    [row] = as_line(entry)
    without = replace(row, values={k: v for k, v in row.values.items() if k != "key"})
    assert diary_rows.applied([without], [entry], NOW).entries == (entry,)


AT = NOW - timedelta(days=2)
HARVEST = Entry("a", Step.HARVESTING, AT, "Đồi Nắng", photos=("photo",))
SPRAY = Entry("b", Step.INPUT, AT, "Đồi Nắng", kind="pesticide", name="Abamectin",
              withdrawal_days=14, supply_lot="lot", taken=Decimal(2))  # fmt: skip


def row(**values: Any) -> InRow:
    return InRow(3, "Nhật ký", values)


def test_an_entry_leaves_only_by_a_row_that_says_so_and_only_once() -> None:
    both = (HARVEST, SPRAY)
    assert diary_rows.applied([], both, NOW).entries == both
    gone = diary_rows.applied([row(key="b", remove=True)], both, NOW)
    assert (gone.entries, gone.removed, gone.missed) == ((HARVEST,), 1, False)
    again = diary_rows.applied([row(key="b", remove=True)], gone.entries, NOW)
    assert (again.entries, again.removed, again.missed) == ((HARVEST,), 0, True)
    named = row(done="harvesting", place="Đồi Nắng", remove=True)
    assert diary_rows.applied([named], both, NOW).entries == (SPRAY,)


def test_a_changed_cell_changes_its_field_and_nothing_that_sheets_do_not_carry() -> None:
    told = row(key="b", done="input.pesticide", dose="1 lít", withdrawal_days=21, clock="8h30")
    [changed] = diary_rows.applied([told], [SPRAY], NOW).entries
    assert (changed.dose, changed.withdrawal_days, changed.name) == ("1 lít", 21, "Abamectin")
    assert (changed.supply_lot, changed.taken) == ("lot", Decimal(2))
    assert changed.at.strftime("%H:%M") == "08:30"


def test_a_new_row_is_added_once_however_often_it_is_sent() -> None:
    told = row(done="storing", on="2026-09-01", place="Kho lạnh", method="4 °C", clock="0.5")
    once = diary_rows.applied([told], [HARVEST], NOW).entries
    assert [one.step for one in once] == [Step.HARVESTING, Step.STORING]
    assert once[1].at.strftime("%H:%M") == "12:00"
    assert diary_rows.applied([told, told], once, NOW).entries == once


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"key": "gone"}, "không còn mục"),
        ({"done": "storing", "on": "2026-09-01"}, "đủ việc đã làm"),
        ({"done": "storing", "on": "2026-09-01", "place": "Kho", "clock": "sáng"}, "08:30"),
        ({"done": "storing", "on": "2027-09-01", "place": "Kho"}, "còn ở phía trước"),
        ({"done": "storing", "on": "2026-09-01", "place": "Kho", "dose": "1"}, "không dùng cho"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(values: dict[str, Any], said: str) -> None:
    with pytest.raises(diary_rows.DiaryRowWrong) as refused:
        diary_rows.applied([row(**values)], [HARVEST], NOW)
    told = str(refused.value)
    assert said in told
    assert "dòng 3" in told


def test_an_empty_cell_keeps_its_field_and_says_so_and_a_word_empties_it() -> None:
    sprayed = replace(SPRAY, dose="1 lít", quantity=Decimal(2), unit="lit", note="gió nhẹ")
    [full] = as_line(sprayed)
    values = {name: it for name, it in full.values.items() if name not in ("dose", "note")}
    found = diary_rows.applied([replace(full, values=values)], [sprayed], NOW)
    assert (found.entries, found.kept) == ((sprayed,), 2)
    [(code, _, params)] = found.notes()
    assert (code, params) == ("kept", {"count": 2})
    cells = {"dose": "(xóa)", "note": "(Clear)", "amount": "（XÓA）"}
    line = [cells.get(one.field, cell(one, getattr(diary_rows.shown(sprayed), one.field)))
            for one in DIARY]  # fmt: skip
    said = taken(ROWS_OF_DIARY, [[3, line]]).value
    emptied = diary_rows.applied(said, [sprayed], NOW)
    wanted = replace(sprayed, dose="", note="", quantity=None, unit="")
    assert (emptied.entries, emptied.kept) == ((wanted,), 0)
    assert diary_rows.applied(said, emptied.entries, NOW).entries == (wanted,)


def test_what_is_mandatory_is_not_emptied() -> None:
    it = diary_rows.shown(HARVEST)
    line = [{"place": "(xóa)"}.get(one.field, cell(one, getattr(it, one.field))) for one in DIARY]
    with pytest.raises(CellWrong) as refused:
        taken(ROWS_OF_DIARY, [[3, line]])
    assert refused.value.code == "not_emptied"
    # A pesticide cannot go without its interval: the domain says so, with the line.
    told = row(key="b", withdrawal_days="")
    with pytest.raises(diary_rows.DiaryRowWrong):
        diary_rows.applied([told], [SPRAY], NOW)


def changed_file(body: bytes, change: Any, folder: Path) -> bytes:
    """The exported file with its diary rows changed, as a spreadsheet would save it."""
    book = CalamineWorkbook.from_filelike(BytesIO(body))
    data = book.get_sheet_by_name("Dữ liệu").to_python()
    diary = book.get_sheet_by_name("Nhật ký").to_python()
    main, beside = [str(one) for one in data[0]], [str(one) for one in diary[0]]
    headers = [*main, "Nhật ký"]
    second = SecondSheet.of(Aggregate.LOT, headers)
    assert second is not None
    table = XlsxTable(folder / "changed.xlsx", headers, second=second)
    code = main.index("Mã lô")
    told = [dict(zip(beside, line, strict=True)) for line in diary[1:]]
    for line in data[1:]:
        own = [one for one in told if one["Mã lô"] == line[code]]
        cells = [[one[name] for name in beside[2:]] for one in change(own)]
        table.add([*line, cells])
    table.close()
    return (folder / "changed.xlsx").read_bytes()


@pytest.fixture(scope="module")
async def lot(registry: Registry) -> dict[str, Any]:
    """One with a diary that has what no sheet carries: a photo."""
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    operator = registry.operator(facility["id"])
    picture = ok(await registry.upload(builders.picture(), facility["id"], operator), 201)
    diary = [*builders.diary(), builders.entry("packing", "2026-08-20", photos=[picture["id"]])]
    return await registry.a_lot(facility["id"], product["id"], entries=diary)


async def exported(registry: Registry, lot: dict[str, Any], kind: str) -> bytes:
    address = f"{API}/exports/lots.{kind}?facility_id={lot['facility_id']}"
    answer = await registry.client.get(address, headers=bearer(registry.clerk()))
    assert answer.status_code == 200
    return bytes(answer.content)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_the_exported_diary_comes_back_without_a_change(
    registry: Registry, lot: dict[str, Any], kind: str
) -> None:
    clerk = registry.clerk()
    one = await judged(registry, await exported(registry, lot, kind), clerk, "lots")
    assert one["counts"] == {"same": 1}, await rows(registry, one, clerk)


async def test_one_entry_changed_one_added_one_marked_and_one_left_out(
    registry: Registry, lot: dict[str, Any], tmp_path: Path
) -> None:
    clerk = registry.clerk()
    before = (await registry.record("lots", lot["id"]))["published"]["entries"]
    packing = next(one for one in before if one["step"] == "packing")
    spray = next(one for one in before if one["step"] == "input")

    def change(own: list[dict[str, Any]]) -> list[dict[str, Any]]:
        by = {one["Mã mục"]: one for one in own}
        added = {**dict.fromkeys(own[0], ""), "Việc đã làm": "Bảo quản", "Ngày làm": "21/08/2026",
                 "Nơi làm": "Kho lạnh số 2"}  # fmt: skip
        # All others are left out, and stay.
        return [
            {**by[packing["id"]], "Ghi chú": "túi 500 g"},
            {**by[spray["id"]], "Bỏ": "x"},
            added,
        ]

    file = changed_file(await exported(registry, lot, "xlsx"), change, tmp_path)
    one = await judged(registry, file, clerk, "lots")
    assert one["counts"] == {"changed": 1}, await rows(registry, one, clerk)
    [told] = await rows(registry, one, clerk)
    assert "Bỏ 1 mục khỏi nhật ký" in str(told)
    done = await applied(registry, one, clerk)
    assert done["outcomes"] == {"edited": 1}, await rows(registry, done, clerk)
    after = (await registry.record("lots", lot["id"]))["draft"]["entries"]
    assert {one["id"] for one in before} - {one["id"] for one in after} == {spray["id"]}
    kept = next(one for one in after if one["id"] == packing["id"])
    assert (kept["note"], kept["photos"]) == ("túi 500 g", packing["photos"])
    assert [one["place"] for one in after if one["step"] == "storing"][-1] == "Kho lạnh số 2"
    again = await judged(registry, file, clerk, "lots")
    assert again["counts"] == {"same": 1}, await rows(registry, again, clerk)


async def test_a_row_of_the_diary_whose_lot_is_not_in_the_file_is_told_of(
    registry: Registry, lot: dict[str, Any], tmp_path: Path
) -> None:
    clerk = registry.clerk()
    book = await exported(registry, lot, "xlsx")
    parsed = CalamineWorkbook.from_filelike(BytesIO(book))
    headers = [str(one) for one in parsed.get_sheet_by_name("Dữ liệu").to_python()[0]]
    second = SecondSheet.of(Aggregate.LOT, [*headers, "Nhật ký"])
    table = XlsxTable(tmp_path / "left.xlsx", [*headers, "Nhật ký"], second=second)
    line = ["KHÔNG-CÓ" if name == "Mã lô" else "" for name in headers]
    table.add([*line, [["Bảo quản", "21/08/2026", "", "Kho"]]])
    table.close()
    del book
    one = await judged(registry, (tmp_path / "left.xlsx").read_bytes(), clerk, "lots")
    assert set(one["counts"]) == {"error"}
