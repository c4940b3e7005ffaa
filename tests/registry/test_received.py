"""Whoever received a lot reads where it came from: approved content, and of nobody's else trade."""

from typing import Any

import pytest

from shared.ids import new_id
from tests.answers import ok, refused
from tests.registry import builders
from tests.registry.conftest import Registry

C = "/console/registry"


async def delivered(
    registry: Registry, lot: dict[str, Any], sender: str, receiver: dict[str, Any]
) -> str:
    """Sent by its sender and counted by its receiver."""
    line = {"lot": lot["id"], "quantity": "20", "unit": "kg"}
    body = {"end": "transfer", "place": "Kho", "receiver": receiver["code"], "lines": [line]}
    carried = {"carrier": "HTX vận tải", "vehicle": "14C-123.45"}
    sent = await registry.post("/shipments", {**body, **carried}, registry.operator(sender))
    shipment = str(ok(sent, 201)["id"])
    counted = [{"lot_id": lot["id"], "quantity": "20", "reason": ""}]
    count = {"id": new_id(), "at": "2026-08-22T08:00:00+07:00", "counted": counted}
    address = f"/shipments/{shipment}/receive"
    ok(await registry.post(address, count, registry.operator(receiver["id"])))
    return shipment


@pytest.fixture(scope="module")
async def trade(registry: Registry) -> dict[str, Any]:
    """A grower's lot goes to a packer and to the packer's rival; both make something of it."""
    grower = await registry.a_facility()
    product = await registry.a_product(grower["id"])
    source = await registry.a_lot(grower["id"], product["id"])
    lot = await registry.a_lot(grower["id"], product["id"], inputs=[source["id"]])
    packer = await registry.a_facility(kinds=["packing"])
    rival = await registry.a_facility(kinds=["packing"], name=f"Hãng đối thủ {new_id()[-6:]}")
    found: dict[str, Any] = {"grower": grower["id"], "source": source, "lot": lot}
    found["product"] = product["id"]
    for name, facility in (("packer", packer), ("rival", rival)):
        shipment = await delivered(registry, lot, grower["id"], facility)
        made = await registry.a_product(facility["id"])
        other = await registry.a_lot(facility["id"], made["id"], inputs=[lot["id"]])
        found |= {name: facility["id"], f"{name}_lot": other, f"{name}_shipment": shipment}
    # What the grower works on since then is nobody's business.
    draft = builders.lot(product["id"], code=lot["code"], version=lot["version"])
    draft["entries"] = [builders.entry("storing", "2026-08-20", note="BẢN NHÁP BÍ MẬT")]
    ok(await registry.put(f"/lots/{lot['id']}", draft, registry.operator(grower["id"])))
    return found


async def test_the_receiver_reads_the_lot_and_the_chain_before_it(
    registry: Registry, trade: dict[str, Any]
) -> None:
    packer = registry.operator(trade["packer"])
    found = ok(await registry.get(f"/received/{trade['lot']['id']}", packer))
    assert (found["told"], found["before"]) == (True, 1)
    assert found["shipments"] == [trade["packer_shipment"]]
    assert [(one["id"], one["step"]) for one in found["origins"]] == [(trade["source"]["id"], -1)]
    assert found["lot"]["stages"]
    assert found["origins"][0]["stages"]
    assert "quantity" not in found["lot"]
    page = await registry.browser(packer).get(f"{C}/received/{trade['lot']['id']}")
    assert page.status_code == 200
    for code in (trade["lot"]["code"], trade["source"]["code"], trade["packer_lot"]["code"]):
        assert code in page.text


async def test_the_genealogy_tells_a_receiver_its_own_descendants_alone(
    registry: Registry, trade: dict[str, Any]
) -> None:
    address = f"/lots/{trade['lot']['id']}/genealogy"
    packer = registry.operator(trade["packer"])
    found = ok(await registry.get(address, packer))
    told = {one["id"]: one for one in found["items"]}
    assert set(told) == {trade["source"]["id"], trade["packer_lot"]["id"]}
    assert (found["before"], found["after"]) == (1, 1)
    assert told[trade["source"]["id"]]["quantity"] == ""
    assert told[trade["packer_lot"]["id"]]["quantity"] != ""
    page = await registry.browser(packer).get(f"{C}{address}")
    assert page.status_code == 200
    whole = ok(await registry.get(address, registry.checker()))
    assert {trade["rival_lot"]["id"]} < {one["id"] for one in whole["items"]}


async def test_neither_drafts_nor_other_receivers_are_told(
    registry: Registry, trade: dict[str, Any]
) -> None:
    packer = registry.operator(trade["packer"])
    browser, lot = registry.browser(packer), trade["lot"]["id"]
    texts = [
        (await browser.get(f"{C}/received/{lot}")).text,
        (await browser.get(f"{C}/lots/{lot}/genealogy")).text,
        (await registry.get(f"/received/{lot}", packer)).text,
        (await registry.get(f"/lots/{lot}/genealogy", packer)).text,
    ]
    for text in texts:
        for hidden in ("BÍ MẬT", "đối thủ", trade["rival_lot"]["code"], trade["rival_lot"]["id"]):
            assert hidden not in text
    # Its own page, its versions, its other acts stay its owner's.
    for path in ("/versions/1", "/edit", "/entries/new", "/print.pdf"):
        assert (await browser.get(f"{C}/lots/{lot}{path}")).status_code == 404, path
    for path in ("", "/events", "/tests", "/findings"):
        refused(await registry.get(f"/lots/{lot}{path}", packer), 404, "not_found")


async def test_the_address_of_the_lot_leads_a_receiver_to_its_page_and_its_owner_to_the_lot(
    registry: Registry, trade: dict[str, Any]
) -> None:
    lot = trade["lot"]["id"]
    packer = registry.browser(registry.operator(trade["packer"]))
    answer = await packer.get(f"{C}/lots/{lot}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{C}/received/{lot}")
    grower = registry.browser(registry.operator(trade["grower"]))
    answer = await grower.get(f"{C}/received/{lot}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{C}/lots/{lot}")
    stock = (await packer.get(f"{C}/stock")).text
    assert f"{C}/received/{lot}" in stock
    shipment = (await packer.get(f"{C}/shipments/{trade['packer_shipment']}")).text
    assert f"{C}/lots/{lot}" in shipment


async def test_a_stranger_finds_nothing_and_the_receiver_s_officials_what_it_finds(
    registry: Registry, trade: dict[str, Any]
) -> None:
    lot = trade["lot"]["id"]
    stranger = await registry.a_facility()
    elsewhere = registry.checker("06715")
    for token in (registry.operator(stranger["id"]), registry.operator(new_id()), elsewhere):
        refused(await registry.get(f"/received/{lot}", token), 404, "not_found")
        refused(await registry.get(f"/lots/{lot}/genealogy", token), 404, "not_found")
        for path in (f"/received/{lot}", f"/lots/{lot}", f"/lots/{lot}/genealogy"):
            assert (await registry.browser(token).get(f"{C}{path}")).status_code == 404
    # A lot further up was never delivered: it is told of, and has no page.
    packer = registry.operator(trade["packer"])
    refused(await registry.get(f"/received/{trade['source']['id']}", packer), 404, "not_found")
    place = builders.OTHER_COMMUNE
    official = registry.checker(place)
    refused(await registry.get(f"/received/{lot}", official), 404, "not_found")
    body = builders.facility(tax_number="", commune=place, kinds=["shop"])
    shop = await registry.entered("facilities", body, registry.clerk(place))
    await registry.submitted("facilities", shop["id"], registry.clerk(place))
    ok(await registry.decide("facilities", shop["id"], "accept", registry.checker(place)))
    ok(await registry.decide("facilities", shop["id"], "publish", registry.approver()))
    await delivered(registry, trade["lot"], trade["grower"], shop)
    found = ok(await registry.get(f"/received/{lot}", official))
    assert found["before"] == 1
    assert (await registry.browser(official).get(f"{C}/received/{lot}")).status_code == 200


async def test_what_is_only_planned_or_only_said_by_the_receiver_opens_no_chain(
    registry: Registry, trade: dict[str, Any]
) -> None:
    shop = await registry.a_facility(kinds=["shop"])
    operator, lot = registry.operator(shop["id"]), trade["lot"]["id"]
    line = {"lot": lot, "quantity": "1", "unit": "kg"}
    planned = {"end": "transfer", "place": "Kho", "receiver": shop["code"], "lines": [line]}
    ok(await registry.post("/shipments", planned, registry.operator(trade["grower"])), 201)
    refused(await registry.get(f"/received/{lot}", operator), 404, "not_found")
    receipt = {**line, "at": "2026-08-22T08:00:00+07:00", "place": "Cửa hàng"}
    said = ok(await registry.post("/receipts", receipt, operator), 201)
    found = ok(await registry.get(f"/received/{lot}", operator))
    assert (found["told"], found["before"], found["origins"]) == (False, 0, [])
    assert ok(await registry.get(f"/lots/{lot}/genealogy", operator))["before"] == 0
    for path in (f"/received/{lot}", f"/lots/{lot}/genealogy"):
        page = await registry.browser(operator).get(f"{C}{path}")
        assert "Bên giao chưa xác nhận lần giao này" in page.text
        assert trade["source"]["code"] not in page.text
    why = {"reason": "Không giao hàng này"}
    ok(await registry.post(f"/shipments/{said['id']}/disown", why,
                           registry.operator(trade["grower"])))  # fmt: skip
    refused(await registry.get(f"/received/{lot}", operator), 404, "not_found")


async def test_the_sender_confirms_a_receipt_and_its_receiver_reads_the_chain(
    registry: Registry, trade: dict[str, Any]
) -> None:
    shop = await registry.a_facility(kinds=["shop"])
    operator, lot = registry.operator(shop["id"]), trade["lot"]["id"]
    grower = registry.operator(trade["grower"])
    receipt = {"lot": lot, "quantity": "1", "unit": "kg", "at": "2026-08-22T08:00:00+07:00",
               "place": "Cửa hàng"}  # fmt: skip
    said = ok(await registry.post("/receipts", receipt, operator), 201)
    sender, address = registry.browser(grower), f"{C}/shipments/{said['id']}"
    assert "waiting=answer" in (await sender.get(C)).text
    assert said["code"] in (await sender.get(f"{C}/shipments?waiting=answer")).text
    assert "Đúng, tôi đã giao" in (await sender.get(address)).text
    assert "Đúng, tôi đã giao" not in (await registry.browser(operator).get(address)).text
    listed = ok(await registry.get("/shipments?waiting=answer", grower))
    assert said["id"] in {one["id"] for one in listed["items"]}
    assert ok(await registry.get("/shipments?waiting=answer", operator))["total"] == 0
    assert said["id"] in {
        one["id"] for one in ok(await registry.get("/shipments", operator))["items"]
    }
    stranger = registry.operator((await registry.a_facility())["id"])
    assert ok(await registry.get("/shipments", stranger))["total"] == 0
    word = f"/shipments/{said['id']}/acknowledge"
    refused(await registry.post(word, {}, operator), 404, "not_found")
    before = ok(await registry.get(f"/stock?facility_id={trade['grower']}", grower))
    for _ in range(2):
        told = ok(await registry.post(word, {}, grower))
        assert told["acknowledged_at"]
    assert ok(await registry.get(f"/stock?facility_id={trade['grower']}", grower)) == before
    found = ok(await registry.get(f"/received/{lot}", operator))
    assert (found["told"], found["before"]) == (True, 1)
    disown = f"/shipments/{said['id']}/disown"
    refused(await registry.post(disown, {"reason": "Nhầm"}, grower), 409, "receipt_answered")
    assert said["code"] not in (await sender.get(f"{C}/shipments?waiting=answer")).text
    assert "Bên giao đã xác nhận" in (await registry.browser(operator).get(address)).text


async def test_the_receiver_takes_what_it_may_read_as_epcis_events(
    registry: Registry, trade: dict[str, Any]
) -> None:
    lot, packer = trade["lot"]["id"], registry.operator(trade["packer"])
    answer = await registry.get(f"/received/{lot}/events", packer)
    assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"
    events = ok(answer)["epcisBody"]["eventList"]
    steps = {event["bizStep"] for event in events}
    assert {"commissioning", "shipping", "receiving"} <= steps
    [made] = [event for event in events if event["type"] == "TransformationEvent"]
    assert "quantity" not in str(made["inputQuantityList"] + made["outputQuantityList"]).lower()
    for hidden in ("BÍ MẬT", "đối thủ", trade["rival"], trade["rival_shipment"]):
        assert hidden not in answer.text
    page = await registry.browser(packer).get(f"{C}/lots/{lot}/epcis.json")
    assert page.headers["content-disposition"].startswith("attachment")
    assert page.json()["epcisBody"]["eventList"] == events
    own = await registry.browser(registry.operator(trade["grower"])).get(
        f"{C}/lots/{lot}/epcis.json"
    )
    assert trade["rival_shipment"] in own.text
    stranger = registry.operator((await registry.a_facility())["id"])
    refused(await registry.get(f"/received/{lot}/events", stranger), 404, "not_found")
    assert (await registry.browser(stranger).get(f"{C}/lots/{lot}/epcis.json")).status_code == 404
    # What nobody but the receiver has said opens the lot itself and none of its origins.
    shop = await registry.a_facility(kinds=["shop"])
    operator = registry.operator(shop["id"])
    receipt = {"lot": lot, "quantity": "1", "unit": "kg", "at": "2026-08-22T08:00:00+07:00",
               "place": "Cửa hàng"}  # fmt: skip
    ok(await registry.post("/receipts", receipt, operator), 201)
    alone = await registry.get(f"/received/{lot}/events", operator)
    assert trade["source"]["id"] not in alone.text
    assert "TransformationEvent" not in alone.text


async def test_the_file_of_a_received_lot_holds_every_origin_however_many(
    registry: Registry, trade: dict[str, Any]
) -> None:
    """Two parts full and one more origin: what was in none would be missing without a word."""
    known = await registry.a_lot(trade["grower"], trade["product"])
    rows, kin = registry.db.collection("lots"), registry.db.collection("kin")
    row: dict[str, Any] = await rows.find_one({"_id": known["id"]}) or {}
    ids = [new_id() for _ in range(2 * 50 + 1)]
    copies = [
        {**row, "_id": key, "code": key, "derived": {**row["derived"], "codes": [key]}}
        for key in ids
    ]
    await rows.insert_many(copies)
    await kin.insert_many([{"_id": key, "version": 1, "from": [], "inputs": []} for key in ids])
    mixed = await registry.a_lot(trade["grower"], trade["product"])
    await rows.update_one({"_id": mixed["id"]}, {"$set": {"published.inputs": ids}})
    await kin.update_one({"_id": mixed["id"]}, {"$set": {"from": ids, "inputs": ids}})
    shop = await registry.a_facility(kinds=["shop"])
    await delivered(registry, mixed, trade["grower"], shop)
    operator = registry.operator(shop["id"])
    answer = await registry.browser(operator).get(f"{C}/lots/{mixed['id']}/epcis.json")
    assert answer.headers["content-type"] == "application/ld+json"
    told = answer.json()
    assert (told["type"], told["schemaVersion"]) == ("EPCISDocument", "2.0")
    events = told["epcisBody"]["eventList"]
    assert not [key for key in [*ids, mixed["id"]] if key not in str(events)]
    assert len({event["eventID"] for event in events}) == len(events)
    paged, address = [], f"/received/{mixed['id']}/events?page=1"
    for page in (1, 2, 3):
        part = await registry.get(address, operator)
        paged += ok(part)["epcisBody"]["eventList"]
        link = part.headers.get("Link", "")
        assert ('rel="next"' in link) == (page < 3)
        address = f"/received/{mixed['id']}/events?page={page + 1}"
    assert sorted(e["eventID"] for e in paged) == sorted(e["eventID"] for e in events)
