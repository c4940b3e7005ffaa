"""Whoever has goods writes what is done with them: the store, the distributor, the shop (R20)."""

import re
from typing import Any

import pytest

from services.registry.domain.keeping import Work
from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_pages import post

STOCK = "/console/registry/stock"


@pytest.fixture(scope="module")
async def shop(registry: Registry) -> dict[str, Any]:
    """A shop that received 100 kg of a farm's lot."""
    farm = await registry.a_facility()
    product = await registry.a_product(farm["id"])
    lot = await registry.a_lot(farm["id"], product["id"])
    shop = await registry.a_facility(kinds=["shop"])
    receipt = {
        "lot": lot["id"],
        "quantity": "100",
        "unit": "kg",
        "at": "2026-08-22T08:00:00+07:00",
        "place": "Cửa hàng",
    }
    ok(await registry.post("/receipts", receipt, registry.operator(shop["id"])), 201)
    return {"id": shop["id"], "farm": farm["id"], "lot": lot}


def kept(lot: str, work: str = "storing", **more: Any) -> dict[str, Any]:
    return {
        "lot": lot,
        "work": work,
        "at": "2026-08-23T08:00:00+07:00",
        "place": "Quầy số 2",
        **more,
    }


async def steps_found(registry: Registry, token: str, q: str) -> list[str]:
    found = ok(await registry.get(f"/events?q={q}", token))
    return [one["step"] for one in found["items"]]


async def test_a_shop_writes_what_it_does_with_goods_of_others(
    registry: Registry, shop: dict[str, Any]
) -> None:
    operator, lot = registry.operator(shop["id"]), shop["lot"]
    there = ok(await registry.get("/stock", operator))["items"]
    assert [(one["lot_id"], one["left"], one["unit"]) for one in there] == [
        (lot["id"], "100", "kg")
    ]
    place = f"Quầy{new_id()[-8:]}"
    for work in Work:
        body = kept(lot["id"], work.value, place=f"Tủ {place}", temperature="4.5", note="Đủ hàng")
        ok(await registry.post("/keepings", body, operator), 201)
    assert {*await steps_found(registry, operator, place)} == {work.value for work in Work}
    # Officials find it; the farm, whose lot it is, does not read the shop's diary.
    assert len(await steps_found(registry, registry.checker(), place)) == len(Work)
    assert await steps_found(registry, registry.operator(shop["farm"]), place) == []
    events = await registry.client.get(
        f"/api/registry/v1/lots/{lot['id']}/events",
        headers={"Authorization": f"Bearer {registry.checker()}"},
    )
    told = [one["bizStep"] for one in events.json()["epcisBody"]["eventList"]]
    assert {"storing", "picking", "stocking", "inspecting"} <= {*told}
    mine = await registry.get(f"/lots/{lot['id']}/events", registry.operator(shop["farm"]))
    assert "stocking" not in mine.text


async def test_goods_that_never_came_are_not_written_about(
    registry: Registry, shop: dict[str, Any]
) -> None:
    stranger = await registry.a_facility(kinds=["storage"])
    operator = registry.operator(stranger["id"])
    body = kept(shop["lot"]["id"])
    refused(await registry.post("/keepings", body, operator), 409, "lot_not_held")
    page = await registry.browser(operator).get(f"{STOCK}/{shop['lot']['id']}")
    assert page.status_code == 404


async def test_another_s_goods_and_diary_do_not_exist(
    registry: Registry, shop: dict[str, Any]
) -> None:
    operator, lot = registry.operator(shop["id"]), shop["lot"]["id"]
    one = ok(await registry.post("/keepings", kept(lot, note="BÍ MẬT"), operator), 201)
    for token in (registry.operator(shop["farm"]), registry.checker(builders.OTHER_COMMUNE)):
        for path in (f"/stock?facility_id={shop['id']}", f"/keepings?facility_id={shop['id']}"):
            refused(await registry.get(path, token), 404, "not_found")
        body = kept(lot, facility_id=shop["id"])
        refused(await registry.post("/keepings", body, token), 404, "not_found")
        why = {"reason": "Thử xem"}
        refused(await registry.post(f"/keepings/{one['id']}/strike", why, token), 404, "not_found")
        browser = registry.browser(token)
        for page in (f"{STOCK}/{lot}?facility_id={shop['id']}", f"{STOCK}/entries/{one['id']}"):
            answer = await browser.get(page)
            # A facility's account is shown its own goods whatever it asks for.
            assert "BÍ MẬT" not in answer.text
            assert answer.status_code in (200, 404)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": "100.5", "unit": "kg"}, "more_than_held"),
        ({"quantity": "1", "unit": "tạ"}, ""),
        ({"quantity": "1"}, "unit_missing"),
        ({"quantity": "1", "unit": "lít"}, "units_differ"),
        ({"at": "2099-01-01T08:00:00+07:00"}, "date_in_future"),
        ({"work": "eating"}, "invalid_input"),
        ({"temperature": "200"}, "invalid_input"),
        ({"photos": ["no-such-picture"]}, "image_unknown"),
    ],
)
async def test_what_cannot_be_is_refused(
    registry: Registry, shop: dict[str, Any], changes: dict[str, Any], code: str
) -> None:
    body = kept(shop["lot"]["id"], **changes)
    answer = await registry.post("/keepings", body, registry.operator(shop["id"]))
    assert answer.json().get("code", "") == code, answer.text
    assert answer.status_code == (422 if code else 201)


async def test_sent_twice_it_is_written_once_and_struck_it_is_told_no_more(
    registry: Registry, shop: dict[str, Any]
) -> None:
    operator = registry.operator(shop["id"])
    place = f"Kho{new_id()[-8:]}"
    body = kept(shop["lot"]["id"], place=f"Ngăn {place}")
    keyed = {"headers": {"Idempotency-Key": new_id()}}
    one = ok(await registry.post("/keepings", body, operator, **keyed), 201)
    assert ok(await registry.post("/keepings", body, operator, **keyed), 201)["id"] == one["id"]
    assert await steps_found(registry, operator, place) == ["storing"]
    strike = f"/keepings/{one['id']}/strike"
    ok(await registry.post(strike, {"reason": "Nhầm kho"}, operator))
    refused(await registry.post(strike, {"reason": "Nhầm kho"}, operator), 409, "already_struck")
    assert await steps_found(registry, operator, place) == []
    address = f"/keepings?lot_id={shop['lot']['id']}"
    listed = {row["id"]: row for row in ok(await registry.get(address, operator))["items"]}
    assert listed[one["id"]]["struck"] == "Nhầm kho"


async def test_it_is_written_on_a_page_with_a_photo_and_bad_input_loses_nothing(
    registry: Registry, shop: dict[str, Any]
) -> None:
    operator, lot = registry.operator(shop["id"]), shop["lot"]["id"]
    browser = registry.browser(operator)
    listed = (await browser.get(STOCK)).text
    assert shop["lot"]["code"] in listed
    assert f"{STOCK}/{lot}" in listed
    note = f"Bày ở quầy mát {new_id()[-6:]}"
    form = {
        "key": new_id(),
        "work": "displaying",
        "at": "2026-08-24T08:00",
        "place": "Quầy mát",
        "temperature": "sáu",
        "note": note,
    }
    again = await post(browser, f"{STOCK}/{lot}", form)
    assert again.status_code == 422
    assert 'href="#f-temperature"' in again.text
    assert note in again.text
    form["temperature"] = "6,5"
    csrf = await registry.csrf(browser)
    photo = {"taken_photos": ("a.png", builders.picture(), "image/png")}
    for _ in range(2):
        done = await browser.post(f"{STOCK}/{lot}", data={"csrf": csrf, **form}, files=photo)
        assert done.status_code == 303, done.text
    page = (await browser.get(f"{STOCK}/{lot}")).text
    assert page.count(note) == 1
    assert "6,5 °C" in page
    picture = re.search(r'<img src="(/media/[^"]+)"', page)
    assert picture is not None
    assert (await browser.get(picture[1])).status_code == 200
    assert (await registry.browser().get(picture[1])).status_code == 404


async def test_an_official_sees_it_at_the_lot_and_writes_on_behalf(
    registry: Registry, shop: dict[str, Any]
) -> None:
    lot, place = shop["lot"]["id"], f"Sạp {new_id()[-6:]}"
    body = kept(lot, "examining", facility_id=shop["id"], place=place)
    ok(await registry.post("/keepings", body, registry.clerk()), 201)
    page = (await registry.browser(registry.checker()).get(f"/console/registry/lots/{lot}")).text
    assert place in page
    whose = f"{STOCK}/{lot}?facility_id={shop['id']}"
    assert "(nhập thay cơ sở)" in (await registry.browser(registry.checker()).get(whose)).text
    maker = registry.browser(registry.operator(shop["farm"]))
    assert place not in (await maker.get(f"/console/registry/lots/{lot}")).text
