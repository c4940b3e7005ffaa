"""What was not told is sent again at one stroke; whoever confirms is told of what runs; a reader
who stops a mail stops no one for good; addresses end with their owners; keys can be rolled over."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.recall.courier import forgetting
from services.recall.courier.keys import FILE, CourierKeys
from services.recall.courier.settings import CourierSettings
from services.recall.domain.contact import READER_DAYS, Channel, Contact, Owner
from services.recall.pages import receiver_example
from services.recall.store import retries
from services.recall.store.contacts import CONTACTS
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.ended_owners import ENDED
from services.recall.store.tellings import TELLINGS
from shared.contracts.acts import RecallActRecorded
from shared.contracts.recall import RecallLifted
from shared.ids import now
from tests.answers import ok, token_in
from tests.polling import eventually
from tests.recall import telling
from tests.recall.builders import facility, lot
from tests.recall.conftest import Recall
from tests.recall.telling import (
    Inbox,
    confirm,
    contact,
    courier,
    facility_token,
    hearing,
    link_in,
    ordered,
    rows,
    smtp,
    unit,
    unit_token,
    waiting,
)

clean = telling.clean

QUEUE = "/console/recall/deliveries"


@pytest.fixture(scope="module")
async def told(province: Recall) -> AsyncIterator[Recall]:
    async with hearing(province, unit("u-run", "07001")):
        yield province


async def press(recall: Recall, token: str, **sent: str) -> httpx2.Response:
    browser = recall.browser(token)
    form = {"csrf": token_in((await browser.get("/console/recall/new")).text), **sent}
    headers = {"Origin": recall.settings.public_origin}
    return await browser.post(f"{QUEUE}/retry", data=form, headers=headers)


async def given_up(recall: Recall, case_id: str, **wanted: Any) -> None:
    await recall.db.collection(DELIVERIES).update_many(
        {"case_id": case_id, **wanted},
        {"$set": {"state": "given_up", "open": False, "error": "mail_later"}},
    )


async def test_all_that_was_given_up_is_sent_again_at_one_stroke_but_for_who_rests(
    told: Recall,
) -> None:
    ids = [await contact(told, f"many{n}@f1.example", facility_token(told)) for n in range(3)]
    first, other = await ordered(told, "ag1", 3), await ordered(told, "ag2", 3)
    for case_id in (first, other):
        await given_up(told, case_id)
    ok(await told.post(f"/contacts/{ids[0]}/pause", token=facility_token(told)))
    answer = await press(told, told.token(kinds=["system"]), state="given_up", case=first)
    assert answer.status_code == 303, answer.text
    states = {row["contact_id"]: row["state"] for row in await rows(told, first)}
    assert states == {ids[0]: "given_up", ids[1]: "queued", ids[2]: "queued"}
    assert {row["state"] for row in await rows(told, other)} == {"given_up"}
    answer = await press(told, told.token(kinds=["system"]), state="given_up")
    assert answer.status_code == 303
    inbox = Inbox()
    with smtp(inbox) as port:
        assert await courier(told, port).drain(Channel.MAIL) == 4
    again = await press(told, told.token(kinds=["system"]), state="given_up", case=first)
    assert again.status_code == 409, "it says that there is nothing"
    wrong = await press(told, told.token(kinds=["system"]), state="sent")
    assert wrong.status_code == 422


async def test_all_is_sent_again_though_most_of_it_can_never_be_sent(
    told: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was given up for days, to addresses that rest since, is the oldest."""
    monkeypatch.setattr(retries, "MOST_RETRIED", 2)
    monkeypatch.setattr(retries, "_AT_ONCE", 2)
    rests = await contact(told, "rests@f1.example", facility_token(told))
    old = [await ordered(told, f"ag7-{n}") for n in range(3)]
    ok(await told.post(f"/contacts/{rests}/pause", token=facility_token(told)))
    await contact(told, "goes@f1.example", facility_token(told))
    new = [await ordered(told, f"ag8-{n}", 2) for n in range(3)]
    for case_id in (*old, *new):
        await given_up(told, case_id)
    answer = await press(told, told.token(kinds=["system"]), state="given_up")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("state=given_up"), "there is more"
    await press(told, told.token(kinds=["system"]), state="given_up")
    states = {
        row["state"]
        for case_id in new
        for row in await rows(told, case_id)
        if row["contact_id"] != rests
    }
    assert states == {"queued"}
    again = await press(told, told.token(kinds=["system"]), state="given_up")
    assert again.status_code == 409, "what can never be sent is nothing to send"


async def test_nothing_of_what_is_over_is_sent_again_with_all_but_that_it_is_over(
    told: Recall,
) -> None:
    await contact(told, "over@f1.example", facility_token(told))
    case_id, runs = await ordered(told, "ag9"), await ordered(told, "ag10")
    ok(await told.post(f"/recalls/{case_id}/lift", {"reason": "x"}))
    ok(await told.post(f"/recalls/{case_id}/lift/confirm", token=told.token(account="second")))
    await waiting(told, case_id, 2)
    for one in (case_id, runs):
        await given_up(told, one)
    long_ago = now() - timedelta(days=2)
    near = {"message": "deadline_near", "happened_at": long_ago}
    await told.db.collection(DELIVERIES).update_one({"case_id": runs}, {"$set": near})
    assert (await press(told, told.token(kinds=["system"]), state="given_up")).status_code == 303
    states = {row["message"]: row["state"] for row in await rows(told, case_id)}
    assert states == {"ordered": "given_up", "lifted": "queued"}
    [row] = await rows(told, runs)
    assert row["state"] == "given_up", "it is not near any more"


async def test_nobody_sends_again_what_lies_outside_the_own_area(told: Recall) -> None:
    await contact(told, "mine@f1.example", facility_token(told))
    case_id = await ordered(told, "ag3")
    await given_up(told, case_id)
    elsewhere = told.token(tier="commune", communes=["07003"], kinds=["system"])
    assert (await press(told, elsewhere, state="given_up", case=case_id)).status_code == 409
    [row] = await rows(told, case_id)
    assert row["state"] == "given_up"


async def test_who_confirms_while_a_case_runs_is_told_of_it_once(told: Recall) -> None:
    await told.know(lot("ag4"), lot("ag5"))
    runs, over = (await told.order("ag4"))["id"], (await told.order("ag5"))["id"]
    ok(await told.post(f"/recalls/{over}/lift", {"reason": "x"}))
    ok(await told.post(f"/recalls/{over}/lift/confirm", token=told.token(account="second")))

    async def all_told() -> bool:
        keys = [f"recall.courier:{one.id}" for one in await told.events(over, RecallLifted)]
        heard = await told.db.collection("inbox").count_documents({"_id": {"$in": keys}})
        return heard == 1 and not await told.db.collection(TELLINGS).count_documents({})

    await eventually(all_told)
    await contact(told, "now@f1.example", facility_token(told), standing=True)
    await contact(told, "unit@tinh.example", unit_token(told, "u-run"), standing=True)
    found = await waiting(told, runs, 2)
    assert {(row["owner_id"], row["message"]) for row in found} == {
        ("f1", "ordered"),
        ("u-run", "ordered"),
    }
    assert not await rows(told, over)
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    assert "unit@tinh.example" in {mail["To"] for mail in inbox.taken}
    assert {row["state"] for row in await rows(told, runs)} == {"sent"}
    [row] = await rows(told, runs, owner_id="u-run")
    assert (row["facilities"], row["facilities_total"]) == (["f1"], 1)


async def test_a_forwarded_mail_stops_an_address_but_does_not_remove_it(told: Recall) -> None:
    token = facility_token(told)
    id_ = await contact(told, "stop@f1.example", token)
    case_id = await ordered(told, "ag6")
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    link = inbox.taken[-1]["List-Unsubscribe"].strip("<>").split("/", 3)[3]
    assert (await confirm(told, f"/{link}")).status_code == 200
    assert (await told.browser().get(f"/{link}")).status_code == 404, "it is done"
    kept = (await told.get("/contacts", token)).json()["items"]
    assert [(one["state"], one["paused_by"]) for one in kept] == [("paused", "reader")]
    page = await told.browser(token).get("/console/recall/contacts")
    assert "Người đọc thư đã bấm ngừng nhận tin." in page.text
    assert await forgetting.sweep(told.db, now()) == 0
    later = now() + timedelta(days=READER_DAYS, hours=1)
    assert await forgetting.sweep(told.db, later) == 1
    assert (await told.get("/contacts", token)).json()["items"] == []
    done = [one.facts["done"] for one in await told.events(id_, RecallActRecorded)]
    assert done == ["added", "confirmed", "stopped", "removed"]
    assert await rows(told, case_id)


async def test_who_resumes_what_a_reader_stopped_keeps_the_address(told: Recall) -> None:
    token = facility_token(told)
    id_ = await contact(told, "back@f1.example", token)
    await told.db.collection(CONTACTS).update_one(
        {"_id": id_}, {"$set": {"state": "paused", "paused_by": "reader", "paused_at": now()}}
    )
    ok(await told.post(f"/contacts/{id_}/resume", token=token))
    assert await forgetting.sweep(told.db, now() + timedelta(days=READER_DAYS + 1)) == 0


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
async def test_addresses_go_a_month_after_their_owner_ended_and_not_if_it_goes_on(
    told: Recall, order: tuple[int, ...]
) -> None:
    name = f"f-end-{order[0]}"
    await told.know(facility(name))
    id_ = await contact(told, f"x@{name}.example", facility_token(told, name))
    states = {2: "stopped", 3: "active"}
    await told.know(*(facility(name, version=n, status=states[n]) for n in order))
    await told.know(facility(f"{name}-after"))

    async def heard() -> bool:
        found = await told.db.collection(ENDED).find_one({"_id": f"facility:{name}"})
        return found is not None and found["version"] == 3

    await eventually(heard)
    later = now() + timedelta(days=400)
    assert await forgetting.sweep(told.db, later) == 0
    await told.know(facility(name, version=4, status="stopped"))

    async def ended() -> bool:
        return await told.db.collection(ENDED).count_documents({"ended": True}) == 1

    await eventually(ended)
    assert await forgetting.sweep(told.db, later) == 1
    assert await told.db.collection(CONTACTS).find_one({"_id": id_}) is None
    assert await forgetting.sweep(told.db, later) == 0


def a_contact(**more: Any) -> Contact:
    made = Contact.added("c1", Owner("facility", "f1"), Channel.WEBHOOK, "x", "vi", now=now())
    return replace(made, **more)


def keys_of(folder: Path, told: dict[str, Any]) -> CourierKeys:
    (folder / FILE).write_text(json.dumps(told))
    return CourierKeys.load(folder)


def test_a_key_is_announced_before_it_signs_and_a_slot_added_without_changing_secrets(
    told: Recall, tmp_path: Path
) -> None:
    kept = json.loads((told.settings.secrets_dir / FILE).read_text())
    before = keys_of(tmp_path, kept)
    new_key = CourierKeys.load(told.settings.secrets_dir).signing[0]
    other = type(new_key).generate_key("Ed25519").as_dict(private=True)
    slots = {"derive": {"0": kept["derive"], "1": "ab" * 32}, "current": 1}
    after = keys_of(tmp_path, {**slots, "signing": [kept["signing"], other]})
    old, new = a_contact(), a_contact(key=1)
    assert before.secret(old) == after.secret(old) != after.secret(new)
    assert after.is_old(old)
    assert not after.is_old(new)
    rolled = keys_of(tmp_path, {**slots, "signing": [other, kept["signing"]]})
    at, body = int(now().timestamp()), b"{}"
    headers = {"webhook-id": "m", "webhook-timestamp": str(at)}
    for keys, known in ((after, before), (rolled, after)):
        signed = {**headers, "webhook-signature": keys.signatures(old, "m", at, body)}
        assert receiver_example.check_by_public_key(known.public(), signed, body)
        assert receiver_example.check(before.secret(old), signed, body)


@pytest.mark.parametrize(
    "change",
    [{"derive": ""}, {"derive": "ab"}, {"derive": {"0": "ab" * 32}, "current": 4}, {"signing": []}],
)
def test_a_broken_key_file_stops_the_start(
    told: Recall, tmp_path: Path, change: dict[str, Any]
) -> None:
    kept = json.loads((told.settings.secrets_dir / FILE).read_text())
    with pytest.raises((ValueError, KeyError)):
        keys_of(tmp_path, kept | change)


def test_a_password_is_not_sent_without_tls_and_a_sender_is_an_address() -> None:
    given: dict[str, Any] = {"smtp_host": "mail.example", "smtp_user": "u", "smtp_sender": "a@b.vn"}
    assert CourierSettings(**given, smtp_tls="starttls")
    assert CourierSettings(**{**given, "smtp_host": "127.0.0.1"}, smtp_tls="none")
    with pytest.raises(ValueError, match="TXNG_SMTP_USER"):
        CourierSettings(**given, smtp_tls="none")
    with pytest.raises(ValueError, match="TXNG_SMTP_SENDER"):
        CourierSettings(**{**given, "smtp_sender": "Tên <a@b.vn>"}, smtp_tls="tls")


def test_containers_name_no_file_where_none_is_set() -> None:
    unset = ("smtp_ca_file", "webhook_ca_file", "smtp_password_file", "dkim_key_file")
    settings = CourierSettings.model_validate(dict.fromkeys(unset, ""))
    assert (settings.smtp_ca_file, settings.webhook_ca_file) == (None, None)
    assert settings.password() == ""


async def test_an_unconfirmed_address_is_stopped_by_nobody(told: Recall) -> None:
    body = {"channel": "mail", "address": "new@f1.example"}
    made = ok(await told.post("/contacts", body, token=facility_token(told)), 201)
    inbox = Inbox()
    with smtp(inbox) as port:
        await courier(told, port).drain(Channel.MAIL)
    assert "stop?token" not in str(inbox.taken[0])
    assert link_in(inbox.taken[0])
    keys = CourierKeys.load(told.settings.secrets_dir)
    token = keys.stop_token(a_contact(id=made["id"]))
    path = f"/recalls/contacts/{made['id']}/stop?token={token}"
    assert (await told.browser().get(path)).status_code == 404
