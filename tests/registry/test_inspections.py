"""Inspections and violations: recorded in scope, seen by the facility, public only by decision."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from services.registry.actions.inspections_told import tell_older
from shared.contracts.registry import InspectionRecorded, ViolationSettled
from shared.ids import new_id, now
from tests.answers import ok, refused
from tests.form_pages import Reading
from tests.registry import builders
from tests.registry.conftest import Registry

PDF = b"%PDF-1.7\ntrailer\n<<>>\n%%EOF\n"
HOME = "/console/registry/inspections"


def minute(**changes: Any) -> dict[str, Any]:
    return {
        "on": "2026-09-10",
        "kind": "unannounced",
        "team": "Đoàn liên ngành số 2",
        "decision": "45/QĐ-CCCL",
        "decision_on": "2026-09-08",
        "findings": "Kho bảo quản thiếu kệ kê.",
        "result": "conditional",
        "violations": [
            {"what": "Thiếu kệ kê hàng", "basis": "Điều 5", "deadline": "2026-10-01"},
            {"what": "Chưa ghi sổ nhập hàng"},
        ],
        **changes,
    }


async def recorded(registry: Registry, facility_id: str, **changes: Any) -> dict[str, Any]:
    path = f"/facilities/{facility_id}/inspections"
    return ok(await registry.post(path, minute(**changes), registry.checker()), 201)


async def test_it_is_told_with_its_violations_and_each_that_is_settled(registry: Registry) -> None:
    facility = await registry.a_facility()
    one = await recorded(registry, facility["id"])
    path = f"/inspections/{one['id']}"
    settle = {"version": 1, "remedy": "Đã lắp kệ", "fined": False}
    ok(await registry.post(f"{path}/violations/0/settlement", settle, registry.checker()))
    told = [
        (e.version, e.result, e.violations, e.open_violations, e.deadline)
        for e in await registry.events(one["id"], InspectionRecorded)
    ]
    assert told == [
        (1, "conditional", 2, 2, date(2026, 10, 1)),
        (2, "conditional", 2, 1, None),
    ]
    settled = await registry.events(one["id"], ViolationSettled)
    assert [(e.facility_id, e.violation, e.outcome) for e in settled] == [
        (facility["id"], 0, "remedied")
    ]
    for event in (*await registry.events(one["id"], InspectionRecorded), *settled):
        assert "kệ" not in event.model_dump_json()


async def test_what_was_recorded_before_it_was_told_is_told_once(registry: Registry) -> None:
    facility = await registry.a_facility()
    one = await recorded(registry, facility["id"])
    row = {"_id": one["id"]}
    await registry.db.collection("inspections").update_one(row, {"$unset": {"told": ""}})
    for _ in range(2):
        await tell_older(registry.db, now=now())
    assert len(await registry.events(one["id"], InspectionRecorded)) == 2


async def test_the_facility_sees_it_and_nobody_else_outside_the_area(registry: Registry) -> None:
    facility = await registry.a_facility()
    one = await recorded(registry, facility["id"])
    path = f"/inspections/{one['id']}"
    for token in (registry.operator(facility["id"]), registry.checker()):
        assert ok(await registry.get(path, token))["minute"]["team"] == "Đoàn liên ngành số 2"
        assert ok(await registry.get("/inspections", token))["total"] >= 1
    settle = {"version": 1, "remedy": "Đã lắp kệ", "fined": False}
    publish = {"version": 1, "public": True, "reason": "Điều 20"}
    for token in (
        registry.operator("another-facility"),
        registry.checker(builders.OTHER_COMMUNE),
        registry.token("department", "approve", sector="health"),
    ):
        refused(await registry.get(path, token), 404, "not_found")
        listed = ok(await registry.get("/inspections", token))
        assert one["id"] not in [item["id"] for item in listed["items"]]
        for act, body in (("violations/0/settlement", settle), ("publication", publish)):
            refused(await registry.post(f"{path}/{act}", body, token), 404, "not_found")
    own = registry.operator(facility["id"])
    refused(await registry.post(f"{path}/publication", publish, own), 403, "forbidden")
    refused(await registry.post(f"{path}/violations/0/settlement", settle, own), 403, "forbidden")
    record = f"/facilities/{facility['id']}/inspections"
    refused(await registry.post(record, minute(), own), 403, "forbidden")


async def test_a_violation_is_set_right_or_fined_and_the_list_finds_what_is_overdue(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    own = registry.operator(facility["id"])
    one = await recorded(registry, facility["id"])
    path = f"/inspections/{one['id']}"

    async def number(violation: str) -> int:
        return int(ok(await registry.get(f"/inspections?violation={violation}", own))["total"])

    assert (await number("open"), await number("overdue")) == (1, 1)
    checker = registry.checker()
    body = {"version": 1, "remedy": "Đã lắp kệ ngày 20/9", "fined": False}
    done = ok(await registry.post(f"{path}/violations/0/settlement", body, checker))
    assert done["minute"]["violations"][0]["state"] == "remedied"
    assert (await number("open"), await number("overdue"), await number("remedied")) == (1, 0, 1)
    again = await registry.post(f"{path}/violations/1/settlement", body, checker)
    refused(again, 409, "edit_conflict")
    fine = {"version": 2, "remedy": "QĐ 12/QĐ-XPHC", "fined": True}
    ok(await registry.post(f"{path}/violations/1/settlement", fine, checker))
    assert (await number("open"), await number("fined")) == (0, 1)
    none = await registry.post(f"{path}/violations/7/settlement", fine | {"version": 3}, checker)
    refused(none, 404, "no_such_violation")


async def test_the_work_list_says_what_is_overdue_in_scope(registry: Registry) -> None:
    facility = await registry.a_facility()
    own = registry.browser(registry.operator(facility["id"]))
    assert "quá hạn khắc phục" not in (await own.get("/console/registry")).text
    await recorded(registry, facility["id"])
    assert "1 biên bản có vi phạm quá hạn khắc phục" in (await own.get("/console/registry")).text
    await own.aclose()


async def test_the_public_sees_a_result_only_while_it_is_published_with_its_reason(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    one = await recorded(registry, facility["id"])
    visitor = registry.browser()
    page = f"/facilities/{facility['id']}"
    reason = "Công bố theo Điều 20 Nghị định 15/2018"
    assert "10/09/2026" not in (await visitor.get(page)).text
    approver = registry.approver()
    path = f"/inspections/{one['id']}/publication"
    unnamed = await registry.post(path, {"version": 1, "public": True, "reason": ""}, approver)
    refused(unnamed, 422, "invalid_input")
    ok(await registry.post(path, {"version": 1, "public": True, "reason": reason}, approver))
    shown = (await visitor.get(page)).text
    assert reason in shown
    assert "Kho bảo quản thiếu kệ kê." not in shown
    taken = {"version": 2, "public": False, "reason": "Quyết định bị hủy"}
    ok(await registry.post(path, taken, approver))
    assert reason not in (await visitor.get(page)).text
    await visitor.aclose()


async def test_nobody_shows_the_public_a_minute_of_their_own(registry: Registry) -> None:
    facility = await registry.a_facility()
    both = registry.token("department", "approve", sector="agriculture", communes=["*"])
    one = ok(await registry.post(f"/facilities/{facility['id']}/inspections", minute(), both), 201)
    path = f"/inspections/{one['id']}"
    publish = {"version": 1, "public": True, "reason": "Điều 20"}
    refused(await registry.post(f"{path}/publication", publish, both), 403, "own_minute")
    browser = registry.browser(both)
    page = (await browser.get(f"{HOME}/{one['id']}")).text
    assert "người khác phải công bố" in page
    await browser.aclose()
    ok(await registry.post(f"{path}/publication", publish, registry.approver()))
    back = {"version": 2, "public": False, "reason": "Hủy"}
    ok(await registry.post(f"{path}/publication", back, both))


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"on": (date.today() + timedelta(days=2)).isoformat()}, "inspection_date", "on"),
        (
            {"violations": [{"what": "Thiếu sổ", "deadline": "2026-09-01"}]},
            "deadline_before_inspection",
            "violations.0.deadline",
        ),
        ({"result": "maybe"}, "invalid_input", "result"),
        ({"team": ""}, "invalid_input", "team"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field(
    registry: Registry, changes: dict[str, Any], code: str, field: str
) -> None:
    facility = await registry.a_facility()
    path = f"/facilities/{facility['id']}/inspections"
    body = refused(await registry.post(path, minute(**changes), registry.checker()), 422, code)
    assert field in [error["field"] for error in body["errors"]]


async def test_the_same_key_records_it_once(registry: Registry) -> None:
    facility = await registry.a_facility()
    path = f"/facilities/{facility['id']}/inspections"
    checker = registry.checker()
    headers = {"Idempotency-Key": new_id()}
    first = ok(await registry.post(path, minute(), checker, headers=headers), 201)
    second = ok(await registry.post(path, minute(), checker, headers=headers), 201)
    assert first["id"] == second["id"]


async def test_the_export_holds_the_scope_and_no_formula(registry: Registry) -> None:
    facility = await registry.a_facility()
    await recorded(registry, facility["id"], findings="=HYPERLINK(0)")
    browser = registry.browser(registry.operator(facility["id"]))
    answer = await browser.get(f"{HOME}.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert {row["Mã hồ sơ cơ sở"] for row in rows} == {facility["id"]}
    assert [row["Vi phạm"] for row in rows] == ["Thiếu kệ kê hàng", "Chưa ghi sổ nhập hàng"]
    assert {row["Nội dung, nhận xét"] for row in rows} == {"'=HYPERLINK(0)"}
    assert rows[0]["Hạn khắc phục"] == "01/10/2026"
    book = await browser.get(f"{HOME}.xlsx?facility_id={facility['id']}")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0)
    assert sheet.to_python()[1][8] == "'=HYPERLINK(0)"
    acts = {getattr(event, "action", "") for event in await registry.events()}
    assert "inspection.export" in acts
    await browser.aclose()


async def test_the_pages_record_settle_and_publish_and_lose_nothing(registry: Registry) -> None:
    facility = await registry.a_facility()
    here = f"/console/registry/facilities/{facility['id']}/inspections"
    browser = registry.browser(registry.checker())
    csrf = await registry.csrf(browser)
    form = {
        "csrf": csrf,
        "key": new_id(),
        "on": "2026-09-10",
        "kind": "planned",
        "team": "",
        "findings": "Đủ điều kiện, cần dán nhãn kho.",
        "result": "conditional",
        "violations.0.what": "Thiếu nhãn kho",
    }
    wrong = await browser.post(f"{here}/new", data=form)
    assert wrong.status_code == 422
    assert "Thiếu nhãn kho" in wrong.text
    form["team"] = "Đoàn của Chi cục"
    file = {"file": ("bb.pdf", PDF, "application/pdf")}
    sent = await browser.post(f"{here}/new", data=form, files=file)
    assert sent.status_code == 303, sent.text
    page = sent.headers["location"]
    shown = (await browser.get(page)).text
    assert "Thiếu nhãn kho" in shown
    assert "/media/documents/" in shown
    assert "Đạt, cần khắc phục" in (await browser.get(here)).text
    settle = {"csrf": csrf, "version": "1", "remedy": "Đã dán nhãn"}
    assert (await browser.post(f"{page}/violations/0", data=settle)).status_code == 303
    assert "Đã dán nhãn" in (await browser.get(page)).text
    await browser.aclose()


def corrected(one: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The minute as it was entered, with what is to be changed."""
    body = minute(version=one["version"], reason="Ghi nhầm hạn")
    for number, violation in enumerate(body["violations"]):
        violation["number"] = number
    return {**body, **changes}


async def test_a_minute_is_corrected_and_what_it_said_is_kept(registry: Registry) -> None:
    facility = await registry.a_facility()
    one = await recorded(registry, facility["id"])
    path, checker = f"/inspections/{one['id']}", registry.checker()
    settle = {"version": 1, "remedy": "Đã lắp kệ", "fined": False}
    ok(await registry.post(f"{path}/violations/0/settlement", settle, checker))
    violations = [
        {"what": "Thiếu kệ kê hàng trong kho lạnh", "number": 0},
        {"what": "Chưa ghi sổ nhập hàng", "number": 1, "dropped": True},
        {"what": "Không có nhiệt kế", "deadline": "2026-10-15"},
    ]
    body = corrected({"version": 2}, violations=violations, result="failed")
    after = ok(await registry.put(path, body, checker))
    told = [(it["what"], it["state"], it["remedy"]) for it in after["minute"]["violations"]]
    assert told == [
        ("Thiếu kệ kê hàng trong kho lạnh", "remedied", "Đã lắp kệ"),
        ("Không có nhiệt kế", "open", ""),
    ]
    [correction] = after["corrections"]
    assert correction["reason"] == "Ghi nhầm hạn"
    assert correction["before"]["violations"][1]["what"] == "Chưa ghi sổ nhập hàng"
    events = await registry.events(one["id"], InspectionRecorded)
    assert [(e.version, e.result, e.violations, e.open_violations) for e in events][-1] == (
        3,
        "failed",
        2,
        1,
    )
    seen = registry.browser(registry.operator(facility["id"]))
    page = (await seen.get(f"{HOME}/{one['id']}")).text
    assert "Ghi nhầm hạn" in page
    assert "Chưa ghi sổ nhập hàng" in page
    await seen.aclose()


async def test_a_settled_violation_and_another_s_correction_are_not_lost(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    one = await recorded(registry, facility["id"])
    path, checker = f"/inspections/{one['id']}", registry.checker()
    settle = {"version": 1, "remedy": "Quyết định phạt 12/QĐ", "fined": True}
    ok(await registry.post(f"{path}/violations/0/settlement", settle, checker))
    rest = [{"what": "Chưa ghi sổ nhập hàng", "number": 1}]
    body = corrected({"version": 2}, violations=rest)
    refused(await registry.put(path, body, checker), 409, "settled_violation_kept")
    for numbers in ([5], [1, 1]):
        twice = [{"what": "Chưa ghi sổ", "number": number} for number in numbers]
        body = corrected({"version": 2}, violations=twice)
        refused(await registry.put(path, body, checker), 404, "no_such_violation")
    stale = corrected({"version": 1}, result="failed")
    refused(await registry.put(path, stale, checker), 409, "edit_conflict")
    late = corrected({"version": 2}, violations=[{"what": "Muộn", "deadline": "2026-01-01"}])
    refused(await registry.put(path, late, checker), 422, "deadline_before_inspection")
    other = registry.checker(builders.OTHER_COMMUNE)
    refused(await registry.put(path, corrected({"version": 2}), other), 404, "not_found")
    own = registry.operator(facility["id"])
    refused(await registry.put(path, corrected({"version": 2}), own), 403, "forbidden")


async def test_a_signed_minute_is_scanned_and_added_later_once(registry: Registry) -> None:
    facility = await registry.a_facility()
    one = await recorded(registry, facility["id"])
    page = f"{HOME}/{one['id']}"
    browser = registry.browser(registry.checker())
    csrf = await registry.csrf(browser)
    form = {"csrf": csrf, "key": new_id(), "title": "Biên bản đã ký"}
    empty = await browser.post(f"{page}/papers", data=form)
    assert empty.status_code == 422
    assert "Biên bản đã ký" in empty.text
    file = {"file": ("bb.pdf", PDF, "application/pdf")}
    for _ in range(2):
        sent = await browser.post(f"{page}/papers", data=form, files=file)
        assert sent.status_code == 303, sent.text
    found = ok(await registry.get(f"/inspections/{one['id']}", registry.checker()))
    assert (len(found["papers"]), found["version"]) == (1, 2)
    address = f"/media/documents/{found['papers'][0]}"
    shown = (await browser.get(page)).text
    assert address in shown
    own = registry.browser(registry.operator(facility["id"]))
    assert (await own.get(address)).status_code == 200
    stranger = registry.browser(registry.operator("another-facility"))
    assert (await stranger.get(address)).status_code == 404
    files = [row async for row in registry.db.collection("pictures.files").find({})]
    kept = [row async for row in registry.db.collection("documents").find({})]
    assert len([one for one in kept if one["kind"] == "inspection"]) <= len(files)
    for one_browser in (browser, own, stranger):
        await one_browser.aclose()


async def test_the_page_corrects_and_loses_nothing_typed(registry: Registry) -> None:
    facility = await registry.a_facility()
    one = await recorded(registry, facility["id"])
    page = f"{HOME}/{one['id']}/edit"
    browser = registry.browser(registry.checker())
    csrf = await registry.csrf(browser)
    shown = (await browser.get(page)).text
    assert "Thiếu kệ kê hàng" in shown
    assert 'name="violations.0.number" value="0"' in shown
    form = {
        "csrf": csrf,
        "version": "1",
        "on": "2026-09-11",
        "kind": "planned",
        "team": "Đoàn liên ngành số 3",
        "findings": "Đã xem lại toàn bộ kho.",
        "result": "conditional",
        "reason": "",
        "violations.0.what": "Thiếu kệ kê hàng",
        "violations.0.number": "0",
        "violations.1.what": "Chưa ghi sổ nhập hàng",
        "violations.1.number": "1",
        "violations.1.dropped": "on",
    }
    wrong = await browser.post(page, data=form)
    assert wrong.status_code == 422
    assert "Đoàn liên ngành số 3" in wrong.text
    sent = await browser.post(page, data={**form, "reason": "Nhầm ngày"})
    assert sent.status_code == 303, sent.text
    after = (await browser.get(f"{HOME}/{one['id']}")).text
    assert "11/09/2026" in after
    assert "Nội dung trước khi sửa" in after
    await browser.aclose()


async def test_a_report_of_a_violation_begins_with_what_the_inspection_found(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    one = await recorded(registry, facility["id"])
    settle = {"version": 1, "remedy": "Đã ghi sổ", "fined": False}
    path = f"/inspections/{one['id']}/violations/1/settlement"
    ok(await registry.post(path, settle, registry.checker()))
    page = f"{HOME}/{one['id']}"
    shown = (await registry.browser(registry.checker()).get(page)).text
    forms = Reading(page, shown).forms
    handed = next(form for form in forms if form.action == "/console/recall/violations/new")
    told = {entry.name: entry.value for entry in handed.entries}
    assert told["found"] == (
        "Kho bảo quản thiếu kệ kê.\n- Thiếu kệ kê hàng\n- Chưa ghi sổ nhập hàng"
    )
    assert told["basis"] == "Điều 5"
    assert told["measures"] == (
        "- Thiếu kệ kê hàng: yêu cầu khắc phục trước ngày 01/10/2026\n"
        "- Chưa ghi sổ nhập hàng: Đã ghi sổ"
    )
    assert (told["found_on"], told["origin_id"], told["step"]) == ("2026-09-10", one["id"], "begin")
    theirs = (await registry.browser(registry.operator(facility["id"])).get(page)).text
    assert "violations/new" not in theirs
