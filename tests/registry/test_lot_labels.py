"""A QR code for a whole lot: what it leads to, what is missing for one, who may have it."""

import io

import pytest
import zxingcpp
from axe_playwright_python.async_playwright import Axe
from PIL import Image
from playwright.async_api import Browser

from tests.answers import ok, refused
from tests.chromium import page_of
from tests.registry import builders
from tests.registry.conftest import Registry

C = "/console/registry/lots"


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> str:
    return str((await registry.a_facility())["id"])


async def test_the_symbol_leads_to_the_gs1_address_of_product_and_lot(
    registry: Registry, farm: str, chromium: Browser
) -> None:
    gtin = builders.gtin(7_719_001)
    product = await registry.a_product(farm, gtin=gtin)
    lot = await registry.a_lot(farm, product["id"], code="NA/26-1")
    told = ok(await registry.get(f"/lots/{lot['id']}/label", registry.operator(farm)))
    assert (told["gtin"], told["lot"]) == (gtin.zfill(14), "NA/26-1")
    assert told["address"].endswith(f"/01/{gtin.zfill(14)}/10/NA%2F26-1")
    browser = registry.browser(registry.operator(farm))
    label = (await browser.get(f"{C}/{lot['id']}/label")).text
    assert told["address"] in label
    assert "không chứng minh món hàng là thật" in label
    assert f"{C}/{lot['id']}/label" in (await browser.get(f"{C}/{lot['id']}")).text
    symbol = await browser.get(f"{C}/{lot['id']}/label.svg")
    assert symbol.headers["content-type"] == "image/svg+xml"
    page = await chromium.new_page(viewport={"width": 600, "height": 600})
    await page.set_content(symbol.text)
    seen = Image.open(io.BytesIO(await page.screenshot())).convert("L")
    await page.close()
    assert [found.text for found in zxingcpp.read_barcodes(seen)] == [told["address"]]


async def test_without_a_gtin_there_is_none_and_the_page_says_what_to_do(
    registry: Registry, farm: str
) -> None:
    product = await registry.a_product(farm, gtin="")
    lot = await registry.a_lot(farm, product["id"])
    refused(
        await registry.get(f"/lots/{lot['id']}/label", registry.operator(farm)),
        *(409, "gtin_missing"),
    )
    browser = registry.browser(registry.operator(farm))
    page = await browser.get(f"{C}/{lot['id']}/label")
    assert page.status_code == 200
    assert "chưa có mã GTIN" in page.text
    assert f"/console/registry/products/{product['id']}" in page.text
    assert (await browser.get(f"{C}/{lot['id']}/label.svg")).status_code == 409


async def test_another_facility_finds_no_label(registry: Registry, farm: str) -> None:
    product = await registry.a_product(farm, gtin=builders.gtin(7_719_002))
    lot = await registry.a_lot(farm, product["id"])
    stranger = registry.operator(str((await registry.a_facility())["id"]))
    refused(await registry.get(f"/lots/{lot['id']}/label", stranger), 404, "not_found")
    for end in ("label", "label.svg"):
        page = await registry.browser(stranger).get(f"{C}/{lot['id']}/{end}")
        assert page.status_code == 404


async def test_the_page_fits_a_phone_and_axe_finds_nothing(
    registry: Registry, farm: str, chromium: Browser, address: str
) -> None:
    with_gtin = await registry.a_product(farm, gtin=builders.gtin(7_719_003))
    without = await registry.a_product(farm, gtin="")
    lots = [await registry.a_lot(farm, one["id"]) for one in (with_gtin, without)]
    token = registry.operator(farm)
    for lang in ("vi", "en", "zh"):
        narrow = {"width": 360, "height": 800}
        async with page_of(chromium, address, token, lang=lang, viewport=narrow) as (page, heard):
            for lot in lots:
                await page.goto(f"{C}/{lot['id']}/label")
                assert (await Axe().run(page)).violations_count == 0
                assert await page.evaluate("document.documentElement.scrollWidth") == 360
            assert heard == []
