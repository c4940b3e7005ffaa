"""Pages behind a code or a link, in Chromium without JavaScript: their forms are taken, although
other sites are told nothing of their address."""

from playwright.async_api import Browser

from tests.chromium import page_of
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_inquiries import asked
from tests.registry.test_shipments import link_of, sent


async def test_who_asked_writes_more_behind_the_code(
    registry: Registry, chromium: Browser, address: str
) -> None:
    facility = await registry.a_facility()
    where = await asked(registry, facility["id"])
    async with page_of(chromium, address, "", java_script_enabled=False) as (page, _):
        await page.goto(where)
        await page.fill("textarea[name=text]", "Giao được thứ bảy không?")
        await page.click("form[action$='/messages'] button")
        assert "Giao được thứ bảy không?" in await page.inner_text("main")
        assert await page.locator("textarea[name=text]").input_value() == ""


async def test_a_transporter_picks_up_by_the_link(
    registry: Registry, chromium: Browser, address: str
) -> None:
    sender, receiver = await registry.a_facility(), await registry.a_facility()
    product = await registry.a_product(sender["id"])
    entries = [builders.entry("harvesting", "2026-08-20")]
    lot = await registry.a_lot(sender["id"], product["id"], entries=entries)
    ends = {"from": sender, "to": receiver}
    shipment = await sent(registry, ends, lot)
    link = await link_of(registry, ends, shipment["id"])
    async with page_of(chromium, address, "", java_script_enabled=False) as (page, _):
        await page.goto(link)
        await page.click("#pick-up button[type=submit]")
        assert await page.locator("#pick-up").count() == 0
        assert await page.locator("form[action$='/position']").count() == 1
