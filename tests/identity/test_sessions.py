"""Sessions: refresh tokens rotate, a copied one ends the session, an ended one opens nothing."""

import asyncio
import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx2
import pytest

from services.identity.domain import secrets, sessions
from services.identity.domain.sessions import GRACE, LONGEST, Ending, Session, Showing
from shared.errors import Unauthenticated
from shared.ids import now
from tests.answers import token_in
from tests.identity.running_identity import API, PASSWORD, Identity, send_form
from tests.polling import eventually
from tests.refusals_told import refused_addresses

IDLE = timedelta(hours=12)
START = now()


def started(secret: bytes) -> Session:
    return sessions.start(
        "s",
        "a",
        secret,
        idle=IDLE,
        place="203.0.113.x",
        device="Chrome",
        by_factor=True,
        now=START,
    )


def test_a_used_refresh_token_is_told_from_the_present_one() -> None:
    one, two, later = b"1" * 32, b"2" * 32, START + timedelta(minutes=9)
    session = started(one)
    assert session.judge(one, START) is Showing.CURRENT
    rotated = session.rotate(one, two, idle=IDLE, now=later)
    assert rotated.judge(two, later + GRACE * 2) is Showing.CURRENT
    assert rotated.judge(one, later + GRACE * 2) is Showing.REUSED
    assert rotated.judge(b"3" * 32, later) is Showing.REUSED


def test_the_second_of_two_parallel_refreshes_gets_the_first_ones_answer() -> None:
    one, two = b"1" * 32, b"2" * 32
    rotated = started(one).rotate(one, two, idle=IDLE, now=START)
    assert rotated.judge(one, START + GRACE) is Showing.JUST_ROTATED
    assert rotated.repeated(one) == two
    assert rotated.judge(two, START + GRACE) is Showing.FRESH
    # What is kept gives the new secret to nobody who does not hold the old one.
    assert rotated.sealed is not None
    assert two not in (rotated.current, rotated.previous, rotated.sealed)


def test_a_session_ends_by_itself_when_unused_and_after_a_week_whatever_happens() -> None:
    secret = b"1" * 32
    session = started(secret)
    assert session.alive(START + IDLE - timedelta(seconds=1))
    assert not session.alive(START + IDLE)
    used = START
    while used < START + LONGEST - IDLE / 2:
        session = session.rotate(secret, secret, idle=IDLE, now=used)
        used += IDLE / 2
    assert session.expires_at <= START + LONGEST


def test_an_ended_session_has_no_answer_to_repeat() -> None:
    one, two = b"1" * 32, b"2" * 32
    ended, event = started(one).rotate(one, two, idle=IDLE, now=START).end(Ending.REUSED, START)
    assert not ended.alive(START)
    assert (event.subject, event.session_id) == ("a", "s")
    with pytest.raises(Unauthenticated):
        ended.repeated(one)


@pytest.mark.parametrize(
    "token", ["", ".", "x.y", "a" * 36 + ".", "a" * 36 + "." + "!" * 43, "a" * 300, "ộ" * 50]
)
def test_what_cannot_be_a_refresh_token_is_not_looked_up(token: str) -> None:
    assert secrets.read_token(token) is None


async def refresh(identity: Identity, token: str) -> tuple[int, dict[str, Any]]:
    async with identity.client() as client:
        given = {"refresh_token": token}
        answer = await client.post(f"{API}/tokens/refresh", json=given)
    body: dict[str, Any] = answer.json()
    return answer.status_code, body


async def age(identity: Identity, seconds: float = 60) -> None:
    """As if every session had been rotated a while ago."""
    await identity.db.collection("sessions").update_many(
        {}, [{"$set": {"rotated_at": {"$subtract": ["$rotated_at", seconds * 1000]}}}]
    )


async def test_a_refresh_gives_new_tokens_and_uses_the_old_one_up(identity: Identity) -> None:
    first = await identity.tokens("so.duyet")
    status, second = await refresh(identity, first["refresh_token"])
    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    await age(identity)
    status, third = await refresh(identity, second["refresh_token"])
    assert status == 200
    assert third["refresh_token"] not in (first["refresh_token"], second["refresh_token"])


async def test_a_reused_refresh_token_ends_the_whole_session_everywhere(
    identity: Identity,
) -> None:
    first = await identity.tokens("so.duyet")
    _, second = await refresh(identity, first["refresh_token"])
    await age(identity)
    status, body = await refresh(identity, first["refresh_token"])
    assert (status, body["code"]) == (401, "session_token_reused")
    status, body = await refresh(identity, second["refresh_token"])
    assert (status, body["code"]) == (401, "unauthenticated")

    async def access_is_void() -> bool:
        headers = {"Authorization": f"Bearer {second['access_token']}"}
        async with identity.client() as client:
            return (await client.get(f"{API}/me", headers=headers)).status_code == 401

    await eventually(access_is_void, 15)


async def test_the_reuse_of_one_session_leaves_the_accounts_other_sessions_alone(
    identity: Identity,
) -> None:
    one, other = await identity.tokens("so.duyet"), await identity.tokens("so.duyet")
    await refresh(identity, one["refresh_token"])
    await age(identity)
    assert (await refresh(identity, one["refresh_token"]))[0] == 401
    assert (await refresh(identity, other["refresh_token"]))[0] == 200


async def test_of_many_parallel_refreshes_one_wins_and_all_hold_its_token(
    identity: Identity,
) -> None:
    first = await identity.tokens("so.duyet")
    answers = await asyncio.gather(*(refresh(identity, first["refresh_token"]) for _ in range(10)))
    assert [status for status, _ in answers] == [200] * 10
    assert len({body["refresh_token"] for _, body in answers}) == 1
    session_id = first["refresh_token"].split(".")[0]
    session = await identity.db.collection("sessions").find_one({"_id": session_id})
    assert session is not None
    assert session["generation"] == 1


async def test_a_refresh_token_is_kept_nowhere(identity: Identity) -> None:
    tokens = await identity.tokens("so.duyet")
    _, renewed = await refresh(identity, tokens["refresh_token"])
    read = secrets.read_token(renewed["refresh_token"])
    assert read is not None
    session = await identity.db.collection("sessions").find_one({"_id": read[0]})
    assert session is not None
    assert read[1] not in [bytes(v) for v in session.values() if isinstance(v, bytes)]
    assert renewed["refresh_token"].split(".")[1] not in repr(session)


async def test_a_session_unused_for_too_long_is_over(identity: Identity) -> None:
    tokens = await identity.tokens("so.duyet")
    session_id = tokens["refresh_token"].split(".")[0]
    await identity.db.collection("sessions").update_one(
        {"_id": session_id}, {"$set": {"expires_at": now() - timedelta(seconds=1)}}
    )
    assert (await refresh(identity, tokens["refresh_token"]))[0] == 401


async def test_one_sees_and_ends_ones_own_sessions_only(identity: Identity) -> None:
    other = await identity.tokens("so.duyet")
    stranger = await identity.tokens("so.hethong")
    async with await identity.api("so.duyet") as api:
        found = (await api.get(f"{API}/sessions")).json()["items"]
        assert sum(session["current"] for session in found) == 1
        other_id = other["refresh_token"].split(".")[0]
        assert other_id in {session["id"] for session in found}
        stranger_id = stranger["refresh_token"].split(".")[0]
        assert stranger_id not in {session["id"] for session in found}
        for foreign in (stranger_id, "no-such-session"):
            answer = await api.delete(f"{API}/sessions/{foreign}")
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert (await api.delete(f"{API}/sessions/{other_id}")).status_code == 204
    assert (await refresh(identity, other["refresh_token"]))[0] == 401
    assert (await refresh(identity, stranger["refresh_token"]))[0] == 200


async def test_signing_out_ends_the_session_and_its_cookies(identity: Identity) -> None:
    async with identity.browser("so.duyet") as browser:
        copied = dict(browser.cookies)
        answer = await send_form(browser, "/account", {}, action="/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "txng_access" not in browser.cookies
        assert "txng_refresh" not in browser.cookies
    status, _ = await refresh(identity, copied["txng_refresh"])
    assert status == 401

    async def copied_cookie_is_void() -> bool:
        async with identity.client(cookies={"txng_access": copied["txng_access"]}) as thief:
            return (await thief.get("/account")).status_code == 307

    await eventually(copied_cookie_is_void, 15)


async def test_an_expired_access_cookie_is_renewed_on_the_way(identity: Identity) -> None:
    async with identity.browser("so.duyet") as browser:
        browser.cookies.delete("txng_access")
        first = await browser.get("/account")
        assert first.status_code == 307
        assert first.headers["location"].startswith("/session/refresh?next=/account")
        second = await browser.get(first.headers["location"])
        assert (second.status_code, second.headers["location"]) == (307, "/account")
        assert (await browser.get("/account")).status_code == 200


async def test_a_form_sent_after_the_access_token_expired_arrives_with_its_body(
    identity: Identity,
) -> None:
    async with identity.browser("so.duyet") as browser:
        token = token_in((await browser.get("/account")).text)
        browser.cookies.delete("txng_access")
        form = {"csrf": token, "old": "sai rồi", "password": "x", "again": "y"}
        answer = await browser.post("/account/password", data=form, follow_redirects=True)
        assert [hop.status_code for hop in answer.history] == [307, 307]
        assert answer.status_code == 422
        assert "Hai lần nhập mật khẩu không giống nhau" in answer.text
        top, *_ = answer.text.partition('id="language"')
        assert "Hai lần nhập mật khẩu không giống nhau" in top, "the form is far below"


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_without_a_session_to_renew_one_is_asked_to_sign_in(
    method: str, identity: Identity
) -> None:
    path = "/session/refresh?next=/console/recall/new"
    for cookies in ({}, {"txng_refresh": "x"}, {"txng_refresh": "a" * 36 + "." + "b" * 43}):
        async with identity.client(cookies=cookies) as browser:
            answer = await browser.request(method, path)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/sign-in?next=%2Fconsole%2Frecall%2Fnew"


async def test_a_renewal_leads_to_no_other_site_and_in_no_circle(identity: Identity) -> None:
    async with identity.browser("so.duyet") as browser:
        for wanted in ("//evil.example", "https://evil.example", "/session/refresh", "/sign-out"):
            answer = await browser.get("/session/refresh", params={"next": wanted})
            assert (answer.status_code, answer.headers["location"]) == (307, "/console")


async def test_other_sessions_are_ended_from_the_account_page(identity: Identity) -> None:
    other = await identity.tokens("so.duyet")
    async with identity.browser("so.duyet") as browser:
        path = "/account/sessions/end-others"
        answer = await send_form(browser, "/account", {}, action=path)
        assert answer.status_code == 303
        assert (await browser.get("/account")).status_code == 200
    assert (await refresh(identity, other["refresh_token"]))[0] == 401


async def test_ending_sessions_needs_the_forms_token(identity: Identity) -> None:
    async with identity.browser("so.duyet") as browser:
        for path in ("/account/sessions/end-others", "/sign-out", "/account/password"):
            assert (await browser.post(path, data={})).status_code == 403
        assert (await browser.get("/account")).status_code == 200


UNIT_FORM = {
    "parent_id": "so-nnmt",
    "tier": "unit",
    "name": "Trung tâm Khuyến nông — «thử» & lưu",
    "communes": "*",
    "sector": "agriculture",
}


async def send_with_a_dead_session(
    identity: Identity, browser: httpx2.AsyncClient, fields: dict[str, Any]
) -> httpx2.Response:
    """Sends a form after the browser's session ran out; where that leads."""
    session_id = browser.cookies["txng_refresh"].split(".")[0]
    browser.cookies.delete("txng_access")
    await identity.db.collection("sessions").update_one(
        {"_id": session_id}, {"$set": {"expires_at": now() - timedelta(seconds=1)}}
    )
    path = "/console/identity/units/new"
    return await browser.post(path, data=fields, follow_redirects=True)


async def test_what_was_typed_survives_the_end_of_the_session(identity: Identity) -> None:
    async with identity.browser("so.hethong") as browser:
        page = await browser.get("/console/identity/units/new")
        typed = {**UNIT_FORM, "csrf": token_in(page.text), "password": "hoa sim tím 9"}
        page = await send_with_a_dead_session(identity, browser, typed)
        assert page.url.path == "/sign-in"
        assert "Trung tâm Khuyến nông" not in page.text
        wanted = re.search(r'name="next" value="(/account/carried/[^"]+)"', page.text)
        assert wanted
        form = {"username": "so.hethong", "password": PASSWORD, "next": wanted.group(1)}
        answer = await browser.post("/sign-in", data={**form, "csrf": token_in(page.text)})
        answer = await identity.go_on(browser, answer, "so.hethong", wanted.group(1))
        page = await browser.get(answer.headers["location"])
        assert "hoa sim tím 9" not in page.text
        fields = re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page.text, re.S)
        again = {name: unescape(text) for name, text in fields}
        assert again == UNIT_FORM
        path = "/console/identity/units/new"
        answer = await browser.post(path, data={**again, "csrf": token_in(page.text)})
        assert answer.headers["location"] == "/console/identity/units"
    # It is there for the person who typed it alone.
    async with identity.browser("so.duyet") as other:
        assert (await other.get(wanted.group(1))).status_code == 404
        assert (await other.get("/account/carried/none-of-any")).status_code == 404
    account = await identity.db.collection("accounts").find_one({"username": "so.duyet"})
    assert account is not None
    told = await refused_addresses(identity.db, account["_id"])
    assert told == ["/account/carried/{carried_id}"]


async def test_a_form_that_another_site_sends_is_not_kept_over_the_sign_in(
    identity: Identity,
) -> None:
    kept = identity.db.collection("carried")
    before = await kept.count_documents({})
    async with identity.browser("so.hethong") as browser:
        forged = {**UNIT_FORM, "csrf": "0" * 64}
        page = await send_with_a_dead_session(identity, browser, forged)
        assert 'name="next" value="/console/identity/units/new"' in page.text
    assert await kept.count_documents({}) == before
