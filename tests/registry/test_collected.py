"""Collectors buy without shipments: what that opens, and the word of whoever grew it against it."""

from asyncio import gather
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.acts import RegistryActRecorded
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry.conftest import Registry
from tests.registry.test_receipts import findings
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


@pytest.fixture(scope="module")
async def bought(registry: Registry, grower: dict[str, Any]) -> dict[str, Any]:
    """A collector's purchase of two growers' lots, sold on to a shop."""
    collector = await registry.a_facility(kinds=["collector"], name="Thu mua Bà Hoa")
    neighbour = await registry.a_facility()
    product = await registry.a_product(neighbour["id"])
    other = await registry.a_lot(neighbour["id"], product["id"])
    found = await gathered(registry, collector["id"], grower["lot"], other)
    shop = await registry.a_facility(kinds=["shop"])
    await delivered(registry, found["lot"], collector["id"], shop)
    known = {"collector": collector["id"], "shop": shop["id"], "neighbour": neighbour["id"]}
    return {**found, **known, "other": other}


async def left(registry: Registry, grower: dict[str, Any]) -> Decimal:
    """What the grower has of its lot, in the base unit."""
    key = f"{grower['lot']['id']}/{grower['id']}"
    row = await registry.db.collection("holdings").find_one({"_id": key})
    assert row is not None
    return Decimal(str(row["has"].to_decimal() - row["used"].to_decimal()))


async def test_a_grower_reads_what_was_bought_of_it_and_of_nobody_else(
    registry: Registry, grower: dict[str, Any], bought: dict[str, Any]
) -> None:
    who = registry.operator(grower["id"])
    found = ok(await registry.get("/gatherings", who))
    [one] = [one for one in found["items"] if one["id"] == bought["act"]["id"]]
    assert one["collector_id"] == bought["collector"]
    assert [(it["lot_id"], it["quantity"], it["denied"]) for it in one["bought"]] == [
        (grower["lot"]["id"], "30", "")
    ]
    page = (await registry.browser(who).get(f"{C}/gatherings")).text
    assert "Thu mua Bà Hoa" in page
    assert grower["lot"]["code"] in page
    assert bought["other"]["code"] not in page
    stock = (await registry.browser(who).get(f"{C}/stock")).text
    assert f"{C}/gatherings" in stock
    lot = (await registry.browser(who).get(f"{C}/lots/{grower['lot']['id']}")).text
    assert f"{C}/transformations/{bought['act']['id']}" not in lot, "a page it may not read"
    official = ok(await registry.get(f"/gatherings?facility_id={grower['id']}", registry.clerk()))
    assert official["total"] == found["total"]
    for stranger in (registry.operator(bought["neighbour"]), registry.clerk("06715")):
        answer = await registry.get(f"/gatherings?facility_id={grower['id']}", stranger)
        refused(answer, 404, "not_found")
        answer = await registry.browser(stranger).get(f"{C}/gatherings?facility_id={grower['id']}")
        assert grower["lot"]["code"] not in answer.text
    none = ok(await registry.get("/gatherings", registry.operator(bought["collector"])))
    assert none["total"] == 0, "its own purchases are in its book"


async def test_its_epcis_file_tells_a_grower_of_its_own_goods_alone(
    registry: Registry, grower: dict[str, Any], bought: dict[str, Any]
) -> None:
    address = f"/lots/{grower['lot']['id']}/events"
    answer = await registry.get(address, registry.operator(grower["id"]))
    assert bought["other"]["id"] not in answer.text
    kind = "TransformationEvent"
    [act] = [
        one for one in ok(answer)["epcisBody"]["eventList"]
        if one["type"] == kind and bought["act"]["id"] in one["transformationID"]
    ]  # fmt: skip
    assert [one["quantity"] for one in act["inputQuantityList"]] == [30]
    assert ["quantity" in one for one in act["outputQuantityList"]] == [False]


async def test_of_goods_that_a_receiver_recorded_alone_no_departure_is_told(
    registry: Registry, grower: dict[str, Any]
) -> None:
    shop = await registry.a_facility(kinds=["shop"])
    receipt = await receipt_of(registry, grower["source"]["id"], shop["id"])
    who = registry.operator(grower["id"])

    async def told() -> list[tuple[str, str]]:
        events = ok(await registry.get(f"/lots/{grower['source']['id']}/events", who))
        found = events["epcisBody"]["eventList"]
        steps = ("loading", "shipping", "receiving")
        return [
            (one["bizStep"], one.get("txng:senderWord", ""))
            for one in found
            if one["bizStep"] in steps
        ]

    assert await told() == [("receiving", "waiting")]
    why = {"reason": "Chưa từng giao cho cửa hàng này"}
    ok(await registry.post(f"/shipments/{receipt}/disown", why, who))
    assert await told() == [("receiving", "denied")]


async def test_what_its_grower_denies_opens_nothing_any_more_and_is_the_growers_again(
    registry: Registry, grower: dict[str, Any], bought: dict[str, Any]
) -> None:
    lot, made = grower["lot"]["id"], bought["lot"]["id"]
    address = f"/gatherings/{bought['act']['id']}/deny"
    body = {"lot_id": lot, "reason": "Không bán cho bà Hoa vụ này"}
    buyer = registry.operator(bought["shop"])
    assert ok(await registry.get(f"/received/{made}", buyer))["before"] == 3
    for stranger in (bought["neighbour"], bought["collector"], bought["shop"]):
        answer = await registry.post(address, body, registry.operator(stranger))
        refused(answer, 404, "not_found")
    who = registry.operator(grower["id"])
    theirs = {**body, "lot_id": bought["other"]["id"]}
    refused(await registry.post(address, theirs, who), 404, "not_found")
    mine = {**body, "lot_id": grower["source"]["id"]}
    refused(await registry.post(address, mine, who), 404, "not_found")
    before = await left(registry, grower)
    browser = registry.browser(who)
    csrf = token_in((await browser.get(f"{C}/gatherings")).text)
    page = f"{C}{address}?facility_id={grower['id']}"
    bare = await browser.post(page, data={"csrf": csrf, "lot_id": lot, "reason": ""})
    assert bare.status_code == 422
    assert "-reason-error" in bare.text
    sent = await browser.post(page, data={"csrf": csrf, **body})
    assert sent.status_code == 303, sent.text
    again, twice = await gather(
        registry.post(address, body, who), registry.post(address, body, who)
    )
    assert ok(again)["bought"] == ok(twice)["bought"]
    assert await left(registry, grower) == before + 30, "given back once"
    found = ok(await registry.get(f"/received/{made}", buyer))
    assert [one["id"] for one in found["origins"]] == [bought["other"]["id"]]
    assert found["lot"]["unconfirmed"] is True
    told = (await browser.get(f"{C}/gatherings")).text
    assert body["reason"] in told
    collector = registry.operator(bought["collector"])
    act = (await registry.browser(collector).get(f"{C}/transformations/{bought['act']['id']}")).text
    assert body["reason"] in act
    book = (await registry.browser(collector).get(f"{C}/transformations.csv")).text
    assert body["reason"] in book
    acts = [one for one in await registry.events() if isinstance(one, RegistryActRecorded)]
    [said] = [
        one for one in acts
        if one.subject == bought["act"]["id"]
        and (one.action, one.outcome) == ("lot.collect.deny", "accepted")
    ]  # fmt: skip
    assert (said.reason, said.facts["word"]) == (body["reason"], "sender")


async def test_an_official_denies_with_a_basis_and_not_what_the_same_person_recorded(
    registry: Registry, grower: dict[str, Any]
) -> None:
    collector = await registry.a_facility(kinds=["collector"])
    product = await registry.a_product(collector["id"])
    clerk = registry.clerk(person=["mobile"])
    out = {"code": new_id()[-12:], "product_id": product["id"], "quantity": "5", "unit": "kg"}
    act = {
        "kind": "collect", "at": WHEN, "place": "Điểm thu mua", "facility_id": collector["id"],
        "given": [{"lot": grower["lot"]["id"], "quantity": "5", "unit": "kg"}], "made": [out],
    }  # fmt: skip
    made = ok(await registry.post("/transformations", act, clerk), 201)
    address = f"/gatherings/{made['id']}/deny"
    body = {"lot_id": grower["lot"]["id"], "reason": "Chủ vườn nói không bán"}
    based = {**body, "basis": "Biên bản 15/BB ngày 02/09/2026, chủ vườn ký"}
    twin = registry.clerk(person=["mobile", "mail"])
    refused(await registry.post(address, based, twin), 403, "own_receipt")
    page = (await registry.browser(twin).get(f"{C}/gatherings?facility_id={grower['id']}")).text
    assert "Chính bạn đã ghi lần thu mua này" in page
    other = registry.clerk(name="Vũ Thị Khác", person=["another"])
    refused(await registry.post(address, body, other), 422, "basis_missing")
    found = ok(await registry.post(address, based, other))
    assert found["bought"][0]["denied_by"] == "Vũ Thị Khác"
    told = await findings(registry, made["made"][0]["lot_id"])
    assert [one for one in told if "không công nhận" in one], "whoever checks the lot is told"
    before = await left(registry, grower)
    why = {"reason": "Ghi nhầm"}
    ok(await registry.post(f"/transformations/{made['id']}/cancel", why, clerk))
    assert await left(registry, grower) == before, "was given back already"
    answer = await registry.post(address, based, other)
    refused(answer, 409, "gathering_cancelled")
