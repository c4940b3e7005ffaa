"""A violation is reported to the tier above, which receives the report or returns it (R56)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.recall.domain.complaint import Step
from services.recall.domain.violation import Violation, Wording
from services.recall.pages.issuing import body_above
from services.recall.pages.violation_paper import paper
from services.recall.queries.violations import Row
from services.recall.store.violations import VIOLATIONS
from shared.commune_places import names
from shared.contracts.acts import RecallActRecorded
from shared.contracts.recall import ViolationReported
from shared.days import today
from tests.documents.test_official import words_of
from tests.form_pages import Reading
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_complaints import filed, taken_in
from tests.recall.test_recoveries import COMMUNE
from tests.recall.test_suspicions import WHAT, has, inspected, suspected
from tests.roles import sent

HOME = "/console/recall/violations"
PDF = b"%PDF-1.7\ntrailer\n<<>>\n%%EOF\n"


def by(recall: Recall, tier: str, kind: str, **more: Any) -> str:
    given = {"unit": f"u-{tier}", "communes": ["*"], "account": f"{tier}-{kind}", **more}
    return recall.token(tier=tier, kinds=[kind], **given)


def body(**more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        **{"found": "Dùng phụ gia ngoài danh mục", "found_on": str(today())},
        **{"basis": "Điều 5", "measures": "Niêm phong", "sanction": "Phạt tiền"},
        **{"origin": "", "origin_id": "", "facility_id": "f1", "key": "v"},
    }
    return {**given, **more}


async def form(recall: Recall, token: str, path: str, data: dict[str, Any]) -> httpx2.Response:
    return await sent(recall, token, f"POST {path}", data)


async def written(recall: Recall, token: str, **more: Any) -> str:
    made = await form(recall, token, f"{HOME}/new", body(**more))
    assert made.status_code == 303, made.text
    return str(made.headers["location"].rpartition("/")[2])


async def state(recall: Recall, report: str) -> str:
    row = await recall.db.collection(VIOLATIONS).find_one({"_id": report})
    assert row
    return str(row["state"])


async def test_it_goes_to_the_tier_above_and_comes_back_to_be_completed(province: Recall) -> None:
    unit, department = by(province, "unit", "check"), by(province, "department", "approve")
    report = await written(province, unit, key="v1")
    assert await written(province, unit, key="v1") == report, "a form sent twice is one report"
    path = f"{HOME}/{report}"
    assert (await province.browser(department).get(path)).status_code == 404, (
        "a draft is its unit's"
    )
    file = {"file": ("bien-ban.pdf", PDF, "application/pdf")}
    added = await sent(province, unit, f"POST {path}/files", {}, file)
    assert added.status_code == 303, added.text
    wrong = {"file": ("x.pdf", b"MZ not a pdf", "application/pdf")}
    assert (await sent(province, unit, f"POST {path}/files", {}, wrong)).status_code == 422
    assert (await form(province, unit, f"{path}/send", {"version": "2"})).status_code == 303
    assert (await form(province, unit, f"{path}/send", {"version": "3"})).status_code == 409
    assert (await form(province, unit, f"{path}/edit", {**EDIT, "version": "3"})).status_code == 409
    back = {"decision": "returned", "remark": "Thiếu kết quả kiểm nghiệm", "version": "3"}
    assert (await form(province, department, f"{path}/decision", back)).status_code == 303
    assert "Thiếu kết quả" in (await province.browser(unit).get(path)).text
    assert (await form(province, unit, f"{path}/edit", {**EDIT, "version": "4"})).status_code == 303
    assert (await form(province, unit, f"{path}/send", {"version": "5"})).status_code == 303
    take = {"decision": "received", "remark": "Đã nhận", "version": "6"}
    assert (await form(province, department, f"{path}/decision", take)).status_code == 303
    assert (await form(province, department, f"{path}/decision", take)).status_code == 409
    told = await province.events(report, ViolationReported)
    assert [one.state for one in told] == ["sent", "returned", "sent", "received"]
    assert "phụ gia" not in told[0].model_dump_json()
    page = (await province.browser(department).get(path)).text
    name = page.split("/files/")[1].split('"')[0]
    assert (await province.browser(department).get(f"{path}/files/{name}")).content == PDF
    acts = await province.events(report, RecallActRecorded)
    assert "violation_not_sent" in [one.outcome for one in acts]


EDIT: dict[str, Any] = {"found": "Sửa", "found_on": str(today()), "basis": "Điều 6"}


async def test_only_a_tier_above_decides(province: Recall) -> None:
    department = by(province, "department", "approve")
    report = await written(province, department, key="v2")
    assert (await form(province, department, f"{HOME}/{report}/send", {"version": "1"})).is_redirect
    take = {"decision": "received", "remark": "x", "version": "2"}
    own = await form(province, department, f"{HOME}/{report}/decision", take)
    assert own.status_code == 403
    above = by(province, "province", "report")
    assert (await form(province, above, f"{HOME}/{report}/decision", take)).status_code == 303
    assert await state(province, report) == "received"


@pytest.mark.parametrize(
    "claims",
    [
        {"tier": "commune", "kinds": ["approve"], "communes": ["07002"]},
        {"tier": "department", "kinds": ["approve"], "sector": "health"},
        {"tier": "facility", "kinds": ["system"], "facility": "f1", "communes": []},
    ],
)
async def test_outside_ones_area_and_for_facilities_there_is_no_report(
    province: Recall, claims: dict[str, Any]
) -> None:
    unit = by(province, "unit", "check")
    report = await written(province, unit, key=f"v3{claims['tier']}")
    await form(province, unit, f"{HOME}/{report}/send", {"version": "1"})
    away = province.token(**claims)
    browser = province.browser(away)
    assert (await browser.get(f"{HOME}/{report}")).status_code in {403, 404}
    listed = await browser.get(HOME)
    assert report not in listed.text
    for path, data in (
        (f"{HOME}/{report}/send", {"version": "2"}),
        (f"{HOME}/{report}/edit", {**EDIT, "version": "2"}),
        (f"{HOME}/{report}/decision", {"decision": "received", "remark": "x", "version": "2"}),
        (f"{HOME}/new", body(key="away")),
    ):
        assert (await form(province, away, path, data)).status_code in {403, 404}, path
    assert await state(province, report) == "sent"


async def test_it_begins_with_what_is_known_already(province: Recall) -> None:
    unit = by(province, "unit", "check")
    await province.know(lot("vi1"))
    await taken_in(province, filed("vi-a", lot_id="vi1"))
    suspicion = await suspected(province, "vi-a")
    case = await province.order("vi1", reason="Vi khuẩn vượt ngưỡng")
    await province.tell(inspected("vi-in", on=today() - timedelta(days=2)))
    await has(province, "inspections_heard", {"_id": "vi-in"})
    browser = province.browser(unit)
    for query, shown in (
        (f"suspicion={suspicion}", WHAT),
        (f"case={case['id']}", "Vi khuẩn vượt ngưỡng"),
        ("complaint=vi-a", "Từ phản ánh"),
        ("inspection=vi-in", str(today() - timedelta(days=2))),
    ):
        page = await browser.get(f"{HOME}/new?{query}")
        assert page.status_code == 200, query
        assert shown in page.text, query
        assert "mùi lạ" not in page.text, "no reporter's words"
    report = await written(province, unit, key="v4", origin="case", origin_id=case["id"])
    assert report in (await browser.get(f"/console/recall/{case['id']}")).text
    for wrong in ("case=none", "inspection=none", "facility=none", ""):
        assert (await browser.get(f"{HOME}/new?{wrong}")).status_code == 404


async def test_what_an_inspection_found_is_handed_over_to_be_gone_on_with(
    province: Recall,
) -> None:
    unit = by(province, "unit", "check")
    await province.know(lot("vi2", code="CM-4711"))
    await taken_in(province, filed("vi-b", lot_id="vi2"))
    suspicion = await suspected(province, "vi-b")
    await province.tell(inspected("vi-over"))
    await has(province, "inspections_heard", {"_id": "vi-over"})
    handed = {
        **{"step": "begin", "origin": "inspection", "origin_id": "vi-over"},
        **{"suspicions": f"{suspicion} none", "found": "Kho bẩn\n- Thiếu kệ", "basis": "Điều 5"},
        **{"found_on": str(today() - timedelta(days=1)), "measures": "- Thiếu kệ: đã lắp"},
    }
    kept = province.db.collection(VIOLATIONS)
    before = await kept.count_documents({})
    page = await form(province, unit, f"{HOME}/new", handed)
    assert page.status_code == 200, page.text
    assert await kept.count_documents({}) == before, "nobody has written it yet"
    shown = Reading(f"{HOME}/new", page.text)
    assert not shown.summaries
    again = next(one for one in shown.forms if one.action == f"{HOME}/new")
    begun = {one.name: one.value or "" for one in again.entries if one.name not in ("", "csrf")}
    assert begun["found"].startswith("Hàng: lô CM-4711, Chả mực Hạ Long.\nKho bẩn"), begun
    assert begun["basis"] == "Điều 5"
    assert begun["measures"] == "- Thiếu kệ: đã lắp"
    assert begun["found_on"] == handed["found_on"]
    assert begun["facility_id"] == "f1"
    made = await form(province, unit, f"{HOME}/new", {**begun, "found": "Sửa lại"})
    assert made.status_code == 303, made.text
    row = await kept.find_one({"_id": made.headers["location"].rpartition("/")[2]})
    assert row
    assert (row["wording"]["found"], row["origin_id"]) == ("Sửa lại", "vi-over")
    elsewhere = by(province, "unit", "check", communes=["07099"], account="away")
    assert (await form(province, elsewhere, f"{HOME}/new", handed)).status_code in {403, 404}


async def test_the_list_is_narrowed_and_taken_away_without_formulas(province: Recall) -> None:
    unit = by(province, "unit", "check")
    await written(province, unit, key="v5", found="=1+1 là công thức", facility_id="f2")
    browser = province.browser(unit)
    assert "công thức" in (await browser.get(f"{HOME}?state=draft&commune=07002")).text
    assert "công thức" not in (await browser.get(f"{HOME}?state=received")).text
    assert "'=1+1" in (await browser.get(f"{HOME}.csv?commune=07002")).text
    assert (await browser.get(f"{HOME}.xlsx")).content[:2] == b"PK"
    late = body(key="v6", found_on=str(today() + timedelta(days=1)))
    assert (await form(province, unit, f"{HOME}/new", late)).status_code == 422


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_its_pages_speak_three_languages(province: Recall, lang: str) -> None:
    unit = by(province, "unit", "check")
    report = await written(province, unit, key=f"v7{lang}")
    browser = province.browser(unit, **{"Accept-Language": lang})
    for path in (HOME, f"{HOME}/{report}", f"{HOME}/new?facility=f1"):
        assert (await browser.get(path)).status_code == 200


async def test_the_report_is_an_official_document_a_draft_until_it_is_sent(
    province: Recall,
) -> None:
    unit = by(province, "unit", "check")
    report = await written(province, unit, key="v-paper", found="Dùng phụ gia\n<b>ngoài</b> mục")
    browser, path = province.browser(unit), f"{HOME}/{report}"
    file = {"file": ("bien-ban.pdf", PDF, "application/pdf")}
    await sent(province, unit, f"POST {path}/files", {}, file)
    draft = words_of((await browser.get(f"{path}/report.docx")).content)
    assert "DỰ THẢO" in draft
    assert (await form(province, unit, f"{path}/send", {"version": "2"})).is_redirect
    shown = words_of((await browser.get(f"{path}/report.docx")).content)
    assert "DỰ THẢO" not in shown
    for told in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Vi phạm của Cơ sở chả mực Hạ Long",
        "<b>ngoài</b> mục",
        "III. Căn cứ pháp lý",
        "Niêm phong",
        "Phạt tiền",
        "bien-ban.pdf",
        f"ngày {today().day:02d}",
    ):
        assert told in shown, told
    made = await browser.get(f"{path}/report.pdf")
    assert made.content.startswith(b"%PDF-")
    assert "attachment" in made.headers["content-disposition"]
    assert f"{path}/report.pdf" in (await browser.get(path)).text
    elsewhere = province.token(tier="commune", kinds=["approve"], communes=["07002"])
    assert (await province.browser(elsewhere).get(f"{path}/report.pdf")).status_code == 404
    assert (await browser.get(f"{path}/report.odt")).status_code == 404


def test_its_head_names_the_body_directly_above_who_writes_and_none_above_a_committee() -> None:
    at = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
    wording = Wording("Dùng phụ gia", at.date(), "Điều 5")
    unit = Violation(
        *("r", 2, "sent", "f1", COMMUNE, "agriculture", wording, "", "", "a", "An", "u"),
        *("Chi cục Chất lượng", "unit", at, at),
        steps=(Step(at, "sent", "An"),),
    )
    head = paper(Row(unit, "Hợp tác xã Sao Biển"))
    assert head.superior == "………", "a sub-department stands below its department"
    assert (head.symbol, head.draft) == ("BC-CCCL", False)
    assert head.dated == "Quảng Ninh, ngày 02 tháng 11 năm 2026"
    committee = replace(unit, authority="Ủy ban nhân dân phường Hạ Long", tier="commune")
    assert paper(Row(committee, "")).superior == ""
    returned = replace(unit, state="returned")
    assert (paper(Row(returned, "")).draft, paper(Row(returned, "")).day) == (True, None)
    department = replace(unit, authority="Sở Công Thương", tier="department")
    assert paper(Row(department, "")).superior == "Ủy ban nhân dân tỉnh Quảng Ninh"
    assert "Ủy ban nhân dân tỉnh Quảng Ninh (để báo cáo);" in paper(Row(department, "")).recipients
    office = replace(unit, authority="Phòng Kinh tế", tier="commune", commune="07090")
    near = names()["07090"].partition(", ")[0]
    assert paper(Row(office, "")).superior == f"Ủy ban nhân dân {near[0].lower()}{near[1:]}"


def test_a_head_that_knows_no_tier_goes_by_the_name_and_else_leaves_the_line_to_be_filled_in() -> (
    None
):
    province = "Ủy ban nhân dân tỉnh Quảng Ninh"
    assert body_above("Sở Công Thương", "", COMMUNE) == province
    assert body_above("Chi cục Thủy sản", "", COMMUNE) == "………"
    assert body_above(province, "", COMMUNE) == ""


async def test_the_list_is_narrowed_by_the_communes_of_the_province(province: Recall) -> None:
    page = await province.browser(by(province, "department", "approve")).get(HOME)
    assert f'value="{COMMUNE}"' in page.text
