"""Signing in: who gets in, who does not, and what a guesser learns from it."""

import asyncio
import statistics
import time
from typing import Any

import pytest

from services.identity.store.throttle import ADDRESS_FAILURES, FREE_FAILURES
from tests.answers import token_in
from tests.identity.running_identity import API, PASSWORD, Identity, send_form

WRONG = "không phải mật khẩu này 1"


@pytest.fixture(autouse=True)
async def _forget(identity: Identity) -> None:
    await identity.forget_failures()


async def try_tokens(
    identity: Identity, username: Any, password: Any, address: str = "203.0.113.7"
) -> tuple[int, dict[str, Any]]:
    async with identity.client(address) as client:
        given = {"username": username, "password": password}
        answer = await client.post(f"{API}/tokens", json=given)
    body: dict[str, Any] = answer.json()
    return answer.status_code, body


async def test_the_right_password_gives_tokens_that_open_the_api(identity: Identity) -> None:
    async with await identity.api("so.duyet") as api:
        me = (await api.get(f"{API}/me")).json()
    assert me["name"] == "Trần Thị Thu"
    assert (me["tier"], me["kinds"], me["sector"]) == ("department", ["approve"], "agriculture")
    assert "product.publish" in me["may"]
    assert "account.issue" not in me["may"]


async def test_the_case_of_the_user_name_does_not_matter(identity: Identity) -> None:
    assert (await try_tokens(identity, "So.Duyet", PASSWORD))[0] == 200


async def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(
    identity: Identity,
) -> None:
    known = await try_tokens(identity, "so.duyet", WRONG)
    unknown = await try_tokens(identity, "nobody.here", WRONG)
    for _, body in (known, unknown):
        body.pop("request_id")
    assert known == unknown
    assert (known[0], known[1]["code"]) == (401, "sign_in_refused")


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(identity: Identity) -> None:
    took: dict[str, list[float]] = {"so.duyet": [], "nobody.here": []}
    for _ in range(12):
        for username, times in took.items():
            await identity.forget_failures()
            started = time.perf_counter()
            await try_tokens(identity, username, WRONG)
            times.append(time.perf_counter() - started)
    known, unknown = (statistics.median(times) for times in took.values())
    # Without the hash the answer would come several times as fast; the rest is noise.
    assert 0.6 < known / unknown < 1.67


async def test_guessing_one_name_is_slowed_down_more_and_more(identity: Identity) -> None:
    for _ in range(FREE_FAILURES + 1):
        assert (await try_tokens(identity, "so.duyet", WRONG))[0] == 401
    waits = []
    for _ in range(3):
        status, body = await try_tokens(identity, "so.duyet", PASSWORD)
        assert (status, body["code"]) == (429, "too_many_attempts")
        found = await identity.db.collection("throttle").find_one({"retry_at": {"$exists": True}})
        assert found is not None
        waits.append((found["retry_at"] - found["expires_at"]).total_seconds())
        await identity.db.collection("throttle").update_one(
            {"_id": found["_id"]}, {"$set": {"retry_at": found["retry_at"].replace(year=2020)}}
        )
        assert (await try_tokens(identity, "so.duyet", WRONG))[0] == 401
    # The delay is what lies between the attempt and the retry: 2, 4, 8 seconds.
    assert [round(wait + 86_400) for wait in waits] == [2, 4, 8]


async def test_the_delay_ends_and_the_right_password_clears_it(identity: Identity) -> None:
    throttle = identity.db.collection("throttle")
    await try_tokens(identity, "so.duyet", WRONG)
    found = await throttle.find_one({"retry_at": {"$exists": True}})
    assert found is not None
    await throttle.update_one({"_id": found["_id"]}, {"$set": {"failures": 900}})
    assert (await try_tokens(identity, "so.duyet", WRONG))[0] == 401
    found = await throttle.find_one({"_id": found["_id"]})
    assert found is not None
    # However often somebody guesses: five minutes, never a lock-out.
    assert round((found["retry_at"] - found["expires_at"]).total_seconds() + 86_400) == 300
    past = found["retry_at"].replace(year=2020)
    await throttle.update_one({"_id": found["_id"]}, {"$set": {"retry_at": past}})
    await identity.tokens("so.duyet")
    assert await throttle.find_one({"_id": found["_id"]}) is None


async def test_many_guesses_at_once_are_not_more_than_many_in_a_row(identity: Identity) -> None:
    answers = await asyncio.gather(
        *(try_tokens(identity, "so.duyet", f"{WRONG}{n}") for n in range(50))
    )
    looked_at = sum(status == 401 for status, _ in answers)
    assert looked_at <= FREE_FAILURES + 1
    assert all(status in (401, 429) for status, _ in answers)


async def test_an_unknown_name_is_slowed_down_just_the_same(identity: Identity) -> None:
    statuses = [(await try_tokens(identity, "nobody.here", WRONG))[0] for _ in range(5)]
    assert statuses == [401] * (FREE_FAILURES + 1) + [429]


async def test_one_address_may_fail_only_so_often_whatever_names_it_tries(
    identity: Identity,
) -> None:
    await try_tokens(identity, "so.duyet", WRONG, "198.51.100.9")
    throttle = identity.db.collection("throttle")
    counted = await throttle.find_one({"_id": {"$regex": "^address:"}})
    assert counted is not None
    assert "198.51.100" not in counted["_id"]
    await throttle.update_one({"_id": counted["_id"]}, {"$set": {"failures": ADDRESS_FAILURES}})
    assert (await try_tokens(identity, "so.duyet", PASSWORD, "198.51.100.9"))[0] == 429
    assert (await try_tokens(identity, "so.duyet", PASSWORD, "198.51.100.10"))[0] == 200


async def test_successes_do_not_count_against_an_address(identity: Identity) -> None:
    for _ in range(3):
        assert (await try_tokens(identity, "so.duyet", PASSWORD, "198.51.100.20"))[0] == 200
    counted = await identity.db.collection("throttle").find_one({"_id": {"$regex": "^address:"}})
    assert counted is not None
    assert counted["failures"] == 0


async def test_a_guesser_elsewhere_does_not_slow_down_somebody_at_their_own_desk(
    identity: Identity,
) -> None:
    form = {"username": "so.duyet", "password": PASSWORD, "next": "/account"}
    async with identity.client() as desk:
        answer = await identity.enter(desk, "so.duyet", PASSWORD, "/account")
        assert answer.headers["location"] == "/account"
        for _ in range(FREE_FAILURES + 2):
            await try_tokens(identity, "so.duyet", WRONG, "198.51.100.30")
        assert (await try_tokens(identity, "so.duyet", PASSWORD))[0] == 429
        for name in ("txng_access", "txng_refresh"):
            desk.cookies.delete(name)
        assert (await send_form(desk, "/sign-in", form)).status_code == 303
        # The mark is this person's alone.
        for name in ("txng_access", "txng_refresh"):
            desk.cookies.delete(name)
        for _ in range(FREE_FAILURES + 2):
            await try_tokens(identity, "so.hethong", WRONG, "198.51.100.30")
        other = {**form, "username": "so.hethong"}
        assert (await send_form(desk, "/sign-in", other)).status_code == 429


@pytest.mark.parametrize(
    "body",
    [
        {"username": {"$ne": None}, "password": {"$ne": None}},
        {"username": "so.duyet", "password": {"$ne": 1}},
        {"username": {"$gt": ""}, "password": "x"},
        {"username": ["so.duyet"], "password": "x"},
        {"username": "so.duyet", "password": "x", "$where": "1"},
        {"username": "so.duyet", "password": "x", "role.admin": True},
        {"username": None, "password": None},
        {"username": "so.duyet"},
        {"username": "a" * 65, "password": "x"},
        {"username": "so.duyet", "password": "x" * 257},
        {"username": "so\x00duyet", "password": "x"},
        {},
        [],
        "text",
    ],
    ids=str,
)
async def test_bodies_of_the_wrong_shape_are_refused_before_anything_is_read(
    body: Any, identity: Identity
) -> None:
    async with identity.client() as client:
        answer = await client.post(f"{API}/tokens", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert await identity.db.collection("throttle").count_documents({}) == 0


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b'{"username": "\xc3("}', b"", b"username=so.duyet"]
)
async def test_broken_bodies_are_refused(content: bytes, identity: Identity) -> None:
    async with identity.client(headers={"Content-Type": "application/json"}) as client:
        answer = await client.post(f"{API}/tokens", content=content)
    assert answer.status_code in (400, 422)
    assert "Traceback" not in answer.text


async def test_a_body_of_ten_megabytes_is_refused(identity: Identity) -> None:
    async with identity.client() as client:
        given = {"username": "so.duyet", "password": "x" * 11_000_000}
        answer = await client.post(f"{API}/tokens", json=given)
    assert answer.status_code == 413


async def test_the_page_signs_in_and_goes_where_one_wanted_to_go(identity: Identity) -> None:
    async with identity.client() as browser:
        page = await browser.get("/sign-in?next=/console/stamps/requests%3Fpage%3D2")
        form = {
            "username": "so.duyet",
            "password": PASSWORD,
            "next": "/console/stamps/requests?page=2",
            "csrf": token_in(page.text),
        }
        assert "/console/stamps/requests?page=2" in page.text
        answer = await browser.post("/sign-in", data=form)
        assert answer.status_code == 303
        step = await browser.get(answer.headers["location"])
        assert "/console/stamps/requests?page=2" in step.text
        code = {"code": await identity.code("so.duyet"), "csrf": token_in(step.text)}
        code["next"] = "/console/stamps/requests?page=2"
        answer = await browser.post("/sign-in/second-factor", data=code)
        assert answer.headers["location"] == "/console/stamps/requests?page=2"
        for cookie in answer.headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            assert "Path=/" in cookie
        # Signed in already: the sign-in page leads on.
        again = await browser.get("/sign-in")
        assert (again.status_code, again.headers["location"]) == (303, "/console")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\tevil.example",
        "/%0d%0aSet-Cookie:x=1\r\nx",
        "evil",
        "",
        "/sign-out",
        "/session/refresh?next=/session/refresh",
        "/" + "a" * 1990 + "b" * 20,
    ],
)
async def test_after_signing_in_nobody_lands_on_another_site(
    wanted: str, identity: Identity
) -> None:
    async with identity.client() as browser:
        page = await browser.get("/sign-in", params={"next": wanted})
        form = {"username": "so.duyet", "password": PASSWORD, "csrf": token_in(page.text)}
        answer = await browser.post("/sign-in", data={**form, "next": wanted})
        if answer.status_code == 422:
            return  # Not even a possible address.
        assert answer.headers["location"] == "/sign-in/second-factor?next=%2Fconsole"
        code = {"code": await identity.code("so.duyet"), "next": wanted, "csrf": form["csrf"]}
        answer = await browser.post("/sign-in/second-factor", data=code)
    assert answer.headers["location"] == "/console"


async def test_a_wrong_password_on_the_page_keeps_the_name_and_drops_the_password(
    identity: Identity,
) -> None:
    form = {"username": "so.duyet", "password": WRONG, "next": "/account"}
    async with identity.client() as browser:
        answer = await send_form(browser, "/sign-in", form)
    assert answer.status_code == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng" in answer.text
    assert 'value="so.duyet"' in answer.text
    assert WRONG not in answer.text
    assert "txng_access" not in answer.headers.get("set-cookie", "")


async def test_a_sign_in_form_of_another_site_is_refused(identity: Identity) -> None:
    form = {"username": "so.duyet", "password": PASSWORD, "next": "/account"}
    async with identity.client() as browser:
        without = await browser.post("/sign-in", data=form)
        token = token_in((await browser.get("/sign-in")).text)
        good = {**form, "csrf": token}
        foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
        cross = await browser.post("/sign-in", data=good, headers=foreign)
        forged = await browser.post("/sign-in", data={**form, "csrf": "0" * 64})
    async with identity.client() as other:
        await other.get("/sign-in")
        # A token that the attacker got for himself does not fit the victim's cookie.
        stolen = await other.post("/sign-in", data=good)
    for answer in (without, cross, forged, stolen):
        assert answer.status_code == 403
        assert "txng_access" not in answer.headers.get("set-cookie", "")


async def test_failed_and_successful_sign_ins_are_audited_without_what_was_typed(
    identity: Identity,
) -> None:
    secret_typed_as_name = "matkhaubimat.cuatoi"
    await try_tokens(identity, secret_typed_as_name, WRONG)
    await try_tokens(identity, "so.duyet", WRONG)
    await identity.tokens("so.duyet")
    cursor = identity.db.collection("outbox").find(
        {"body.type": "identity.act_recorded.v1", "body.data.action": "session.sign_in"}
    )
    rows = [row["body"] async for row in cursor.sort("_id", -1).limit(3)]
    outcomes = [row["data"]["outcome"] for row in rows]
    assert outcomes == ["accepted", "sign_in_refused", "sign_in_refused"]
    assert rows[2]["subject"].startswith("unknown:")
    assert rows[1]["subject"] == rows[0]["subject"]
    assert rows[0]["data"]["actor"]["account_id"] == rows[0]["subject"]
    assert rows[1]["data"]["actor"]["account_id"] == ""
    for row in rows:
        assert secret_typed_as_name not in repr(row)
        assert WRONG not in repr(row)


async def test_the_access_history_knows_the_network_and_not_the_address(
    identity: Identity,
) -> None:
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"
    async with identity.client("198.51.100.77", headers={"User-Agent": agent}) as client:
        given = {"username": "so.duyet", "password": PASSWORD}
        step = (await client.post(f"{API}/tokens", json=given)).json()
        token = (await identity.second_step(client, "so.duyet", step)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        newest = (await client.get(f"{API}/accesses", headers=headers)).json()["items"][0]
    assert (newest["what"], newest["outcome"]) == ("sign_in", "accepted")
    assert (newest["place"], newest["device"]) == ("198.51.100.x", "Chrome · Android")
    async for entry in identity.db.collection("accesses").find({}):
        assert "198.51.100.77" not in repr(entry)
