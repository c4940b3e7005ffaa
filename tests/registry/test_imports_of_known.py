"""Lists of facilities that do not take part (yet), loaded in bulk (R33, R58; plan of 2026, V.2)."""

import asyncio
import io
from collections.abc import Sequence
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from shared.contracts.registry import FacilityKnown
from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.registry.sheets import applied, at_rest, facility_row, judged, rows, sent, xlsx
from tests.registry.test_known import WORDS, entered
from tests.tokens import bearer

KIND = "known-facilities"
HEADERS = [
    "Tên cơ sở", "Diện quản lý", "Ngành quản lý", "Loại hình", "Xã, phường, đặc khu", "Địa chỉ",
    "Người đại diện", "Điện thoại", "Mã số thuế", "Số đăng ký kinh doanh",
    "Ngày đăng ký kinh doanh", "Nhóm ưu tiên", "Loại giấy 1", "Số giấy 1", "Nơi cấp giấy 1",
    "Ngày cấp giấy 1", "Ngày hết hạn giấy 1", "Biết từ đâu",
]  # fmt: skip
# Numbers of organisations that are right and in use nowhere else in these tests.
TAXES = iter(("0100107518", "0100109106", "0100112437", "0300588569", "0302481483"))


def name() -> str:
    """Unlike any other, also for the comparison of names."""
    return f"Quán {new_id()[-12:]} n{new_id()[-8:]}"


def row(called: str = "", *, tax: str = "", place: str = "", source: str = "Rà soát 6/2026") -> Any:
    called = called or name()
    return [
        called, "Diện ký cam kết", "Nông nghiệp và Môi trường", "Cửa hàng; Chế biến",
        "Phường An Sinh", place or f"Khu {called}", "Nguyễn Thị Hà", "0203 000 1234", tax,
        "22A8000123", "18/04/2017", "Tham gia Chương trình OCOP",
        "Bản cam kết sản xuất, kinh doanh thực phẩm an toàn", "12/CK", "UBND phường An Sinh",
        "01/03/2026", "", source,
    ]  # fmt: skip


def book(found: Sequence[Sequence[Any]]) -> bytes:
    return xlsx(found, HEADERS)


async def known_of(registry: Registry, known_id: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(await registry.get(f"{WORDS}/{known_id}", registry.clerk()))
    return found


async def test_a_list_is_judged_applied_and_again_is_the_same(registry: Registry) -> None:
    clerk = registry.clerk(account=new_id())
    data = book([row(tax=next(TAXES)), *(row() for _ in range(4))])
    one = await judged(registry, data, clerk, KIND)
    assert one["counts"] == {"new": 5}, await rows(registry, one, clerk)
    done = await applied(registry, one, clerk)
    assert done["outcomes"] == {"entered": 5}
    written = (await rows(registry, one, clerk))[0]
    found = await known_of(registry, written["record_id"])
    it = found["particulars"]
    assert (found["status"], it["registration_number"]) == ("known", "22A8000123")
    assert (it["registration_date"], it["marks"]) == ("2017-04-18", ["ocop"])
    assert (it["kinds"], it["source"]) == (["processing", "shop"], "Rà soát 6/2026")
    assert it["certificates"][0]["number"] == "12/CK"
    [told] = await registry.events(written["record_id"], FacilityKnown)
    assert (told.version, told.status, told.marks) == (1, "known", ("ocop",))
    again = await judged(registry, data, clerk, KIND)
    assert again["counts"] == {"same": 5}
    answer = await registry.post(
        f"/imports/{again['id']}/apply", {"version": again["version"]}, clerk
    )
    refused(answer, 409, "import_empty")


async def test_a_change_is_shown_and_written_as_the_next_version(registry: Registry) -> None:
    clerk = registry.clerk()
    called, tax = name(), next(TAXES)
    first = await applied(
        registry, await judged(registry, book([row(called, tax=tax)]), clerk, KIND), clerk
    )
    known_id = (await rows(registry, first, clerk))[0]["record_id"]
    moved = row(called, tax=tax, place=f"Số 9 Khu {called}", source="Danh sách cấp phép")
    one = await judged(registry, book([moved]), clerk, KIND)
    assert one["counts"] == {"changed": 1}
    page = await registry.browser(clerk).get(f"/console/registry/imports/{one['id']}")
    assert f"Số 9 Khu {called}" in page.text
    assert (await applied(registry, one, clerk))["outcomes"] == {"edited": 1}
    found = await known_of(registry, known_id)
    assert (found["version"], found["particulars"]["source"]) == (2, "Danh sách cấp phép")


async def test_whoever_takes_part_or_was_closed_is_left_as_it_is(registry: Registry) -> None:
    clerk = registry.clerk()
    tax = next(TAXES)
    taking_part = await registry.a_facility(tax_number=tax)
    closed = await entered(registry)
    close = {"step": "close", "version": 1, "note": "Đã nghỉ bán"}
    ok(await registry.post(f"{WORDS}/{closed['id']}/steps", close, clerk))
    it = closed["particulars"]
    same = row(it["name"], place=it["address"])
    one = await judged(registry, book([row(tax=tax), same]), clerk, KIND)
    assert one["counts"] == {"same": 2}
    told = await rows(registry, one, clerk)
    assert taking_part["code"] in told[0]["notes"][0]
    assert "đã được đóng trong danh sách" in told[1]["notes"][0]
    page = (await registry.browser(clerk).get(f"/console/registry/imports/{one['id']}")).text
    assert told[0]["notes"][0] in page
    reopen = {"step": "reopen", "version": 2, "note": "Bán trở lại"}
    opened = ok(await registry.post(f"{WORDS}/{closed['id']}/steps", reopen, clerk))
    assert opened["status"] == "known"
    again = await registry.post(f"{WORDS}/{closed['id']}/steps", reopen | {"version": 3}, clerk)
    refused(again, 409, "known_not_closed")


async def test_who_is_named_alike_is_asked_about(registry: Registry) -> None:
    clerk = registry.clerk()
    facility = await registry.a_facility(name=f"Cơ sở bún {name()}", address="Thôn Bãi Dài")
    listed = ok(await registry.get(f"/facilities/{facility['id']}", clerk))
    called = listed["published"]["name"]
    entry = await entered(registry, name=name(), address="Thôn Bãi Ngắn")
    one = await judged(
        registry,
        book([
            row(called.upper() + "a", place="Thôn Bãi Dài"),
            row(entry["particulars"]["name"] + "b", place="Thôn Bãi Ngắn"),
        ]),
        clerk,
        KIND,
    )  # fmt: skip
    assert one["counts"] == {"duplicate": 2}
    first, second = await rows(registry, one, clerk)
    assert (first["candidates"][0]["code"], second["candidates"][0]["id"]) == (
        facility["code"],
        entry["id"],
    )
    page = (await registry.browser(clerk).get(f"/console/registry/imports/{one['id']}")).text
    assert f'href="/console/registry/facilities/{facility["id"]}"' in page
    assert f'href="/console/registry/known-facilities/{entry["id"]}"' in page
    path = f"/imports/{one['id']}/rows"
    answered = await registry.post(
        f"{path}/{first['number']}/resolution", {"choice": facility["id"]}, clerk
    )
    assert ok(answered)["verdict"] == "same"
    answered = await registry.post(
        f"{path}/{second['number']}/resolution", {"choice": entry["id"]}, clerk
    )
    assert ok(answered)["verdict"] == "changed"
    version = ok(await registry.get(f"/imports/{one['id']}", clerk))["version"]
    ok(await registry.post(f"/imports/{one['id']}/apply", {"version": version}, clerk), 202)
    assert (await at_rest(registry, one["id"], clerk))["outcomes"] == {"edited": 1}


async def test_rows_that_are_wrong_name_column_and_remedy(registry: Registry) -> None:
    clerk = registry.clerk()
    wrong_tax, far, twice = row(tax="0100107510"), row(), name()
    far[4] = "Phường Hồng Gai"
    without_end = row()
    without_end[12] = "Cơ sở đủ điều kiện an toàn thực phẩm"
    found = [wrong_tax, far, row(twice, place="Khu 1"), row(twice, place="Khu 1"), without_end]
    one = await judged(registry, book(found), clerk, KIND)
    assert one["counts"] == {"error": 4, "new": 1}, await rows(registry, one, clerk)
    told = {it["line"]: it["message"] for it in await rows(registry, one, clerk, "problems")}
    assert told[2].startswith("Mã số thuế:")
    assert "không thuộc tài khoản của bạn" in told[3]
    assert "trùng với dòng 4" in told[5]
    assert told[6].startswith("Ngày hết hạn giấy 1:")


async def test_two_lists_at_once_enter_a_facility_once(registry: Registry) -> None:
    clerk = registry.clerk()
    data = book([row() for _ in range(30)])
    both = await asyncio.gather(*(judged(registry, data, clerk, KIND) for _ in range(2)))
    assert [one["counts"] for one in both] == [{"new": 30}] * 2
    done = await asyncio.gather(*(applied(registry, one, clerk) for one in both))
    outcomes = [one["outcomes"] for one in done]
    assert sum(one.get("entered", 0) for one in outcomes) == 30, outcomes
    assert sum(one.get("conflict", 0) for one in outcomes) == 30, outcomes


async def test_what_is_exported_and_sent_back_is_the_same(registry: Registry) -> None:
    commune = "06652"
    clerk = registry.clerk(commune)
    for tax in ("", next(TAXES)):
        await registry.post(
            WORDS,
            {
                "name": name(), "address": "Khu 2", "commune": commune, "sector": "agriculture",
                "facility_class": "certificate", "kinds": ["market"], "tax_number": tax,
                "registration_number": "0022", "registration_date": "2020-02-03",
                "marks": ["ocop"], "email": "a@example.vn",
            },
            clerk,
        )  # fmt: skip
    browser = registry.browser(clerk)
    for suffix in ("xlsx", "csv"):
        answer = await browser.get(f"/console/registry/known-facilities.{suffix}?commune={commune}")
        assert answer.status_code == 200
        one = await judged(registry, answer.content, clerk, KIND, file=f"a.{suffix}")
        assert set(one["counts"]) == {"same"}, await rows(registry, one, clerk)
    acts = {getattr(event, "action", "") for event in await registry.events()}
    assert "known_facility.export" in acts


async def test_the_template_leaves_its_example_out_and_asks_for_what_the_plan_asks(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    answer = await registry.client.get(f"{API}/templates/{KIND}.xlsx", headers=bearer(clerk))
    with CalamineWorkbook.from_filelike(io.BytesIO(answer.content)) as opened:
        told = opened.get_sheet_by_index(0).to_python()
    headers = [str(one).rstrip(" *") for one in told[0]]
    assert set(HEADERS) <= set(headers)
    one = await judged(registry, answer.content, clerk, KIND)
    assert (one["stage"], one["failure"]) == ("failed", "file_empty")


async def test_a_list_is_loaded_by_pages_and_nobody_decides_on_it(registry: Registry) -> None:
    clerk = registry.clerk()
    browser = registry.browser(clerk)
    csrf = await registry.csrf(browser)
    assert "Cơ sở chưa tham gia" in (await browser.get("/console/registry/imports")).text
    called = name()
    answer = await browser.post(
        "/console/registry/imports",
        data={"csrf": csrf, "kind": KIND},
        files={"file": ("ds.xlsx", book([row(called)]))},
    )
    assert answer.status_code == 303, answer.text
    import_id = answer.headers["location"].rpartition("/")[2]
    one = await at_rest(registry, import_id, clerk)
    assert one["counts"] == {"new": 1}
    page = answer.headers["location"]
    assert "Ghi vào danh sách" in (await browser.get(page)).text
    done = await browser.post(f"{page}/apply", data={"csrf": csrf, "version": one["version"]})
    assert done.status_code == 303
    await at_rest(registry, import_id, clerk)
    shown = (await browser.get(page)).text
    assert "/console/registry/known-facilities/" in shown
    assert "Duyệt đăng tất cả" not in shown
    listed = (await browser.get(f"/console/registry/known-facilities?q={called}")).text
    assert called in listed
    body = {"decision": "accept", "version": 9}
    answer = await registry.post(f"/imports/{import_id}/decisions", body, registry.checker())
    refused(answer, 403, "forbidden")


@pytest.mark.parametrize("who", ["facility", "checker", "other"])
async def test_only_officials_who_keep_the_list_load_it(registry: Registry, who: str) -> None:
    facility = await registry.a_facility()
    token = {
        "facility": registry.operator(facility["id"]),
        "checker": registry.checker(),
        "other": registry.clerk(builders.OTHER_COMMUNE, unit=new_id()),
    }[who]
    answer = await sent(registry, book([row()]), token, KIND)
    if who != "other":
        refused(answer, 403, {"facility": "officials_only"}.get(who, "forbidden"))
        return
    one = await at_rest(registry, ok(answer, 202)["id"], token)
    assert one["counts"] == {"error": 1}
    mine = await judged(registry, book([row()]), registry.clerk(), KIND)
    refused(await registry.get(f"/imports/{mine['id']}", token), 404, "not_found")


async def test_the_facility_template_s_other_columns_are_said_to_be_unused(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    headers = [*HEADERS[:6], "Mã GLN"]
    one = await judged(registry, xlsx([[*facility_row(name())[:6], ""]], headers), clerk, KIND)
    assert one["counts"] == {"new": 1}
    assert one["about"]["unknown"] == ["Mã GLN"]
