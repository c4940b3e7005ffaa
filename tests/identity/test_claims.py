"""An account taken over on its person's own device: no officer holds what opens it (R3, R10)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.identity.actions.claiming import ASKS
from services.identity.domain import claims
from services.identity.domain.claims import LIFE, ClaimUnknown, word_mark, word_of
from services.identity.settings import IdentitySettings
from shared.ids import now
from shared.settings import Settings
from tests.answers import token_in
from tests.identity.running_identity import API, DOCUMENT, PASSWORD, Identity, running, send_form

IN_PERSON = {"seen": "in_person"}


@pytest.fixture(scope="module")
async def identity(settings: Settings) -> AsyncIterator[Identity]:
    """As it is delivered: setup codes are shown to nobody."""
    async with running(IdentitySettings(**settings.model_dump())) as started:
        yield started


async def issued(identity: Identity, username: str) -> dict[str, Any]:
    async with await identity.api("chicuc.hethong") as api:
        order = {"username": username, "name": "Vũ Thị Hạnh", "tier": "unit", "kinds": ["report"]}
        answer = await api.post(f"{API}/accounts", json={**order, "assignment": DOCUMENT})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def asked(identity: Identity, username: str, address: str = "198.51.100.7") -> dict[str, str]:
    async with identity.client(address) as device:
        answer = await device.post(f"{API}/claims", json={"username": username})
    assert answer.status_code == 201, answer.text
    told: dict[str, str] = answer.json()
    return told


async def confirm(
    identity: Identity, account_id: str, word: str, by: str = "chicuc.hethong", **changes: str
) -> httpx2.Response:
    async with await identity.api(by) as api:
        given = {"word": word, **IN_PERSON, **changes}
        return await api.post(f"{API}/accounts/{account_id}/claim", json=given)


async def choose(identity: Identity, claim: str, password: str = PASSWORD) -> httpx2.Response:
    async with identity.client("198.51.100.7") as device:
        given = {"claim": claim, "password": password}
        return await device.post(f"{API}/claims/password", json=given)


def test_the_word_follows_from_the_secret_and_is_read_as_people_say_it() -> None:
    word = word_of("bí mật của máy")
    assert word == word_of("bí mật của máy") != word_of("bí mật khác")
    assert len(word.replace("-", "")) == 8
    assert word_mark(word.lower().replace("-", " ").replace("0", "o")) == word_mark(word)


def test_only_an_unconfirmed_claim_in_time_of_that_very_name_is_confirmed() -> None:
    at = now()
    claim = claims.ask("bí mật", "hanh", "", "", at)
    done = claim.confirm("a", "hanh", at)
    assert (done.account_id, done.expires_at) == ("a", at + LIFE)
    for one, account, username, when in (
        (claim, "a", "khac", at),
        (claim, "a", "hanh", at + LIFE),
        (done, "b", "hanh", at),
    ):
        with pytest.raises(ClaimUnknown):
            one.confirm(account, username, when)


async def test_the_person_sets_the_password_and_the_officer_saw_nothing_that_could(
    identity: Identity,
) -> None:
    made = await issued(identity, "hanh.nhan")
    assert made["setup_code"] == ""
    claim = await asked(identity, "hanh.nhan")
    early = await choose(identity, claim["claim"])
    assert (early.status_code, early.json()["code"]) == (409, "claim_not_confirmed")
    answer = await confirm(identity, made["id"], claim["word"].lower())
    assert answer.status_code == 200, answer.text
    assert answer.json()["place"] == "198.51.100.x"
    weak = await choose(identity, claim["claim"], "ngắn")
    assert weak.status_code == 422
    assert (await choose(identity, claim["claim"])).status_code == 204
    assert (await identity.tokens("hanh.nhan"))["access_token"]
    again = await choose(identity, claim["claim"])
    assert (again.status_code, again.json()["code"]) == (401, "claim_is_over")
    late = await confirm(identity, made["id"], claim["word"])
    assert (late.status_code, late.json()["code"]) == (409, "password_is_set")


async def test_what_the_officer_has_and_what_is_kept_sets_no_password(identity: Identity) -> None:
    made = await issued(identity, "hanh.si")
    claim = await asked(identity, "hanh.si")
    await confirm(identity, made["id"], claim["word"])
    kept = await identity.db.collection("claims").find_one({"account_id": made["id"]})
    assert kept is not None
    for known in (claim["word"], made["id"], kept["_id"], kept["word"], "hanh.si"):
        assert (await choose(identity, known)).status_code == 401
    setup = {"username": "hanh.si", "setup_code": claim["word"], "password": PASSWORD}
    async with identity.client() as client:
        assert (await client.post(f"{API}/password", json=setup)).status_code == 401
    rows = identity.db.collection("outbox").find({"body.subject": made["id"]})
    acts = [row["body"] async for row in rows]
    assert claim["claim"] not in str(acts)
    assert claim["word"] not in str(acts)
    handed = [one["data"] for one in acts if one["data"].get("action") == "account.hand_over"]
    assert [one["facts"]["seen"] for one in handed] == ["in_person"]


async def test_a_wrong_word_another_name_or_a_foreign_officer_confirms_nothing(
    identity: Identity,
) -> None:
    made = await issued(identity, "hanh.sai")
    stranger = await asked(identity, "hanh.khac")
    mine = await asked(identity, "hanh.sai")
    for word in ("0000-0000", stranger["word"]):
        refused = await confirm(identity, made["id"], word)
        assert (refused.status_code, refused.json()["code"]) == (422, "claim_unknown")
    assert (await confirm(identity, made["id"], mine["word"], by="yte.hethong")).status_code == 404
    assert (await confirm(identity, made["id"], mine["word"], by="so.duyet")).status_code == 403
    rows = identity.db.collection("outbox").find(
        {"body.subject": made["id"], "body.data.action": "account.hand_over"}
    )
    told = [row["body"]["data"]["outcome"] async for row in rows]
    assert sorted(told) == ["claim_unknown", "claim_unknown", "forbidden", "not_found"]


async def test_names_that_nobody_has_get_the_same_answer(identity: Identity) -> None:
    known, unknown = await asked(identity, "chicuc.hethong"), await asked(identity, "khong.co.ai")
    assert set(known) == set(unknown)
    async with identity.client() as device:
        shown = [
            await device.post(f"{API}/claims/standing", json={"claim": one["claim"]})
            for one in (known, unknown)
        ]
    assert [one.json()["confirmed"] for one in shown] == [False, False]


async def test_only_the_device_confirmed_last_goes_on_and_issuing_anew_stops_it(
    identity: Identity,
) -> None:
    made = await issued(identity, "hanh.hai")
    first, second = await asked(identity, "hanh.hai"), await asked(identity, "hanh.hai")
    for one in (first, second):
        assert (await confirm(identity, made["id"], one["word"])).status_code == 200
    assert (await choose(identity, first["claim"])).status_code == 401
    async with await identity.api("chicuc.hethong") as api:
        because = {"reason": "Trao nhầm máy"}
        anew = await api.post(f"{API}/accounts/{made['id']}/setup-codes", json=because)
    assert (anew.status_code, anew.json()["setup_code"]) == (201, "")
    assert (await choose(identity, second["claim"])).status_code == 401


async def test_of_two_at_once_one_sets_the_password(identity: Identity) -> None:
    made = await issued(identity, "hanh.cung")
    claim = await asked(identity, "hanh.cung")
    await confirm(identity, made["id"], claim["word"])
    tries = [choose(identity, claim["claim"], f"{PASSWORD} {n}") for n in range(5)]
    answers = await asyncio.gather(*tries)
    assert sorted(one.status_code for one in answers) == [204, 401, 401, 401, 401]


async def test_a_claim_is_over_after_a_day(identity: Identity) -> None:
    made = await issued(identity, "hanh.muon")
    claim = await asked(identity, "hanh.muon")
    past = {"$set": {"expires_at": now() - timedelta(seconds=1)}}
    await identity.db.collection("claims").update_many({"username": "hanh.muon"}, past)
    refused = await confirm(identity, made["id"], claim["word"])
    assert (refused.status_code, refused.json()["code"]) == (422, "claim_unknown")
    async with identity.client() as device:
        shown = await device.post(f"{API}/claims/standing", json={"claim": claim["claim"]})
    assert (shown.status_code, shown.json()["code"]) == (401, "claim_is_over")


async def test_asking_is_limited_for_each_network(identity: Identity) -> None:
    async with identity.client("192.0.2.77") as device:
        answers = [
            await device.post(f"{API}/claims", json={"username": "ai.do"}) for _ in range(ASKS + 1)
        ]
    assert [one.status_code for one in answers] == [201] * ASKS + [429]


async def test_after_a_lost_device_it_is_handed_over_in_person_only(identity: Identity) -> None:
    made = await issued(identity, "hanh.mat")
    claim = await asked(identity, "hanh.mat")
    await confirm(identity, made["id"], claim["word"])
    await choose(identity, claim["claim"])
    await identity.tokens("hanh.mat")
    async with await identity.api("chicuc.hethong") as api:
        because = {"reason": "Mất điện thoại", "seen": True}
        gone = await api.post(f"{API}/accounts/{made['id']}/second-factor/removal", json=because)
    assert gone.status_code == 201, gone.text
    claim = await asked(identity, "hanh.mat")
    refused = await confirm(identity, made["id"], claim["word"], seen="by_phone")
    assert (refused.status_code, refused.json()["code"]) == (422, "in_person_needed")
    assert (await confirm(identity, made["id"], claim["word"])).status_code == 200


async def test_by_telephone_only_with_a_number_on_record(identity: Identity) -> None:
    made = await issued(identity, "hanh.goi")
    claim = await asked(identity, "hanh.goi")
    refused = await confirm(identity, made["id"], claim["word"], seen="by_phone")
    assert (refused.status_code, refused.json()["code"]) == (422, "phone_not_on_record")
    async with await identity.api("chicuc.hethong") as api:
        person = {"name": "Vũ Thị Hạnh", "phone": "0203 000 2222"}
        await api.put(f"{API}/accounts/{made['id']}/person", json=person)
    assert (await confirm(identity, made["id"], claim["word"], seen="by_phone")).status_code == 200


async def test_on_the_pages_from_issuing_to_the_first_sign_in(identity: Identity) -> None:
    async with identity.browser("chicuc.hethong") as officer:
        form = {"unit_id": "chi-cuc", "kinds": "report", "name": "Vũ Thị Hạnh"}
        form |= {"username": "hanh.trang", "repeat_key": "hanh-trang"}
        form |= {"document_number": "5/QĐ", "document_date": "2026-01-05"}
        done = await send_form(officer, "/console/identity/accounts/new", form)
        assert done.status_code == 303
        handing = done.headers["location"]
        assert handing.endswith("/handing")
        page = await officer.get(handing)
        assert "/sign-in/claim" in page.text
        assert (await officer.get(f"{handing}/qr.svg")).headers["content-type"] == "image/svg+xml"
        async with identity.client("198.51.100.9") as phone:
            begun = await send_form(phone, "/sign-in/claim", {"username": "HANH.trang"})
            assert begun.headers["location"] == "/sign-in/claim"
            waiting = await phone.get("/sign-in/claim")
            word = word_of(phone.cookies["txng_claim"])
            assert word in waiting.text
            assert 'name="password"' not in waiting.text
            wrong = await officer.post(
                handing, data={"word": "0000-0000", **IN_PERSON, "csrf": token_in(page.text)}
            )
            assert wrong.status_code == 422
            assert "0000-0000" in wrong.text
            right = {"word": word, **IN_PERSON, "csrf": token_in(page.text)}
            assert (await officer.post(handing, data=right)).status_code == 303
            both = {"password": PASSWORD, "again": PASSWORD}
            path = "/sign-in/claim/password"
            differ = await send_form(
                phone, "/sign-in/claim", {**both, "again": "khác"}, action=path
            )
            assert differ.status_code == 422
            chosen = await send_form(phone, "/sign-in/claim", both, action=path)
            assert (chosen.status_code, chosen.headers["location"]) == (303, "/sign-in")
            assert "Lấy mã nhận" in (await phone.get("/sign-in/claim")).text
        told = await officer.get(handing)
        assert "Người dùng đã đặt mật khẩu" in told.text
    assert (await identity.tokens("hanh.trang"))["access_token"]


async def test_nobody_confirms_a_device_on_which_they_signed_in_themselves(
    identity: Identity,
) -> None:
    made = await issued(identity, "hanh.maytoi")
    handing = f"/console/identity/accounts/{made['id']}/handing"
    async with identity.browser("chicuc.hethong") as officer:
        await send_form(officer, "/sign-in/claim", {"username": "hanh.maytoi"})
        word = word_of(officer.cookies["txng_claim"])
        refused = await send_form(officer, handing, {"word": word, **IN_PERSON})
        assert refused.status_code == 403
        assert "bạn không tự xác nhận được" in refused.text
        assert word in refused.text
    # By another way the word is no better.
    again = await confirm(identity, made["id"], word)
    assert (again.status_code, again.json()["code"]) == (403, "own_device")
    # The commune's computer of another officer stands for a person without a device.
    assert (await confirm(identity, made["id"], word, by="so.hethong")).status_code == 200


async def test_nobody_confirms_the_claim_that_their_own_browser_holds(identity: Identity) -> None:
    made = await issued(identity, "hanh.cungmay")
    handing = f"/console/identity/accounts/{made['id']}/handing"
    async with identity.client() as shared:
        await send_form(shared, "/sign-in/claim", {"username": "hanh.cungmay"})
        word = word_of(shared.cookies["txng_claim"])
        await identity.enter(shared, "chicuc.hethong", PASSWORD, "/account")
        refused = await send_form(shared, handing, {"word": word, **IN_PERSON})
        assert refused.status_code == 403
    rows = identity.db.collection("outbox").find(
        {"body.subject": made["id"], "body.data.action": "account.hand_over"}
    )
    assert [row["body"]["data"]["outcome"] async for row in rows] == ["own_device"]


async def test_nobody_issues_or_hands_over_an_account_to_their_own_telephone(
    identity: Identity,
) -> None:
    made = await issued(identity, "hanh.sotoi")
    accounts = identity.db.collection("accounts")
    await accounts.update_one({"username": "chicuc.hethong"}, {"$set": {"phone": "0912 345 678"}})
    try:
        async with await identity.api("chicuc.hethong") as api:
            order = {"username": "toi.hai", "name": "Tôi", "tier": "unit", "kinds": ["check"]}
            own = {"phone": "+84 912.345.678", "assignment": DOCUMENT}
            answer = await api.post(f"{API}/accounts", json={**order, **own})
            assert (answer.status_code, answer.json()["code"]) == (403, "own_person")
            person = {"name": "Vũ Thị Hạnh", "phone": "0912345678"}
            await api.put(f"{API}/accounts/{made['id']}/person", json=person)
        claim = await asked(identity, "hanh.sotoi")
        refused = await confirm(identity, made["id"], claim["word"])
        assert (refused.status_code, refused.json()["code"]) == (403, "own_person")
        by_another = await confirm(identity, made["id"], claim["word"], by="so.hethong")
        assert by_another.status_code == 200
    finally:
        await accounts.update_one({"username": "chicuc.hethong"}, {"$set": {"phone": ""}})


async def test_the_ledger_says_whether_both_were_on_one_network(identity: Identity) -> None:
    made = await issued(identity, "hanh.mang")
    for address in ("203.0.113.7", "198.51.100.7"):
        claim = await asked(identity, "hanh.mang", address)
        assert (await confirm(identity, made["id"], claim["word"])).status_code == 200
    rows = identity.db.collection("outbox").find(
        {"body.subject": made["id"], "body.data.action": "account.hand_over"}
    )
    told = [row["body"]["data"]["facts"]["same_network"] async for row in rows]
    assert sorted(told) == ["False", "True"]
