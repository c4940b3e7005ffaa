"""identity's pages, as a browser without JavaScript uses them."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.answers import token_in
from tests.identity.facilities import published
from tests.identity.running_identity import API, PASSWORD, Identity, send_form

CONSOLE = "/console/identity"
OFFICIAL = {
    "unit_id": "xa-tien-yen",
    "kinds": ["check", "operate"],
    "name": "Ngô Thị Hạnh",
    "position": "Công chức",
    "document_number": "15/QĐ-UBND",
    "document_date": "05/01/2026",
}


@pytest.fixture
async def tien_yen(identity: Identity) -> AsyncIterator[httpx2.AsyncClient]:
    async with identity.browser("tienyen.hethong") as browser:
        yield browser


async def issue(
    browser: httpx2.AsyncClient, path: str, fields: dict[str, Any]
) -> tuple[httpx2.Response, dict[str, Any]]:
    """Opens the form, fills it in and sends it; the answer, and what was sent."""
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    key = re.search(r'name="repeat_key" value="([^"]+)"', page.text)
    assert key
    sent = {**fields, "repeat_key": key.group(1), "csrf": token_in(page.text)}
    return await browser.post(path.partition("?")[0], data=sent), sent


def code_in(html: str) -> str:
    found = re.search(r"([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</code>", html)
    assert found, html
    return found.group(1)


async def account_id(identity: Identity, username: str) -> str:
    account = await identity.db.collection("accounts").find_one({"username": username})
    assert account is not None
    return str(account["_id"])


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-in/set-password",
        "/sign-in/claim",
        "/apply",
        "/apply/track",
        "/account/data",
        "/account",
        "/account/accesses",
        "/account/second-factor",
        f"{CONSOLE}/accounts",
        f"{CONSOLE}/accounts?q=hethong&tier=commune&status=active&idle=30",
        f"{CONSOLE}/accounts?idle=never&page=9",
        f"{CONSOLE}/accounts?tier=$ne&status=x&idle=-1&page=abc",
        f"{CONSOLE}/accounts/new",
        f"{CONSOLE}/accounts/new/facility",
        f"{CONSOLE}/accesses",
        f"{CONSOLE}/accesses?q=le&did=sign_in&outcome=refused&since=2026-01-01&until=2026-12-31",
        f"{CONSOLE}/activity",
        f"{CONSOLE}/applications",
        f"{CONSOLE}/applications?state=rejected",
        f"{CONSOLE}/units",
        f"{CONSOLE}/units/new",
        f"{CONSOLE}/units/xa-tien-yen",
    ],
)
@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_every_page_opens_in_every_language(path: str, lang: str, identity: Identity) -> None:
    async with identity.browser("tinh.hethong") as browser:
        browser.cookies.set("txng_lang", lang)
        if path == "/sign-in":
            browser.cookies.clear()
            browser.cookies.set("txng_lang", lang)
        page = await browser.get(path)
    assert page.status_code == 200, page.text
    assert f'<html lang="{"zh-Hans" if lang == "zh" else lang}">' in page.text
    assert "style=" not in page.text
    assert "onclick" not in page.text
    assert page.headers["cache-control"] == "no-store"
    if lang != "vi":
        text = re.sub(r"<[^>]+>", " ", page.text)
        assert "Đăng nhập" not in text.replace("Đăng nhập bằng", "")


async def test_the_console_page_asks_a_stranger_to_sign_in_and_comes_back(
    identity: Identity,
) -> None:
    wanted = f"{CONSOLE}/accounts?idle=90"
    async with identity.client() as browser:
        page = await browser.get(wanted, follow_redirects=True)
        assert str(page.url).endswith("/sign-in?next=%2Fconsole%2Fidentity%2Faccounts%3Fidle%3D90")
        next_field = re.search(r'name="next" value="([^"]*)"', page.text)
        assert next_field
        form = {"username": "so.hethong", "password": PASSWORD, "next": next_field.group(1)}
        answer = await browser.post("/sign-in", data={**form, "csrf": token_in(page.text)})
        answer = await identity.go_on(browser, answer, "so.hethong", wanted)
        assert (answer.status_code, answer.headers["location"]) == (303, wanted)


async def test_an_official_gets_an_account_and_the_code_is_shown_once(
    identity: Identity, tien_yen: httpx2.AsyncClient
) -> None:
    fields = {**OFFICIAL, "username": "hanh.trang"}
    answer, sent = await issue(tien_yen, f"{CONSOLE}/accounts/new", fields)
    assert answer.status_code == 201, answer.text
    code = code_in(answer.text)
    # The browser's "send again" shows the same code and makes no second account.
    again = await tien_yen.post(f"{CONSOLE}/accounts/new", data=sent)
    assert code_in(again.text) == code
    found = await tien_yen.get(f"{CONSOLE}/accounts/{await account_id(identity, 'hanh.trang')}")
    assert code not in found.text
    assert "15/QĐ-UBND ngày 05/01/2026" in found.text
    assert "Kiểm tra, Vận hành" in found.text
    async with identity.client() as client:
        given = {"username": "hanh.trang", "setup_code": code, "password": PASSWORD}
        assert (await client.post(f"{API}/password", json=given)).status_code == 204


async def test_a_wrong_order_comes_back_with_what_was_typed(
    tien_yen: httpx2.AsyncClient,
) -> None:
    wrong = {**OFFICIAL, "username": "Có Dấu", "document_date": "31/02/2026", "kinds": []}
    answer, _ = await issue(tien_yen, f"{CONSOLE}/accounts/new", wrong)
    assert answer.status_code == 422
    for kept in ('value="Có Dấu"', 'value="31/02/2026"', 'value="Ngô Thị Hạnh"'):
        assert kept in answer.text
    assert "Có 3 chỗ cần sửa" in answer.text
    taken = {**OFFICIAL, "username": "so.duyet"}
    answer, _ = await issue(tien_yen, f"{CONSOLE}/accounts/new", taken)
    assert answer.status_code == 409
    assert "Tên đăng nhập này đã có người dùng" in answer.text
    foreign = {**OFFICIAL, "username": "hanh.la", "unit_id": "xa-ba-che"}
    answer, _ = await issue(tien_yen, f"{CONSOLE}/accounts/new", foreign)
    assert answer.status_code == 404


async def test_a_facility_gets_an_account(identity: Identity, tien_yen: httpx2.AsyncClient) -> None:
    await identity.hear(published("f-page"))
    form = await tien_yen.get(f"{CONSOLE}/accounts/new/facility")
    assert "Hợp tác xã gà Tiên Yên Phong Dụ" in form.text
    fields = {
        "facility_id": "f-page",
        "kinds": ["operate"],
        "username": "htx.phongdu",
        "name": "Chìu Văn Lềnh",
    }
    answer, _ = await issue(tien_yen, f"{CONSOLE}/accounts/new/facility", fields)
    assert answer.status_code == 201, answer.text
    assert code_in(answer.text)
    async with identity.browser("bache.hethong") as elsewhere:
        form = await elsewhere.get(f"{CONSOLE}/accounts/new/facility?facility=f-page")
        assert "Hợp tác xã gà Tiên Yên Phong Dụ" not in form.text
        made = await account_id(identity, "htx.phongdu")
        assert (await elsewhere.get(f"{CONSOLE}/accounts/{made}")).status_code == 404


async def test_an_account_is_suspended_activated_and_issued_anew_on_its_page(
    identity: Identity, tien_yen: httpx2.AsyncClient
) -> None:
    await issue(tien_yen, f"{CONSOLE}/accounts/new", {**OFFICIAL, "username": "hanh.doi"})
    path = f"{CONSOLE}/accounts/{await account_id(identity, 'hanh.doi')}"
    short = await send_form(tien_yen, path, {"reason": "x"}, action=f"{path}/suspend")
    assert short.status_code == 422
    assert 'value="x"' in short.text
    because = {"reason": "Nghỉ thai sản từ 01/12/2026"}
    done = await send_form(tien_yen, path, because, action=f"{path}/suspend")
    assert (done.status_code, done.headers["location"]) == (303, path)
    page = await tien_yen.get(path)
    assert "Đã tạm ngừng tài khoản." in page.text
    assert "Cán bộ quản lý tạm ngừng" in page.text
    twice = await send_form(tien_yen, path, because, action=f"{path}/suspend")
    assert twice.status_code == 409
    done = await send_form(tien_yen, path, because, action=f"{path}/activate")
    assert done.status_code == 303
    anew = await send_form(tien_yen, path, because, action=f"{path}/setup-code")
    assert code_in(anew.text)
    done = await send_form(tien_yen, path, because, action=f"{path}/revoke")
    assert done.status_code == 303
    assert "/suspend" not in (await tien_yen.get(path)).text
    assert (await send_form(tien_yen, path, because, action=f"{path}/promote")).status_code == 404


async def test_who_may_not_manage_accounts_sees_neither_list_nor_account(
    identity: Identity,
) -> None:
    made = await account_id(identity, "tienyen.kiemtra")
    async with identity.browser("so.duyet") as browser:
        assert (await browser.get(f"{CONSOLE}/accounts")).status_code == 403
        assert (await browser.get(f"{CONSOLE}/accounts/new")).status_code == 403
        assert (await browser.get(f"{CONSOLE}/accesses")).status_code == 403
        assert (await browser.get(f"{CONSOLE}/accounts/{made}")).status_code == 404
        token = token_in((await browser.get("/account")).text)
        form = {"csrf": token, "reason": "Không có quyền"}
        answer = await browser.post(f"{CONSOLE}/accounts/{made}/suspend", data=form)
        assert answer.status_code == 404


async def test_a_unit_is_founded_and_edited_on_pages(identity: Identity) -> None:
    async with identity.browser("so.hethong") as browser:
        fields = {
            "parent_id": "so-nnmt",
            "tier": "unit",
            "name": "Chi cục Thủy sản",
            "communes": "06862; 06970",
            "sector": "agriculture",
        }
        wrong = {**fields, "communes": "Tiên Yên"}
        answer = await send_form(browser, f"{CONSOLE}/units/new", wrong)
        assert answer.status_code == 422
        assert "mã xã gồm 5 chữ số" in answer.text
        answer = await send_form(browser, f"{CONSOLE}/units/new", fields)
        assert answer.status_code == 303
        unit = await identity.db.collection("units").find_one({"name": "Chi cục Thủy sản"})
        assert unit is not None
        assert unit["communes"] == ["06862", "06970"]
        path = f"{CONSOLE}/units/{unit['_id']}"
        edit = {"version": "1", "name": "Chi cục Thủy sản và Biển đảo", "communes": "*"}
        answer = await send_form(browser, path, {**edit, "sector": "agriculture"})
        assert answer.status_code == 303
        late = await send_form(browser, path, {**edit, "sector": "agriculture"})
        assert late.status_code == 409
        assert "Người khác vừa thay đổi" in late.text
        changed = await identity.db.collection("units").find_one({"_id": unit["_id"]})
        assert changed is not None
        # The box for "active" was not sent: the unit is closed.
        assert (changed["communes"], changed["active"]) == (["*"], False)


async def test_names_from_outside_are_shown_as_text(
    identity: Identity, tien_yen: httpx2.AsyncClient
) -> None:
    name = "<script>alert(1)</script> & Sons"
    fields = {**OFFICIAL, "username": "hanh.xss", "name": name}
    answer, _ = await issue(tien_yen, f"{CONSOLE}/accounts/new", fields)
    listed = await tien_yen.get(f"{CONSOLE}/accounts?q=hanh.xss")
    for page in (answer, listed):
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text


async def test_the_language_is_kept_once_chosen(identity: Identity) -> None:
    async with identity.browser("so.duyet") as browser:
        assert '<html lang="en">' in (await browser.get("/account?lang=en")).text
        assert '<html lang="en">' in (await browser.get("/account")).text
