"""Pallets and crates of a shipment have an SSCC each: given or made, once, told and printed."""

import asyncio
import io
from typing import Any

import pytest
import zxingcpp
from axe_playwright_python.async_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from playwright.async_api import Browser

from services.registry.domain.logistic_units import SsccInvalid, checked_sscc, made_from
from shared.contracts.registry import ShipmentPublished
from shared.gs1 import check_digit, is_sscc
from shared.ids import new_id
from tests.answers import ok, refused
from tests.chromium import page_of
from tests.registry.conftest import Registry

C = "/console/registry/shipments"
PREFIX = "8935001"
World = dict[str, Any]


def sscc_of(number: int) -> str:
    digits = f"1952010{number:010d}"
    return digits + check_digit(digits)


@given(st.integers(10**6, 10**10 - 1), st.integers(0, 10**6 - 1))
def test_what_is_made_is_an_sscc_of_its_prefix(prefix: int, serial: int) -> None:
    made = made_from(str(prefix), serial)
    assert is_sscc(made)
    assert made[1:].startswith(str(prefix))
    assert checked_sscc(f"(00) {made[:3]} {made[3:]}") == made


@given(st.text("0123456789", min_size=17, max_size=19))
def test_digits_that_are_no_sscc_are_refused(text: str) -> None:
    try:
        assert is_sscc(checked_sscc(text))
    except SsccInvalid:
        assert not is_sscc(text)


@pytest.fixture(scope="module")
async def world(registry: Registry) -> World:
    gln = f"{PREFIX}00001"
    sender = await registry.a_facility(gln=gln + check_digit(gln))
    receiver = await registry.a_facility()
    product = await registry.a_product(sender["id"])
    lot = await registry.a_lot(sender["id"], product["id"])
    return {"from": sender, "to": receiver, "lot": lot, "product": product["id"]}


async def shipment(registry: Registry, world: World) -> str:
    body = {
        "end": "transfer",
        "place": "Kho Đồi Nắng",
        "receiver": world["to"]["code"],
        "lines": [{"lot": world["lot"]["id"], "quantity": "1", "unit": "kg"}],
        "carrier": "HTX vận tải",
        "vehicle": "14C-123.45",
    }
    operator = registry.operator(world["from"]["id"])
    return str(ok(await registry.post("/shipments", body, operator), 201)["id"])


async def add(registry: Registry, world: World, one: str, **more: Any) -> Any:
    operator = registry.operator(world["from"]["id"])
    return await registry.post(f"/shipments/{one}/units", {"id": new_id(), **more}, operator)


def ssccs(answer: Any) -> list[str]:
    return [unit["sscc"] for unit in answer["items"]]


async def test_a_unit_s_number_is_typed_or_made_and_told_to_the_other_services(
    registry: Registry, world: World
) -> None:
    one = await shipment(registry, world)
    typed = sscc_of(1)
    found = ok(await add(registry, world, one, sscc=f"(00) {typed[:9]} {typed[9:]}"))
    assert ssccs(found) == [typed]
    assert found["items"][0]["address"].endswith(f"/00/{typed}")
    made = ssccs(ok(await add(registry, world, one, prefix=PREFIX)))[-1]
    again = ssccs(ok(await add(registry, world, one, prefix=PREFIX)))[-1]
    assert is_sscc(made)
    assert made[1:].startswith(PREFIX)
    assert len({typed, made, again}) == 3
    told = (await registry.events(one, ShipmentPublished))[-1]
    assert told.ssccs == (typed, made, again)
    receiver = registry.operator(world["to"]["id"])
    assert ssccs(ok(await registry.get(f"/shipments/{one}/units", receiver))) == [*told.ssccs]


async def test_a_form_that_comes_twice_or_ten_times_at_once_numbers_one_unit(
    registry: Registry, world: World
) -> None:
    one, form = await shipment(registry, world), new_id()
    answers = await asyncio.gather(
        *(add(registry, world, one, id=form, prefix=PREFIX) for _ in range(10))
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len(ssccs(ok(await add(registry, world, one, id=form, prefix=PREFIX)))) == 1


async def test_no_number_is_given_twice_even_after_it_was_taken_off(
    registry: Registry, world: World
) -> None:
    one, other = await shipment(registry, world), await shipment(registry, world)
    sscc, operator = sscc_of(2), registry.operator(world["from"]["id"])
    ok(await add(registry, world, one, sscc=sscc))
    refused(await add(registry, world, other, sscc=sscc), 409, "sscc_taken")
    left = ok(await registry.post(f"/shipments/{one}/units/{sscc}/remove", {}, operator))
    assert ssccs(left) == []
    assert (await registry.events(one, ShipmentPublished))[-1].ssccs == ()
    refused(await add(registry, world, other, sscc=sscc), 409, "sscc_taken")
    gone = await registry.post(f"/shipments/{one}/units/{sscc}/remove", {}, operator)
    assert gone.status_code == 404


async def test_what_is_no_number_of_one_s_own_is_refused_with_its_field(
    registry: Registry, world: World
) -> None:
    one = await shipment(registry, world)
    wrong = sscc_of(3)[:-1] + str((int(sscc_of(3)[-1]) + 1) % 10)
    for body, code in (
        ({"sscc": wrong}, "sscc_invalid"),
        ({"sscc": "1234"}, "sscc_invalid"),
        ({"prefix": "8930000"}, "prefix_not_yours"),
        ({"prefix": "89"}, "prefix_not_yours"),
        ({}, "sscc_or_prefix"),
        ({"sscc": sscc_of(3), "prefix": PREFIX}, "sscc_or_prefix"),
        ({"sscc": sscc_of(3), "colour": "red"}, "invalid_input"),
    ):
        refused(await add(registry, world, one, **body), 422, code)
    operator = registry.operator(world["from"]["id"])
    ok(await registry.post(f"/shipments/{one}/cancel", {"reason": "Nhầm"}, operator))
    refused(await add(registry, world, one, sscc=sscc_of(3)), 409, "shipment_over")


async def test_only_the_sender_numbers_and_strangers_find_nothing(
    registry: Registry, world: World
) -> None:
    one, sscc = await shipment(registry, world), sscc_of(4)
    ok(await add(registry, world, one, sscc=sscc))
    receiver = registry.operator(world["to"]["id"])
    stranger = registry.operator(str((await registry.a_facility())["id"]))
    body = {"id": new_id(), "sscc": sscc_of(5)}
    for token, statuses in ((receiver, {403, 404}), (stranger, {404})):
        for path in (f"/shipments/{one}/units", f"/shipments/{one}/units/{sscc}/remove"):
            sent = body if path.endswith("units") else {}
            assert (await registry.post(path, sent, token)).status_code in statuses
    for end in ("label", f"label/{sscc}.svg"):
        page = await registry.browser(stranger).get(f"{C}/{one}/{end}")
        assert page.status_code == 404
    foreign = await registry.browser(receiver).get(f"{C}/{one}/label/{sscc_of(6)}.svg")
    assert foreign.status_code == 404


async def test_the_label_reads_back_and_its_page_fits_a_phone(
    registry: Registry, world: World, chromium: Browser, address: str
) -> None:
    one, sscc = await shipment(registry, world), sscc_of(7)
    found = ok(await add(registry, world, one, sscc=sscc))
    token = registry.operator(world["from"]["id"])
    browser = registry.browser(token)
    assert f"{C}/{one}/label" in (await browser.get(f"{C}/{one}")).text
    symbol = await browser.get(f"{C}/{one}/label/{sscc}.svg")
    assert symbol.headers["content-type"] == "image/svg+xml"
    page = await chromium.new_page(viewport={"width": 600, "height": 600})
    await page.set_content(symbol.text)
    seen = Image.open(io.BytesIO(await page.screenshot())).convert("L")
    await page.close()
    read = [one.text for one in zxingcpp.read_barcodes(seen)]
    assert read == [found["items"][0]["address"]]
    for lang in ("vi", "en", "zh"):
        narrow = {"width": 360, "height": 800}
        async with page_of(chromium, address, token, lang=lang, viewport=narrow) as (shown, heard):
            await shown.goto(f"{C}/{one}/label")
            assert (await Axe().run(shown)).violations_count == 0
            assert await shown.evaluate("document.documentElement.scrollWidth") == 360
            assert heard == []


async def test_by_page_a_wrong_number_comes_back_as_typed_and_a_right_one_is_shown(
    registry: Registry, world: World
) -> None:
    one = await shipment(registry, world)
    async with registry.browser(registry.operator(world["from"]["id"])) as browser:
        csrf = await registry.csrf(browser)
        origin = {"Origin": registry.settings.public_origin}
        sent = {"csrf": csrf, "id": new_id(), "sscc": "123", "prefix": ""}
        wrong = await browser.post(f"{C}/{one}/label", data=sent, headers=origin)
        assert wrong.status_code == 422
        assert 'value="123"' in wrong.text
        sent["sscc"] = sscc_of(8)
        done = await browser.post(f"{C}/{one}/label", data=sent, headers=origin)
        assert done.status_code == 303
        assert sscc_of(8) in (await browser.get(f"{C}/{one}/label")).text
        removed = await browser.post(
            f"{C}/{one}/label/{sscc_of(8)}/remove", data={"csrf": csrf}, headers=origin
        )
        assert removed.status_code == 303
        assert sscc_of(8) not in (await browser.get(f"{C}/{one}/label")).text
