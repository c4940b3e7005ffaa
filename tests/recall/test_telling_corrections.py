"""A correction is told to whom the order was told, and stands in the feeds."""

import json
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree

import pytest

from services.recall.domain.contact import Channel
from services.recall.domain.delivery import Message
from services.recall.store.tellings import TELLINGS
from shared.contracts.recall import RecallCorrected
from tests.answers import ok
from tests.polling import eventually
from tests.recall import telling
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.telling import (
    Inbox,
    contact,
    courier,
    facility_token,
    forget_standing,
    hearing,
    rows,
    smtp,
    unit,
    unit_token,
    waiting,
)
from tests.recall.test_webhooks import Receiver, pair, serving, webhook  # noqa: F401
from tests.recall.test_webhooks import courier as caller

clean = telling.clean


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    async with hearing(province, unit("u-there", "07001")):
        yield province


async def corrected(recall: Recall, case_id: str, revision: int = 0, **more: Any) -> None:
    body = {"revision": revision, "why": "Chép nhầm số lô", **more}
    ok(await recall.post(f"/recalls/{case_id}/corrections", body, token=recall.token(name="An")))
    detail = (await recall.get(f"/recalls/{case_id}/corrections")).json()
    if not detail["items"] or len(detail["items"]) == revision:
        second = recall.token(account="second", name="Bình")
        ok(await recall.post(f"/recalls/{case_id}/corrections/confirm", token=second))


async def mails(recall: Recall) -> Inbox:
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(recall, port).drain(Channel.MAIL)
    return inbox


def text(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


async def test_those_who_were_told_of_an_order_are_told_what_was_wrong_and_what_holds(
    told: Recall,
) -> None:
    await contact(told, "maker@f1.example", facility_token(told))
    await contact(told, "other@f3.example", facility_token(told, "f3"))
    await contact(told, "there@tinh.example", unit_token(told, "u-there"), language="en")
    await told.know(lot("kc1"), lot("kc1-b", inputs=("kc1",), code="BỎ RA 1"))
    case_id = (await told.order("kc1", reason="Nhiễm khuẩn"))["id"]
    await waiting(told, case_id, 2)
    await mails(told)
    await corrected(told, case_id, reason="Nhiễm kim loại nặng", remove=["kc1-b"])
    found = await waiting(told, case_id, 2, message="corrected")
    assert {row["owner_id"] for row in found} == {"f1", "u-there"}
    inbox = await mails(told)
    assert {mail["To"] for mail in inbox.taken} == {"maker@f1.example", "there@tinh.example"}
    body = text(inbox.to("maker@f1.example")[0])
    for words in (
        "Thông báo đã được đính chính.",
        "Lý do đính chính: Chép nhầm số lô",
        "Lý do, trước đây: Nhiễm khuẩn. Nay: Nhiễm kim loại nặng",
        "1 lô được bỏ khỏi vụ việc và không còn bị thu hồi hay cảnh báo: BỎ RA 1",
    ):
        assert words in body
    assert "Ngừng bán và để riêng hàng của các lô trong vụ việc" not in body
    page = await told.browser(facility_token(told)).get("/console/recall/deliveries")
    assert "Báo đã đính chính" in page.text


async def test_a_correction_heard_twice_is_told_once_and_not_to_who_never_heard_of_the_case(
    told: Recall,
) -> None:
    await told.know(lot("kc2"))
    case_id = (await told.order("kc2"))["id"]
    await corrected(told, case_id, reason="Khác")
    [event] = await told.events(case_id, RecallCorrected)

    async def heard() -> bool:
        wanted = {"_id": f"recall.courier-corrections:{event.id}"}
        return await told.db.collection("inbox").count_documents(wanted) == 1

    async def nothing_left() -> bool:
        return not await told.db.collection(TELLINGS).count_documents({"case_id": case_id})

    await eventually(heard)
    await eventually(nothing_left)
    await told.db.collection("inbox").delete_many({})
    await contact(told, "nothing@f1.example", facility_token(told))
    await told.repeat(event)
    await eventually(heard)
    await eventually(nothing_left)
    # Whoever confirms is told of the case as it was corrected.
    await contact(told, "late@f1.example", facility_token(told), standing=True)
    await waiting(told, case_id, 1, message="ordered")
    assert not await rows(told, case_id, message=str(Message.CORRECTED))
    await told.db.collection("inbox").delete_many({})
    await told.repeat(event, event)
    await waiting(told, case_id, 1, message="corrected")
    await told.db.collection("inbox").delete_many({})
    await told.repeat(event)
    await eventually(heard)
    assert len(await rows(told, case_id, message=str(Message.CORRECTED))) == 2, "each address"


async def test_who_joins_by_a_correction_is_told_of_the_case_and_not_of_what_it_never_heard(
    told: Recall,
) -> None:
    await contact(told, "first@f1.example", facility_token(told))
    await contact(told, "joins@f2.example", facility_token(told, "f2"))
    await told.know(lot("kc3"), lot("kc3-a"), lot("kc3-b", "f2", "p2", inputs=("kc3-a",)))
    case_id = (await told.order("kc3"))["id"]
    await waiting(told, case_id, 1)
    await corrected(told, case_id, add=["kc3-a"])
    await waiting(told, case_id, 1, message="corrected")
    await waiting(told, case_id, 2, message="scope_changed")
    found = {(row["owner_id"], row["message"]) for row in await rows(told, case_id)}
    assert ("f2", "scope_changed") in found
    assert ("f1", "corrected") in found
    assert ("f2", "corrected") not in found


async def test_a_webhook_is_told_what_changed(
    told: Recall,
    pair: Any,  # noqa: F811
) -> None:
    async with serving(Receiver(pair)) as receiver:
        await webhook(told, receiver)
        await caller(told, receiver).drain(Channel.WEBHOOK)
        await forget_standing(told)
        await told.know(lot("kc4"), lot("kc4-b", inputs=("kc4",), code="KC4-B"))
        case_id = (await told.order("kc4"))["id"]
        await waiting(told, case_id, 1)
        await caller(told, receiver).drain(Channel.WEBHOOK)
        assert receiver.bodies()[-1]["data"]["correction"] is None
        await corrected(told, case_id, remove=["kc4-b"])
        await waiting(told, case_id, 1, message="corrected")
        await caller(told, receiver).drain(Channel.WEBHOOK)
    message = receiver.bodies()[-1]
    assert message["type"] == "txng.recall.corrected.v1"
    made = message["data"]["correction"]
    assert made["why"] == "Chép nhầm số lô"
    assert made["changed"] == ["lots"]
    assert (made["removed_lots"], made["removed_lots_total"]) == (["KC4-B"], 1)
    assert message["data"]["corrected_at"]


async def test_feeds_say_that_and_why_a_case_was_corrected(told: Recall) -> None:
    await told.know(lot("kc5"))
    case_id = (await told.order("kc5"))["id"]
    before = await told.client.get("/recalls.atom")
    await corrected(told, case_id, reason="Nhiễm kim loại nặng", level="critical")
    again = await told.client.get(
        "/recalls.atom", headers={"If-None-Match": before.headers["etag"]}
    )
    assert again.status_code == 200
    root = ElementTree.fromstring(again.content)
    atom = "{http://www.w3.org/2005/Atom}"
    entry = next(root.iter(f"{atom}entry"))
    assert entry.findtext(f"{atom}id") == f"urn:uuid:{case_id}"
    assert entry.findtext(f"{atom}title", "").startswith("Đã đính chính: ")
    summary = entry.findtext(f"{atom}summary", "")
    assert "Nhiễm kim loại nặng" in summary
    assert "Chép nhầm số lô" in summary
    assert entry.findtext(f"{atom}updated", "") > entry.findtext(f"{atom}published", "")
    rss = ElementTree.fromstring((await told.client.get("/recalls.rss")).content)
    item = next(rss.iter("item"))
    assert "Chép nhầm số lô" in item.findtext("description", "")
    items = (await told.client.get("/recalls.feed.json")).json()["items"]
    assert items[0]["_txng"]["corrected_at"]
    assert "Chép nhầm số lô" in items[0]["content_text"]
    plain = json.loads((await told.client.get("/recalls.json")).content)["items"][0]
    assert (plain["id"], plain["corrections"]) == (case_id, 1)
    assert plain["correction"]["changed"] == ["level", "words"]
