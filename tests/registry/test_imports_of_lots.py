"""Lots in bulk: verdict by row, applied as if typed, uploaded again without harm."""

from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.registry import LotPublished
from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.registry.sheets import applied, at_rest, judged, rows, sent, xlsx
from tests.tokens import bearer

HEADERS = [
    "Mã lô", "Mã cơ sở", "Mã sản phẩm", "Số lượng", "Đơn vị", "Ngày sản xuất", "Lô nguyên liệu",
    "Công đoạn", "Ngày của công đoạn", "Nơi của công đoạn",
]  # fmt: skip


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> dict[str, Any]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], name=f"Na dai {new_id()[-6:]}")
    source = await registry.a_lot(facility["id"], product["id"])
    return {
        "id": facility["id"],
        "code": facility["code"],
        "product": product["code"],
        "name": product["published"]["name"],
        "source": source["id"],
        "source_name": f"{facility['code']}/{source['code']}",
    }


def row(farm: dict[str, Any], code: str, **changes: Any) -> list[Any]:
    cells = {
        "facility": farm["code"],
        "product": farm["product"],
        "quantity": 1200,
        "unit": "kg",
        "produced_on": "20/08/2026",
        "inputs": "",
        "step": "Thu hoạch",
        "step_on": "20/08/2026",
        "step_place": "Đồi Nắng",
        **changes,
    }
    return [code, *cells.values()]


def a_code() -> str:
    return f"L-{new_id()[-12:].upper()}"


async def held(registry: Registry, farm: dict[str, Any]) -> Decimal:
    found = await registry.db.collection("holdings").find_one(
        {"_id": f"{farm['source']}/{farm['id']}"}
    )
    assert found is not None
    return Decimal(found["has"].to_decimal() - found["used"].to_decimal())


async def test_lots_are_judged_applied_submitted_and_the_same_file_again_changes_nothing(
    registry: Registry, farm: dict[str, Any]
) -> None:
    clerk = registry.clerk()
    first, second, bare = a_code(), a_code(), a_code()
    before = await held(registry, farm)
    lines = [
        row(farm, first),
        row(
            farm,
            second,
            product=farm["name"],
            quantity=95,
            inputs=f"{farm['source_name']} | 100 | kg",
            step="Đóng gói",
        ),
        row(farm, bare, step="", step_on="", step_place=""),
    ]
    file = xlsx(lines, HEADERS)
    one = await judged(registry, file, clerk, "lots")
    assert one["counts"] == {"new": 3}, await rows(registry, one, clerk)
    done = await applied(registry, one, clerk)
    assert done["outcomes"] == {"entered": 3}, await rows(registry, done, clerk)
    ids = {item["label"]: item["record_id"] for item in await rows(registry, done, clerk)}
    made = {code: await registry.record("lots", ids[code]) for code in (first, second, bare)}
    assert [made[code]["state"] for code in (first, second, bare)] == [
        "submitted",
        "submitted",
        "draft",
    ]
    assert made[first]["on_behalf"] is True
    assert made[second]["draft"]["inputs"] == [farm["source"]]
    assert await held(registry, farm) == before - 100
    again = await judged(registry, file, clerk, "lots")
    assert again["counts"] == {"same": 3}, await rows(registry, again, clerk)
    body = {"version": again["version"]}
    refused(await registry.post(f"/imports/{again['id']}/apply", body, clerk), 409, "import_empty")
    fixed = row(farm, first, quantity=1100)
    change = await judged(registry, xlsx([fixed], HEADERS), clerk, "lots")
    assert change["counts"] == {"changed": 1}
    assert (await applied(registry, change, clerk))["outcomes"] == {"edited": 1}
    assert await held(registry, farm) == before - 100


async def test_the_whole_import_is_checked_at_once_by_another_official(
    registry: Registry, farm: dict[str, Any]
) -> None:
    clerk = registry.clerk()
    code = a_code()
    one = await judged(registry, xlsx([row(farm, code)], HEADERS), clerk, "lots")
    done = await applied(registry, one, clerk)
    checker = registry.checker()
    body = {"decision": "accept", "version": done["version"]}
    ok(await registry.post(f"/imports/{done['id']}/decisions", body, checker), 202)
    after = await at_rest(registry, done["id"], clerk)
    assert after["decided"] == {"accepted": 1}, await rows(registry, after, clerk)
    [item] = await rows(registry, after, clerk)
    [told] = await registry.events(item["record_id"], LotPublished)
    assert told.code == code
    assert [stage.step for stage in told.stages] == ["harvesting"]


async def test_what_is_wrong_is_told_at_its_column_with_a_remedy_and_the_rest_is_written(
    registry: Registry, farm: dict[str, Any]
) -> None:
    clerk = registry.clerk()
    good = a_code()
    lines = [
        row(farm, good),
        row(farm, a_code(), facility="CS22-99999999"),
        row(farm, a_code(), product="Không có"),
        row(farm, a_code(), inputs="CS22-1/KHONG | 5 | kg"),
        row(farm, a_code(), step_on=""),
        row(farm, a_code(), produced_on="31/02/2026"),
        row(farm, a_code(), quantity=-4),
        row(farm, "MÃ CÓ DẤU"),
        row(farm, good),
    ]
    one = await judged(registry, xlsx(lines, HEADERS), clerk, "lots")
    assert one["counts"] == {"new": 1, "error": 8}
    told = [item["message"] for item in await rows(registry, one, clerk, "error")]
    beginnings = (
        "Mã cơ sở: Không có cơ sở nào",
        "Mã sản phẩm: Cơ sở không có đúng một sản phẩm",
        "Lô nguyên liệu: Không hiểu dòng",
        "Công đoạn: Công đoạn cần đủ tên",
        "Ngày sản xuất: ",
        "Số lượng: ",
        "Mã lô: Mã lô chỉ gồm",
        "Dòng này trùng với dòng",
    )
    assert len(told) == len(beginnings)
    for message, beginning in zip(told, beginnings, strict=True):
        assert message.startswith(beginning), message
    assert (await applied(registry, one, clerk))["outcomes"] == {"entered": 1}
    errors = await registry.client.get(
        f"{API}/imports/{one['id']}/errors.xlsx", headers=bearer(clerk)
    )
    assert errors.content[:2] == b"PK"


async def test_an_expiry_date_that_stands_for_never_is_told_at_its_column(
    registry: Registry, farm: dict[str, Any]
) -> None:
    clerk = registry.clerk()
    lines = [[*row(farm, a_code()), day] for day in ("31/12/9999", "31/12/2027")]
    one = await judged(registry, xlsx(lines, [*HEADERS, "Hạn dùng"]), clerk, "lots")
    assert one["counts"] == {"new": 1, "error": 1}
    [item] = await rows(registry, one, clerk, "error")
    assert item["message"].startswith("Hạn dùng: Hạn dùng 31/12/9999 quá xa")


async def test_more_of_an_input_than_there_is_refuses_its_row_and_takes_nothing(
    registry: Registry, farm: dict[str, Any]
) -> None:
    clerk = registry.clerk()
    before = await held(registry, farm)
    lines = [
        row(farm, a_code(), quantity=90_000, inputs=f"{farm['source_name']} | 90000 | kg"),
        row(farm, a_code(), quantity=500, inputs=f"{farm['source_name']} | 10 | kg"),
        row(farm, a_code(), quantity=10, inputs=f"{farm['source_name']} | 10 | kg"),
    ]
    one = await judged(registry, xlsx(lines, HEADERS), clerk, "lots")
    done = await applied(registry, one, clerk)
    assert done["outcomes"] == {"refused": 2, "entered": 1}
    first, second = (item["message"] for item in await rows(registry, done, clerk, "refused"))
    assert "không đủ" in first
    assert "quá mức thường gặp" in second
    assert await held(registry, farm) == before - 10


async def test_an_export_of_lots_comes_back_without_a_change(
    registry: Registry, farm: dict[str, Any]
) -> None:
    clerk = registry.clerk()
    answer = await registry.client.get(f"{API}/exports/lots.xlsx", headers=bearer(clerk))
    assert answer.status_code == 200
    one = await judged(registry, answer.content, clerk, "lots")
    assert set(one["counts"]) == {"same"}, await rows(registry, one, clerk, "problems")


async def test_a_facility_does_not_import_and_another_commune_does_not_find_it(
    registry: Registry, farm: dict[str, Any]
) -> None:
    file = xlsx([row(farm, a_code())], HEADERS)
    mine = await sent(registry, file, registry.operator(farm["id"]), "lots")
    refused(mine, 403, "officials_only")
    elsewhere = registry.clerk(builders.OTHER_COMMUNE)
    one = await judged(registry, file, elsewhere, "lots")
    assert one["counts"] == {"error": 1}
    template = await registry.client.get(
        f"{API}/templates/lots.xlsx", headers=bearer(registry.clerk())
    )
    assert template.content[:2] == b"PK"


async def test_a_row_brings_the_whole_diary_and_the_same_file_again_nothing(
    registry: Registry, farm: dict[str, Any]
) -> None:
    clerk = registry.clerk()
    code = a_code()
    headers = [*HEADERS, "Các công đoạn khác"]
    steps = (
        "Gieo trồng | 01/03/2026 | Đồi Nắng | giống địa phương\n"
        "Thuốc bảo vệ thực vật | 2026-07-20 | Đồi Nắng | Abamectin 1.8EC | 14 | 0,5 lít/ha\n"
        "Phân bón | 01/04/2026 | Đồi Nắng | Phân hữu cơ\n"
        "Packing | 20/08/2026 | Nhà sơ chế"
    )
    file = xlsx([[*row(farm, code), steps]], headers)
    one = await judged(registry, file, clerk, "lots")
    assert one["counts"] == {"new": 1}, await rows(registry, one, clerk)
    done = await applied(registry, one, clerk)
    [item] = await rows(registry, done, clerk)
    record = await registry.record("lots", item["record_id"])
    assert record["state"] == "submitted", item
    entries = {(e["step"], e["name"], e["withdrawal_days"]) for e in record["draft"]["entries"]}
    assert entries == {
        ("planting", "", None),
        ("input", "Abamectin 1.8EC", 14),
        ("input", "Phân hữu cơ", None),
        ("harvesting", "", None),
        ("packing", "", None),
    }
    again = await judged(registry, file, clerk, "lots")
    assert again["counts"] == {"same": 1}, await rows(registry, again, clerk)


@pytest.mark.parametrize(
    "line",
    [
        "Ngủ | 01/03/2026 | Đồi Nắng",
        "Gieo trồng | 31/02/2026 | Đồi Nắng",
        "Gieo trồng | 01/03/2026",
        "Thuốc bảo vệ thực vật | 01/03/2026 | Đồi Nắng",
        "Thuốc bảo vệ thực vật | 01/03/2026 | Đồi Nắng | Abamectin | nhiều",
        "Sử dụng vật tư | 01/03/2026 | Đồi Nắng | Abamectin",
    ],
)
async def test_a_step_that_is_none_is_told_with_how_to_write_it(
    registry: Registry, farm: dict[str, Any], line: str
) -> None:
    clerk = registry.clerk()
    told = [*row(farm, a_code()), f"Đóng gói | 21/08/2026 | Kho\n{line}"]
    one = await judged(registry, xlsx([told], [*HEADERS, "Các công đoạn khác"]), clerk, "lots")
    assert one["counts"] == {"error": 1}
    [item] = await rows(registry, one, clerk)
    assert item["message"].startswith(f"Các công đoạn khác: Không hiểu dòng “{line}”")
