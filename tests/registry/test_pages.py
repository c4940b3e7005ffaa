"""The pages in a browser without JavaScript: forms, decisions, work lists, the public site."""

import re
from typing import Any

import httpx2
import pytest

from shared import stampcode
from shared.ids import new_id
from tests.answers import ok, token_in
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module


async def post(
    browser: httpx2.AsyncClient, path: str, data: dict[str, Any], **more: Any
) -> httpx2.Response:
    """Open a form, then send it with its token."""
    page = await browser.get(path)
    assert page.status_code == 200, page.text
    return await browser.post(path, data={"csrf": token_in(page.text), **data}, **more)


def facility_form(**changes: Any) -> dict[str, Any]:
    body = {k: v for k, v in builders.facility().items() if k != "certificates"}
    certificate = {
        f"certificates.0.{key}": value
        for key, value in builders.facility()["certificates"][0].items()
    }
    return {**body, **certificate, "key": new_id(), **changes}


async def test_a_facility_is_entered_submitted_checked_and_published_by_pages(
    registry: Registry,
) -> None:
    clerk = registry.browser(registry.clerk())
    form = facility_form(name="Cơ sở nhập bằng trang")
    answer = await post(clerk, "/console/registry/facilities/new", form)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    page = (await clerk.get(address)).text
    assert "Đã lưu bản nháp" in page
    assert "0014/2024/NNMT-QN" in page
    csrf = token_in(page)
    sent = await clerk.post(f"{address}/submit", data={"csrf": csrf, "version": "1"})
    assert sent.status_code == 303
    checker = registry.browser(registry.checker())
    work = (await checker.get("/console/registry")).text
    assert "Chờ tôi kiểm tra" in work
    assert address in work
    csrf = token_in(work)
    accepted = await checker.post(f"{address}/accept", data={"csrf": csrf, "version": "2"})
    assert accepted.status_code == 303
    approver = registry.browser(registry.approver())
    work = (await approver.get("/console/registry/review")).text
    assert "Chờ tôi duyệt đăng" in work
    published = await approver.post(
        f"{address}/publish", data={"csrf": token_in(work), "version": "3"}
    )
    assert published.status_code == 303
    public = address.replace("/console/registry", "")
    assert "Cơ sở nhập bằng trang" in (await registry.browser().get(public)).text


async def test_a_form_with_mistakes_comes_back_with_everything_typed(registry: Registry) -> None:
    clerk = registry.browser(registry.clerk())
    form = facility_form(tax_number="0100233480", address="Thôn Đã Gõ")
    answer = await post(clerk, "/console/registry/facilities/new", form)
    assert answer.status_code == 422
    assert "Thôn Đã Gõ" in answer.text
    assert "Mã số thuế chưa đúng" in answer.text
    assert 'href="#f-tax_number"' in answer.text
    answer = await post(clerk, "/console/registry/facilities/new", {"name": "x"})
    assert answer.status_code == 422
    assert answer.text.count("Mục này là bắt buộc") >= 4


async def test_the_same_form_sent_twice_enters_one_record(registry: Registry) -> None:
    clerk = registry.browser(registry.clerk())
    form = facility_form()
    first = await post(clerk, "/console/registry/facilities/new", form)
    again = await post(clerk, "/console/registry/facilities/new", form)
    assert first.headers["location"] == again.headers["location"]


async def test_the_second_editor_sees_the_other_s_change_and_loses_nothing_typed(
    registry: Registry, farm: dict[str, str]
) -> None:
    operator = registry.operator(farm["id"])
    entered = await registry.entered("products", builders.product(), operator)
    path = f"/console/registry/products/{entered['id']}/edit"
    browser = registry.browser(operator)
    opened = await browser.get(path)
    ok(
        await registry.put(
            f"/products/{entered['id']}",
            builders.product(brand="Nhãn của người khác", version=1),
            operator,
        )
    )
    mine = {
        "csrf": token_in(opened.text),
        "version": "1",
        "name": "Tên tôi vừa gõ",
        "category": "custard-apple",
        "description": "Đoạn tôi vừa gõ",
    }
    answer = await browser.post(path, data=mine)
    assert answer.status_code == 409
    for text in ("Tên tôi vừa gõ", "Đoạn tôi vừa gõ", "Nhãn của người khác", "Đồi Nắng"):
        assert text in answer.text
    assert 'name="version" value="2"' in answer.text
    record = await registry.record("products", entered["id"])
    assert record["draft"]["brand"] == "Nhãn của người khác"
    saved = await browser.post(path, data={**mine, "version": "2"})
    assert saved.status_code == 303
    record = await registry.record("products", entered["id"])
    assert record["draft"]["name"] == "Tên tôi vừa gõ"


async def test_the_checker_sees_what_changed_and_rejects_with_a_reason(
    registry: Registry, farm: dict[str, str]
) -> None:
    product = await registry.a_product(farm["id"])
    operator = registry.operator(farm["id"])
    body = builders.product(shelf_life_days=99, version=product["version"])
    ok(await registry.put(f"/products/{product['id']}", body, operator))
    waiting = await registry.submitted("products", product["id"], operator)
    checker = registry.browser(registry.checker())
    address = f"/console/registry/products/{product['id']}"
    page = (await checker.get(address)).text
    assert "Thay đổi so với bản đang đăng" in page
    assert "<del>6 ngày</del>" in page
    assert "<ins>99 ngày</ins>" in page
    sent = {"csrf": token_in(page), "version": str(waiting["version"])}
    assert (await checker.post(f"{address}/reject", data=sent)).status_code == 422
    back = await checker.post(f"{address}/reject", data={**sent, "reason": "Hạn dùng quá dài"})
    assert back.status_code == 303
    page = (await registry.browser(operator).get(address)).text
    assert "Hạn dùng quá dài" in page
    assert "Bị trả lại để sửa" in page


async def test_who_entered_is_told_why_there_is_no_button_to_check(registry: Registry) -> None:
    both = registry.token("commune", "operate", "check", communes=[builders.COMMUNE])
    entered = await registry.entered("facilities", builders.facility(), both)
    await registry.submitted("facilities", entered["id"], both)
    page = (await registry.browser(both).get(f"/console/registry/facilities/{entered['id']}")).text
    assert "nên người khác phải kiểm tra" in page
    assert "/accept" not in page


async def test_a_product_is_entered_with_its_picture(
    registry: Registry, farm: dict[str, str]
) -> None:
    browser = registry.browser(registry.operator(farm["id"]))
    path = "/console/registry/products/new"
    form = {
        "name": "Na có ảnh",
        "category": "custard-apple",
        "standards": "VietGAP\nTCCS 01",
        "key": new_id(),
    }
    photo = {"photos": ("na.png", builders.picture(), "image/png")}
    answer = await post(browser, path, form, files=photo)
    assert answer.status_code == 303, answer.text
    record = await registry.record("products", answer.headers["location"].split("/")[-1])
    assert len(record["draft"]["images"]) == 1
    assert record["draft"]["standards"] == ["VietGAP", "TCCS 01"]
    lie = {"photos": ("na.png", b"<svg></svg>", "image/png")}
    answer = await post(browser, path, {**form, "key": new_id()}, files=lie)
    assert answer.status_code == 422
    assert "Nội dung tệp không phải loại được nhận" in answer.text
    # With another field wrong the picture that was good is kept.
    answer = await post(browser, path, {**form, "key": new_id(), "gtin": "123"}, files=photo)
    assert answer.status_code == 422
    assert answer.text.count("checked") == 1


async def test_a_farmer_keeps_a_diary_on_the_pages(
    registry: Registry, farm: dict[str, str]
) -> None:
    browser = registry.browser(registry.operator(farm["id"]))
    form = {
        "product_id": farm["product"],
        "code": new_id()[-12:],
        "quantity": "1.200,5",
        "unit": "kg",
        "produced_on": "2026-08-20",
        "key": new_id(),
    }
    answer = await post(browser, "/console/registry/lots/new", form)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    choose = (await browser.get(f"{address}/entries/new")).text
    assert "Thu hoạch" in choose
    form_page = await browser.get(f"{address}/entries/new?step=input")
    assert 'name="withdrawal_days"' in form_page.text
    assert 'name="vehicle"' not in form_page.text
    spraying = {
        "csrf": token_in(form_page.text),
        "step": "input",
        "id": new_id(),
        "version": "0",
        "at": "2026-08-10T07:30",
        "place": "Vườn trên",
        "kind": "pesticide",
        "name": "Abamectin",
        "withdrawal_days": "14",
    }
    for _ in range(2):  # Sent again after a lost connection, it is still one entry.
        assert (await browser.post(f"{address}/entries/new", data=spraying)).status_code == 303
    harvest = {**spraying, "step": "harvesting", "id": new_id(), "at": "2026-08-20T06:00"}
    for field in ("kind", "name", "withdrawal_days"):
        del harvest[field]
    assert (await browser.post(f"{address}/entries/new", data=harvest)).status_code == 303
    record = await registry.record("lots", address.split("/")[-1])
    assert [e["at"] for e in record["draft"]["entries"]] == [
        "2026-08-10T00:30:00Z",
        "2026-08-19T23:00:00Z",
    ]
    assert record["draft"]["quantity"] == "1200.5"
    sent = {"csrf": spraying["csrf"], "version": str(record["version"])}
    refused = await browser.post(f"{address}/submit", data=sent)
    assert refused.status_code == 422
    assert "Chưa hết thời gian cách ly" in refused.text
    first = record["draft"]["entries"][0]["id"]
    edit = (await browser.get(f"{address}/entries/{first}/edit")).text
    assert 'value="14"' in edit
    changed = {**spraying, "id": first, "version": str(record["version"]), "withdrawal_days": "7"}
    assert (await browser.post(f"{address}/entries/new", data=changed)).status_code == 303
    sent["version"] = str(record["version"] + 1)
    assert (await browser.post(f"{address}/submit", data=sent)).status_code == 303


async def test_a_supply_without_a_name_comes_back(registry: Registry, farm: dict[str, str]) -> None:
    operator = registry.operator(farm["id"])
    lot = await registry.entered(
        "lots", builders.lot(farm["product"], code=new_id()[-12:]), operator
    )
    browser = registry.browser(operator)
    path = f"/console/registry/lots/{lot['id']}/entries/new"
    form = {"step": "input", "id": new_id(), "at": "2026-08-10T07:30", "place": "Vườn trên"}
    csrf = await registry.csrf(browser)
    answer = await browser.post(path, data={"csrf": csrf, **form})
    assert answer.status_code == 422
    assert "Vườn trên" in answer.text
    assert answer.text.count("Mục này là bắt buộc") >= 2


async def test_a_form_without_its_token_changes_nothing(
    registry: Registry, farm: dict[str, str]
) -> None:
    browser = registry.browser(registry.operator(farm["id"]))
    answer = await browser.post("/console/registry/products/new", data={"name": "Không mã"})
    assert answer.status_code == 403
    page = (await browser.get("/console/registry/products?q=khong+ma")).text
    assert "Không mã" not in page


async def test_stopping_withdrawing_and_versions_have_their_pages(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    approver = registry.browser(registry.approver())
    csrf = await registry.csrf(approver)
    address = f"/console/registry/products/{product['id']}"
    answer = await approver.post(f"{address}/withdraw", data={"csrf": csrf, "reason": "Vi phạm"})
    assert answer.status_code == 303
    place = f"/console/registry/facilities/{facility['id']}"
    for act in ("stop", "resume"):
        answer = await approver.post(f"{place}/{act}", data={"csrf": csrf, "reason": "Tạm ngừng"})
        assert answer.status_code == 303, answer.text
    version = await approver.get(f"{address}/versions/1")
    assert "Nhập mới" in version.text
    assert (await approver.get(f"{address}/versions/99")).status_code == 404
    assert (await approver.post(f"{address}/stop", data={"csrf": csrf})).status_code == 404


async def test_a_code_typed_on_the_home_page_leads_to_its_stamp(
    registry: Registry, secrets_dir: Any
) -> None:
    keyring = stampcode.Keyring.load(secrets_dir / "stamp-keys.json")
    code = stampcode.encode(keyring, 7, 42)
    visitor = registry.browser()
    typed = stampcode.group(code).lower()
    answer = await visitor.get("/", params={"code": f" {typed} "})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/{code}"
    answer = await visitor.get("/", params={"code": "khong-phai-ma"})
    assert answer.status_code == 422
    assert "khong-phai-ma" in answer.text


async def test_products_are_found_with_and_without_diacritics(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(
        facility["id"], name="Chả mực giã tay Hạ Long", category="squid-cake", ocop_stars=5
    )
    visitor = registry.browser()
    for q in ("chả mực", "cha muc", "CHA MUC HA LONG", "long gia", "chả"):
        assert product["id"] in (await visitor.get("/products", params={"q": q})).text, q
    for params in (
        {"category": "squid-cake"},
        {"group": "seafood_products"},
        {"ocop": "5"},
        {"commune": builders.COMMUNE, "q": "cha muc"},
        {"key": "1", "q": "cha muc"},
    ):
        assert product["id"] in (await visitor.get("/products", params=params)).text, params
    for params in (
        {"q": "cha muc rươi"},
        {"category": "lychee"},
        {"ocop": "3"},
        {"commune": builders.OTHER_COMMUNE},
        {"group": "no-such-group"},
    ):
        page = await visitor.get("/products", params=params)
        assert page.status_code == 200
        assert product["id"] not in page.text, params


async def test_lists_are_paged_and_say_when_there_is_nothing(registry: Registry) -> None:
    visitor = registry.browser()
    assert (await visitor.get("/products?page=9999")).status_code == 200
    assert "Không tìm thấy sản phẩm nào" in (await visitor.get("/products?q=zzzzzz")).text
    assert "Không tìm thấy cơ sở nào" in (await visitor.get("/facilities?q=zzzzzz")).text
    nobody = registry.browser(registry.checker("06994"))
    assert "Không có việc nào chờ bạn" in (await nobody.get("/console/registry")).text


@pytest.mark.parametrize("path", ["/", "/products", "/facilities"])
async def test_public_pages_speak_english_too(registry: Registry, path: str) -> None:
    page = await registry.browser().get(f"{path}?lang=en")
    assert page.status_code == 200
    assert 'lang="en"' in page.text
    for word in ("Sản phẩm chủ lực", "Từ khóa", "Nhập mã"):
        assert word not in page.text


@pytest.mark.parametrize("path", ["/", "/products", "/facilities", "/products/groups"])
async def test_public_pages_speak_chinese_too(registry: Registry, path: str) -> None:
    page = await registry.browser().get(path, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert page.status_code == 200
    assert '<html lang="zh-Hans">' in page.text
    assert page.headers["content-language"] == "zh-Hans"
    for tag, query in (("vi", "?lang=vi"), ("zh-Hans", "?lang=zh"), ("x-default", "")):
        address = f'https?://[^/"]+{path}{re.escape(query)}'
        assert re.search(f'hreflang="{tag}" href="{address}"', page.text)
    for word in ("Sản phẩm chủ lực", "Từ khóa", "Nhập mã", "Thủy sản tươi sống"):
        assert word not in page.text


async def test_english_names_are_shown_where_they_were_given(registry: Registry) -> None:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    page = await registry.browser().get(f"/products/{product['id']}?lang=en")
    assert "Đông Triều custard apple" in page.text


async def test_a_growing_area_has_its_public_page(registry: Registry, farm: dict[str, str]) -> None:
    area = await registry.published("growing-areas", builders.growing_area(facility_id=farm["id"]))
    page = (await registry.browser().get(f"/growing-areas/{area['id']}")).text
    for text in ("Vùng trồng na Đồi Nắng", "38,5 ha", "42", area["code"]):
        assert text in page


async def test_every_form_of_the_console_opens(registry: Registry, farm: dict[str, str]) -> None:
    operator = registry.operator(farm["id"])
    area = await registry.entered("growing-areas", builders.growing_area(), operator)
    lot = await registry.entered(
        "lots", builders.lot(farm["product"], code=new_id()[-12:]), operator
    )
    browser = registry.browser(operator)
    for path in (
        "products/new",
        "growing-areas/new",
        f"lots/new?product_id={farm['product']}",
        f"facilities/{farm['id']}/edit",
        f"products/{farm['product']}/edit",
        f"growing-areas/{area['id']}/edit",
        f"lots/{lot['id']}/edit",
        *(
            f"lots/{lot['id']}/entries/new?step={s}"
            for s in ("planting", "catching", "transporting")
        ),
    ):
        assert (await browser.get(f"/console/registry/{path}")).status_code == 200, path
    assert (await browser.get("/console/registry/facilities/new")).status_code == 403
    official = registry.browser(registry.approver())
    for word in ("products", "growing-areas"):
        page = (await official.get(f"/console/registry/{word}/new?q=co+so")).text
        assert f"/console/registry/{word}/new?facility_id=" in page


async def test_a_person_s_tax_number_finds_the_facility_in_the_console_only(
    registry: Registry,
) -> None:
    facility = await registry.a_facility(tax_number="022090004321")
    public = (await registry.browser().get("/facilities?q=022090004321")).text
    assert facility["id"] not in public
    console = registry.browser(registry.checker())
    found = (await console.get("/console/registry/facilities?q=022090004321")).text
    assert facility["id"] in found


async def test_an_address_names_its_commune_once(registry: Registry) -> None:
    await registry.a_facility(address="Thôn 9, phường An Sinh", name="Cơ sở chín")
    await registry.a_facility(address="Thôn 8", name="Cơ sở tám")
    page = (await registry.browser().get("/facilities")).text
    assert "Thôn 9, phường An Sinh<" in page
    assert "Thôn 8, Phường An Sinh<" in page
