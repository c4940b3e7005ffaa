"""The story of a stamp, walked through the pages in a real browser."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest_asyncio
from playwright.async_api import Browser

from deploy.demo import acts
from deploy.demo.logins import forged
from tests.browser.walking import DESK, PHONE, Person
from tests.journeys.town import Town

OPERATOR = "htx-na-doi-nang.vanhanh"
CHECKER = "phuong-an-sinh.kiemtra"
APPROVER = "so-nnmt.duyet"
STAMP_OFFICER = "phuong-an-sinh.duyet"
RECALL_OFFICER = "so-nnmt.thuhoi"
REPORTER = "tinh.baocao"
NAME = "Na dai Đông Triều, hộp 1 kg"


@dataclass
class Walk:
    """The people, and what they have made so far; the tests walk on in their order."""

    town: Town
    browser: Browser
    people: dict[str, Person] = field(default_factory=dict)
    product: str = ""
    lot: str = ""
    other_lot: str = ""
    batch: int = 0
    codes: dict[str, str] = field(default_factory=dict)
    case: str = ""

    async def person(self, username: str, **how: object) -> Person:
        """Signed in at their first step, and the same browser ever after."""
        if username not in self.people:
            made = await Person.come(self.browser, self.town.origin, **how)  # type: ignore[arg-type]
            await made.sign_in(username, self.town.password)
            self.people[username] = made
        return self.people[username]

    async def day(self, days_ago: int) -> str:
        return (self.town.today - timedelta(days=days_ago)).isoformat()


@pytest_asyncio.fixture(scope="module")
async def walk(town: Town, chromium: Browser) -> AsyncIterator[Walk]:
    made = Walk(town, chromium)
    yield made
    for person in made.people.values():
        await person.context.close()


async def test_everybody_finds_the_home_page_and_the_sign_in(walk: Walk) -> None:
    for viewport, kind in ((PHONE, "phone"), (None, "desk")):
        how = {"viewport": viewport} if viewport else {}
        visitor = await Person.come(walk.browser, walk.town.origin, **how)  # type: ignore[arg-type]
        await visitor.open("/", f"home-{kind}")
        await visitor.open("/facilities", f"facilities-{kind}")
        await visitor.open("/recalls", f"recalls-empty-{kind}")
        await visitor.open("/sign-in", f"sign-in-{kind}")
        await visitor.context.close()


async def test_an_operator_enters_a_product_on_a_phone(walk: Walk) -> None:
    operator = await walk.person(OPERATOR, viewport=PHONE)
    await operator.look("console-operator")
    await operator.open("/console/registry", "work-operator")
    await operator.open("/console/registry/products/new", "product-new")
    await operator.fill(
        name=NAME,
        gtin="9520101000119",
        name_en="Đông Triều custard apple, 1 kg",
        category="custard-apple",
        brand="Đồi Nắng",
        packaging="Hộp giấy 1 kg, lót xốp lưới",
        net_content="1 kg",
        shelf_life_days="10",
        storage="Nơi thoáng mát, tránh nắng",
        price="75000",
        origin="Phường An Sinh, tỉnh Quảng Ninh",
        standards="VietGAP trồng trọt (TCVN 11892-1:2017)\nTCCS 02/DN",
        description="Na dai vỏ mỏng, thịt dai và ngọt, bao trái từ khi bằng nắm tay trẻ nhỏ.",
    )
    await operator.press("main form.form button[type=submit]")
    assert "chữ số kiểm tra phải khớp" in await operator.text()
    await operator.look("product-refused")
    await operator.fill(gtin="9520101000194")
    picture = {"name": "na-dai.jpg", "mimeType": "image/jpeg", "buffer": walk.town.picture()}
    await operator.page.set_input_files("#f-photos", picture)  # type: ignore[arg-type]
    await operator.press("main form.form button[type=submit]")
    walk.product = operator.page.url.rsplit("/", 1)[-1]
    await operator.look("product-draft")
    await operator.press("form[action$='/submit'] button")
    assert "Đang chờ kiểm tra" in await operator.text()
    await operator.look("product-submitted")


async def test_a_ward_checks_it_and_the_department_publishes_it(walk: Walk) -> None:
    checker = await walk.person(CHECKER)
    await checker.open("/console/registry", "work-checker")
    await checker.page.click(f"main a:has-text('{NAME}')")
    await checker.page.wait_for_url(f"**/products/{walk.product}")
    await checker.look("product-to-check")
    await checker.press("form[action$='/accept'] button")
    await checker.look("product-checked")
    approver = await walk.person(APPROVER)
    await approver.open(f"/console/registry/products/{walk.product}", "product-to-publish")
    await approver.press("form[action$='/publish'] button")
    await approver.look("product-published")
    visitor = await Person.come(walk.browser, walk.town.origin, viewport=PHONE)
    await visitor.open(f"/products/{walk.product}", "product-public")
    assert NAME in await visitor.text()
    await visitor.open("/products?q=na+dai", "products-public")
    await visitor.context.close()


async def test_a_lot_with_its_diary(walk: Walk) -> None:
    operator = await walk.person(OPERATOR)
    walk.lot = await _lot(walk, operator, "ND-A", looked=True)
    walk.other_lot = await _lot(walk, operator, "ND-B", looked=False)
    checker = await walk.person(CHECKER)
    for lot in (walk.lot, walk.other_lot):
        await checker.page.goto(f"/console/registry/lots/{lot}")
        if lot == walk.lot:
            await checker.look("lot-to-check")
        await checker.press("form[action$='/accept'] button")
    await checker.look("lot-published")


async def _lot(walk: Walk, operator: Person, code: str, *, looked: bool) -> str:
    async def look(name: str) -> None:
        if looked:
            await operator.look(name)

    await operator.page.goto("/console/registry/lots/new")
    await look("lot-new")
    produced = await walk.day(2)
    await operator.fill(
        product_id=walk.product, code=code, quantity="650", unit="hộp", produced_on=produced
    )
    await operator.page.select_option("[name=growing_area_id]", index=1)
    await operator.press("main form.form button[type=submit]")
    lot = operator.page.url.rsplit("/", 1)[-1]
    await look("lot-draft")
    entries: list[tuple[str, int, dict[str, str]]] = [
        ("planting", 400, {"material": "Cây na dai ghép hai năm tuổi"}),
        (
            "input",
            12,
            {
                "kind": "pesticide",
                "name": "Chế phẩm trừ rệp sáp",
                "active_substance": "Buprofezin 25 %",
                "dose": "1,2 kg/ha",
                "withdrawal_days": "7",
            },
        ),
        ("harvesting", 8, {"quantity": "650", "unit": "kg"}),
        ("packing", 2, {"method": "Hộp giấy 1 kg, dán tem từng hộp"}),
    ]
    if not looked:
        entries[2] = ("harvesting", 2, {"quantity": "650", "unit": "kg"})
    for step, days_ago, fields in entries:
        await _entry(walk, operator, lot, step, days_ago, fields, looked=looked)
    await look("lot-with-diary")
    await operator.press("form[action$='/submit'] button")
    if looked:
        assert "Chưa hết thời gian cách ly" in await operator.text()
        await look("lot-refused")
        await operator.page.click("ol.diary li:has-text('Thu hoạch') a[href$='/edit']")
        await operator.page.wait_for_url("**/edit")
        await operator.fill(at=f"{await walk.day(2)}T06:30")
        await operator.press("main form.form button[type=submit]")
        await operator.press("form[action$='/submit'] button")
    assert "Đang chờ kiểm tra" in await operator.text()
    await look("lot-submitted")
    return lot


async def _entry(
    walk: Walk,
    operator: Person,
    lot: str,
    step: str,
    days_ago: int,
    fields: dict[str, str],
    *,
    looked: bool,
) -> None:
    here = f"/console/registry/lots/{lot}/entries/new"
    await operator.page.goto(here)
    if looked and step == "planting":
        await operator.look("diary-steps")
    await operator.page.click(f"a[href$='step={step}']")
    await operator.page.wait_for_url(f"**step={step}")
    at = f"{await walk.day(days_ago)}T{'14' if step == 'packing' else '06'}:30"
    await operator.fill(at=at, place="Vườn đồi An Sinh", **fields)
    if looked:
        await operator.look(f"diary-{step}")
    await operator.press("main form.form button[type=submit]")


async def test_stamps_are_asked_for_and_granted(walk: Walk) -> None:
    operator = await walk.person(OPERATOR)
    await operator.open("/console/stamps/requests/new", "stamps-ask")
    await operator.fill(product_id=walk.product, quantity="1000", purpose="Tem cho vụ na này")
    await operator.press("main form.form button[type=submit]")
    await operator.look("stamps-asked")
    request = operator.page.url.rsplit("/", 1)[-1]
    officer = await walk.person(STAMP_OFFICER)
    await officer.open("/console/stamps/requests", "stamps-requests")
    await officer.open(f"/console/stamps/requests/{request}", "stamps-decide")
    await officer.fill(decision="approve")
    await officer.press("main form.form button[type=submit]")
    await officer.look("stamps-granted")
    await officer.page.click("a[href*='/console/stamps/batches/']:has-text('Mở lô tem')")
    await officer.page.wait_for_url("**/batches/*")
    walk.batch = int(officer.page.url.rsplit("/", 1)[-1])
    await officer.look("batch-issued")


async def test_the_print_ready_file_is_downloaded(walk: Walk, tmp_path: Path) -> None:
    operator = await walk.person(OPERATOR)
    await operator.open(f"/console/stamps/batches/{walk.batch}/print", "print")
    await operator.fill(size="6mm", first="0", last="999")
    await operator.press("main form.form button[type=submit]")
    # Until the file is there, the page looks again by itself.
    link = operator.page.locator("a[href$='/file']")
    await link.wait_for(timeout=90_000)
    await operator.look("print-done")
    async with operator.page.expect_download() as coming:
        await link.click()
    download = await coming.value
    path = tmp_path / download.suggested_filename
    await download.save_as(path)
    document = pypdfium2.PdfDocument(io.BytesIO(path.read_bytes()))
    assert len(document) > 0
    document.close()


async def test_the_first_five_hundred_are_activated(walk: Walk) -> None:
    operator = await walk.person(OPERATOR)
    here = f"/console/stamps/batches/{walk.batch}"
    await operator.open(f"{here}/activate", "activate")
    await operator.fill(first="0", last="499", lot_id=walk.lot)
    await operator.press("main form.form button[type=submit]")
    await operator.look("activated")
    await operator.page.goto(f"{here}/activate")
    await operator.fill(first="400", last="600", lot_id=walk.other_lot)
    await operator.press("main form.form button[type=submit]")
    assert "đã được kích hoạt" in await operator.text()
    await operator.look("activate-refused")
    await operator.fill(first="600", last="699", lot_id=walk.other_lot)
    await operator.press("main form.form button[type=submit]")
    found = await acts.codes(walk.town.cast.operator, walk.batch, 0, 999)
    walk.codes = {"first": found[0], "500th": found[499], "501st": found[500]}
    walk.codes |= {"other": found[600], "forged": forged(found[0])}
    for code, wanted in (("first", "genuine"), ("other", "genuine")):
        await acts.until_verdict(walk.town.api, walk.codes[code], wanted)


async def test_anybody_reads_a_stamp_on_a_phone_without_script(walk: Walk) -> None:
    pages = {
        "first": "Tem hợp lệ",
        "501st": "Tem chưa được kích hoạt",
        "forged": "Không có tem nào mang mã này",
    }
    plain = await Person.come(walk.browser, walk.town.origin, viewport=PHONE, script=False)
    phone = await Person.come(walk.browser, walk.town.origin, viewport=PHONE)
    for name, words in pages.items():
        await plain.page.goto(f"/{walk.codes[name]}")
        assert words in await plain.text()
        await phone.open(f"/{walk.codes[name]}", f"stamp-{name}")
    assert NAME in await _text_of(plain, walk.codes["first"])
    await plain.context.close()
    await phone.context.close()


async def _text_of(person: Person, code: str) -> str:
    await person.page.goto(f"/{code}")
    return await person.text()


async def test_a_traveller_reads_it_in_english(walk: Walk) -> None:
    guest = await Person.come(walk.browser, walk.town.origin, lang="en")
    await guest.open(f"/{walk.codes['first']}", "stamp-first-english")
    assert "custard apple" in await guest.text()
    await guest.open(f"/products/{walk.product}", "product-public-english")
    await guest.open("/", "home-english")
    await guest.context.close()


async def test_an_official_sees_the_blast_radius_and_orders_a_recall(walk: Walk) -> None:
    officer = await walk.person(RECALL_OFFICER)
    await officer.open("/console/recall", "recall-console")
    await officer.open("/console/recall/new", "recall-search")
    await officer.fill(q=walk.codes["500th"])
    await officer.press("main form.filters button[type=submit]")
    await officer.look("recall-found")
    await officer.page.click("a[href*='target_kind=lot']")
    await officer.page.wait_for_url("**/radius?**")
    await officer.look("recall-radius")
    await officer.fill(
        kind="recall",
        reason="Mẫu kiểm nghiệm có dư lượng Buprofezin vượt mức cho phép.",
        instruction="Không ăn, không bán. Mang trả nơi mua hoặc gọi cơ sở.",
    )
    await officer.press("main form.form button.bad")
    walk.case = officer.page.url.rsplit("/", 1)[-1]
    # Until the last replica has it, the page looks again by itself.
    await acts.until_everywhere(walk.town.cast.recall_officer, walk.case)
    await officer.open(f"/console/recall/{walk.case}", "recall-everywhere")
    text = await officer.text()
    assert "trên 2 trong 2 máy chủ quét" in text
    assert "scan-1" in text
    assert "scan-2" in text


async def test_the_stamp_is_red_on_both_replicas_and_the_other_lot_stays_green(walk: Walk) -> None:
    for name, base in walk.town.replicas.items():
        phone = await Person.come(walk.browser, base, viewport=PHONE)
        await acts.until_verdict(walk.town.api, walk.codes["first"], "recalled", base=base)
        await phone.open(f"/{walk.codes['first']}", f"stamp-recalled-{name}")
        assert "Buprofezin" in await phone.text()
        await phone.open(f"/{walk.codes['other']}", f"stamp-other-{name}")
        assert "Tem hợp lệ" in await phone.text()
        await phone.context.close()


async def test_the_public_list_shows_the_recall(walk: Walk) -> None:
    phone = await Person.come(walk.browser, walk.town.origin, viewport=PHONE)
    await phone.open("/recalls", "recalls-phone")
    assert NAME in await phone.text()
    await phone.open(f"/recalls/{walk.case}", "recall-public-phone")
    await phone.context.close()


async def test_the_province_sees_figures_and_the_ledger_in_english(walk: Walk) -> None:
    reporter = await walk.person(REPORTER, lang="en")
    await reporter.open("/console", "console-reporter")
    await reporter.open("/console/reporting", "figures")
    await reporter.open("/console/reporting/audit?action=recall.order", "audit")
    rows = await reporter.page.inner_text("main table tbody")
    assert "Recalls: ordered" in rows
    assert "recall.order" not in rows
    await reporter.page.click("main table a >> nth=0")
    await reporter.page.wait_for_url("**/audit/*")
    await reporter.look("audit-link")
    await reporter.page.set_viewport_size(PHONE)
    await reporter.look("audit-link-phone")
    await reporter.open("/console/reporting/audit", "audit-phone")


CHINESE = {
    OPERATOR: (
        "/console",
        "/console/registry",
        "/console/registry/products/{product}",
        "/console/registry/products/new",
        "/console/registry/lots/{lot}",
        "/console/stamps",
    ),
    RECALL_OFFICER: (
        "/console/recall",
        "/console/recall/new",
        "/console/recall/{case}",
        "/console/reporting",
    ),
}


async def test_the_console_reads_chinese_too(walk: Walk) -> None:
    for username, paths in CHINESE.items():
        person = await walk.person(username)
        await person.page.goto("/console?lang=zh")
        for viewport, kind in ((PHONE, "phone"), (DESK, "desk")):
            await person.page.set_viewport_size(viewport)
            for number, path in enumerate(paths):
                here = path.format(product=walk.product, lot=walk.lot, case=walk.case)
                await person.open(here, f"zh-console-{username.split('.')[-1]}-{number}-{kind}")
                tag = await person.page.get_attribute("html", "lang")
                assert tag == "zh-Hans", here
                assert "Bàn làm việc" not in await person.text(), here
        await person.page.goto("/console?lang=vi")


async def test_a_chinese_traveller_reads_every_public_page(walk: Walk) -> None:
    for viewport, kind in ((PHONE, "phone"), (DESK, "desk")):
        guest = await Person.come(walk.browser, walk.town.origin, lang="zh", viewport=viewport)
        for name, path, words in (
            ("home", "/", "召回"),
            ("products", "/products", "番荔枝"),
            ("product", f"/products/{walk.product}", "产品"),
            ("facilities", "/facilities", "经营主体"),
            ("recalls", "/recalls", "召回：Đông Triều custard apple"),
            ("recall", f"/recalls/{walk.case}", "影响"),
            ("sign-in", "/sign-in", "登录"),
            ("apply", "/apply", "申请"),
            ("typing", "/kiem-tra-tem", "追溯码"),
            ("recalled", f"/{walk.codes['first']}", "正在召回——请勿使用"),
            ("genuine", f"/{walk.codes['other']}", "标签有效，产品未被召回"),
            ("forged", f"/{walk.codes['forged']}", "查无此追溯码"),
        ):
            await guest.open(path, f"zh-{name}-{kind}")
            assert words in await guest.text(), path
        await guest.context.close()
