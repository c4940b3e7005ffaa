"""Who of a facility says where it is told of recalls, what is no such place, and what a case says
to one that is told nowhere."""

import re

import pytest

from services.recall.domain.contact import Channel
from services.recall.store.contacts import CONTACTS
from tests.answers import ok, refused, token_in
from tests.recall import telling
from tests.recall.builders import lot
from tests.recall.conftest import API, Recall
from tests.recall.telling import Inbox, contact, courier, facility_token, ordered, smtp
from tests.tokens import bearer

told, clean = telling.told, telling.clean

PAGE = "/console/recall/contacts"
LINK = f'href="{PAGE}"'


def operator(recall: Recall, facility_id: str = "f1", kind: str = "operate") -> str:
    return facility_token(recall, facility_id, kinds=[kind])


async def test_a_facility_with_an_operating_account_alone_gives_its_address_and_is_told(
    told: Recall,
) -> None:
    token = operator(told)
    browser = told.browser(token)
    page = (await browser.get(PAGE)).text
    assert page.count(LINK) >= 1, "the menu leads there"
    sent = {"csrf": token_in(page), "address": "vh@f1.example", "language": "vi"}
    headers = {"Origin": told.settings.public_origin}
    added = await browser.post(f"{PAGE}/mail", data=sent, headers=headers)
    assert added.status_code == 303, added.text
    [made] = ok(await told.get("/contacts", token))["items"]
    assert (made["address"], made["state"]) == ("vh@f1.example", "unconfirmed")
    gone = await told.client.delete(f"{API}/contacts/{made['id']}", headers=bearer(token))
    assert gone.status_code == 204
    id_ = await contact(told, "vh2@f1.example", token)
    await ordered(told, "giver1")
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    assert inbox.to("vh2@f1.example")
    for act in ("pause", "resume"):
        ok(await told.post(f"/contacts/{id_}/{act}", token=token))
    foreign = operator(told, "f2")
    assert (await told.post(f"/contacts/{id_}/pause", token=foreign)).status_code == 404


@pytest.mark.parametrize("kind", ["report", "produce"])
async def test_other_accounts_of_a_facility_give_none(told: Recall, kind: str) -> None:
    token = operator(told, kind=kind)
    body = {"channel": "mail", "address": "no@f1.example"}
    refused(await told.post("/contacts", body, token=token), 403, "forbidden")
    assert LINK not in (await told.browser(token).get("/console/recall")).text
    clerk = told.token(tier="unit", kinds=["operate"], unit="u1", communes=["07001"])
    refused(await told.post("/contacts", body, token=clerk), 403, "forbidden")


async def test_a_case_tells_its_owner_that_it_gave_no_address_and_where_it_is_given(
    told: Recall,
) -> None:
    await told.know(lot("giver2"))
    case_id = (await told.order("giver2"))["id"]
    token = operator(told)
    page = (await told.browser(token).get(f"/console/recall/{case_id}")).text
    assert "Cơ sở của bạn chưa có địa chỉ nhận tin" in page
    assert "cần báo bằng cách khác" not in page, "that is for officials"
    assert LINK in page.partition("Cơ sở của bạn chưa có địa chỉ")[2]
    officials = (await told.browser(told.token()).get(f"/console/recall/{case_id}")).text
    assert "1 cơ sở trong phạm vi chưa có địa chỉ nhận tin" in officials
    id_ = await contact(told, "vh3@f1.example", token)
    ok(await told.post(f"/contacts/{id_}/pause", token=token))
    page = (await told.browser(token).get(f"/console/recall/{case_id}")).text
    assert "chưa có địa chỉ" not in page
    assert "Mọi địa chỉ nhận tin của cơ sở bạn đang tạm ngừng" in page


async def test_page_and_api_refuse_a_webhook_that_leads_inside_at_its_field(told: Recall) -> None:
    token = facility_token(told)
    browser = told.browser(token)
    body = {"channel": "webhook", "address": "https://10.0.0.7/x"}
    answer = refused(await told.post("/contacts", body, token=token), 422, "private_webhook")
    assert [one["field"] for one in answer["errors"]] == ["address"]
    sent = {
        "csrf": token_in((await browser.get(PAGE)).text),
        "address": "https://[::ffff:10.0.0.7]/x",
        "language": "vi",
    }
    headers = {"Origin": told.settings.public_origin}
    shown = await browser.post(f"{PAGE}/webhook", data=sent, headers=headers)
    assert shown.status_code == 422
    wrong = re.search(r'id="f-webhook-address-error">.*?</p>', shown.text, re.S)
    assert wrong, "told at the field"
    assert "mạng nội bộ" in wrong[0]
    assert "https://[::ffff:10.0.0.7]/x" in shown.text, "what was typed stays"
    inside = {"address": {"$regex": r"10\.0\.0\.7"}}
    assert await told.db.collection(CONTACTS).find_one(inside) is None
