"""Everybody is told who opened the record of their account (R10; Law 91/2025/QH15)."""

import re
from datetime import timedelta

import pytest

from services.identity.pages import personal
from shared.accepted_reads import ROWS, Opened
from shared.auth import Principal
from shared.ids import new_id, now
from tests.identity.running_identity import API, Identity
from tests.identity.test_personal import account_of


async def test_who_opened_one_s_record_is_told_to_its_owner_before_and_after_the_hour_is_told(
    identity: Identity,
) -> None:
    mine = (await account_of(identity, "tienyen.kiemtra"))["_id"]
    async with identity.browser("tienyen.hethong") as manager:
        for page in ("", "/person"):
            answer = await manager.get(f"/console/identity/accounts/{mine}{page}")
            assert answer.status_code == 200
    async with await identity.api("so.hethong") as stranger:
        assert (await stranger.get(f"{API}/accounts/{mine}")).status_code == 404
    reads = identity.app.state.reads
    await reads.flush()
    for _ in range(2):
        async with identity.browser("tienyen.kiemtra") as browser:
            assert (await browser.get(f"/console/identity/accounts/{mine}")).status_code == 403
            page = (await browser.get("/account/data")).text
            told = (await browser.get("/account/data.json")).json()["readers"]
        assert {one["who"] for one in told} == {"Lê Văn Tám"}
        assert {one["unit"] for one in told} == {"Xã Tiên Yên"}
        assert sorted(one["address"] for one in told) == [
            "/console/identity/accounts/{account_id}",
            "/console/identity/accounts/{account_id}/person",
        ]
        assert "Lê Văn Tám" in page
        # The second turn: the ledger was told, and the rows are kept for people.
        while await reads.close_due(identity.db, now() + timedelta(days=2)):
            pass
    rows = identity.db.collection(ROWS).find({"read": mine})
    assert all([row["told"] and row["gone_at"] > now() + timedelta(days=390) async for row in rows])


async def test_how_often_is_no_more_than_known_where_other_records_were_opened_too(
    identity: Identity,
) -> None:
    mine = (await account_of(identity, "bache.hethong"))["_id"]
    reads = identity.app.state.reads
    once, often = [
        Principal(new_id(), "", "commune", frozenset({"system"}), "u", "s") for _ in range(2)
    ]
    address = "/console/identity/accounts/{account_id}"
    reads.note(once, Opened(address, (mine,)), now())
    reads.note(once, Opened(address, (mine,)), now())
    for record in (mine, new_id(), new_id()):
        reads.note(often, Opened(address, (record,)), now())
    await reads.flush()
    async with identity.browser("bache.hethong") as browser:
        told = (await browser.get("/account/data.json")).json()["readers"]
        page = (await browser.get("/account/data")).text
    assert {(one["times"], one["times_exact"]) for one in told} >= {(2, True), (3, False)}
    assert "nhiều nhất 3" in page


async def test_of_very_many_readers_it_is_said_how_many_are_kept(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal, "SHOWN_READERS", 2)
    mine = (await account_of(identity, "yte.hethong"))["_id"]
    for _ in range(31):
        who = Principal(new_id(), "", "commune", frozenset({"system"}), "u", "s")
        opened = Opened("/console/identity/accounts/{account_id}", (mine,))
        identity.app.state.reads.note(who, opened, now())
    await identity.app.state.reads.flush()
    async with identity.browser("yte.hethong") as browser:
        told = (await browser.get("/account/data.json")).json()["readers"]
        page = (await browser.get("/account/data")).text
    assert len(told) >= 31
    assert re.search(rf"Ai đã xem hồ sơ của bạn</span></td>\s*<td[^>]*><span>{len(told)}<", page)


async def test_one_s_own_look_at_one_s_account_is_not_recorded(identity: Identity) -> None:
    mine = (await account_of(identity, "bache.hethong"))["_id"]
    async with identity.browser("bache.hethong") as browser:
        for page in ("/account", "/account/data", "/account/accesses"):
            assert (await browser.get(page)).status_code == 200
    await identity.app.state.reads.flush()
    assert await identity.db.collection(ROWS).count_documents({"account_id": mine}) == 0
