"""The links of mails in Chromium: what a browser says of where a form comes from is for it alone to
say."""

from playwright.async_api import Browser, expect

from services.recall.domain.contact import Channel
from services.recall.store.contacts import CONTACTS
from tests.answers import ok
from tests.chromium import page_of
from tests.recall.conftest import Recall
from tests.recall.telling import Inbox, courier, facility_token, link_in, smtp


async def test_who_reads_the_mail_confirms_the_address_by_its_link(
    province: Recall, chromium: Browser, address: str
) -> None:
    token = facility_token(province)
    body = {"channel": "mail", "address": "browser@example.vn"}
    made = ok(await province.post("/contacts", body, token=token), 201)
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(province, port).drain(Channel.MAIL)
    [mail] = inbox.to(made["address"])
    async with page_of(chromium, address, "") as (page, _):
        await page.goto(link_in(mail))
        await page.get_by_role("button", name="Xác nhận, gửi tin tới địa chỉ này").click()
        await expect(page.get_by_text("Địa chỉ đã được xác nhận")).to_be_visible()
    row = await province.db.collection(CONTACTS).find_one({"_id": made["id"]})
    assert row
    assert row["state"] == "active"
