"""Temperatures of goods are told with what their product asks for."""

from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.registry import TemperatureMeasured
from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_keepings import STOCK, kept
from tests.registry.test_pages import post
from tests.registry.test_shipments import ends, link_of, lot, press, sent  # noqa: F401


@pytest.fixture(scope="module")
async def cold(registry: Registry) -> dict[str, Any]:
    """A facility with a product that is to be kept between 0 and 4 °C, and a lot of it."""
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"], storage_from="0", storage_to="4")
    found = await registry.a_lot(facility["id"], product["id"])
    return {"facility": facility, "product": product, "lot": found}


async def told(registry: Registry, subject: str) -> list[TemperatureMeasured]:
    return list(await registry.events(subject, TemperatureMeasured))


async def test_an_entry_with_a_temperature_is_told_and_struck_it_is_told_again(
    registry: Registry, cold: dict[str, Any]
) -> None:
    operator = registry.operator(cold["facility"]["id"])
    body = kept(cold["lot"]["id"], temperature="6.5")
    one = ok(await registry.post("/keepings", body, operator), 201)
    [event] = await told(registry, one["id"])
    assert [event.celsius, event.lowest, event.highest] == [Decimal("6.5"), Decimal(0), Decimal(4)]
    assert (event.step, event.lot_id, event.struck) == ("storing", cold["lot"]["id"], False)
    ok(await registry.post(f"/keepings/{one['id']}/strike", {"reason": "Đọc nhầm"}, operator))
    assert [(e.version, e.struck) for e in await told(registry, one["id"])] == [
        (1, False),
        (2, True),
    ]
    without = ok(await registry.post("/keepings", kept(cold["lot"]["id"]), operator), 201)
    assert await told(registry, without["id"]) == []


async def test_a_report_of_the_transporter_is_told_once_for_each_lot(
    registry: Registry,
    ends: dict[str, Any],  # noqa: F811
    lot: dict[str, Any],  # noqa: F811
) -> None:
    shipment = await sent(registry, ends, lot)
    link = await link_of(registry, ends, shipment["id"])
    phone = registry.browser()
    await press(phone, link, "pick-up", id=new_id())
    where = {"id": new_id(), "place": "Cầu Bãi Cháy", "temperature": "4,5"}
    for _ in range(2):
        assert (await press(phone, link, "position", **where)).status_code == 303
    [event] = await told(registry, f"{where['id']}/{lot['id']}")
    assert (event.step, event.shipment_id) == ("transporting", shipment["id"])
    assert (event.celsius, event.lowest, event.highest) == (Decimal("4.5"), None, None)
    assert event.facility_id == ends["from"]["id"]


async def test_the_range_of_a_product_is_checked_typed_and_shown(
    registry: Registry, cold: dict[str, Any]
) -> None:
    operator = registry.operator(cold["facility"]["id"])
    for low, high, code in (("5", "4", "storage_upside_down"), ("-99", "4", "invalid_input")):
        body = builders.product(facility_id=cold["facility"]["id"])
        body |= {"storage_from": low, "storage_to": high}
        refused(await registry.post("/products", body, operator), 422, code)
    address = f"/console/registry/products/{cold['product']['id']}"
    browser = registry.browser(operator)
    assert "Nhiệt độ bảo quản cao nhất" in (await browser.get(address)).text
    form = (await browser.get(f"{address}/edit")).text
    assert 'name="storage_to"' in form
    public = (await registry.browser().get(f"/products/{cold['product']['id']}")).text
    assert "Nhiệt độ bảo quản cao nhất" in public
    assert "4 °C" in public


@pytest.mark.parametrize(
    ("lang", "asked", "amiss", "badge"),
    [
        ("vi", "Sản phẩm này cần giữ từ 0 đến 4 °C.", "12,5 °C là ngoài mức", "Ngoài mức của"),
        ("en", "to be kept between 0 and 4 °C", "12.5 °C is out of range", "Out of the product"),
        ("zh", "须在0至4°C保存", "12.5°C超出范围", "超出产品要求"),
    ],
)
async def test_who_writes_down_a_temperature_out_of_range_is_told_and_led_to_correct_it(
    registry: Registry, cold: dict[str, Any], lang: str, asked: str, amiss: str, badge: str
) -> None:
    browser = registry.browser(
        registry.operator(cold["facility"]["id"]), **{"Accept-Language": lang}
    )
    here = f"{STOCK}/{cold['lot']['id']}"
    before = await browser.get(here)
    assert asked in before.text, "it is said before anything is typed"
    shown_before = before.text.count(badge)
    typed = {"work": "storing", "at": "2026-08-24T08:00", "place": "Kho lạnh"}
    right = {**typed, "key": new_id(), "temperature": "3"}
    assert (await post(browser, here, right)).status_code == 303
    fine = (await browser.get(here)).text
    assert amiss not in fine
    assert fine.count(badge) == shown_before
    wrong = {**typed, "key": new_id(), "temperature": "12,5" if lang == "vi" else "12.5"}
    done = await post(browser, here, wrong)
    assert done.status_code == 303, "it is kept: nothing is refused"
    told = (await browser.get(done.headers["location"])).text
    assert amiss in told
    assert told.count(badge) == shown_before + 1, "the entry itself says so, with how to strike it"


async def test_a_driver_is_told_what_the_goods_need_and_that_a_temperature_is_not_so(
    registry: Registry,
    ends: dict[str, Any],  # noqa: F811
) -> None:
    product = await registry.a_product(ends["from"]["id"], storage_to="4")
    cold = await registry.a_lot(ends["from"]["id"], product["id"])
    shipment = await sent(registry, ends, cold)
    link = await link_of(registry, ends, shipment["id"])
    phone = registry.browser()
    assert "không quá 4 °C" in (await phone.get(link)).text
    await press(phone, link, "pick-up", id=new_id())
    where = {"id": new_id(), "place": "Cầu Bãi Cháy", "temperature": "9"}
    assert (await press(phone, link, "position", **where)).status_code == 303
    assert "9 °C là ngoài mức" in (await phone.get(link)).text
    where = {"id": new_id(), "place": "Cầu Bãi Cháy", "temperature": "3"}
    assert (await press(phone, link, "position", **where)).status_code == 303
    assert "ngoài mức" not in (await phone.get(link)).text
