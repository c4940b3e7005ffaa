"""Codes for a whole product: what they lead to, what is missing for one, who may have it."""

import io
import re
from datetime import date

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from axe_playwright_python.async_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.async_api import Browser
from pyzbar import pyzbar

from services.registry.domain.goods_label import GoodsLabel, Symbol
from services.registry.printing import goods_sheet, goods_symbols
from shared.gs1 import check_digit
from tests.answers import ok, refused
from tests.chromium import page_of
from tests.registry import builders
from tests.registry.conftest import Registry

C = "/console/registry/products"
LOT = GoodsLabel(
    name="Na dai Đông Triều",
    facility="Hợp tác xã Cây ăn quả Đồi Nắng",
    gtin="09506000134352",
    address="https://txng.test/01/09506000134352/10/ND-26",
    lot="ND-26",
    expires=date(2026, 12, 31),
)


@pytest.fixture(scope="module")
async def farm(registry: Registry) -> str:
    return str((await registry.a_facility())["id"])


async def test_the_code_leads_to_the_gs1_address_of_the_product(
    registry: Registry, farm: str, chromium: Browser
) -> None:
    gtin = builders.gtin(7_720_001)
    product = await registry.a_product(farm, gtin=gtin)
    told = ok(await registry.get(f"/products/{product['id']}/label", registry.operator(farm)))
    assert told == {
        "gtin": f"0{gtin}",
        "address": f"{registry.settings.public_origin}/01/0{gtin}",
        "elements": f"(01)0{gtin}",
        "symbols": ["qr", "datamatrix", "gs1-datamatrix", "gs1-128", "ean"],
    }
    browser = registry.browser(registry.operator(farm))
    page = (await browser.get(f"{C}/{product['id']}/label")).text
    assert told["address"] in page
    assert "không chứng minh món hàng là thật" in page
    assert f"{C}/{product['id']}/label" in (await browser.get(f"{C}/{product['id']}")).text
    says = {
        "qr": told["address"],
        "datamatrix": told["address"],
        "gs1-datamatrix": told["elements"],
        "gs1-128": told["elements"],
        "ean": gtin,
    }
    for symbol, said in says.items():
        assert f"label.svg?symbol={symbol}" in page or symbol == "qr"
        answer = await browser.get(f"{C}/{product['id']}/label.svg?symbol={symbol}")
        assert answer.headers["content-type"] == "image/svg+xml"
        assert await seen(chromium, answer.text) == [said]


async def seen(chromium: Browser, svg: str) -> list[str]:
    """What is read from a picture as a browser draws it, three times as large as on paper."""
    page = await chromium.new_page(viewport={"width": 700, "height": 500}, device_scale_factor=3)
    await page.set_content(svg)
    shot = Image.open(io.BytesIO(await page.screenshot())).convert("L")
    await page.close()
    return [found.text for found in zxingcpp.read_barcodes(shot)]


async def test_the_sheet_has_eight_labels_of_the_product(registry: Registry, farm: str) -> None:
    gtin = builders.gtin(7_720_002)
    product = await registry.a_product(farm, gtin=gtin)
    browser = registry.browser(registry.operator(farm))
    answer = await browser.get(f"{C}/{product['id']}/label.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    found = read(answer.content)
    address = f"{registry.settings.public_origin}/01/0{gtin}"
    assert sorted(found) == sorted([address, gtin] * 8)


def read(pdf: bytes, witnessed: int = 2) -> list[str]:
    """What a decoder reads on the only page. A second one, which knows no Data Matrix, has read so
    many of the different symbols alike."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    bitmap = document[0].render(scale=300 / 72, grayscale=True)
    pixels = bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width].copy()
    document.close()
    found = [one.text for one in zxingcpp.read_barcodes(pixels)]
    again = [one.data.decode() for one in pyzbar.decode(Image.fromarray(pixels))]
    digits = [re.sub(r"[()]", "", text) for text in found]
    assert set(again) <= set(digits)
    assert len(set(again)) == witnessed
    return found


async def test_without_a_gtin_or_publication_there_is_none_and_the_page_says_what_to_do(
    registry: Registry, farm: str
) -> None:
    bare = await registry.a_product(farm, gtin="")
    token = registry.operator(farm)
    body = builders.product(facility_id=farm, gtin=builders.gtin(7_720_003))
    draft = ok(await registry.post("/products", body, token), 201)
    browser = registry.browser(token)
    for product, code, words in (
        (bare, "gtin_missing", "chưa có mã GTIN"),
        (draft, "product_has_no_page", "chưa được đăng"),
    ):
        refused(await registry.get(f"/products/{product['id']}/label", token), 409, code)
        page = await browser.get(f"{C}/{product['id']}/label")
        assert page.status_code == 200
        assert words in page.text
        for end in ("label.svg", "label.pdf"):
            assert (await browser.get(f"{C}/{product['id']}/{end}")).status_code == 409


async def test_a_number_of_a_case_has_no_ean_and_no_other_symbol_is_known(
    registry: Registry, farm: str
) -> None:
    digits = "1952000772000"
    case = await registry.a_product(farm, gtin=digits + check_digit(digits))
    token = registry.operator(farm)
    told = ok(await registry.get(f"/products/{case['id']}/label", token))
    assert "ean" not in told["symbols"]
    browser = registry.browser(token)
    assert (await browser.get(f"{C}/{case['id']}/label.svg?symbol=ean")).status_code == 404
    assert (await browser.get(f"{C}/{case['id']}/label.svg?symbol=aztec")).status_code == 422


async def test_another_facility_finds_no_label(registry: Registry, farm: str) -> None:
    product = await registry.a_product(farm, gtin=builders.gtin(7_720_004))
    stranger = registry.operator(str((await registry.a_facility())["id"]))
    refused(await registry.get(f"/products/{product['id']}/label", stranger), 404, "not_found")
    for end in ("label", "label.svg", "label.pdf"):
        page = await registry.browser(stranger).get(f"{C}/{product['id']}/{end}")
        assert page.status_code == 404


async def test_a_lot_is_told_with_its_expiry_to_scanners_of_trade(
    registry: Registry, farm: str, chromium: Browser
) -> None:
    gtin = builders.gtin(7_720_005)
    product = await registry.a_product(farm, gtin=gtin)
    lot = await registry.a_lot(farm, product["id"], code="ND-26", expires_on="2026-12-31")
    told = ok(await registry.get(f"/lots/{lot['id']}/label", registry.operator(farm)))
    assert told["elements"] == f"(01)0{gtin}(17)261231(10)ND-26"
    browser = registry.browser(registry.operator(farm))
    place = f"/console/registry/lots/{lot['id']}"
    for symbol in ("gs1-datamatrix", "gs1-128"):
        answer = await browser.get(f"{place}/label.svg?symbol={symbol}")
        assert await seen(chromium, answer.text) == [told["elements"]]
    assert (await browser.get(f"{place}/label.svg?symbol=ean")).status_code == 404
    sheet = (await browser.get(f"{place}/label.pdf")).content
    assert sorted(read(sheet)) == sorted([told["address"], told["elements"]] * 8)


# Character set 82 without what a lot's code may not have in registry.
_CODES = st.text(st.sampled_from("ABCXYZabcxyz0123456789-./_"), min_size=1, max_size=20)


@given(st.text("0123456789", min_size=12, max_size=12), _CODES)
def test_any_lot_is_read_from_its_gs1_symbols(digits: str, code: str) -> None:
    gtin = f"0{digits}{check_digit('0' + digits)}"
    label = GoodsLabel("Na dai", "HTX", gtin, "https://txng.test/", code, date(2026, 12, 31))
    said = f"(01){gtin}(17)261231(10){code}"
    modules, light = goods_symbols.matrix(label, "gs1-datamatrix")
    row, quiet, text = goods_symbols.bars(label, "gs1-128")
    assert text == said
    for image in (np.pad(modules, light), np.tile(np.pad(row, quiet), (60, 1))):
        pixels = np.where(image, 0, 255).astype(np.uint8).repeat(3, 0).repeat(3, 1)
        assert [one.text for one in zxingcpp.read_barcodes(pixels)] == [said]


def test_a_lot_whose_bars_would_be_too_wide_has_a_gs1_datamatrix_on_its_sheet() -> None:
    code = "ABCDEFGHIJKLMNOPQRST"
    long = GoodsLabel(LOT.name, LOT.facility, LOT.gtin, LOT.address, code, LOT.expires)
    found = read(goods_sheet.drawn(long), witnessed=1)
    assert sorted(found) == sorted([LOT.address, f"(01){LOT.gtin}(17)261231(10){code}"] * 8)


def test_long_names_stay_on_their_label() -> None:
    long = GoodsLabel("Na dai Đông Triều " * 20, "Hợp tác xã " * 30, LOT.gtin, LOT.address, "L1")
    assert sorted(set(read(goods_sheet.drawn(long)))) == [f"(01){LOT.gtin}(10)L1", LOT.address]


@pytest.mark.parametrize("symbol", ["qr", "datamatrix", "gs1-datamatrix", "gs1-128"])
def test_a_picture_is_in_the_size_it_is_printed_in(symbol: Symbol) -> None:
    svg = goods_symbols.svg(LOT, symbol).decode()
    size = re.search(r'width="([\d.]+)mm" height="([\d.]+)mm" viewBox="0 0 (\d+) (\d+)"', svg)
    assert size
    module = 0.495 if symbol == "gs1-128" else 0.8
    assert float(size[1]) == pytest.approx(int(size[3]) * module, abs=0.01)
    assert float(size[2]) == pytest.approx(int(size[4]) * module, abs=0.01)


async def test_the_page_fits_a_phone_and_axe_finds_nothing(
    registry: Registry, farm: str, chromium: Browser, address: str
) -> None:
    with_gtin = await registry.a_product(farm, gtin=builders.gtin(7_720_006))
    without = await registry.a_product(farm, gtin="")
    token = registry.operator(farm)
    for lang in ("vi", "en", "zh"):
        narrow = {"width": 360, "height": 800}
        async with page_of(chromium, address, token, lang=lang, viewport=narrow) as (page, heard):
            for product in (with_gtin, without):
                await page.goto(f"{C}/{product['id']}/label")
                assert (await Axe().run(page)).violations_count == 0
                assert await page.evaluate("document.documentElement.scrollWidth") == 360
            assert heard == []
