"""A request that nobody has decided on is taken back, by the facility or by who sent it for it."""

import asyncio
import re
from typing import Any

import httpx2
import pytest

from shared.contracts.acts import StampsActRecorded
from shared.contracts.stamps import BatchIssued, RequestDecided, RequestWithdrawn
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_quotas import quotas_of, set_quota

WHY = {"reason": "Ghi nhầm số tem"}


async def withdraw(stamps: Stamps, request: str, token: str, **more: Any) -> httpx2.Response:
    return await stamps.post(f"/requests/{request}/withdrawal", {**WHY, **more}, token)


async def test_a_facility_takes_back_what_still_waits(stamps: Stamps, farm: Farm) -> None:
    asked = await stamps.ask(farm, 500)
    # By a colleague: it is the facility's.
    gone = ok(await withdraw(stamps, asked["id"], stamps.operator(farm.facility)))
    assert (gone["state"], gone["reason"], gone["approved"], gone["batch"]) == (
        "withdrawn",
        WHY["reason"],
        0,
        None,
    )
    (told,) = await stamps.events(asked["id"], RequestWithdrawn)
    assert (told.version, told.facility_id, told.asked) == (2, farm.facility, 500)
    assert await stamps.events(asked["id"], RequestDecided) == []
    listed = ok(await stamps.get("/requests", stamps.approver(), params={"state": "withdrawn"}))
    assert asked["id"] in [one["id"] for one in listed["items"]]


async def test_what_it_held_of_the_quota_is_free_at_once(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who = stamps.operator(farm.facility)
    await set_quota(stamps, farm.facility, 100_000)
    mistaken = await stamps.ask(farm, 100_000)
    body = {"product_id": farm.product, "quantity": 10}
    refused(await stamps.post("/requests", body, who), 409, "quota_all_awaited")
    ok(await withdraw(stamps, mistaken["id"], who))
    (left,) = await quotas_of(stamps, farm.facility)
    assert (left["waiting"], left["left"]) == (0, 100_000)
    await stamps.ask(farm, 10_000)


async def test_what_was_decided_or_withdrawn_is_not_taken_back(stamps: Stamps, farm: Farm) -> None:
    who = stamps.operator(farm.facility)
    granted, rejected, gone = [(await stamps.ask(farm))["id"] for _ in range(3)]
    ok(await stamps.decide(granted, "approve"))
    ok(await stamps.decide(rejected, "reject", reason="Thiếu hồ sơ"))
    ok(await withdraw(stamps, gone, who))
    before = await stamps.state_of_everything()
    refused(await withdraw(stamps, granted, who), 409, "request_already_decided")
    refused(await withdraw(stamps, rejected, who), 409, "request_already_decided")
    refused(await withdraw(stamps, gone, who), 409, "already_withdrawn")
    for decision in ("approve", "reject"):
        answer = await stamps.decide(gone, decision, reason="Vì")
        refused(answer, 409, "already_withdrawn")
    printed = {"printed_by": "authority", "reason": "Vì"}
    answer = await stamps.post(f"/requests/{gone}/printing", printed, stamps.approver())
    refused(answer, 409, "already_withdrawn")
    assert await stamps.state_of_everything() == before


async def test_an_official_takes_back_only_what_they_sent_for_a_facility(
    stamps: Stamps, farm: Farm
) -> None:
    clerk, colleague = [
        stamps.token("commune", "operate", communes=[builders.COMMUNE]) for _ in range(2)
    ]
    theirs = (await stamps.ask(farm))["id"]
    refused(await withdraw(stamps, theirs, clerk), 403, "request_of_others")
    body = {"product_id": farm.product, "quantity": 10}
    sent, other = [ok(await stamps.post("/requests", body, clerk), 201)["id"] for _ in range(2)]
    refused(await withdraw(stamps, sent, colleague), 403, "request_of_others")
    ok(await withdraw(stamps, sent, clerk))
    # The facility ends what a clerk asked for by mistake in its name.
    ok(await withdraw(stamps, other, stamps.operator(farm.facility)))


async def test_it_needs_a_reason_and_takes_nothing_else(stamps: Stamps, farm: Farm) -> None:
    asked, who = (await stamps.ask(farm))["id"], stamps.operator(farm.facility)
    for wrong in ({"reason": " "}, {"reason": "x" * 1001}, {"reason": 5}, {"state": "approved"}):
        refused(await withdraw(stamps, asked, who, **wrong), 422, "invalid_input")
    refused(await stamps.post(f"/requests/{asked}/withdrawal", {}, who), 422, "invalid_input")
    assert ok(await stamps.get(f"/requests/{asked}", who))["state"] == "submitted"


async def test_accepted_and_refused_are_on_record(stamps: Stamps, farm: Farm) -> None:
    asked, who = (await stamps.ask(farm, 40))["id"], stamps.operator(farm.facility)
    refused(await withdraw(stamps, asked, stamps.reporter(farm.facility)), 403, "forbidden")
    ok(await withdraw(stamps, asked, who))
    refused(await withdraw(stamps, asked, who), 409, "already_withdrawn")
    acts = [
        one
        for one in await stamps.events(asked, StampsActRecorded)
        if one.action == "stamps.withdraw"
    ]
    assert [one.outcome for one in acts] == ["forbidden", "accepted", "already_withdrawn"]
    assert (acts[1].reason, acts[1].facts["quantity"]) == (WHY["reason"], "40")


@pytest.mark.parametrize("apart", [False, True])
async def test_of_a_withdrawal_and_an_approval_at_the_same_moment_one_wins(
    stamps: Stamps, request: pytest.FixtureRequest, apart: bool
) -> None:
    if apart:
        request.getfixturevalue("many_processes")
    farm, approver = await stamps.a_farm(), stamps.approver()
    who = stamps.operator(farm.facility)
    await set_quota(stamps, farm.facility, 1_000_000)
    withdrawn: set[str] = set()
    granted: set[str] = set()
    for turn in range(30):
        asked = (await stamps.ask(farm, 10))["id"]
        acts = [withdraw(stamps, asked, who), stamps.decide(asked, "approve", approver)]
        if turn % 2:
            back, grant = await asyncio.gather(*acts)
        else:
            grant, back = await asyncio.gather(*acts[::-1])
        assert sorted([back.status_code, grant.status_code]) == [200, 409], turn
        if back.status_code == 200:
            withdrawn.add(asked)
            refused(grant, 409, "already_withdrawn")
        else:
            granted.add(asked)
            refused(back, 409, "request_already_decided")
    rows = stamps.db.collection("requests").find({"facility_id": farm.facility})
    states = {row["_id"]: row["state"] async for row in rows}
    assert {one for one, state in states.items() if state == "withdrawn"} == withdrawn
    assert {one for one, state in states.items() if state == "approved"} == granted
    (left,) = await quotas_of(stamps, farm.facility)
    assert (left["waiting"], left["issued"]) == (0, 10 * len(granted))
    events = await stamps.events()
    assert {e.subject for e in events if type(e) is RequestWithdrawn} & set(states) == withdrawn
    assert {e.subject for e in events if type(e) is RequestDecided} & set(states) == granted
    issued = [e.request_id for e in events if type(e) is BatchIssued]
    assert sorted(set(issued) & set(states)) == sorted(granted)


@pytest.mark.usefixtures("many_processes")
async def test_of_twenty_withdrawals_at_once_one_is_told(stamps: Stamps, farm: Farm) -> None:
    asked, who = (await stamps.ask(farm))["id"], stamps.operator(farm.facility)
    answers = await asyncio.gather(*(withdraw(stamps, asked, who) for _ in range(20)))
    assert sorted(one.status_code for one in answers) == [200] + [409] * 19
    assert len(await stamps.events(asked, RequestWithdrawn)) == 1


async def test_by_the_pages_it_is_confirmed_with_a_reason(stamps: Stamps, farm: Farm) -> None:
    asked, who = (await stamps.ask(farm, 1_234))["id"], stamps.operator(farm.facility)
    there = f"/requests/{asked}"
    assert f'href="/console/stamps{there}/withdraw"' in (await stamps.page(there, who)).text
    form = (await stamps.page(f"{there}/withdraw", who)).text
    assert "không mở lại được" in form
    assert "1.234" in form
    empty = await stamps.send_form(f"{there}/withdraw", {"reason": ""}, who)
    assert empty.status_code == 422
    sent = await stamps.send_form(f"{there}/withdraw", WHY, who)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/console/stamps{there}")
    page = (await stamps.page(there, who)).text
    assert "Đã rút lại" in page
    assert WHY["reason"] in page
    assert "/withdraw" not in page
    assert "Số tem được cấp" not in page
    again = (await stamps.page(f"{there}/withdraw", who)).text
    assert "đã được rút lại" in again
    assert "<form" not in again.split("<main")[1]
    assert "Đã rút lại" in (await stamps.page("/requests?state=withdrawn", who)).text


async def test_an_official_who_has_the_page_open_is_told_and_keeps_what_was_typed(
    stamps: Stamps, farm: Farm
) -> None:
    asked, approver = (await stamps.ask(farm))["id"], stamps.approver()
    there = f"/requests/{asked}"
    opened = await stamps.csrf(there, approver)
    ok(await withdraw(stamps, asked, stamps.operator(farm.facility)))
    fields = {"csrf": opened, "decision": "approve", "quantity": "5", "reason": "Đủ cho vụ này"}
    headers = {"Cookie": f"txng_access={approver}", "Origin": stamps.settings.public_origin}
    answer = await stamps.client.post(f"/console/stamps{there}", data=fields, headers=headers)
    assert answer.status_code == 409
    assert "đã được rút lại nên không còn gì để quyết định" in answer.text
    assert "Đủ cho vụ này" in answer.text
    assert WHY["reason"] in answer.text
    assert 'value="approve"' not in answer.text


async def test_a_facility_that_comes_too_late_is_told_so(stamps: Stamps, farm: Farm) -> None:
    asked, who = (await stamps.ask(farm))["id"], stamps.operator(farm.facility)
    there = f"/requests/{asked}/withdraw"
    opened = await stamps.csrf(there, who)
    ok(await stamps.decide(asked, "approve"))
    headers = {"Cookie": f"txng_access={who}", "Origin": stamps.settings.public_origin}
    answer = await stamps.client.post(
        f"/console/stamps{there}", data={"csrf": opened, **WHY}, headers=headers
    )
    assert answer.status_code == 409
    assert "đã được quyết định" in answer.text
    assert WHY["reason"] in answer.text


async def test_who_may_both_ask_and_decide_withdraws_their_own(stamps: Stamps, farm: Farm) -> None:
    both = stamps.token("commune", "operate", "approve", communes=[builders.COMMUNE])
    body = {"product_id": farm.product, "quantity": 10}
    there = f"/requests/{ok(await stamps.post('/requests', body, both), 201)['id']}"
    page = (await stamps.page(there, both)).text
    assert "nên người khác phải duyệt" in page
    assert re.search(r'href="[^"]*/withdraw"', page)
    assert 'name="decision"' not in page
    sent = await stamps.send_form(f"{there}/withdraw", WHY, both)
    assert sent.status_code == 303
