"""The book of what was collected, split, merged and processed: narrowed, read, taken away."""

from csv import reader
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.registry.sheets.writing import XlsxTable
from services.registry.store.transformations import MOST
from shared import spreadsheets
from shared.contracts.acts import RegistryActRecorded
from shared.ids import new_id
from tests.answers import ok
from tests.registry.conftest import Registry

C = "/console/registry/transformations"


@pytest.fixture(scope="module")
async def cooperative(registry: Registry) -> dict[str, Any]:
    """Split one lot in two, made juice of another, and took one act back."""
    facility = await registry.a_facility(name="HTX Sổ Sách")
    operator = registry.operator(facility["id"])
    fruit = await registry.a_product(facility["id"], name="Na dai Sổ Sách")
    juice = await registry.a_product(facility["id"], name="Nước na Sổ Sách")
    lots = [await registry.a_lot(facility["id"], fruit["id"]) for _ in range(2)]
    made: dict[str, Any] = {"id": facility["id"], "operator": operator, "lots": lots}
    for name, kind, product, lot, at in (
        ("split", "split", fruit, lots[0], "2026-08-21"),
        ("juice", "process", juice, lots[1], "2026-08-25"),
        ("undone", "process", juice, lots[1], "2026-08-26"),
    ):
        made[name] = await transformed(registry, operator, kind, product["id"], lot, at)
    path = f"/transformations/{made['undone']['id']}/cancel"
    ok(await registry.post(path, {"reason": "Ghi nhầm lần này"}, operator))
    return made


async def transformed(
    registry: Registry, operator: str, kind: str, product: str, lot: dict[str, Any], at: str
) -> dict[str, Any]:
    out = {"product_id": product, "quantity": "10", "unit": "kg", "produced_on": at}
    outputs = [{**out, "code": new_id()[-12:]} for _ in range(2 if kind == "split" else 1)]
    body = {
        "kind": kind, "at": f"{at}T08:00:00+07:00", "place": "Xưởng", "made": outputs,
        "given": [{"lot": lot["id"], "quantity": str(10 * len(outputs)), "unit": "kg"}],
        **({"step": "processing", "method": "Ép lạnh"} if kind == "process" else {}),
    }  # fmt: skip
    return ok(await registry.post("/transformations", body, operator), 201)


async def listed(registry: Registry, token: str, query: str = "") -> str:
    answer = await registry.browser(token).get(f"{C}{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_cooperative_reads_what_went_in_and_what_came_out(
    registry: Registry, cooperative: dict[str, Any]
) -> None:
    page = await listed(registry, cooperative["operator"])
    for name in ("split", "juice", "undone"):
        assert f"{C}/{cooperative[name]['id']}" in page
        for lot in cooperative[name]["made"]:
            assert lot["code"] in page
    assert cooperative["lots"][0]["code"] in page
    assert "Nước na Sổ Sách" in page
    assert "Đã hủy" in page
    lots = (await registry.browser(cooperative["operator"]).get("/console/registry/lots")).text
    assert f'href="{C}"' in lots


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?kind=split", {"split"}),
        ("?product=nuoc na", {"juice", "undone"}),
        ("?product=Na dai so sach", {"split"}),
        ("?since=2026-08-25&until=2026-08-25", {"juice"}),
        ("?until=2026-08-20", set()),
        ("?since=hôm qua", {"split", "juice", "undone"}),
    ],
)
async def test_it_is_narrowed_by_kind_product_and_days(
    query: str, found: set[str], registry: Registry, cooperative: dict[str, Any]
) -> None:
    page = await listed(registry, cooperative["operator"], query)
    names = ("split", "juice", "undone")
    assert {name for name in names if cooperative[name]["id"] in page} == found
    if not found:
        assert "Không có lần nào như vậy" in page
    if "hôm" in query:
        assert "Không đọc được ngày “hôm qua”" in page


async def test_officials_find_a_facility_by_its_name_within_their_area(
    registry: Registry, cooperative: dict[str, Any]
) -> None:
    here = await listed(registry, registry.checker(), "?facility=so sach")
    assert cooperative["split"]["id"] in here
    assert "HTX Sổ Sách" in here
    other = await listed(registry, registry.checker(), "?facility=khong co")
    assert cooperative["split"]["id"] not in other
    elsewhere = await listed(registry, registry.checker("06715"), "?facility=so sach")
    assert cooperative["split"]["id"] not in elsewhere
    stranger = registry.operator((await registry.a_facility())["id"])
    empty = await listed(registry, stranger)
    assert "Chưa ghi lần thu mua, chế biến nào" in empty
    assert cooperative["split"]["id"] not in await listed(registry, stranger, "?product=na dai")
    of_product = f"/transformations?product_id={cooperative['juice']['made'][0]['product_id']}"
    told = ok(await registry.get(of_product, cooperative["operator"]))
    assert {one["id"] for one in told["items"]} == {
        cooperative["juice"]["id"],
        cooperative["undone"]["id"],
    }
    assert ok(await registry.get(of_product, stranger))["total"] == 0


async def test_the_list_is_taken_away_as_csv_and_xlsx_with_its_filters(
    registry: Registry, cooperative: dict[str, Any]
) -> None:
    browser = registry.browser(cooperative["operator"])
    answer = await browser.get(f"{C}.csv?kind=split")
    assert answer.headers["content-type"].startswith("text/csv")
    head, *rows = list(reader(answer.text.lstrip("\ufeff").splitlines(), delimiter=";"))
    assert len(rows) == 3, "one lot in, two out"
    assert {len(row) for row in rows} == {len(head)}
    assert [row[4] for row in rows] == ["Đưa vào", "Làm ra", "Làm ra"]
    assert rows[0][5] == cooperative["lots"][0]["code"]
    assert {row[6] for row in rows} == {"Na dai Sổ Sách"}
    sheet = await browser.get(f"{C}.xlsx")
    assert sheet.content[:2] == b"PK"
    acts = [one for one in await registry.events() if isinstance(one, RegistryActRecorded)]
    assert "lot.transformation.export" in {one.action for one in acts}


async def test_the_file_holds_more_than_the_list_leafs_through(registry: Registry) -> None:
    facility = await registry.a_facility(name="HTX Nhiều Lần")
    operator = registry.operator(facility["id"])
    fruit = await registry.a_product(facility["id"])
    lot = await registry.a_lot(facility["id"], fruit["id"])
    one = await transformed(registry, operator, "split", fruit["id"], lot, "2026-08-21")
    rows = registry.db.collection("transformations")
    row = await rows.find_one({"_id": one["id"]})
    assert row is not None
    copies = [{**row, "_id": f"many-{number:05}"} for number in range(MOST + 5)]
    try:
        await rows.insert_many(copies)
        answer = await registry.browser(operator).get(f"{C}.csv")
        assert len(answer.text.splitlines()) == 1 + 3 * (1 + len(copies)), "one lot in, two out"
        page = await listed(registry, operator)
        assert "tệp tải về có đủ tất cả" in page
    finally:
        await rows.delete_many({"_id": {"$regex": "^many-"}})


async def test_a_table_longer_than_a_sheet_goes_on_in_a_further_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheets, "SHEET_ROWS", 4)
    file = tmp_path / "long.xlsx"
    table = XlsxTable(file, ["Số"])
    for number in range(7):
        table.add([number])
    table.close()
    book = CalamineWorkbook.from_path(file)
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    assert [sheet[0] for sheet in sheets] == [["Số"]] * 3
    assert [row[0] for sheet in sheets for row in sheet[1:]] == list(range(7))
