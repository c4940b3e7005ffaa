"""Collectors buy without shipments: what that opens, and the word of whoever grew it against it."""

from typing import Any

import pytest

from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry.conftest import Registry
from tests.registry.test_received import delivered
from tests.registry.test_words_given import receipt_of

C = "/console/registry"
WHEN = "2026-08-22T08:00:00+07:00"


async def gathered(
    registry: Registry, collector: str, *lots: dict[str, Any], quantity: str = "30"
) -> dict[str, Any]:
    """What a collector's purchase made of these lots: the act, and the lot, published."""
    product = await registry.a_product(collector)
    total = str(int(quantity) * len(lots))
    body = {
        "kind": "collect", "at": WHEN, "place": "Điểm thu mua",
        "given": [{"lot": lot["id"], "quantity": quantity, "unit": "kg"} for lot in lots],
        "made": [{"code": new_id()[-12:], "product_id": product["id"], "quantity": total,
                  "unit": "kg", "produced_on": "2026-08-22"}],
    }  # fmt: skip
    operator = registry.operator(collector)
    act = ok(await registry.post("/transformations", body, operator), 201)
    made = await registry.carried_through("lots", act["made"][0]["lot_id"], operator)
    return {"act": act, "lot": made}


@pytest.fixture(scope="module")
async def grower(registry: Registry) -> dict[str, Any]:
    facility = await registry.a_facility()
    product = await registry.a_product(facility["id"])
    source = await registry.a_lot(facility["id"], product["id"])
    lot = await registry.a_lot(facility["id"], product["id"], inputs=[source["id"]])
    return {"id": facility["id"], "source": source, "lot": lot}


async def test_a_gathering_of_goods_that_only_their_receiver_recorded_is_nobodys_word(
    registry: Registry, grower: dict[str, Any]
) -> None:
    trader = await registry.a_facility(kinds=["packing"])
    receipt = await receipt_of(registry, grower["lot"]["id"], trader["id"])
    made = (await gathered(registry, trader["id"], grower["lot"]))["lot"]
    shop = await registry.a_facility(kinds=["shop"])
    await delivered(registry, made, trader["id"], shop)
    buyer = registry.operator(shop["id"])
    found = ok(await registry.get(f"/received/{made['id']}", buyer))
    assert (found["told"], found["lot"]["unconfirmed"], found["before"]) == (True, True, 0)
    own = ok(await registry.get(f"/lots/{made['id']}/genealogy", registry.operator(trader["id"])))
    assert [one["id"] for one in own["items"]] == [grower["lot"]["id"]], "named, nothing beyond"
    sender = registry.operator(grower["id"])
    ok(await registry.post(f"/shipments/{receipt}/acknowledge", {}, sender))
    assert ok(await registry.get(f"/received/{made['id']}", buyer))["before"] == 2


async def test_of_a_lot_that_one_only_named_nothing_is_read_though_it_comes_back(
    registry: Registry, grower: dict[str, Any]
) -> None:
    lot, friend = grower["lot"], await registry.a_facility(kinds=["packing"])
    namer = await registry.a_facility(kinds=["packing"])
    mine = await registry.a_product(namer["id"])
    named = await registry.a_lot(namer["id"], mine["id"], inputs=[lot["id"]])
    await delivered(registry, named, namer["id"], friend)
    theirs = await registry.a_product(friend["id"])
    made = await registry.a_lot(friend["id"], theirs["id"], inputs=[named["id"]])
    await delivered(registry, made, friend["id"], namer)
    who = registry.operator(namer["id"])
    found = ok(await registry.get(f"/received/{made['id']}", who))
    seen = {one["id"]: one for one in found["origins"]}
    assert set(seen) == {named["id"], lot["id"]}
    assert seen[named["id"]]["stages"]
    assert (seen[lot["id"]]["stages"], seen[lot["id"]]["inputs"]) == ([], [])
    assert seen[lot["id"]]["growing_area_id"] == ""
    events = ok(await registry.get(f"/received/{made['id']}/events", who))["epcisBody"]["eventList"]
    diary = [one for one in events if lot["code"] in str(one) and "ilmd" in one]
    assert not [one for one in diary if named["code"] not in str(one)], "the grower's diary"
    page = (await registry.browser(who).get(f"{C}/received/{made['id']}")).text
    assert lot["code"] in page
    assert "Chưa được bên giao xác nhận, nên nhật ký không mở" in page
    refused(await registry.get(f"/received/{lot['id']}", who), 404, "not_found")
