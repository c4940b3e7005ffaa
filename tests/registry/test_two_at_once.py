"""Two people at one facility: the second sees the other's change and loses nothing typed."""

import asyncio
from typing import Any

import pytest

from shared.contracts.registry import FacilityPublished
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_inspections import minute
from tests.registry.test_known import CONSOLE as KNOWN
from tests.registry.test_known import known
from tests.registry.test_pages import facility_form

PDF = b"%PDF-1.7\ntrailer\n<<>>\n%%EOF\n"


async def test_of_editors_at_the_same_moment_one_wins_and_the_others_are_told(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    path, operator = f"/facilities/{facility['id']}", registry.operator(facility["id"])
    bodies = [
        builders.facility(name=f"Tên số {number}", version=facility["version"])
        for number in range(4)
    ]
    answers = await asyncio.gather(*(registry.put(path, body, operator) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    for answer in answers:
        if answer.status_code == 409:
            refused(answer, 409, "edit_conflict")
    won = next(number for number, answer in enumerate(answers) if answer.status_code == 200)
    record = await registry.record("facilities", facility["id"])
    assert record["draft"]["name"] == f"Tên số {won}"
    assert record["version"] == facility["version"] + 1


async def test_the_second_editor_of_a_facility_goes_on_from_the_first(registry: Registry) -> None:
    facility = await registry.a_facility()
    browser = registry.browser(registry.operator(facility["id"]))
    path = f"/console/registry/facilities/{facility['id']}/edit"
    opened = await browser.get(path)
    name = facility["published"]["name"]
    theirs = builders.facility(
        name=name, representative="Người khác vừa ghi", version=facility["version"]
    )
    ok(await registry.put(f"/facilities/{facility['id']}", theirs, registry.clerk()))
    mine = facility_form(
        csrf=token_in(opened.text),
        version=str(facility["version"]),
        address="Thôn tôi vừa gõ",
        more_codes="VN-QNOR-0009\r\nVNQNPH-0010",
        description="Đoạn tôi vừa gõ\ncó hai dòng",
    )
    del mine["key"]
    answer = await browser.post(path, data=mine)
    assert answer.status_code == 409, answer.text
    for text in (
        "Người khác vừa thay đổi",
        "Người khác vừa ghi",
        "Thôn tôi vừa gõ",
        "VNQNPH-0010",
        "có hai dòng",
        "0014/2024/NNMT-QN",
    ):
        assert text in answer.text
    again = str(facility["version"] + 1)
    assert f'name="version" value="{again}"' in answer.text
    assert (await browser.post(path, data={**mine, "version": again})).status_code == 303
    draft = (await registry.record("facilities", facility["id"]))["draft"]
    assert draft["address"] == "Thôn tôi vừa gõ"
    assert draft["more_codes"] == ["VN-QNOR-0009", "VNQNPH-0010"]
    await browser.aclose()


async def test_codes_chain_and_marks_go_from_the_form_to_the_passport_and_the_public_page(
    registry: Registry,
) -> None:
    clerk = registry.browser(registry.clerk())
    new = "/console/registry/facilities/new"
    form = facility_form(
        name=f"Cơ sở {new_id()[-6:]}",
        plant_code="VNQNPH-0001",
        more_codes="vn-dtor-0017\r\n\r\nVN DTOR 0017\r\nSAI MÃ",
        chain="Chuỗi na an toàn An Sinh",
        marks=["processed", "ocop"],
        csrf=token_in((await clerk.get(new)).text),
    )
    wrong = await clerk.post(new, data=form)
    assert wrong.status_code == 422
    assert 'href="#f-more_codes"' in wrong.text
    assert "SAI MÃ" in wrong.text
    many = "\r\n".join(f"VN-DTOR-{number:04}" for number in range(21))
    refused_too = await clerk.post(new, data={**form, "more_codes": many})
    assert refused_too.status_code == 422
    assert "tối đa 20 mã" in refused_too.text
    form["more_codes"] = "vn-dtor-0017\r\n\r\nVN DTOR 0017\r\nvnqnph0001"
    sent = await clerk.post(new, data=form)
    assert sent.status_code == 303, sent.text
    facility_id = sent.headers["location"].rpartition("/")[2]
    opened = (await clerk.get(f"{sent.headers['location']}/edit")).text
    assert "VN-DTOR-0017</textarea>" in opened
    await registry.carried_through("facilities", facility_id, registry.clerk())
    told = (await registry.events(facility_id, FacilityPublished))[-1]
    assert told.codes == ("VNQNPH-0001", "VN-DTOR-0017")
    assert (told.chain, told.safe_chain) == ("Chuỗi na an toàn An Sinh", True)
    assert told.marks == ("ocop", "processed")
    public = (await registry.client.get(f"/facilities/{facility_id}")).text
    for text in ("Chuỗi na an toàn An Sinh", "VNQNPH-0001, VN-DTOR-0017", "Chương trình OCOP"):
        assert text in public
    await clerk.aclose()


async def test_one_more_certificate_takes_nothing_from_who_edits_meanwhile(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    here = f"/console/registry/facilities/{facility['id']}"
    browser = registry.browser(registry.operator(facility["id"]))
    csrf = await registry.csrf(browser)
    body = builders.facility(phone="0203 000 9999", version=facility["version"])
    ok(await registry.put(f"/facilities/{facility['id']}", body, registry.clerk()))
    form = {
        "csrf": csrf,
        "version": str(facility["version"]),
        "kind": "haccp",
        "number": "H-1",
        "issuer": "Sao Mai",
        "issued_on": "2026-02-02",
    }
    assert (await browser.post(f"{here}/certificates/new", data=form)).status_code == 303
    draft = (await registry.record("facilities", facility["id"]))["draft"]
    assert draft["phone"] == "0203 000 9999"
    assert [one["number"] for one in draft["certificates"]] == ["0014/2024/NNMT-QN", "H-1"]
    await browser.aclose()


async def test_who_renews_a_certificate_that_another_changed_sees_it_and_harms_no_other(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    here = f"/console/registry/facilities/{facility['id']}"
    browser = registry.browser(registry.operator(facility["id"]))
    page = (await browser.get(f"{here}/certificates/1")).text
    assert 'name="was" value="attp/0014/2024/NNMT-QN"' in page
    form = {
        "csrf": token_in(page),
        "version": str(facility["version"]),
        "was": "attp/0014/2024/NNMT-QN",
        "kind": "attp",
        "number": "0099/2026",
        "issuer": "Chi cục Chất lượng Quảng Ninh",
        "issued_on": "2026-03-01",
        "expires_on": "2029-03-01",
    }
    body = builders.facility(phone="0203 000 8888", version=facility["version"])
    ok(await registry.put(f"/facilities/{facility['id']}", body, registry.clerk()))
    stale = await browser.post(f"{here}/certificates/1", data=form)
    assert stale.status_code == 409
    for text in ("Người khác vừa thay đổi", "0203 000 8888", "0099/2026"):
        assert text in stale.text
    version = facility["version"] + 1
    assert f'name="version" value="{version}"' in stale.text
    other = {"kind": "haccp", "number": "H-9", "issuer": "Sao Mai", "issued_on": "2026-02-02"}
    moved = builders.facility(certificates=[other], version=version)
    ok(await registry.put(f"/facilities/{facility['id']}", moved, registry.clerk()))
    late = await browser.post(f"{here}/certificates/1", data={**form, "version": str(version + 1)})
    assert late.status_code == 409
    assert "Giấy này không còn" in late.text
    draft = (await registry.record("facilities", facility["id"]))["draft"]
    assert [one["number"] for one in draft["certificates"]] == ["H-9"]
    await browser.aclose()


async def test_the_second_editor_of_a_known_facility_sees_what_differs(registry: Registry) -> None:
    clerk = registry.clerk()
    one = ok(await registry.post("/known-facilities", known(), clerk), 201)
    browser = registry.browser(clerk)
    page = f"{KNOWN}/{one['id']}/edit"
    csrf = token_in((await browser.get(page)).text)
    theirs = known(representative="Bà Người Khác", version=1)
    ok(await registry.put(f"/known-facilities/{one['id']}", theirs, clerk))
    mine = known(source="Nguồn tôi vừa gõ", csrf=csrf, version="1")
    stale = await browser.post(page, data=mine)
    assert stale.status_code == 409
    for text in ("Người khác vừa thay đổi", "Bà Người Khác", "Nguồn tôi vừa gõ", "Bạn vừa gõ"):
        assert text in stale.text
    assert 'name="version" value="2"' in stale.text
    assert (await browser.post(page, data={**mine, "version": "2"})).status_code == 303
    note = {"csrf": csrf, "step": "invite", "reason": "Giấy mời 01", "version": "1"}
    late = await browser.post(f"{KNOWN}/{one['id']}", data=note)
    assert late.status_code == 409
    assert "Giấy mời 01" in late.text
    assert 'name="version" value="3"' in late.text
    await browser.aclose()


async def test_what_was_typed_about_a_violation_comes_back_when_it_is_refused(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    path = f"/facilities/{facility['id']}/inspections"
    one = ok(await registry.post(path, minute(), registry.checker()), 201)
    browser = registry.browser(registry.checker())
    page = f"/console/registry/inspections/{one['id']}"
    csrf = token_in((await browser.get(page)).text)
    settle = {"version": 1, "remedy": "Người khác đã ghi", "fined": False}
    ok(
        await registry.post(
            f"/inspections/{one['id']}/violations/0/settlement", settle, registry.checker()
        )
    )
    mine = {"csrf": csrf, "version": "1", "remedy": "Điều tôi vừa gõ", "fined": "true"}
    late = await browser.post(f"{page}/violations/1", data=mine)
    assert late.status_code == 409
    for text in ("Điều tôi vừa gõ", "Người khác đã ghi", 'name="version" value="2"'):
        assert text in late.text
    short = await browser.post(f"{page}/violations/1", data={**mine, "version": "2", "remedy": "x"})
    assert short.status_code == 422
    assert "\nx</textarea>" in short.text
    assert (
        await browser.post(f"{page}/violations/1", data={**mine, "version": "2"})
    ).status_code == 303
    officer = registry.browser(registry.approver())
    csrf = token_in((await officer.get(page)).text)
    reason = {"csrf": csrf, "version": "1", "public": "true", "reason": "Lý do tôi vừa gõ"}
    late = await officer.post(f"{page}/publication", data=reason)
    assert late.status_code == 409
    assert "Lý do tôi vừa gõ</textarea>" in late.text
    await browser.aclose()
    await officer.aclose()


LIES = {
    "html": ("giay.pdf", b"<!doctype html><script>alert(1)</script>", "application/pdf"),
    "svg": ("anh.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "image/jpeg"),
    "zip": ("giay.pdf", b"PK\x03\x04" + bytes(200), "application/pdf"),
    "program": ("anh.png", b"MZ" + bytes(200), "image/png"),
    "gif": ("anh.png", b"GIF89a" + bytes(200), "image/png"),
    "cut off": ("anh.jpg", b"\xff\xd8\xff\xe0" + bytes(200), "image/jpeg"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_an_upload_that_lies_about_its_type_is_refused_everywhere(
    registry: Registry, lie: str
) -> None:
    facility = await registry.a_facility()
    here = f"/console/registry/facilities/{facility['id']}"
    operator = registry.browser(registry.operator(facility["id"]))
    officer = registry.browser(registry.checker())
    file = {"file": LIES[lie]}
    papers: dict[str, Any] = {"title": "Bản cam kết đã ký", "key": new_id()}
    certificate = {
        "kind": "haccp",
        "number": "H-1",
        "issuer": "Sao Mai",
        "issued_on": "2026-02-02",
        "version": str(facility["version"]),
    }
    told = minute()
    found = {k: v for k, v in told.items() if isinstance(v, str)}
    for browser, path, fields in (
        (operator, "papers", papers),
        (operator, "certificates/new", certificate),
        (officer, "inspections/new", {**found, "key": new_id()}),
    ):
        csrf = await registry.csrf(browser)
        answer = await browser.post(f"{here}/{path}", data={**fields, "csrf": csrf}, files=file)
        assert answer.status_code == 422, (path, answer.text)
        assert 'href="#f-file"' in answer.text, path
        assert next(v for k, v in fields.items() if k in ("title", "number", "team")) in answer.text
    listed = await registry.get(f"/facilities/{facility['id']}/documents", registry.checker())
    assert listed.json() == []
    await operator.aclose()
    await officer.aclose()
