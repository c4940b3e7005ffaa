"""Bulk import: a dry run first, then drafts that checkers and approvers handle as ever (R33)."""

import asyncio
import csv
import io
import unicodedata
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from services.registry.actions.imports import importing
from services.registry.domain.records import Aggregate
from services.registry.store import imports
from shared.auth import Principal
from shared.contracts.acts import RegistryActRecorded
from shared.ids import new_id, now
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.registry.sheets import (
    HEADERS,
    applied,
    at_rest,
    facility_row,
    judged,
    name,
    rows,
    sent,
    xlsx,
)
from tests.tokens import bearer

# The five tones, which Windows-1258 has as signs of their own.
TONES = "\u0300\u0301\u0303\u0309\u0323"


async def test_a_file_is_judged_applied_checked_and_published_and_again_is_the_same(
    registry: Registry,
) -> None:
    clerk = registry.clerk(account=new_id())
    data = xlsx([facility_row(name()) for _ in range(5)])
    one = await judged(registry, data, clerk)
    assert one["counts"] == {"new": 5}, await rows(registry, one, clerk)
    done = await applied(registry, one, clerk)
    assert done["outcomes"] == {"entered": 5}
    written = await rows(registry, one, clerk)
    record = await registry.record("facilities", written[0]["record_id"])
    assert record["state"] == "submitted"
    assert record["published"] is None
    acts = await registry.events(record["id"], RegistryActRecorded)
    assert [act.action for act in acts] == ["facility.enter"]

    again = await judged(registry, data, clerk)
    assert again["counts"] == {"same": 5}
    refused(
        await registry.post(f"/imports/{again['id']}/apply", {"version": again["version"]}, clerk),
        409,
        "import_empty",
    )
    checker, approver = registry.checker(), registry.approver()
    body = {"decision": "accept", "version": done["version"]}
    ok(await registry.post(f"/imports/{one['id']}/decisions", body, checker), 202)
    checked = await at_rest(registry, one["id"], checker)
    assert checked["decided"] == {"accepted": 5}
    body = {"decision": "publish", "version": checked["version"]}
    ok(await registry.post(f"/imports/{one['id']}/decisions", body, approver), 202)
    assert (await at_rest(registry, one["id"], approver))["decided"] == {"published": 5}
    assert (await registry.record("facilities", record["id"]))["state"] == "published"


async def test_who_imported_may_not_check_the_whole(registry: Registry) -> None:
    both = registry.token(
        "commune", "operate", "check", communes=[builders.COMMUNE], account=new_id()
    )
    one = await applied(registry, await judged(registry, xlsx([facility_row(name())]), both), both)
    body = {"decision": "accept", "version": one["version"]}
    ok(await registry.post(f"/imports/{one['id']}/decisions", body, both), 202)
    assert (await at_rest(registry, one["id"], both))["decided"] == {"refused": 1}
    told = (await rows(registry, one, both))[0]
    assert "người khác" in told["message"]


async def test_all_that_is_known_of_who_uploads_is_kept_with_the_import(registry: Registry) -> None:
    """Four eyes later ask whether it is the same person."""
    who = Principal(
        new_id(),
        "Người nhập",
        "commune",
        frozenset({"operate", "check"}),
        "unit",
        "session",
        communes=(builders.COMMUNE,),
        only=frozenset({"facility.enter", "import.enter"}),
        person=frozenset({"hash of a number", "hash of an address"}),
    )
    file = io.BytesIO(xlsx([facility_row(name())]))
    one = await importing.upload(
        file, "a.xlsx", Aggregate.FACILITY, import_id=new_id(), who=who, now=now(), db=registry.db
    )
    kept = await imports.get(registry.db, one.id)
    assert (kept.uploader, kept.actor) == (who, who)


async def test_an_uploaded_file_and_who_sent_it_are_kept(registry: Registry) -> None:
    clerk = registry.clerk()
    data = xlsx([facility_row(name())])
    one = await judged(registry, data, clerk)
    browser = registry.browser(clerk)
    kept = await browser.get(f"/console/registry/imports/{one['id']}/file")
    assert kept.content == data


async def test_errors_name_column_and_remedy_and_come_back_as_a_safe_file(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    good, bad = facility_row(name()), facility_row(name(), tax="0100233480")
    bad[0] = "=HYPERLINK(1)"
    wrong_choice = facility_row(name())
    wrong_choice[4] = "Phường Không Có"
    one = await judged(registry, xlsx([good, bad, wrong_choice]), clerk)
    assert one["counts"] == {"new": 1, "error": 2}
    told = await rows(registry, one, clerk, "problems")
    assert told[0]["message"].startswith("Mã số thuế: Mã số thuế chưa đúng")
    assert "Xã, phường, đặc khu: “Phường Không Có”" in told[1]["message"]
    answer = await registry.client.get(
        f"{API}/imports/{one['id']}/errors.xlsx", headers=bearer(clerk)
    )
    with CalamineWorkbook.from_filelike(io.BytesIO(answer.content)) as book:
        sheet = book.get_sheet_by_index(0).to_python()
    assert sheet[0] == [*HEADERS, "Cần sửa"]
    assert sheet[1][0] == "'=HYPERLINK(1)"
    assert "Mã số thuế chưa đúng" in str(sheet[1][-1])
    corrected = [[*sheet[1][:6], "0100233488", *sheet[1][7:]]]
    corrected[0][0] = name()
    again = await judged(registry, xlsx(corrected, [*HEADERS, "Cần sửa"]), clerk)
    assert again["counts"] == {"duplicate": 1} or again["counts"] == {"new": 1}


async def test_a_file_of_nothing_but_errors_is_not_said_to_be_here_already(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    one = await judged(registry, xlsx([facility_row(name(), tax="0100233480")]), clerk)
    assert one["counts"] == {"error": 1}
    page = await registry.browser(clerk).get(f"/console/registry/imports/{one['id']}")
    assert "Không có gì để ghi: 1 dòng có lỗi." in page.text
    assert "đã có đúng những gì tệp ghi" not in page.text


async def test_zeros_that_excel_lost_are_put_back_and_explained(registry: Registry) -> None:
    clerk = registry.clerk()
    one = await judged(
        registry, xlsx([facility_row(name(), tax=22080001234, phone=203000107)]), clerk
    )
    row = (await rows(registry, one, clerk, "notes"))[0]
    assert row["content"]["tax_number"] == "022080001234"
    assert row["content"]["phone"] == "0203000107"


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ";"), ("utf-8-sig", ","), ("utf-16", "\t"), ("cp1258", ";")],
)
async def test_text_files_are_read_in_every_usual_spelling(
    registry: Registry, encoding: str, delimiter: str
) -> None:
    lines = [HEADERS, facility_row(name())]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(lines)
    text = out.getvalue()
    if encoding == "cp1258":  # It spells tones as signs of their own.
        text = "".join(
            unicodedata.normalize("NFC", base + "".join(m for m in marks if m not in TONES))
            + "".join(m for m in marks if m in TONES)
            for base, *marks in (list(unicodedata.normalize("NFD", c)) for c in text)
        )
    clerk = registry.clerk()
    one = await judged(registry, text.encode(encoding), clerk, file="a.csv")
    told = await rows(registry, one, clerk)
    assert one["counts"] == {"new": 1}, told
    assert told[0]["content"]["commune"] == builders.COMMUNE


async def test_a_similar_facility_is_asked_about_and_the_answer_counts(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    known_name = name()
    known = await registry.a_facility(name=known_name, address="Thôn Bến, An Sinh", tax_number="")
    twin = facility_row(known_name + "a", address="thôn Bến An Sinh")
    one = await judged(registry, xlsx([twin]), clerk)
    assert one["counts"] == {"duplicate": 1}
    row = (await rows(registry, one, clerk))[0]
    assert [c["id"] for c in row["candidates"]] == [known["id"]]
    apply = {"version": one["version"]}
    refused(
        await registry.post(f"/imports/{one['id']}/apply", apply, clerk), 409, "import_unresolved"
    )
    path = f"/imports/{one['id']}/rows/1/resolution"
    refused(await registry.post(path, {"choice": "x"}, clerk), 422, "choice_unknown")
    answered = ok(await registry.post(path, {"choice": known["id"]}, clerk))
    assert answered["verdict"] == "changed"
    changed = ok(await registry.post(path, {"choice": "another"}, clerk))
    assert changed["verdict"] == "new"
    ok(await registry.post(path, {"choice": known["id"]}, clerk))
    assert (await applied(registry, one, clerk))["outcomes"] == {"edited": 1}
    record = await registry.record("facilities", known["id"])
    assert record["draft"]["name"] == known_name + "a"
    assert record["draft"]["certificates"] == record["published"]["certificates"]
    assert record["state"] == "submitted"


async def test_a_tax_number_of_a_facility_elsewhere_is_told_and_is_nothing_to_choose(
    registry: Registry,
) -> None:
    known = await registry.a_facility(tax_number="5700991115")
    draft = builders.facility(name=name(), tax_number="5700992221")
    await registry.entered("facilities", draft, registry.clerk())
    clerk = registry.clerk(builders.OTHER_COMMUNE)
    mine = [facility_row(name(), tax=tax) for tax in ("5700991115", "5700992221")]
    for row in mine:
        row[4] = "Phường Hồng Gai"
    one = await judged(registry, xlsx(mine), clerk)
    assert one["counts"] == {"new": 2}
    told, hidden = await rows(registry, one, clerk)
    assert told["candidates"] == []
    assert known["code"] in " ".join(told["notes"])
    assert "Phường An Sinh" in " ".join(told["notes"])
    # A draft of others is told to nobody.
    assert "Mã số thuế này đã có" not in " ".join(hidden["notes"])


async def test_what_somebody_edits_meanwhile_is_reported_and_not_overwritten(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    known = await registry.a_facility(tax_number="")
    row = [known["code"], *facility_row(known["published"]["name"], phone="0203 000 2222")]
    one = await judged(registry, xlsx([row], ["Mã cơ sở", *HEADERS]), clerk)
    assert one["counts"] == {"changed": 1}
    body = {**builders.facility(name="Tên do người khác sửa"), "version": known["version"]}
    ok(await registry.put(f"/facilities/{known['id']}", body, clerk))
    done = await applied(registry, one, clerk)
    assert done["outcomes"] == {"conflict": 1}
    record = await registry.record("facilities", known["id"])
    assert record["draft"]["name"] == "Tên do người khác sửa"
    assert "người khác đã sửa" in (await rows(registry, one, clerk))[0]["message"]


async def test_two_imports_of_the_same_facilities_at_once_enter_them_once(
    registry: Registry,
) -> None:
    clerk, other = registry.clerk(), registry.clerk()
    data = xlsx([facility_row(name()) for _ in range(3)])
    first = await judged(registry, data, clerk)
    second = await judged(registry, data, other)
    one, two = await asyncio.gather(
        applied(registry, first, clerk), applied(registry, second, other)
    )
    outcomes = sorted([*one["outcomes"].items(), *two["outcomes"].items()])
    assert outcomes == [("conflict", 3), ("entered", 3)]


async def test_products_are_imported_after_their_facilities(registry: Registry) -> None:
    clerk = registry.clerk()
    facility = await registry.a_facility(tax_number="")
    headers = ["Mã cơ sở", "Tên sản phẩm *", "Nhóm sản phẩm", "Tiêu chuẩn áp dụng", "Hạng OCOP"]
    lines = [
        [facility["code"], "Na dai loại một", "Na", "VietGAP; TCCS 01", 4],
        ["CS22-99999999", "Na bở", "Na", "", ""],
    ]
    one = await judged(registry, xlsx(lines, headers), clerk, "products")
    assert one["counts"] == {"new": 1, "error": 1}
    assert (await applied(registry, one, clerk))["outcomes"] == {"entered": 1}
    row = (await rows(registry, one, clerk))[0]
    record = await registry.record("products", row["record_id"])
    assert record["draft"]["standards"] == ["VietGAP", "TCCS 01"]
    again = await judged(registry, xlsx(lines[:1], headers), clerk, "products")
    assert again["counts"] == {"same": 1}


async def test_the_chain_of_a_product_is_imported_by_code_or_by_name_and_address(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    facility = await registry.a_facility(tax_number="")
    packer = await registry.a_facility(tax_number="")
    headers = [
        "Mã cơ sở", "Tên sản phẩm", "Nhóm sản phẩm", "Đơn vị đóng gói", "Đơn vị phân phối",
    ]  # fmt: skip
    shops = "Chợ Hạ Long | Phường Hồng Gai\nSiêu thị Bến | Hà Nội"
    lines = [
        [facility["code"], "Na sấy", "Na", packer["code"], shops],
        [facility["code"], "Na khô", "Na", "CS22-00000000", ""],
        [facility["code"], "Na muối", "Na", "Chỉ có tên |", ""],
    ]
    one = await judged(registry, xlsx(lines, headers), clerk, "products")
    told = await rows(registry, one, clerk)
    assert one["counts"] == {"new": 1, "error": 2}, told
    assert told[1]["message"].startswith("Đơn vị đóng gói: Không có cơ sở nào đang được đăng")
    assert told[2]["message"].startswith("Đơn vị đóng gói: Đơn vị không có mã cơ sở")
    chain = [(party["role"], party["name"]) for party in told[0]["content"]["chain"]]
    names = ["Chợ Hạ Long", "Siêu thị Bến"]
    assert chain == [("packer", packer["published"]["name"]),
                     *(("distributor", name_) for name_ in names)]  # fmt: skip
    assert (await applied(registry, one, clerk))["outcomes"] == {"entered": 1}
    again = await judged(registry, xlsx(lines[:1], headers), clerk, "products")
    assert again["counts"] == {"same": 1}


async def test_growing_areas_are_imported_after_their_facilities(registry: Registry) -> None:
    clerk = registry.clerk()
    facility = await registry.a_facility(tax_number="")
    headers = [
        "Mã cơ sở", "Tên vùng *", "Cây trồng, vật nuôi", "Xã, phường, đặc khu", "Mã số vùng",
        "Diện tích (ha)", "Số hộ tham gia", "Loại vùng",
    ]  # fmt: skip
    code = f"VN-QNOR-{new_id()[-1:].translate(str.maketrans('abcdef', '012345'))}917"
    lines: list[list[Any]] = [
        [facility["code"], "Vùng na Bến", "Na dai", "Phường An Sinh", code, 38.5, 42, ""],
        [facility["code"], "Vùng na Đồi", "Na dai", "Phường An Sinh", "KHÔNG PHẢI MÃ", "x", 42, ""],
        [facility["code"], "Vùng ao", "Tôm thẻ", "Phường An Sinh", "", "", 3, "Vùng nuôi"],
        [facility["code"], "Vùng na khác", "Na dai", "Phường An Sinh", code.lower(), 5, 2, ""],
    ]
    one = await judged(registry, xlsx(lines, headers), clerk, "growing-areas")
    assert one["counts"] == {"new": 2, "error": 1, "duplicate": 1}
    told = await rows(registry, one, clerk)
    assert told[1]["message"].startswith("Diện tích (ha): Hãy nhập một số")
    assert "Nghi trùng với dòng 2 của tệp" in told[3]["message"]
    path = f"/imports/{one['id']}/rows/4/resolution"
    refused(await registry.post(path, {"choice": "none"}, clerk), 422, "choice_unknown")
    ok(await registry.post(path, {"choice": "skip"}, clerk))
    one = ok(await registry.get(f"/imports/{one['id']}", clerk))
    assert (await applied(registry, one, clerk))["outcomes"] == {"entered": 2}
    record = await registry.record("growing-areas", told[0]["record_id"] or (
        await rows(registry, one, clerk))[0]["record_id"])  # fmt: skip
    assert record["state"] == "submitted"
    assert record["draft"]["code"] == code
    assert record["draft"]["area_hectares"] == "38.5"
    again = await judged(registry, xlsx(lines[:1], headers), clerk, "growing-areas")
    assert again["counts"] == {"same": 1}


async def test_an_official_area_code_that_is_on_record_is_asked_about(registry: Registry) -> None:
    clerk = registry.clerk()
    facility = await registry.a_facility(tax_number="")
    other = await registry.a_facility(tax_number="")
    known = await registry.published(
        "growing-areas", builders.growing_area(facility_id=facility["id"], code="VN-QNOR-9182")
    )
    headers = ["Mã cơ sở", "Tên vùng", "Cây trồng, vật nuôi", "Xã, phường, đặc khu", "Mã số vùng"]
    line = [other["code"], "Vùng khác hẳn", "Na dai", "Phường An Sinh", "vnqnor 9182"]
    one = await judged(registry, xlsx([line], headers), clerk, "growing-areas")
    assert one["counts"] == {"duplicate": 1}
    row = (await rows(registry, one, clerk))[0]
    assert [c["id"] for c in row["candidates"]] == [known["id"]]


async def test_what_a_sheet_does_not_carry_of_an_area_stays(registry: Registry) -> None:
    clerk = registry.clerk()
    facility = await registry.a_facility(tax_number="")
    area = await registry.published(
        "growing-areas",
        builders.growing_area(
            facility_id=facility["id"],
            members=[{"name": "Hộ Khởi", "area_hectares": "1.5"}],
            seasons=[{"name": "Năm", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}],
        ),
    )
    line = [[area["code"], facility["code"], "Vùng đổi tên", 1]]
    headers = ["Mã vùng", "Mã cơ sở", "Tên vùng", "Số hộ tham gia"]
    one = await judged(registry, xlsx(line, headers), clerk, "growing-areas")
    assert one["counts"] == {"changed": 1}, await rows(registry, one, clerk)
    assert (await applied(registry, one, clerk))["outcomes"] == {"edited": 1}
    record = await registry.record("growing-areas", area["id"])
    assert record["draft"]["name"] == "Vùng đổi tên"
    for field in ("members", "seasons", "crop", "code"):
        assert record["draft"][field] == record["published"][field]


async def test_two_rows_that_are_named_alike_are_asked_about(registry: Registry) -> None:
    clerk = registry.clerk()
    twice = name()
    lines = [
        facility_row(twice, address="Thôn Bến, An Sinh"),
        facility_row(twice + "a", address="thôn bến an sinh"),
        facility_row(twice + " 2", address="Thôn Bến, An Sinh"),
        facility_row(twice + "a", address="Số 9 đường Núi Bài Thơ"),
    ]
    one = await judged(registry, xlsx(lines), clerk)
    told = await rows(registry, one, clerk)
    # Another number is another one; so is another address.
    assert [row["verdict"] for row in told] == ["new", "duplicate", "new", "new"]


async def test_two_rows_with_one_tax_number_are_asked_about(registry: Registry) -> None:
    clerk = registry.clerk()
    lines = [facility_row(name(), tax="5799001371"), facility_row(name(), tax="5799001371")]
    one = await judged(registry, xlsx(lines), clerk)
    assert one["counts"] == {"new": 1, "duplicate": 1}
    page = await registry.browser(clerk).get(f"/console/registry/imports/{one['id']}")
    assert "Nghi trùng với dòng 2 của tệp" in page.text
    path = f"/imports/{one['id']}/rows/2/resolution"
    ok(await registry.post(path, {"choice": "another"}, clerk))
    one = ok(await registry.get(f"/imports/{one['id']}", clerk))
    assert (await applied(registry, one, clerk))["outcomes"] == {"entered": 2}
    assert (await judged(registry, xlsx(lines), clerk))["counts"] == {"same": 2}


@pytest.mark.parametrize("word", ["facilities", "products", "growing-areas"])
@pytest.mark.parametrize("format_", ["xlsx", "csv"])
async def test_what_is_exported_and_sent_back_is_the_same(
    registry: Registry, word: str, format_: str
) -> None:
    facility = await registry.a_facility(
        tax_number="", phone="+84 203 000 100", latitude=21.146, longitude=106.5, safe_chain=True
    )
    chain = [{"role": "packer", "code": facility["code"]},
             {"role": "distributor", "name": "Chợ Hạ Long", "address": "Hồng Gai"}]  # fmt: skip
    await registry.a_product(facility["id"], standards=["A; B"], price=90000, chain=chain)
    area = builders.growing_area(facility_id=facility["id"], kind="farming", species="shrimp")
    await registry.published("growing-areas", area)
    who = registry.approver(sector="agriculture")
    answer = await registry.client.get(f"{API}/exports/{word}.{format_}", headers=bearer(who))
    assert answer.status_code == 200
    one = await judged(registry, answer.content, who, word, f"a.{format_}")
    assert set(one["counts"]) == {"same"}, await rows(registry, one, who, "problems")


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [(b"", 422, "file_empty"), (b"PK\x03\x04 broken", 422, "file_unreadable")],
)
async def test_files_that_cannot_be_read_are_refused_at_once(
    registry: Registry, data: bytes, status: int, code: str
) -> None:
    refused(await sent(registry, data, registry.clerk()), status, code)


async def test_a_sheet_without_the_required_columns_says_which(registry: Registry) -> None:
    clerk = registry.clerk()
    one = await judged(registry, xlsx([["x", "y", "z"]], [*HEADERS[:1], "Y", "Z"]), clerk)
    assert (one["stage"], one["failure"]) == ("failed", "columns_missing")
    page = await registry.browser(clerk).get(f"/console/registry/imports/{one['id']}")
    assert "Diện quản lý" in page.text


async def test_only_officials_who_enter_may_import_and_only_within_their_area(
    registry: Registry,
) -> None:
    data = xlsx([facility_row(name())])
    refused(await sent(registry, data, registry.operator("x")), 403, "officials_only")
    refused(await sent(registry, data, registry.checker()), 403, "forbidden")
    elsewhere = registry.clerk(builders.OTHER_COMMUNE)
    one = await judged(registry, data, elsewhere)
    assert one["counts"] == {"error": 1}
    foreign = registry.clerk(builders.OTHER_COMMUNE, unit="another-unit")
    for path in ("", "/rows", "/errors.xlsx"):
        refused(await registry.get(f"/imports/{one['id']}{path}", foreign), 404, "not_found")
    body = {"version": one["version"]}
    refused(await registry.post(f"/imports/{one['id']}/apply", body, foreign), 404, "not_found")


async def test_pages_upload_show_verdicts_and_confirm_without_javascript(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    browser = registry.browser(clerk)
    home = await browser.get("/console/registry/imports")
    template = await browser.get("/console/registry/imports/templates/facilities.xlsx")
    assert template.status_code == 200
    csrf = token_in(home.text)
    answer = await browser.post(
        "/console/registry/imports",
        data={"csrf": csrf, "kind": "facilities"},
        files={"file": ("a.xlsx", xlsx([facility_row("Trại Trang Web " + name())]))},
    )
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    one = await at_rest(registry, address.rsplit("/", 1)[1], clerk)
    page = await browser.get(address)
    assert "Trại Trang Web" in page.text
    assert "Ghi vào hệ thống và gửi kiểm tra" in page.text
    sent_form = await browser.post(
        f"{address}/apply", data={"csrf": csrf, "version": str(one["version"])}
    )
    assert sent_form.status_code == 303
    assert (await at_rest(registry, one["id"], clerk))["stage"] == "done"
    listed = await registry.browser(registry.checker()).get("/console/registry/imports")
    assert address in listed.text
    decided = await registry.browser(registry.checker()).get(address)
    assert "Kiểm tra đạt tất cả" in decided.text


async def test_the_example_of_the_template_is_left_out(registry: Registry) -> None:
    clerk = registry.clerk()
    for format_ in ("xlsx", "csv"):
        answer = await registry.client.get(
            f"{API}/templates/facilities.{format_}", headers=bearer(clerk)
        )
        one = await judged(registry, answer.content, clerk, file=f"a.{format_}")
        assert (one["stage"], one["failure"]) == ("failed", "file_empty")


async def test_a_worker_that_was_cut_off_goes_on_and_writes_nothing_twice(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    one = await judged(registry, xlsx([facility_row(name()) for _ in range(4)]), clerk)
    imports, kept = registry.db.collection("imports"), registry.db.collection("import_rows")
    # As a crash leaves it: two rows judged, the counter behind them, the lease run out.
    await kept.update_many(
        {"import_id": one["id"], "number": {"$gt": 2}}, {"$set": {"verdict": ""}}
    )
    back = {"stage": "judging", "done": 1, "counts": {}}
    await imports.update_one({"_id": one["id"]}, {"$set": back})
    one = await at_rest(registry, one["id"], clerk)
    assert one["counts"] == {"new": 4}
    done = await applied(registry, one, clerk)
    ids = {row["record_id"] for row in await rows(registry, done, clerk)}
    await imports.update_one({"_id": one["id"]}, {"$set": {"stage": "applying", "done": 0}})
    again = await at_rest(registry, one["id"], clerk)
    assert again["outcomes"] == {"entered": 4}
    assert {row["record_id"] for row in await rows(registry, again, clerk)} == ids
    versions = registry.db.collection("versions")
    assert await versions.count_documents({"record_id": {"$in": list(ids)}}) == 8


async def test_formulas_merged_cells_and_odd_dates_are_understood_and_noted(
    registry: Registry,
) -> None:
    out = io.BytesIO()
    headers = [*HEADERS, "Ngày đăng ký kinh doanh"]
    with xlsxwriter.Workbook(out, {"date_1904": True}) as book:
        book.add_worksheet("Nháp").hide()
        sheet = book.add_worksheet("Danh sách")
        sheet.activate()
        sheet.set_first_sheet()
        sheet.write(0, 1, "DANH SÁCH CƠ SỞ")
        sheet.write_row(2, 1, headers)
        for number in (3, 4):
            cells = [*facility_row(f"  {name()}  "), 40000]
            sheet.write_row(number, 1, [*cells[:4], "", *cells[5:]])
        sheet.write_formula(3, 8, '="0203 000 1007"', None, "0203 000 1007")
        sheet.merge_range(3, 5, 4, 5, "Phường An Sinh")
    clerk = registry.clerk()
    one = await judged(registry, out.getvalue(), clerk)
    assert one["counts"] == {"new": 2}, await rows(registry, one, clerk)
    assert one["about"]["hidden"] == ["Nháp"]
    assert one["about"]["formulas"] == 1
    first, second = await rows(registry, one, clerk, "notes")
    # 40,000 days after 1 January 1904.
    assert first["content"]["registration_date"] == "2013-07-07"
    assert second["content"]["commune"] == builders.COMMUNE
    assert first["content"]["name"] == first["content"]["name"].strip()
    page = await registry.browser(clerk).get(f"/console/registry/imports/{one['id']}")
    for text in ("Ô công thức", "Ô gộp", "thay cho ngày"):
        assert text in page.text


def corner() -> bytes:
    """Two cells, as far from one another as a sheet allows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "x")
        sheet.write(1_048_575, 16_383, "x")
    return out.getvalue()


async def test_a_sheet_that_would_fill_the_memory_is_refused(registry: Registry) -> None:
    one = await judged(registry, corner(), registry.clerk())
    assert (one["stage"], one["failure"]) == ("failed", "too_many_rows")


async def test_countries_that_accept_a_plant_s_code_are_typed_a_line_each(
    registry: Registry,
) -> None:
    clerk = registry.clerk()
    headers = [*HEADERS, "Mã cơ sở đóng gói, nhà máy", "Nước nhập khẩu đã chấp nhận mã"]
    right = [*facility_row(name()), "VNQNPH-0931", "Trung Quốc |  | 31/12/2027 | bao trái | đủ"]
    wrong = [*facility_row(name()), "VNQNPH-0932", "Nhật Bản | J-1\nNước Không Có"]
    one = await judged(registry, xlsx([right, wrong], headers), clerk)
    first, second = await rows(registry, one, clerk)
    assert first["content"]["markets"] == [
        {"country": "CN", "number": "", "until": "2027-12-31", "requirement": "bao trái | đủ"}
    ]
    assert "dòng 2 trong ô" in second["message"]
    assert "“Nước Không Có”" in second["message"]
    assert (await applied(registry, one, clerk))["outcomes"] == {"entered": 1}
    again = await judged(registry, xlsx([right], headers), clerk)
    assert again["counts"] == {"same": 1}
