"""Forms of a telephone without a connection: kept, shown as waiting, sent once, by themselves."""

from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from services.registry.store import shipments
from shared.ids import new_id
from tests.answers import ok
from tests.chromium import page_of
from tests.in_process import served
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import Registry

PHONE: Final[dict[str, Any]] = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
WAITING = "#outbox li[data-state=waiting]"


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> dict[str, str]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    return {"id": facility["id"], "product": product["id"]}


@pytest.fixture
async def lot(registry: Registry, farm: dict[str, str]) -> str:
    body = builders.lot(farm["product"], code=new_id()[-12:])
    return str((await registry.entered("lots", body, registry.operator(farm["id"])))["id"])


async def entries(registry: Registry, lot_id: str) -> list[dict[str, Any]]:
    return list((await registry.record("lots", lot_id))["draft"]["entries"])


def a_photo() -> FilePayload:
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": builders.picture("JPEG")}


async def cut(page: Page, *, off: bool) -> None:
    await page.context.set_offline(off)


async def save(page: Page) -> None:
    await page.click("main form[data-outbox] button[type=submit]")


async def test_diary_entries_written_without_a_connection_arrive_once_with_their_photos(
    registry: Registry, chromium: Browser, address: str, farm: dict[str, str], lot: str
) -> None:
    token = registry.operator(farm["id"])
    async with page_of(chromium, address, token, **PHONE) as (page, heard):
        await page.goto(f"/console/registry/lots/{lot}/entries/new?step=harvesting")
        await cut(page, off=True)
        photo = a_photo()
        await page.set_input_files("#f-taken_photos", photo)
        await page.fill("#f-quantity", "120,5")
        await page.fill("#f-note", "Thu lúc mất sóng")
        await save(page)
        await expect(page.locator(WAITING)).to_have_count(1)
        # The form is free for the next entry.
        assert await page.input_value("#f-note") == ""
        await page.fill("#f-note", "Thu lần hai")
        await page.fill("#f-quantity", "30")
        await save(page)
        await expect(page.locator(WAITING)).to_have_count(2)
        assert await entries(registry, lot) == []
        await cut(page, off=False)
        await expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)
        found = await entries(registry, lot)
        assert {(one["note"], one["quantity"]) for one in found} == {
            ("Thu lúc mất sóng", "120.5"),
            ("Thu lần hai", "30"),
        }
        assert sum(len(one["photos"]) for one in found) == 1
        assert heard == []


async def test_an_answer_that_got_lost_makes_no_double_and_a_closed_page_loses_nothing(
    registry: Registry, chromium: Browser, address: str, farm: dict[str, str], lot: str
) -> None:
    token = registry.operator(farm["id"])
    here = f"/console/registry/lots/{lot}/entries/new?step=storing"
    async with page_of(chromium, address, token, **PHONE) as (page, _):
        await page.goto(here)

        async def lose(route: Any) -> None:
            """The server gets the form; its answer never arrives."""
            if route.request.method == "POST":
                await route.fetch()
                await route.abort("connectionreset")
            else:
                await route.continue_()

        await page.route("**/entries/new*", lose)
        await page.fill("#f-note", "Vào kho lạnh")
        await save(page)
        await expect(page.locator(WAITING)).to_have_count(1)
        assert len(await entries(registry, lot)) == 1
        await page.unroute("**/entries/new*")
        await page.close()
        again = await page.context.new_page()
        await again.goto("/console/registry")
        await eventually(lambda: _empty(again), 20)
        assert len(await entries(registry, lot)) == 1


async def _empty(page: Page) -> bool:
    script = """async () => {
      const db = await new Promise((done) => {
        const asked = indexedDB.open("txng-outbox", 1);
        asked.onsuccess = () => done(asked.result);
      });
      return new Promise((done) => {
        const asked = db.transaction("forms").objectStore("forms").count();
        asked.onsuccess = () => done(asked.result === 0);
      });
    }"""
    return bool(await page.evaluate(script))


async def test_what_the_server_refuses_is_kept_with_its_reason_and_opened_again(
    registry: Registry, chromium: Browser, address: str, farm: dict[str, str], lot: str
) -> None:
    token = registry.operator(farm["id"])
    async with page_of(chromium, address, token, **PHONE) as (page, _):
        await page.goto(f"/console/registry/lots/{lot}/entries/new?step=harvesting")
        await cut(page, off=True)
        await page.fill("#f-at", "2099-01-01T08:00")
        await page.fill("#f-note", "Ngày gõ nhầm")
        await save(page)
        await cut(page, off=False)
        refused = page.locator("#outbox li[data-state=refused]")
        await expect(refused).to_contain_text("còn ở phía trước", timeout=20_000)
        await refused.locator("a").click()
        await expect(page.locator("#f-note")).to_have_value("Ngày gõ nhầm")
        await page.fill("#f-at", "2026-08-20T08:00")
        await save(page)
        await eventually(lambda: _empty(page), 20)
        assert [one["note"] for one in await entries(registry, lot)] == ["Ngày gõ nhầm"]


async def test_another_account_of_the_telephone_neither_sees_nor_sends_it(
    registry: Registry, chromium: Browser, address: str, farm: dict[str, str], lot: str
) -> None:
    here = f"/console/registry/lots/{lot}/entries/new?step=storing"
    async with page_of(chromium, address, registry.operator(farm["id"])) as (page, _):
        await page.goto(here)
        await cut(page, off=True)
        await page.fill("#f-note", "Của người thứ nhất")
        await save(page)
        await expect(page.locator(WAITING)).to_have_count(1)
        other = registry.operator(farm["id"])
        await page.context.add_cookies([{"name": "txng_access", "value": other, "url": address}])
        # The page of the first account is still open and sends what waits as soon as it can.
        await cut(page, off=False)
        await expect(page.locator("#outbox li[data-state=sign-in]")).to_have_count(1)
        await page.goto("/console/registry")
        await expect(page.locator("#outbox")).to_be_hidden()
        assert not await _empty(page)
        assert await entries(registry, lot) == []


async def test_a_transporter_without_a_connection_loses_no_step_and_doubles_none(
    registry: Registry, chromium: Browser, address: str, farm: dict[str, str]
) -> None:
    receiver = await registry.a_facility()
    lot = await registry.a_lot(farm["id"], farm["product"])
    body = {
        "end": "transfer",
        "place": "Kho",
        "receiver": receiver["code"],
        "lines": [{"lot": lot["id"], "quantity": "5", "unit": "kg"}],
    }
    sent = ok(await registry.post("/shipments", body, registry.operator(farm["id"])), 201)
    given = await registry.post(
        f"/shipments/{sent['id']}/link", {"open": True}, registry.operator(farm["id"])
    )
    link = urlsplit(ok(given)["address"]).path
    place = {"latitude": 21.0313, "longitude": 106.8517}
    options = {**PHONE, "geolocation": place, "permissions": ["geolocation"]}
    context = await chromium.new_context(base_url=address, locale="vi", **options)
    page = await context.new_page()
    await page.goto(link)
    await cut(page, off=True)
    await page.click("#pick-up button[type=submit]")
    await expect(page.locator(WAITING)).to_have_count(1)
    await expect(page.locator("#pick-up")).to_be_hidden()
    for where in ("Cầu Bạch Đằng", "Cầu Bãi Cháy"):
        await page.fill("#f-place", where)
        await page.click("#position button[type=submit]")
    await expect(page.locator(WAITING)).to_have_count(3)
    await page.fill("#f-name", "Chị Hoa")
    photo = a_photo()
    await page.set_input_files("#f-photo", photo)
    await page.click("#hand-over button[type=submit]")
    await expect(page.locator(WAITING)).to_have_count(4)
    await cut(page, off=False)
    await expect(page.locator("#outbox")).to_be_hidden(timeout=30_000)
    # The page itself says so, though nobody has loaded it again.
    await expect(page.locator("main")).to_contain_text("Đã giao cho Chị Hoa")
    after = await shipments.get(registry.db, sent["id"])
    assert [one.place for one in after.positions] == ["Cầu Bạch Đằng", "Cầu Bãi Cháy"]
    assert after.picked_up is not None
    assert after.picked_up.latitude == 21.031
    assert after.handed_over is not None
    assert (after.handed_over.name, bool(after.handed_over.photo)) == ("Chị Hoa", True)
    assert after.picked_up.at < after.positions[0].at < after.positions[1].at
    assert after.positions[1].at < after.handed_over.at < after.updated_at
    await context.close()


async def test_the_transporters_page_opens_again_when_nothing_answers_any_more(
    registry: Registry, chromium: Browser, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    operator = registry.operator(farm["id"])
    lines = [{"lot": lot["id"], "quantity": "5", "unit": "kg"}]
    body = {"end": "export", "country": "Lào", "documents": "TK-1", "place": "Kho", "lines": lines}
    sent = ok(await registry.post("/shipments", body, operator), 201)
    given = await registry.post(f"/shipments/{sent['id']}/link", {"open": True}, operator)
    link = urlsplit(ok(given)["address"]).path
    context = await chromium.new_context(locale="vi", **PHONE)
    page = await context.new_page()
    async with served(registry.app) as address:
        await page.goto(address + link)
        kept = """async (page) => {
          const found = await (await caches.open("txng-transport-1")).match(page);
          return Boolean(found) && Boolean(navigator.serviceWorker.controller);
        }"""
        await eventually(lambda: page.evaluate(kept, link), 20)
    await page.reload()
    await page.click("#pick-up button[type=submit]")
    await expect(page.locator(WAITING)).to_have_count(1)
    await page.reload()
    await expect(page.locator(WAITING)).to_have_count(1)
    await expect(page.locator("#pick-up")).to_be_hidden()
    await context.close()


async def test_a_gathering_without_a_connection_arrives_once_and_the_next_one_is_another(
    registry: Registry, chromium: Browser, address: str, farm: dict[str, str]
) -> None:
    """A collector on the road: one form sent from the field, then one more."""
    collector = await registry.a_facility(kinds=["collector"])
    product = await registry.a_product(collector["id"])
    token = registry.operator(collector["id"])
    here = "/console/registry/transformations/new?kind=collect"
    async with page_of(chromium, address, token, **PHONE) as (page, heard):
        await page.goto(here)
        proposed = await page.input_value("#f-made-0-code")
        assert proposed
        await cut(page, off=True)
        for number, seller in enumerate(("Bà Tám, thôn 3", "Ông Năm, thôn 1")):
            await page.fill("#f-given-0-supplier", seller)
            await page.fill("#f-given-0-quantity", "50")
            await page.fill("#f-given-1-supplier", f"{seller} (vườn dưới)")
            await page.fill("#f-given-1-quantity", "20,5")
            await page.select_option("#f-product_id", product["id"])
            await page.fill("#f-made-0-code", f"{proposed}{number}")
            await save(page)
            await expect(page.locator(WAITING)).to_have_count(number + 1)
        await cut(page, off=False)
        await expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)
        assert heard == []
    rows = registry.db.collection("transformations").find({"facility_id": collector["id"]})
    made = [row async for row in rows]
    assert sorted(row["made"][0]["code"] for row in made) == [f"{proposed}0", f"{proposed}1"]
    # Nobody had to add it up.
    assert {row["made"][0]["quantity"] for row in made} == {"70.5"}
    offered = (await registry.browser(token).get(here)).text
    assert '<option value="Bà Tám, thôn 3">' in offered


async def test_what_a_shop_does_with_goods_waits_for_a_connection(
    registry: Registry, chromium: Browser, address: str, farm: dict[str, str]
) -> None:
    lot = await registry.a_lot(farm["id"], farm["product"])
    token = registry.operator(farm["id"])
    async with page_of(chromium, address, token, **PHONE) as (page, heard):
        await page.goto(f"/console/registry/stock/{lot['id']}")
        await cut(page, off=True)
        await page.fill("#f-temperature", "4,5")
        await page.fill("#f-note", "Vào kho mát")
        await save(page)
        await expect(page.locator(WAITING)).to_have_count(1)
        await cut(page, off=False)
        await expect(page.locator("#outbox")).to_be_hidden(timeout=20_000)
        assert heard == []
    rows = registry.db.collection("keepings").find({"lot_id": lot["id"]})
    assert [(row["note"], row["temperature"]) async for row in rows] == [("Vào kho mát", "4.5")]
