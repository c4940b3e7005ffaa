"""Programs of partner systems read what they were given, until they are revoked (RFC 6749, 4.4)."""

import re
import time
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.identity.domain.clients import Client, Secret, grantable
from services.identity.domain.secrets import fingerprint
from shared.ids import now
from tests.answers import token_in
from tests.identity.running_identity import API, Identity
from tests.polling import eventually

TOKEN = f"{API}/oauth/token"
PAGES = "/console/identity/clients"
BODY: dict[str, Any] = {
    "name": "Cổng dữ liệu mở tỉnh",
    "contact": "0203 000 3333",
    "actions": ["unit.read", "facility.read"],
}


def program(*kept: Secret) -> Client:
    return Client("c", 1, "Cổng", "0203", "u", ("u",), ("unit.read",), kept, now(), "a")


def test_only_reading_is_granted_to_programs() -> None:
    assert set(grantable()) >= {"facility.read", "lot.read", "recall.read"}
    assert all(action.endswith(".read") for action in grantable())
    assert "account.read" not in grantable()


def test_an_old_secret_is_good_for_the_overlap_and_not_longer() -> None:
    at = now()
    rotated = program(Secret(fingerprint("old"), at)).rotate(
        fingerprint("new"), timedelta(hours=2), at
    )
    assert rotated.proves("old", at + timedelta(hours=1))
    assert not rotated.proves("old", at + timedelta(hours=2))
    assert rotated.proves("new", at + timedelta(days=400))
    again = rotated.rotate(fingerprint("newer"), timedelta(hours=9), at)
    assert not again.proves("old", at)
    revoked, _ = again.revoke("x", at)
    assert not any(revoked.proves(secret, at) for secret in ("old", "new", "newer"))


async def registered(identity: Identity, who: str = "so.hethong", **changes: Any) -> dict[str, str]:
    async with await identity.api(who) as api:
        answer = await api.post(f"{API}/clients", json={**BODY, **changes})
    assert answer.status_code == 201, answer.text
    told: dict[str, str] = answer.json()
    return told


async def ask(
    identity: Identity, made: dict[str, str], *, basic: bool = True, **fields: Any
) -> httpx2.Response:
    given = {"grant_type": "client_credentials", **fields}
    async with identity.client() as client:
        if basic:
            auth = (made["client_id"], made["client_secret"])
            return await client.post(TOKEN, data=given, auth=auth)
        return await client.post(TOKEN, data={**given, **made})


async def status(identity: Identity, token: str, path: str) -> int:
    async with identity.client(headers={"Authorization": f"Bearer {token}"}) as client:
        return (await client.get(f"{API}{path}")).status_code


@pytest.mark.parametrize("basic", [True, False])
async def test_a_program_does_what_its_scope_says_and_nothing_else(
    basic: bool, identity: Identity
) -> None:
    made = await registered(identity)
    answer = await ask(identity, made, basic=basic)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["token_type"], told["scope"]) == ("Bearer", "facility.read unit.read")
    assert answer.headers["cache-control"] == "no-store"
    assert await status(identity, told["access_token"], "/units") == 200
    assert await status(identity, told["access_token"], "/accounts") == 403
    narrow = (await ask(identity, made, basic=basic, scope="facility.read")).json()
    assert await status(identity, narrow["access_token"], "/units") == 403


@pytest.mark.parametrize(
    ("changes", "fields", "code", "error"),
    [
        ({"client_secret": "wrong"}, {}, 401, "invalid_client"),
        ({"client_id": "nobody"}, {}, 401, "invalid_client"),
        ({}, {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({}, {"scope": "recall.order"}, 400, "invalid_scope"),
        ({}, {"scope": "lot.read"}, 400, "invalid_scope"),
    ],
    ids=str,
)
async def test_what_is_refused_is_told_as_the_standard_says(
    changes: dict[str, str], fields: dict[str, Any], code: int, error: str, identity: Identity
) -> None:
    made = {**await registered(identity), **changes}
    answer = await ask(identity, made, **fields)
    assert (answer.status_code, answer.json()) == (code, {"error": error})
    assert ("www-authenticate" in answer.headers) == (code == 401)


@pytest.mark.parametrize(
    "body",
    [
        "scope=unit.read",
        "grant_type=client_credentials&grant_type=client_credentials",
        "grant_type=client_credentials&scope=unit.read&scope=facility.read",
        "grant_type=client_credentials&client_id={client_id}&client_secret={client_secret}",
    ],
)
async def test_a_request_that_can_be_read_in_two_ways_is_refused(
    body: str, identity: Identity
) -> None:
    made = await registered(identity)
    auth = (made["client_id"], made["client_secret"])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with identity.client() as client:
        answer = await client.post(TOKEN, content=body.format(**made), auth=auth, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


async def test_a_revoked_program_is_out_within_seconds(identity: Identity) -> None:
    made = await registered(identity)
    token = (await ask(identity, made)).json()["access_token"]
    path = f"{API}/clients/{made['client_id']}"
    for stranger in ("yte.hethong", "tienyen.hethong"):
        async with await identity.api(stranger) as api:
            answer = await api.post(f"{path}/revoke", json={"reason": "Phá"})
            assert answer.status_code == 404
    async with await identity.api("tinh.hethong") as api:
        assert (await api.post(f"{path}/revoke", json={"reason": "Lộ khóa"})).status_code == 200
        again = await api.post(f"{path}/revoke", json={"reason": "Lộ khóa"})
        assert (again.status_code, again.json()["code"]) == (409, "client_is_revoked")
    assert (await ask(identity, made)).status_code == 401

    async def is_out() -> bool:
        return await status(identity, token, "/units") == 401

    await eventually(is_out, 60)


async def rotated(identity: Identity, made: dict[str, str], hours: int) -> dict[str, str]:
    async with await identity.api("so.hethong") as api:
        path = f"{API}/clients/{made['client_id']}/secrets"
        answer = await api.post(path, json={"overlap_hours": hours})
    assert answer.status_code == 201, answer.text
    told: dict[str, str] = answer.json()
    return told


async def test_while_a_secret_is_rotated_both_work_and_no_token_is_lost(identity: Identity) -> None:
    made = await registered(identity)
    token = (await ask(identity, made)).json()["access_token"]
    new = await rotated(identity, made, 2)
    assert new["client_secret"] != made["client_secret"]
    assert [(await ask(identity, one)).status_code for one in (made, new)] == [200, 200]
    newer = await rotated(identity, made, 2)
    # Two at most: the one before last is out although its overlap had not ended.
    answers = [(await ask(identity, one)).status_code for one in (made, new, newer)]
    assert answers == [401, 200, 200]
    assert await status(identity, token, "/units") == 200


async def test_a_leaked_secret_goes_at_once_and_its_tokens_within_seconds(
    identity: Identity, record_property: Any
) -> None:
    made = await registered(identity)
    token = (await ask(identity, made)).json()["access_token"]
    started = time.monotonic()
    new = await rotated(identity, made, 0)
    assert (await ask(identity, made)).status_code == 401

    async def is_out() -> bool:
        return await status(identity, token, "/units") == 401

    await eventually(is_out, 60)
    record_property("seconds_until_out", round(time.monotonic() - started, 2))

    async def is_in() -> bool:
        given = await ask(identity, new)
        return await status(identity, given.json()["access_token"], "/units") == 200

    await eventually(is_in, 10)


async def test_a_secret_is_shown_once_and_kept_nowhere(identity: Identity) -> None:
    async with identity.browser("so.hethong") as browser:
        page = await browser.get(f"{PAGES}/new")
        form = {**BODY, "name": "Phần mềm trang", "csrf": token_in(page.text)}
        empty = await browser.post(f"{PAGES}/new", data={**form, "actions": []})
        assert empty.status_code == 422
        assert "Phần mềm trang" in empty.text
        made = await browser.post(f"{PAGES}/new", data=form)
        assert made.status_code == 201, made.text
        kept = await identity.db.collection("clients").find_one({"name": "Phần mềm trang"})
        assert kept is not None
        assert "Phần mềm trang" in (await browser.get(PAGES)).text
        path = f"{PAGES}/{kept['_id']}"
        rotated = await browser.post(
            f"{path}/secrets", data={"overlap_hours": "0", "csrf": token_in(page.text)}
        )
        assert rotated.status_code == 201
        one = (await browser.get(path)).text
        done = await browser.post(
            f"{path}/revoke", data={"reason": "Không dùng nữa", "csrf": token_in(page.text)}
        )
        assert done.status_code == 303
    for shown in (made.text, rotated.text):
        secret = re.search(r">([A-Za-z0-9_-]{43})</code>", shown)
        assert secret
        assert secret.group(1) not in str(kept) + one
    async with identity.browser("tienyen.hethong") as browser:
        assert (await browser.get(PAGES)).status_code == 403
