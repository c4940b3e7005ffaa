"""Personal data: corrected from above, told to its owner, a pseudonym left (R4, R10)."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.identity.actions.personal import erase_due
from services.identity.store import papers
from services.identity.store.papers import Kept
from shared.ids import new_id, now
from shared.mongo import transact
from tests.answers import token_in
from tests.identity.running_identity import API, PASSWORD, Identity
from tests.identity.test_collecting import accepted

BECAUSE = {"reason": "Theo đề nghị của người dùng"}
PERSON: dict[str, Any] = {
    "name": "Hoàng Thị Mận",
    "position": "Phó trưởng phòng",
    "phone": "0203 000 2222",
    "email": "man@txng.example",
}


async def account_of(identity: Identity, username: str) -> dict[str, Any]:
    account = await identity.db.collection("accounts").find_one({"username": username})
    assert account is not None
    return account


async def call(
    identity: Identity, who: str, method: str, account_id: str, act: str, **body: Any
) -> httpx2.Response:
    async with await identity.api(who) as api:
        return await api.request(method, f"{API}/accounts/{account_id}/{act}", json=body)


async def signed_in(identity: Identity, username: str) -> str:
    """An account whose person has a password, a second factor and a living session; its id."""
    account = await issued(identity, username)
    async with await identity.api("tienyen.hethong") as api:
        answer = await api.post(f"{API}/accounts/{account}/setup-codes", json=BECAUSE)
    given = {"username": username, "password": PASSWORD}
    async with identity.client() as client:
        body = {**given, "setup_code": answer.json()["setup_code"]}
        assert (await client.post(f"{API}/password", json=body)).status_code == 204
    await identity.tokens(username)
    return account


async def issued(identity: Identity, username: str) -> str:
    order = {
        "username": username,
        "name": "Phùng Văn Quý",
        "tier": "commune",
        "kinds": ["operate"],
        "assignment": {"number": "15/QĐ-UBND", "date": "2026-01-05"},
    }
    async with await identity.api("tienyen.hethong") as api:
        answer = await api.post(f"{API}/accounts", json=order)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def acts(identity: Identity, subject: str) -> str:
    rows = [row async for row in identity.db.collection("outbox").find({})]
    return " ".join(str(row) for row in rows if subject in str(row) and "act_recorded" in str(row))


async def test_only_who_manages_an_account_corrects_it_and_the_audit_names_the_fields(
    identity: Identity,
) -> None:
    account = (await account_of(identity, "tienyen.kiemtra"))["_id"]
    for stranger in ("bache.hethong", "so.hethong"):
        answer = await call(identity, stranger, "PUT", account, "person", **PERSON)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    answer = await call(identity, "tienyen.kiemtra", "PUT", account, "person", **PERSON)
    assert answer.status_code == 403
    answer = await call(identity, "tienyen.hethong", "PUT", account, "person", **PERSON)
    assert answer.status_code == 200, answer.text
    assert answer.json()["phone"] == PERSON["phone"]
    same = await call(identity, "tienyen.hethong", "PUT", account, "person", **PERSON)
    assert (same.status_code, same.json()["code"]) == (409, "nothing_changed")
    told = await acts(identity, account)
    assert "position,phone,email" in told
    assert PERSON["phone"] not in told
    own = (await account_of(identity, "tienyen.hethong"))["_id"]
    answer = await call(identity, "tienyen.hethong", "PUT", own, "person", **PERSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "own_account")


@pytest.mark.parametrize(
    "wrong", [{"phone": "abc"}, {"email": "no"}, {"name": ""}, {"phone": {"$ne": 1}}], ids=str
)
async def test_wrong_personal_data_is_told(wrong: dict[str, Any], identity: Identity) -> None:
    account = (await account_of(identity, "tienyen.kiemtra"))["_id"]
    body = {**PERSON, **wrong}
    answer = await call(identity, "tienyen.hethong", "PUT", account, "person", **body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == next(iter(wrong))


async def test_everybody_reads_and_takes_what_is_kept_about_them(identity: Identity) -> None:
    async with identity.browser("bache.hethong") as browser:
        assert "91/2025/QH15" in (await browser.get("/account/data")).text
        file = await browser.get("/account/data.json")
        assert "attachment" in file.headers["content-disposition"]
        told = file.json()
    assert told["account"]["username"] == "bache.hethong"
    assert told["accesses"][0]["what"] == "sign_in"
    assert told["second_factor"]["enrolled_at"]
    assert (told["papers"], told["application"]) == ([], None)
    assert not [key for key in str(told).lower().split("'") if "hash" in key or "secret" in key]
    async with await identity.api("bache.hethong") as api:
        by_api = (await api.get(f"{API}/me/data")).json()
    assert by_api["account"]["id"] == told["account"]["id"]
    assert len(by_api["accesses"]) > len(told["accesses"])


async def test_the_application_and_the_papers_of_an_account_are_told_too(
    identity: Identity,
) -> None:
    _, answer = await accepted(identity, "Hộ xem dữ liệu", "xem.dulieu", hand="desk")
    made = answer.json()
    async with identity.client() as client:
        given = {"username": "xem.dulieu", "setup_code": made["setup_code"], "password": PASSWORD}
        assert (await client.post(f"{API}/password", json=given)).status_code == 204
    paper = Kept(new_id(), made["id"], "0" * 24, "application/pdf", 1234, "5/QĐ", now())
    await transact(identity.db, lambda tx: papers.insert(tx, paper, "a"))
    async with await identity.api("xem.dulieu") as api:
        told = (await api.get(f"{API}/me/data")).json()
    assert told["application"]["filled"]["facility_name"] == "Hộ xem dữ liệu"
    assert told["application"]["times_sent"] == 1
    assert [one["bytes"] for one in told["papers"]] == [1234]


async def test_a_revoked_account_is_erased_and_only_a_pseudonym_stays(identity: Identity) -> None:
    account = await issued(identity, "quy.xoa")
    early = await call(identity, "tienyen.hethong", "POST", account, "erasure", reason="Đề nghị")
    assert (early.status_code, early.json()["code"]) == (409, "account_not_revoked")
    await call(identity, "tienyen.hethong", "POST", account, "revoke", reason="Nghỉ việc")
    stranger = await call(identity, "bache.hethong", "POST", account, "erasure", reason="Đề nghị")
    assert stranger.status_code == 404
    async with identity.browser("tienyen.hethong") as browser:
        path = f"/console/identity/accounts/{account}"
        page = await browser.get(f"{path}/person")
        form = {"reason": "Theo đề nghị của người dùng", "csrf": token_in(page.text)}
        assert (await browser.post(f"{path}/erasure", data=form)).status_code == 303
        assert "Phùng Văn Quý" not in (await browser.get(path)).text
    kept = await identity.db.collection("accounts").find_one({"_id": account})
    assert kept is not None
    assert "Quý" not in str(kept)
    assert "quy.xoa" not in str(kept)
    assert await identity.db.collection("credentials").find_one({"_id": account}) is None
    history = identity.db.collection("accesses").find({"account_id": account})
    assert {one["did"] async for one in history} >= {"issued", "revoked", "erased"}
    again = await call(identity, "tienyen.hethong", "POST", account, "erasure", reason="Đề nghị")
    assert (again.status_code, again.json()["code"]) == (409, "account_is_erased")


async def test_with_a_person_go_factor_sessions_and_the_names_in_events_told_before(
    identity: Identity,
) -> None:
    account = await signed_in(identity, "quy.het")
    collections = {"credentials": "_id", "factors": "_id", "sessions": "account_id"}
    for name, key in collections.items():
        assert await identity.db.collection(name).find_one({key: account}), name
    await call(identity, "tienyen.hethong", "POST", account, "revoke", **BECAUSE)
    done = await call(identity, "tienyen.hethong", "POST", account, "erasure", **BECAUSE)
    assert done.status_code == 200, done.text
    for name, key in collections.items():
        assert await identity.db.collection(name).find_one({key: account}) is None, name
    rows = [row async for row in identity.db.collection("outbox").find({})]
    mine = [row["body"] for row in rows if account in str(row)]
    assert len(mine) > 5
    assert not [row for row in mine if "Phùng Văn Quý" in str(row) or "quy.het" in str(row)]
    told = [row["data"] for row in mine if row["type"] == "identity.account_published.v1"]
    assert [one["erased"] for one in told] == [False] * (len(told) - 1) + [True]


async def test_what_was_revoked_long_ago_is_erased_by_itself(identity: Identity) -> None:
    old, young = await issued(identity, "quy.cu"), await issued(identity, "quy.moi")
    for account in (old, young):
        await call(identity, "tienyen.hethong", "POST", account, "revoke", reason="Nghỉ việc")
    at = now() + timedelta(days=5 * 366)
    accounts = identity.db.collection("accounts")
    await accounts.update_one({"_id": young}, {"$set": {"revoked_at": at}})
    assert await erase_due(5, db=identity.db, now=at) >= 1
    names = {one["_id"]: one["username"] async for one in accounts.find({})}
    assert names[old].startswith("erased-")
    assert names[young] == "quy.moi"
    assert await erase_due(5, db=identity.db, now=at) == 0
