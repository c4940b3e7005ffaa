"""Forms with empty rows in Chromium: what is left empty keeps nobody from sending them."""

from playwright.async_api import Browser

from tests.chromium import page_of
from tests.registry import builders
from tests.registry.conftest import Registry


async def test_an_export_that_a_country_does_not_take_is_refused_in_the_page_s_language(
    registry: Registry, chromium: Browser, address: str
) -> None:
    """Also: two of the form's three rows stay empty."""
    facility = await registry.a_facility(plant_code="VNQNPH-0088")
    product = await registry.a_product(facility["id"], category="durian")
    area = await registry.published(
        "growing-areas", builders.growing_area(facility_id=facility["id"], code="VN-QNOR-8801")
    )
    entries = [builders.entry("harvesting", "2026-08-20")]
    lot = await registry.a_lot(
        facility["id"], product["id"], growing_area_id=area["id"], entries=entries
    )
    token = registry.operator(facility["id"])
    async with page_of(chromium, address, token, lang="en") as (page, heard):
        await page.goto(f"/console/registry/shipments/new?lot={lot['id']}")
        await page.check("input[value=export]")
        await page.fill("#f-country", "China")
        await page.fill("#f-documents", "TK-88")
        await page.fill("#f-lines-0-quantity", "5")
        await page.click("main form.form button[type=submit]:not([name])")
        await page.wait_for_selector("#errors")
        told = await page.inner_text("#errors")
        assert "China does not accept area code VN-QNOR-8801" in told
        assert await page.input_value("#f-lines-0-quantity") == "5"
        await page.fill("#f-country", "Laos")
        await page.click("main form.form button[type=submit]:not([name])")
        await page.wait_for_url("**/shipments/*-*")
        assert heard == []
