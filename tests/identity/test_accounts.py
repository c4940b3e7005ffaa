"""Accounts: issued and managed in one's own scope, and nowhere else."""

import asyncio
from typing import Any

import httpx2
import pytest

from tests.identity.facilities import published
from tests.identity.running_identity import API, DOCUMENT, PASSWORD, Identity
from tests.polling import eventually

COMMUNE = {
    "name": "Ngô Thị Hạnh",
    "position": "Công chức",
    "tier": "commune",
    "kinds": ["operate"],
    "unit_id": "xa-tien-yen",
    "assignment": DOCUMENT,
}
FACILITY = {
    "name": "Chu Văn Lợi",
    "position": "Giám đốc",
    "tier": "facility",
    "kinds": ["operate", "system"],
}
BECAUSE = {"reason": "Theo công văn 15/UBND"}


async def post(identity: Identity, who: str, path: str, **body: Any) -> httpx2.Response:
    async with await identity.api(who) as api:
        return await api.post(f"{API}{path}", json=body)


async def get(identity: Identity, who: str, path: str) -> httpx2.Response:
    async with await identity.api(who) as api:
        return await api.get(f"{API}{path}")


async def issued(identity: Identity, who: str, **order: Any) -> dict[str, Any]:
    answer = await post(identity, who, "/accounts", **order)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def known_facility(identity: Identity, facility_id: str, **changes: Any) -> str:
    await identity.tell(published(facility_id, **changes))

    async def arrived() -> bool:
        return bool(await identity.db.collection("facilities").find_one({"_id": facility_id}))

    await eventually(arrived)
    return facility_id


async def with_password(identity: Identity, username: str, code: str) -> None:
    async with identity.client() as client:
        given = {"username": username, "setup_code": code, "password": PASSWORD}
        assert (await client.post(f"{API}/password", json=given)).status_code == 204


def refused(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_an_issued_account_is_told_to_everybody_and_signs_in(identity: Identity) -> None:
    made = await issued(identity, "tienyen.hethong", username="hanh.a", **COMMUNE)
    await with_password(identity, "hanh.a", made["setup_code"])
    async with await identity.api("hanh.a") as api:
        me = (await api.get(f"{API}/me")).json()
    assert (me["id"], me["tier"], me["communes"]) == (made["id"], "commune", ["06862"])
    row = await identity.db.collection("outbox").find_one(
        {"body.type": "identity.account_published.v1", "body.subject": made["id"]}
    )
    assert row is not None
    assert row["body"]["data"]["username"] == "hanh.a"
    assert made["setup_code"] not in repr(row)


async def test_an_account_of_a_facility_holds_its_facility_and_sector(identity: Identity) -> None:
    facility = await known_facility(identity, "f-own")
    order = {**FACILITY, "facility_id": facility}
    made = await issued(identity, "tienyen.hethong", username="loi.a", **order)
    await with_password(identity, "loi.a", made["setup_code"])
    async with await identity.api("loi.a") as api:
        me = (await api.get(f"{API}/me")).json()
    assert (me["facility_id"], me["sector"], me["communes"]) == (facility, "agriculture", [])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"unit_id": "xa-ba-che"}, (404, "not_found")),
        ({"unit_id": "tinh", "tier": "province", "kinds": ["report"]}, (404, "not_found")),
        ({"unit_id": "no-such-unit"}, (404, "not_found")),
        ({"tier": "department"}, (422, "account_tier_misplaced")),
        ({"tier": "district"}, (422, "account_tier_misplaced")),
        ({"tier": "facility"}, (422, "facility_needed")),
        ({"kinds": ["produce"]}, (422, "account_kind_unknown")),
        ({"kinds": ["superuser"]}, (422, "account_kind_unknown")),
        ({"kinds": []}, (422, "invalid_input")),
        ({"kinds": ["system"]}, (403, "managed_from_above")),
        ({"assignment": None}, (422, "assignment_needed")),
        ({"assignment": {"number": "1", "date": "31/02/2026"}}, (422, "invalid_input")),
        ({"username": "so.duyet"}, (409, "username_taken")),
        ({"username": "Có Dấu"}, (422, "invalid_input")),
        ({"username": {"$ne": 1}}, (422, "invalid_input")),
        ({"unit_id": {"$ne": None}}, (422, "invalid_input")),
        ({"kinds": {"$in": ["operate"]}}, (422, "invalid_input")),
        ({"status": "active"}, (422, "invalid_input")),
        ({"password": "chọn hộ người khác"}, (422, "invalid_input")),
        ({"facility_id": "no-such-facility"}, (404, "facility_not_known")),
    ],
    ids=str,
)
async def test_an_order_out_of_scope_or_shape_makes_nothing(
    changes: dict[str, Any], expected: tuple[int, str], identity: Identity
) -> None:
    before = await identity.db.collection("accounts").count_documents({})
    order = {"username": "hanh.x", **COMMUNE, **changes}
    answer = await post(identity, "tienyen.hethong", "/accounts", **order)
    assert refused(answer) == expected
    assert await identity.db.collection("accounts").count_documents({}) == before


async def test_a_facility_of_another_commune_or_sector_does_not_exist(identity: Identity) -> None:
    facility = await known_facility(identity, "f-scope", commune="06862", sector="agriculture")
    order = {**FACILITY, "username": "loi.scope", "facility_id": facility}
    for who in ("bache.hethong", "yte.hethong"):
        answer = await post(identity, who, "/accounts", **order)
        assert refused(answer) == (404, "facility_not_known")
    for who, username in (("so.hethong", "loi.s1"), ("chicuc.hethong", "loi.s2")):
        await issued(identity, who, **{**order, "username": username})


async def test_only_system_accounts_issue_and_read(identity: Identity) -> None:
    order = {"username": "hanh.y", **COMMUNE}
    answer = await post(identity, "tienyen.kiemtra", "/accounts", **order)
    assert refused(answer) == (403, "forbidden")
    assert refused(await get(identity, "so.duyet", "/accounts")) == (403, "forbidden")


async def test_the_same_request_sent_again_gets_the_same_answer(identity: Identity) -> None:
    order = {"username": "hanh.repeat", **COMMUNE}
    async with await identity.api("tienyen.hethong") as api:

        async def send(key: str, **changes: Any) -> httpx2.Response:
            headers = {"Idempotency-Key": key}
            body = {**order, **changes}
            return await api.post(f"{API}/accounts", json=body, headers=headers)

        answers = await asyncio.gather(*(send("key-of-hanh") for _ in range(5)))
        assert [answer.status_code for answer in answers] == [201] * 5
        assert len({answer.text for answer in answers}) == 1
        other = await send("key-of-hanh", username="hanh.other")
        assert refused(other) == (409, "idempotency_key_reused")
        assert refused(await send("another-key")) == (409, "username_taken")
    await with_password(identity, "hanh.repeat", answers[0].json()["setup_code"])


async def test_of_many_who_ask_for_one_name_one_gets_it(identity: Identity) -> None:
    async with await identity.api("tienyen.hethong") as api:
        order = {"username": "hanh.rush", **COMMUNE}
        answers = await asyncio.gather(
            *(api.post(f"{API}/accounts", json=order) for _ in range(20))
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 19


async def test_accounts_out_of_scope_do_not_exist(identity: Identity) -> None:
    facility = await known_facility(identity, "f-404")
    order = {**FACILITY, "username": "loi.404", "facility_id": facility}
    of_facility = (await issued(identity, "tienyen.hethong", **order))["id"]
    of_unit = (await issued(identity, "tienyen.hethong", username="hanh.404", **COMMUNE))["id"]
    for account_id in (of_facility, of_unit, "no-such-account"):
        for who in ("bache.hethong", "yte.hethong"):
            path = f"/accounts/{account_id}"
            assert refused(await get(identity, who, path)) == (404, "not_found")
            assert refused(await get(identity, who, f"{path}/accesses")) == (404, "not_found")
            for act in ("suspend", "activate", "revoke", "setup-codes"):
                answer = await post(identity, who, f"{path}/{act}", **BECAUSE)
                assert refused(answer) == (404, "not_found")
    listed = (await get(identity, "bache.hethong", "/accounts?q=404")).json()
    assert listed["items"] == []
    listed = (await get(identity, "tienyen.hethong", "/accounts?q=404")).json()
    assert {item["id"] for item in listed["items"]} == {of_facility, of_unit}


async def test_a_facilitys_system_account_sees_its_own_accounts_only(identity: Identity) -> None:
    one, two = await known_facility(identity, "f-one"), await known_facility(identity, "f-two")
    order = {**FACILITY, "username": "loi.one", "facility_id": one}
    made = await issued(identity, "tienyen.hethong", **order)
    await with_password(identity, "loi.one", made["setup_code"])
    order = {**FACILITY, "username": "loi.two", "facility_id": two}
    other = await issued(identity, "tienyen.hethong", **order)
    listed = (await get(identity, "loi.one", "/accounts")).json()["items"]
    assert [item["id"] for item in listed] == [made["id"]]
    answer = await get(identity, "loi.one", f"/accounts/{other['id']}")
    assert refused(answer) == (404, "not_found")
    order = {**FACILITY, "username": "loi.three", "facility_id": one}
    assert refused(await post(identity, "loi.one", "/accounts", **order)) == (403, "forbidden")


async def test_nobody_manages_themselves_or_the_system_accounts_beside_them(
    identity: Identity,
) -> None:
    async with await identity.api("tinh.hethong") as api:
        found = (await api.get(f"{API}/accounts?q=hethong")).json()["items"]
        ids = {item["username"]: item["id"] for item in found}
        own = await api.post(f"{API}/accounts/{ids['tinh.hethong']}/suspend", json=BECAUSE)
        assert refused(own) == (403, "own_account")
    above = await post(
        identity, "chicuc.hethong", f"/accounts/{ids['so.hethong']}/suspend", **BECAUSE
    )
    assert refused(above) == (404, "not_found")
    beside = await issued(
        identity,
        "tinh.hethong",
        **{**COMMUNE, "username": "tienyen.hethong2", "kinds": ["system"]},
    )
    answer = await post(identity, "tienyen.hethong", f"/accounts/{beside['id']}/suspend", **BECAUSE)
    assert refused(answer) == (403, "managed_from_above")
    answer = await post(identity, "tinh.hethong", f"/accounts/{beside['id']}/suspend", **BECAUSE)
    assert answer.json()["status"] == "suspended"


async def test_the_life_of_an_account(identity: Identity) -> None:
    made = await issued(identity, "tienyen.hethong", username="hanh.life", **COMMUNE)
    await with_password(identity, "hanh.life", made["setup_code"])
    tokens = await identity.tokens("hanh.life")
    path = f"/accounts/{made['id']}"

    async def act(name: str, **body: Any) -> httpx2.Response:
        return await post(identity, "tienyen.hethong", f"{path}/{name}", **(body or BECAUSE))

    assert refused(await act("activate")) == (409, "account_not_suspended")
    assert refused(await act("suspend", reason="x")) == (422, "invalid_input")
    assert (await act("suspend")).json()["status"] == "suspended"
    assert refused(await act("suspend")) == (409, "account_already_suspended")
    async with identity.client() as client:
        right = {"username": "hanh.life", "password": PASSWORD}
        told = await client.post(f"{API}/tokens", json=right)
        assert refused(told) == (403, "account_not_active")
        wrong = await client.post(f"{API}/tokens", json={**right, "password": "sai hẳn rồi"})
        assert refused(wrong) == (401, "sign_in_refused")
        given = {"refresh_token": tokens["refresh_token"]}
        assert (await client.post(f"{API}/tokens/refresh", json=given)).status_code == 401
    assert (await act("activate")).json()["status"] == "active"
    await identity.forget_failures()
    # A token of the very second after the suspension is good at once.
    async with await identity.api("hanh.life") as api:
        assert (await api.get(f"{API}/me")).status_code == 200
    assert (await act("revoke")).json()["status"] == "revoked"
    for name in ("suspend", "activate", "revoke", "setup-codes"):
        assert refused(await act(name)) == (409, "account_is_revoked")


async def test_suspended_and_let_in_within_one_second_again_and_again(identity: Identity) -> None:
    made = await issued(identity, "tienyen.hethong", username="hanh.quick", **COMMUNE)
    await with_password(identity, "hanh.quick", made["setup_code"])
    path = f"{API}/accounts/{made['id']}"
    async with await identity.api("tienyen.hethong") as api:
        for _ in range(3):
            old = (await identity.tokens("hanh.quick"))["access_token"]
            assert (await api.post(f"{path}/suspend", json=BECAUSE)).status_code == 200
            assert (await api.post(f"{path}/activate", json=BECAUSE)).status_code == 200
            new = (await identity.tokens("hanh.quick"))["access_token"]

            async def old_is_out(token: str = old) -> bool:
                async with identity.client() as client:
                    headers = {"Authorization": f"Bearer {token}"}
                    return (await client.get(f"{API}/me", headers=headers)).status_code == 401

            await eventually(old_is_out, 15)
            async with identity.client(headers={"Authorization": f"Bearer {new}"}) as client:
                assert (await client.get(f"{API}/me")).status_code == 200


async def test_refused_acts_are_audited_too(identity: Identity) -> None:
    made = await issued(identity, "tienyen.hethong", username="hanh.audit", **COMMUNE)
    await post(identity, "tienyen.kiemtra", f"/accounts/{made['id']}/suspend", **BECAUSE)
    await post(identity, "tienyen.hethong", f"/accounts/{made['id']}/suspend", **BECAUSE)
    cursor = identity.db.collection("outbox").find(
        {"body.type": "identity.act_recorded.v1", "body.subject": made["id"]}
    )
    acts = [row["body"]["data"] async for row in cursor.sort("_id", 1)]
    told = [(act["action"], act["outcome"], act["actor"]["account_id"]) for act in acts]
    people = identity.db.collection("accounts").find({}, {"username": 1})
    ids = {row["username"]: row["_id"] async for row in people}
    assert told == [
        ("account.issue", "accepted", ids["tienyen.hethong"]),
        ("account.suspend", "forbidden", ids["tienyen.kiemtra"]),
        ("account.suspend", "accepted", ids["tienyen.hethong"]),
    ]
    # Whose id that is, is looked up when it is read: a record that is kept for good names nobody.
    assert {act["actor"]["name"] for act in acts} == {""}
    assert acts[2]["reason"] == BECAUSE["reason"]


@pytest.mark.parametrize(
    ("reason", "taken"),
    [
        ("Chuyển công tác theo QĐ 123/QĐ-UBND ngày 12/11/2026", True),
        ("Kết luận số 5701234567 của đoàn kiểm tra", True),
        ("Ông có căn cước 022099001234 đã chuyển", False),
        ("Gọi 0912 345 678 không ai nghe", False),
        ("Gọi 0912.345.678", False),
        ("Đã viết cho hanh@example.vn", False),
    ],
)
async def test_a_reason_holds_nothing_that_would_have_to_be_erased(
    reason: str, taken: bool, identity: Identity
) -> None:
    async with await identity.api("tinh.hethong") as api:
        path = f"{API}/accounts/none/suspend"
        answer = await api.post(path, json={"reason": reason})
    assert answer.status_code == (404 if taken else 422), answer.text
    assert taken or "personal_in_reason" in answer.text


async def test_accounts_never_used_or_idle_are_found(identity: Identity) -> None:
    from datetime import timedelta

    from shared.ids import now

    await issued(identity, "tienyen.hethong", username="hanh.never", **COMMUNE)
    idle = await issued(identity, "tienyen.hethong", username="hanh.idle", **COMMUNE)
    long_ago = now() - timedelta(days=100)
    await identity.db.collection("accounts").update_one(
        {"_id": idle["id"]}, {"$set": {"last_seen_at": long_ago, "last_sign_in_at": long_ago}}
    )

    async def found(query: str) -> set[str]:
        answer = await get(identity, "tienyen.hethong", f"/accounts?q=hanh.&{query}")
        return {item["username"] for item in answer.json()["items"]}

    never = await found("never=true")
    assert "hanh.never" in never
    assert "hanh.idle" not in never
    assert await found("idle_days=90") == {"hanh.idle"}
    assert await found("idle_days=120") == set()


async def test_a_search_is_text_and_not_a_pattern(identity: Identity) -> None:
    for text in (".*", "(", "$ne", "[a-z]", "%00", "a%00b", "%F0%9F%8C%BE" * 99, "(" * 100):
        answer = await get(identity, "tinh.hethong", f"/accounts?q={text}")
        assert answer.status_code == 200
        assert answer.json()["items"] == []


async def test_a_system_account_sees_the_access_history_of_its_accounts(
    identity: Identity,
) -> None:
    made = await issued(identity, "tienyen.hethong", username="hanh.seen", **COMMUNE)
    await with_password(identity, "hanh.seen", made["setup_code"])
    await identity.tokens("hanh.seen")
    answer = await get(identity, "tienyen.hethong", f"/accounts/{made['id']}/accesses")
    what = [entry["what"] for entry in answer.json()["items"]]
    assert what == ["sign_in", "factor_enrolled", "password_set", "issued"]
