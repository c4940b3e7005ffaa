"""Facilities and units are told of recalls: once for each event, at addresses that confirmed it."""

import asyncio
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.local.ports import free_port
from services.recall.domain.contact import MAILS_A_DAY, Channel
from services.recall.store.contacts import CONTACTS
from services.recall.store.deliveries import DELIVERIES
from shared.contracts.acts import RecallActRecorded
from shared.contracts.recall import RecallLifted, RecallOrdered
from shared.ids import now
from tests.answers import ok, refused, token_in
from tests.polling import eventually
from tests.recall import telling
from tests.recall.builders import lot, shipment
from tests.recall.conftest import API, Recall
from tests.recall.telling import (
    SENDER,
    Inbox,
    certificate,
    confirm,
    contact,
    courier,
    facility_token,
    hearing,
    link_in,
    rows,
    smtp,
    unit,
    unit_token,
    waiting,
)
from tests.tokens import bearer

clean = telling.clean

PAGE = "/console/recall/contacts"
QUEUE = "/console/recall/deliveries"


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    """With two units that answer for where facilities lie, and one of another sector."""
    async with hearing(
        province,
        unit("u-ha-long", "07001"),
        unit("u-all", "*"),
        unit("u-health", "*", sector="health"),
    ):
        yield province


async def test_an_affected_facility_and_the_units_that_answer_for_it_are_told_by_mail(
    told: Recall,
) -> None:
    await contact(told, "coso@f1.example", facility_token(told))
    await contact(told, "khac@f3.example", facility_token(told, "f3"))
    await contact(told, "dv@ha-long.example", unit_token(told, "u-ha-long"))
    await contact(told, "all@tinh.example", unit_token(told, "u-all"), language="en")
    await contact(told, "yte@tinh.example", unit_token(told, "u-health"))
    await told.know(lot("t1"))
    case = await told.order("t1", reason="Nhiễm khuẩn", reason_en="Bacteria found")
    await waiting(told, case["id"], 3)
    inbox = Inbox()
    with smtp(inbox) as port:
        assert await courier(told, port).drain(Channel.MAIL) == 3
    assert {mail["To"] for mail in inbox.taken} == {
        "coso@f1.example",
        "dv@ha-long.example",
        "all@tinh.example",
    }
    [mail] = inbox.to("coso@f1.example")
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.index("Nhiễm khuẩn") < text.index("Bacteria found")
    assert f"/recalls/{case['id']}" in text
    assert f"/console/recall/{case['id']}" in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"]
    assert mail["Message-ID"].endswith("@quangninh.example>")
    [english] = inbox.to("all@tinh.example")
    body = english.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert body.index("Bacteria found") < body.index("Nhiễm khuẩn")
    assert [row["state"] for row in await rows(told, case["id"])] == ["sent"] * 3


async def test_an_event_delivered_twice_is_told_once(told: Recall) -> None:
    await contact(told, "once@f1.example", facility_token(told))
    await told.know(lot("t2"))
    case = await told.order("t2")
    await waiting(told, case["id"], 1)
    [event] = await told.events(case["id"], RecallOrdered)
    await told.repeat(event, event)
    # A claim that was forgotten meanwhile changes nothing either.
    await told.db.collection("inbox").delete_many({})
    await told.repeat(event)
    await told.know(lot("t2-after"))
    after = await told.order("t2-after")
    await waiting(told, after["id"], 1)
    assert len(await rows(told, case["id"])) == 1


async def test_an_order_that_is_heard_after_its_lift_is_told_to_nobody_nor_is_the_lift(
    told: Recall,
) -> None:
    await told.know(lot("t3"))
    case = await told.order("t3")
    await told.post(f"/recalls/{case['id']}/lift", {"reason": "x"})
    ok(await told.post(f"/recalls/{case['id']}/lift/confirm", token=told.token(account="second")))
    [ordered] = await told.events(case["id"], RecallOrdered)
    [lifted] = await told.events(case["id"], RecallLifted)
    await _until_heard(told, ordered.id, lifted.id)
    await contact(told, "late@f1.example", facility_token(told))
    await told.db.collection("inbox").delete_many({})
    await told.repeat(lifted)
    await _until_heard(told, lifted.id)
    await told.repeat(ordered)
    await _until_heard(told, ordered.id, lifted.id)
    await told.know(lot("t3-after"))
    after = await told.order("t3-after")
    await waiting(told, after["id"], 1)
    # Nobody is asked to act on what was lifted, nor hears that something was that they never knew.
    assert await rows(told, case["id"]) == []


async def _until_heard(recall: Recall, *ids: str) -> None:
    keys = [f"recall.courier:{id_}" for id_ in ids]

    async def heard() -> bool:
        wanted = {"_id": {"$in": keys}}
        return await recall.db.collection("inbox").count_documents(wanted) == len(ids)

    await eventually(heard)


async def test_whoever_joins_a_case_later_is_told_and_the_others_are_not_told_again(
    told: Recall,
) -> None:
    await contact(told, "maker@f1.example", facility_token(told))
    await contact(told, "buyer@f2.example", facility_token(told, "f2"))
    await told.know(lot("t4"))
    case = await told.order("t4")
    await waiting(told, case["id"], 1)
    await told.know(shipment("sh-t4", "t4", "f2"))
    found = await waiting(told, case["id"], 2)
    assert {(row["owner_id"], row["message"]) for row in found} == {
        ("f1", "ordered"),
        ("f2", "scope_changed"),
    }


async def test_an_order_is_accepted_while_no_courier_and_no_contact_is_there(
    told: Recall,
) -> None:
    await told.know(lot("t5"))
    case = await told.order("t5")
    assert case["state"] == "ordered"
    page = await told.browser(told.token()).get(f"/console/recall/{case['id']}")
    assert "Chưa có tin nào được gửi về vụ việc này." in page.text
    assert "1 cơ sở trong phạm vi chưa có địa chỉ nhận tin" in page.text


async def test_mail_waits_while_no_server_is_set_and_the_page_says_so(told: Recall) -> None:
    made = {"channel": "mail", "address": "wait@f1.example"}
    token = facility_token(told)
    ok(await told.post("/contacts", made, token=token), 201)
    waits = courier(told)
    assert Channel.MAIL not in waits._senders
    await waits._measure()
    page = await told.browser(token).get(QUEUE)
    assert "Chưa có máy chủ thư" in page.text
    assert "Đang chờ gửi" in page.text


async def test_a_server_that_is_down_and_comes_back_gets_everything_once(told: Recall) -> None:
    await contact(told, "down@f1.example", facility_token(told))
    await told.know(lot("t6"))
    case = await told.order("t6")
    await waiting(told, case["id"], 1)
    port = free_port()
    assert await courier(told, port).drain(Channel.MAIL) == 1
    [row] = await rows(told, case["id"])
    assert (row["state"], row["error"], row["attempts"]) == ("failed", "no_connection", 1)
    assert row["next_at"] > now() - timedelta(seconds=30)
    inbox = Inbox()
    later = now() + timedelta(hours=2)
    with smtp(inbox, port):
        await courier(told, port).drain(Channel.MAIL, at=later)
        await courier(told, port).drain(Channel.MAIL, at=later)
    assert len(inbox.taken) == 1
    [row] = await rows(told, case["id"])
    assert (row["state"], row["attempts"]) == ("sent", 2)


async def test_what_was_given_up_says_why_and_is_sent_again_by_hand(told: Recall) -> None:
    await contact(told, "never@f1.example", facility_token(told))
    await told.know(lot("t7"))
    case = await told.order("t7")
    await waiting(told, case["id"], 1)
    inbox = Inbox()
    inbox.refusals["never@f1.example"] = "550 5.1.1 no such user"
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [row] = await rows(told, case["id"])
    page = await told.browser(facility_token(told)).get(f"{QUEUE}?state=given_up")
    assert "Máy chủ thư từ chối địa chỉ này (mã 550)." in page.text
    # Again by hand: due at once, and tried anew.
    browser = told.browser(facility_token(told))
    page = await browser.get(QUEUE)
    headers = {"Origin": told.settings.public_origin}
    sent = {"csrf": token_in(page.text)}
    again = await browser.post(f"{QUEUE}/{row['_id']}/retry", data=sent, headers=headers)
    assert again.status_code == 303, again.text
    [row] = await rows(told, case["id"])
    assert row["state"] == "queued"


async def test_an_address_that_the_server_refuses_is_given_up_at_once(told: Recall) -> None:
    await contact(told, "nobody@f1.example", facility_token(told))
    await told.know(lot("t8"))
    case = await told.order("t8")
    await waiting(told, case["id"], 1)
    inbox = Inbox()
    inbox.refusals["nobody@f1.example"] = "550 5.1.1 no such user"
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [row] = await rows(told, case["id"])
    assert (row["state"], row["error"], row["error_detail"]) == ("given_up", "mail_refused", "550")


async def test_a_courier_that_dies_between_sending_and_keeping_it_sends_the_same_id_again(
    told: Recall,
) -> None:
    await contact(told, "twice@f1.example", facility_token(told))
    await told.know(lot("t9"))
    case = await told.order("t9")
    await waiting(told, case["id"], 1)
    inbox = Inbox()
    with smtp(inbox) as port:
        env = process_environment(told, port) | {"TXNG_CRASH_AT": "courier.sent.before_mark"}
        died = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "services.recall.courier.worker"],
            env=env,
            timeout=60,
            check=False,
        )
        assert died.returncode == -signal.SIGKILL
        [row] = await rows(told, case["id"])
        assert row["state"] == "sending"
        # Nobody else takes it before its lease is over.
        await courier(told, port).drain(Channel.MAIL)
        assert len(inbox.taken) == 1
        await courier(told, port).drain(Channel.MAIL, at=now() + timedelta(minutes=8))
    assert len(inbox.taken) == 2
    assert inbox.taken[0]["Message-ID"] == inbox.taken[1]["Message-ID"]
    [row] = await rows(told, case["id"])
    assert row["state"] == "sent"


def process_environment(recall: Recall, port: int) -> dict[str, str]:
    settings = recall.settings
    return {
        **os.environ,
        "TXNG_MONGO_URL": settings.mongo_url,
        "TXNG_AMQP_URL": settings.amqp_url,
        "TXNG_DB_PREFIX": settings.db_prefix,
        "TXNG_BUS_PREFIX": settings.bus_prefix,
        "TXNG_SECRETS_DIR": str(settings.secrets_dir),
        "TXNG_PORT": str(free_port()),
        "TXNG_SMTP_HOST": "127.0.0.1",
        "TXNG_SMTP_PORT": str(port),
        "TXNG_SMTP_TLS": "none",
        "TXNG_SMTP_SENDER": SENDER,
    }


async def test_two_couriers_at_once_send_each_message_once(told: Recall) -> None:
    ids = [await contact(told, f"many{n}@f1.example", facility_token(told)) for n in range(4)]
    await told.know(*(lot(f"t10-{n}") for n in range(5)))
    cases = [await told.order(f"t10-{n}") for n in range(5)]
    for case in cases:
        await waiting(told, case["id"], len(ids))
    inbox = Inbox()
    with smtp(inbox) as port:
        ones = [courier(told, port) for _ in range(3)]
        while await told.db.collection(DELIVERIES).count_documents({"open": True}):
            await asyncio.gather(
                *(one.drain(Channel.MAIL, at=now() + timedelta(seconds=5)) for one in ones)
            )
    sent = [mail["Message-ID"] for mail in inbox.taken]
    assert len(sent) == len(set(sent)) == len(ids) * len(cases)


async def test_an_address_gets_nothing_before_it_confirmed_and_its_link_holds_once(
    told: Recall,
) -> None:
    token = facility_token(told)
    made = ok(
        await told.post("/contacts", {"channel": "mail", "address": "a@f1.example"}, token=token),
        201,
    )
    assert made["state"] == "unconfirmed"
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
        await told.know(lot("t11"))
        case = await told.order("t11")
        await courier(told, port).drain(Channel.MAIL)
    [mail] = inbox.taken
    assert not await rows(told, case["id"])
    link = link_in(mail)
    # A program that looks through mail opens links; that confirms nothing.
    assert (await told.browser().get(link)).status_code == 200
    assert (await told.get("/contacts", token)).json()["items"][0]["state"] == "unconfirmed"
    assert (
        await told.browser().get(link[:-1] + ("0" if link[-1] != "0" else "1"))
    ).status_code == 404
    assert (await confirm(told, link)).status_code == 200
    assert (await told.get("/contacts", token)).json()["items"][0]["state"] == "active"
    assert (await confirm(told, link)).status_code == 404


async def test_a_link_is_over_after_two_days_and_once_another_was_asked_for(told: Recall) -> None:
    token = facility_token(told)
    made = ok(
        await told.post("/contacts", {"channel": "mail", "address": "b@f1.example"}, token=token),
        201,
    )
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
        ok(await told.post(f"/contacts/{made['id']}/ask", token=token))
        await courier(told, port).drain(Channel.MAIL)
    first, second = (link_in(mail) for mail in inbox.taken)
    assert first != second
    assert (await confirm(told, first)).status_code == 404
    before = now() - timedelta(hours=49)
    await told.db.collection(CONTACTS).update_one(
        {"_id": made["id"]}, {"$set": {"asked_at": before}}
    )
    assert (await confirm(told, second)).status_code == 404


async def test_nobody_can_have_a_stranger_written_to_more_than_a_few_times_a_day(
    told: Recall,
) -> None:
    body = {"channel": "mail", "address": "victim@elsewhere.example"}
    answers = [
        await told.post("/contacts", body, token=facility_token(told, f"spam{n}"))
        for n in range(MAILS_A_DAY + 1)
    ]
    assert [one.status_code for one in answers[:-1]] == [201] * MAILS_A_DAY
    refused(answers[-1], 429, "too_many_confirmations")
    assert int(answers[-1].headers["retry-after"]) > 0


@pytest.mark.parametrize(
    "address",
    [
        "no mail",
        "a@b",
        "a@b..vn",
        "a b@c.vn",
        '"a b"@c.vn',
        "a@c.vn,b@c.vn",
        "a@c.vn>",
        "Bcc:x@c.vn",
        "a@-c.vn",
        "x" * 65 + "@c.vn",
    ],
)
async def test_what_is_no_mail_address_is_refused(told: Recall, address: str) -> None:
    body = {"channel": "mail", "address": address}
    refused(
        await told.post("/contacts", body, token=facility_token(told)), 422, "invalid_mail_address"
    )


async def test_a_line_break_in_an_address_begins_no_header(told: Recall) -> None:
    body = {"channel": "mail", "address": "a@c.vn\nBcc: all@c.vn"}
    answer = await told.post("/contacts", body, token=facility_token(told))
    assert answer.status_code == 422
    await contact(told, "lines@f1.example", facility_token(told))
    await told.know(lot("t12", code="L\u00d4 12"))
    case = await told.order("t12")
    await waiting(told, case["id"], 1)
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [mail] = inbox.taken
    assert mail["Bcc"] is None
    assert "\n" not in mail["Subject"]


async def test_only_the_owner_sees_changes_and_removes_its_addresses(told: Recall) -> None:
    id_ = await contact(told, "own@f1.example", facility_token(told))
    other = facility_token(told, "f2")
    assert (await told.get("/contacts", other)).json()["items"] == []
    for act in ("ask", "pause", "resume"):
        assert (await told.post(f"/contacts/{id_}/{act}", token=other)).status_code == 404
    gone = await told.client.delete(f"{API}/contacts/{id_}", headers=bearer(other))
    assert gone.status_code == 404
    refused(await told.get("/contacts", told.token()), 403, "forbidden")


async def test_a_removed_address_is_gone_with_what_waited_and_stands_in_no_record(
    told: Recall,
) -> None:
    token = facility_token(told)
    id_ = await contact(told, "gone@f1.example", token)
    await told.know(lot("t13"))
    case = await told.order("t13")
    await waiting(told, case["id"], 1)
    gone = await told.client.delete(f"{API}/contacts/{id_}", headers=bearer(token))
    assert gone.status_code == 204
    assert not await rows(told, case["id"])
    names = await told.db.handle.list_collection_names()
    for name in names:
        async for row in told.db.collection(name).find({}):
            assert "gone@f1.example" not in str(row), name
    acts = list(await told.events(id_, RecallActRecorded))
    assert [(one.action, one.facts["done"]) for one in acts] == [
        ("recall.contacts", "added"),
        ("recall.contacts", "confirmed"),
        ("recall.contacts", "removed"),
    ]


async def test_the_reader_of_a_mail_stops_further_ones_by_its_last_link(told: Recall) -> None:
    id_ = await contact(told, "stop@f1.example", facility_token(told))
    await told.know(lot("t14"))
    case = await told.order("t14")
    await waiting(told, case["id"], 1)
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    [mail] = inbox.taken
    link = re.search(r"https?://[^/]+(/recalls/contacts/[^>]+)", mail["List-Unsubscribe"])
    assert link
    assert (await confirm(told, link[1])).status_code == 200
    kept = await told.db.collection(CONTACTS).find_one({"_id": id_})
    assert kept
    assert (kept["state"], kept["paused_by"]) == ("paused", "reader")


async def test_a_paused_contact_waits_and_gets_what_was_kept_once_resumed(told: Recall) -> None:
    token = facility_token(told)
    id_ = await contact(told, "pause@f1.example", token)
    ok(await told.post(f"/contacts/{id_}/pause", token=token))
    await told.know(lot("t15"))
    case = await told.order("t15")
    await waiting(told, case["id"], 1)
    inbox = Inbox()
    with smtp(inbox) as port:
        assert await courier(told, port).drain(Channel.MAIL) == 0
        ok(await told.post(f"/contacts/{id_}/resume", token=token))
        assert await courier(told, port).drain(Channel.MAIL, at=now()) == 1
    assert len(inbox.taken) == 1


async def test_a_mail_server_without_tls_gets_nothing_where_tls_is_asked_for(
    told: Recall,
) -> None:
    await contact(told, "tls@f1.example", facility_token(told))
    await told.know(lot("t16"))
    case = await told.order("t16")
    await waiting(told, case["id"], 1)
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port, smtp_tls="starttls").drain(Channel.MAIL)
    assert not inbox.taken
    [row] = await rows(told, case["id"])
    assert (row["state"], row["error"]) == ("failed", "mail_no_tls")


async def test_mail_goes_by_starttls_only_to_a_server_whose_certificate_is_trusted(
    told: Recall, tmp_path: Path
) -> None:
    await contact(told, "cert@f1.example", facility_token(told))
    await told.know(lot("t17"))
    case = await told.order("t17")
    await waiting(told, case["id"], 1)
    pair = certificate(tmp_path, "localhost")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*pair)
    inbox = Inbox()
    with smtp(inbox, tls_context=context, require_starttls=True) as port:
        strict = courier(told, port, smtp_tls="starttls", smtp_host="localhost")
        await strict.drain(Channel.MAIL)
        [row] = await rows(told, case["id"])
        assert (row["state"], row["error"]) == ("failed", "tls")
        more = {"smtp_tls": "starttls", "smtp_host": "localhost", "smtp_ca_file": pair[0]}
        later = now() + timedelta(hours=2)
        await courier(told, port, **more).drain(Channel.MAIL, at=later)
    assert len(inbox.taken) == 1


async def test_mails_are_put_into_a_folder_where_one_is_set(told: Recall, tmp_path: Path) -> None:
    body = {"channel": "mail", "address": "drop@f1.example"}
    ok(await told.post("/contacts", body, token=facility_token(told)), 201)
    await courier(told, mail_drop=tmp_path / "mail").drain(Channel.MAIL)
    [file] = (tmp_path / "mail").iterdir()
    assert b"drop@f1.example" in file.read_bytes()


async def test_officials_see_and_retry_what_concerns_their_area_alone(told: Recall) -> None:
    await contact(told, "seen@f1.example", facility_token(told))
    await told.know(lot("t18"))
    case = await told.order("t18")
    await waiting(told, case["id"], 1)
    [row] = await rows(told, case["id"])
    there = told.browser(told.token(tier="commune", communes=["07001"]))
    elsewhere = told.browser(told.token(tier="commune", communes=["07003"]))
    page = (await there.get(QUEUE)).text
    assert "Cơ sở chả mực Hạ Long" in page
    assert "seen@f1.example" not in page, "officials see who is told, not where"
    page = (await elsewhere.get(QUEUE)).text
    assert "Cơ sở chả mực Hạ Long" not in page
    browser = told.browser(facility_token(told, "f2"))
    form = {"csrf": token_in((await browser.get(PAGE)).text)}
    headers = {"Origin": told.settings.public_origin}
    answer = await browser.post(f"{QUEUE}/{row['_id']}/retry", data=form, headers=headers)
    assert answer.status_code == 404
