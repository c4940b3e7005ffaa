"""The sender's word on a receipt: its own, or an official's with a basis who did not record it."""

from typing import Any

import pytest

from shared.contracts.acts import RegistryActRecorded
from tests.answers import ok, refused, token_in
from tests.registry.conftest import Registry

C = "/console/registry"
BASIS = {"basis": "Bà Lan, chủ cơ sở, ký biên bản 12/BB ngày 02/07/2026."}


@pytest.fixture(scope="module")
async def trade(registry: Registry) -> dict[str, Any]:
    sender = await registry.a_facility(kinds=["processing"], name="Xưởng Bên Giao")
    product = await registry.a_product(sender["id"])
    lot = await registry.a_lot(sender["id"], product["id"])
    receiver = await registry.a_facility(kinds=["shop"])
    return {"sender": sender, "lot": lot, "receiver": receiver, "name": "Xưởng Bên Giao"}


async def recorded(registry: Registry, trade: dict[str, Any], token: str) -> str:
    body = {
        "lot": trade["lot"]["id"],
        "quantity": "1",
        "unit": "kg",
        "at": "2026-08-22T08:00:00+07:00",
        "place": "Kho của bên nhận",
        "facility_id": trade["receiver"]["id"],
    }
    return str(ok(await registry.post("/receipts", body, token), 201)["id"])


async def test_whoever_recorded_a_receipt_does_not_give_the_senders_word_on_it(
    registry: Registry, trade: dict[str, Any]
) -> None:
    clerk = registry.clerk()
    receipt = await recorded(registry, trade, clerk)
    for act, more in (("acknowledge", {}), ("disown", {"reason": "Ghi nhầm"})):
        answer = await registry.post(f"/shipments/{receipt}/{act}", {**BASIS, **more}, clerk)
        refused(answer, 403, "own_receipt")
    acts = [one for one in await registry.events() if isinstance(one, RegistryActRecorded)]
    tried = {(one.action, one.outcome) for one in acts if one.subject == receipt}
    assert {
        ("shipment.acknowledge", "own_receipt"),
        ("shipment.disown", "own_receipt"),
    } <= tried
    found = ok(await registry.get(f"/shipments/{receipt}", clerk))
    assert (found["acknowledged_at"], found["disowned"], found["answered_by"]) == (None, "", "")
    page = (await registry.browser(clerk).get(f"{C}/shipments/{receipt}")).text
    assert "Chính bạn đã ghi lần nhận này" in page
    assert "/acknowledge" not in page


async def test_nor_does_the_same_person_by_another_account(
    registry: Registry, trade: dict[str, Any]
) -> None:
    receipt = await recorded(registry, trade, registry.clerk(person=["mobile", "mail"]))
    path = f"/shipments/{receipt}/acknowledge"
    twin = registry.clerk(person=["mobile"], name="Cùng người")
    refused(await registry.post(path, BASIS, twin), 403, "own_receipt")
    other = registry.clerk(person=["another mobile"], name="Vũ Thị Khác")
    found = ok(await registry.post(path, BASIS, other))
    assert (found["answered_by"], found["answered_for_sender"]) == ("Vũ Thị Khác", True)


async def test_another_official_says_on_what_the_word_rests_and_both_ends_read_it(
    registry: Registry, trade: dict[str, Any]
) -> None:
    receipt = await recorded(registry, trade, registry.operator(trade["receiver"]["id"]))
    official = registry.clerk(name="Vũ Thị Khác")
    path = f"{C}/shipments/{receipt}"
    refused(
        await registry.post(f"/shipments/{receipt}/acknowledge", {}, official), 422, "basis_missing"
    )
    browser = registry.browser(official)
    page = (await browser.get(path)).text
    assert "Ghi lời bên giao" in page
    assert "Bạn đã giao hàng này?" not in page
    token = token_in(page)
    bare = await browser.post(f"{path}/disown", data={"csrf": token, "reason": "Không hề giao"})
    assert bare.status_code == 422
    assert 'id="f-basis-error"' in bare.text
    assert "Không hề giao" in bare.text, "what was typed is not lost"
    sent = await browser.post(f"{path}/acknowledge", data={"csrf": token, **BASIS})
    assert sent.status_code == 303, sent.text
    for reader in (trade["sender"]["id"], trade["receiver"]["id"]):
        seen = (await registry.browser(registry.operator(reader)).get(path)).text
        assert "Vũ Thị Khác" in seen
        assert trade["name"] in seen
        assert BASIS["basis"] in seen
    acts = [one for one in await registry.events() if isinstance(one, RegistryActRecorded)]
    [told] = [
        one
        for one in acts
        if one.subject == receipt
        and (one.action, one.outcome) == ("shipment.acknowledge", "accepted")
    ]
    assert told.facts["word"] == BASIS["basis"]


async def test_the_sender_itself_needs_no_basis_even_where_its_owner_is_the_receivers(
    registry: Registry, trade: dict[str, Any]
) -> None:
    receiver = registry.operator(trade["receiver"]["id"], person=["one owner"])
    receipt = await recorded(registry, trade, receiver)
    sender = registry.operator(trade["sender"]["id"], person=["one owner"], name="Chủ hai cơ sở")
    stranger = registry.operator((await registry.a_facility())["id"])
    path = f"/shipments/{receipt}/acknowledge"
    refused(await registry.post(path, BASIS, stranger), 404, "not_found")
    refused(await registry.post(path, BASIS, registry.clerk("06715")), 404, "not_found")
    found = ok(await registry.post(path, BASIS, sender))
    assert (found["answered_by"], found["answered_for_sender"]) == ("Chủ hai cơ sở", False)
    assert found["answer_basis"] == "", "its own word rests on itself"


async def test_a_word_that_was_given_before_such_rows_had_an_author_is_shown_as_it_is(
    registry: Registry, trade: dict[str, Any]
) -> None:
    receiver = registry.operator(trade["receiver"]["id"])
    receipt = await recorded(registry, trade, receiver)
    gone = {"answered_by": 1, "answer_basis": 1, "by_person": 1}
    await registry.db.collection("shipments").update_one(
        {"_id": receipt}, {"$unset": gone, "$set": {"disowned": "Không phải hàng của tôi"}}
    )
    found = ok(await registry.get(f"/shipments/{receipt}", receiver))
    assert (found["answered_by"], found["answered_for_sender"]) == ("", False)
    page = await registry.browser(receiver).get(f"{C}/shipments/{receipt}")
    assert "Không phải hàng của tôi" in page.text
