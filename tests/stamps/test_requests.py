"""Asking for stamps and deciding: one batch of a request, whatever happens."""

import asyncio
from typing import Any

import pytest

from shared.contracts.acts import StampsActRecorded
from shared.contracts.identity import AccountPublished
from shared.contracts.stamps import BatchIssued, RequestDecided, SegmentPublished
from shared.ids import new_id, now
from tests.answers import ok, refused
from tests.polling import eventually
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps


async def issued_of(stamps: Stamps, request_id: str) -> list[dict[str, Any]]:
    return [b async for b in stamps.db.collection("batches").find({"request_id": request_id})]


async def serials_of(stamps: Stamps, number: int) -> list[int]:
    """Every serial that the stored segments of a batch say was issued."""
    rows = stamps.db.collection("segments").find({"batch": number})
    return [
        serial
        async for row in rows
        for first, last, *_ in row["intervals"]
        for serial in range(first, last + 1)
    ]


async def test_a_request_is_approved_and_its_batch_is_told(stamps: Stamps, farm: Farm) -> None:
    request = await stamps.ask(farm, 20_000, purpose="Vụ thu hoạch tháng 8")
    assert request["state"] == "submitted"
    decided = ok(await stamps.decide(request["id"], "approve"))
    assert (decided["state"], decided["approved"]) == ("approved", 20_000)
    number = decided["batch"]
    batch = await stamps.batch(number)
    assert batch["quantity"] == 20_000
    assert batch["counts"] == {"issued": 20_000}
    assert batch["intervals"] == [{"first": 0, "last": 19_999, "lot": "", "state": "issued"}]
    (issued,) = await stamps.events(str(number), BatchIssued)
    assert (issued.request_id, issued.quantity) == (request["id"], 20_000)
    segments = [e for e in await stamps.events(kind=SegmentPublished) if e.batch == number]
    assert {(s.segment, s.version, *s.intervals[0][:2]) for s in segments} == {
        (0, 1, 0, 16_383),
        (1, 1, 16_384, 19_999),
    }
    (told,) = await stamps.events(request["id"], RequestDecided)
    assert (told.decision, told.batch, told.approved) == ("approved", number, 20_000)


async def test_a_request_is_rejected_with_a_reason_only(stamps: Stamps, farm: Farm) -> None:
    request = await stamps.ask(farm)
    refused(await stamps.decide(request["id"], "reject"), 422, "reason_needed")
    decided = ok(await stamps.decide(request["id"], "reject", reason="Vượt sản lượng"))
    assert (decided["state"], decided["reason"], decided["batch"]) == (
        "rejected",
        "Vượt sản lượng",
        None,
    )
    assert await issued_of(stamps, request["id"]) == []
    refused(await stamps.decide(request["id"], "approve"), 409, "request_already_decided")


async def test_nobody_approves_a_request_of_their_own(stamps: Stamps, farm: Farm) -> None:
    both = stamps.token("commune", "operate", "approve", communes=[builders.COMMUNE])
    asked = {"product_id": farm.product, "quantity": 10}
    request = ok(await stamps.post("/requests", asked, both), 201)
    path = f"/requests/{request['id']}"
    refused(
        await stamps.post(f"{path}/decision", {"decision": "approve"}, both), 403, "own_request"
    )
    page = await stamps.page(path, both)
    assert "nên người khác phải duyệt" in page.text
    assert 'value="approve"' not in page.text
    back = {"decision": "reject", "reason": "Xin nhầm"}
    assert ok(await stamps.post(f"{path}/decision", back, both))["state"] == "rejected"


async def test_a_partial_approval_needs_a_reason(stamps: Stamps, farm: Farm) -> None:
    request = await stamps.ask(farm, 100)
    refused(await stamps.decide(request["id"], "approve", quantity=40), 422, "reason_needed")
    answer = await stamps.decide(request["id"], "approve", quantity=40, reason="Đủ cho vụ này")
    decided = ok(answer)
    assert decided["approved"] == 40
    assert (await stamps.batch(decided["batch"]))["counts"] == {"issued": 40}


async def test_more_than_was_asked_is_not_approved(stamps: Stamps, farm: Farm) -> None:
    request = await stamps.ask(farm, 100)
    answer = await stamps.decide(request["id"], "approve", quantity=101, reason="Cho dư")
    refused(answer, 422, "more_than_asked")
    assert await issued_of(stamps, request["id"]) == []


async def test_a_second_approval_is_refused_and_uses_no_number(stamps: Stamps, farm: Farm) -> None:
    request = await stamps.ask(farm)
    first = ok(await stamps.decide(request["id"], "approve"))
    refused(await stamps.decide(request["id"], "approve"), 409, "request_already_decided")
    assert len(await issued_of(stamps, request["id"])) == 1
    assert await stamps.a_batch(farm) == first["batch"] + 1


async def test_of_fifty_approvals_at_once_exactly_one_issues(stamps: Stamps, farm: Farm) -> None:
    request = await stamps.ask(farm, 500)
    answers = await asyncio.gather(
        *(
            stamps.decide(request["id"], "approve", quantity=300 + n, reason="Một phần")
            for n in range(50)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    codes = {a.json()["code"] for a in answers if a.status_code == 409}
    assert codes == {"request_already_decided"}
    (batch,) = await issued_of(stamps, request["id"])
    serials = await serials_of(stamps, batch["_id"])
    # Issued ≤ approved ≤ asked, and no serial twice.
    assert sorted(serials) == list(range(batch["quantity"]))
    (told,) = await stamps.events(request["id"], RequestDecided)
    assert batch["quantity"] == told.approved <= 500
    assert (
        len([e for e in await stamps.events(kind=BatchIssued) if e.request_id == request["id"]])
        == 1
    )


@pytest.mark.usefixtures("many_processes")
async def test_of_ten_approvals_by_ten_processes_exactly_one_issues(
    stamps: Stamps, farm: Farm
) -> None:
    request, who = await stamps.ask(farm, 500), stamps.approver()
    answers = await asyncio.gather(
        *(
            stamps.decide(request["id"], "approve", key="" if n % 2 else "key-of-ten", token=who)
            for n in range(10)
        )
    )
    batches = {answer.json()["batch"] for answer in answers if answer.status_code == 200}
    assert len(batches) == 1
    codes = {a.json()["code"] for a in answers if a.status_code != 200}
    assert codes <= {"request_already_decided"}
    assert [b["_id"] for b in await issued_of(stamps, request["id"])] == list(batches)


async def test_whose_connection_broke_learns_by_the_same_key_what_was_issued(
    stamps: Stamps, farm: Farm
) -> None:
    request, who = await stamps.ask(farm), stamps.approver()
    first = ok(await stamps.decide(request["id"], "approve", who, key="key-of-one"))
    again = ok(await stamps.decide(request["id"], "approve", who, key="key-of-one"))
    assert again == first
    assert len(await issued_of(stamps, request["id"])) == 1
    other = await stamps.decide(request["id"], "approve", stamps.approver(), key="key-of-one")
    refused(other, 409, "request_already_decided")
    changed = await stamps.decide(request["id"], "reject", who, key="key-of-one", reason="Đổi ý")
    refused(changed, 409, "idempotency_key_reused")


async def test_fifty_approvals_at_once_under_one_key_all_learn_of_the_same_batch(
    stamps: Stamps, farm: Farm
) -> None:
    request, who = await stamps.ask(farm, 300), stamps.approver()
    answers = await asyncio.gather(
        *(stamps.decide(request["id"], "approve", who, key="key-of-fifty") for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["batch"] for answer in answers}) == 1
    assert len(await issued_of(stamps, request["id"])) == 1


async def test_a_rejection_can_be_repeated_under_its_key(stamps: Stamps, farm: Farm) -> None:
    request, who = await stamps.ask(farm), stamps.approver()
    first = ok(
        await stamps.decide(request["id"], "reject", who, key="key-of-no", reason="Thiếu hồ sơ")
    )
    again = ok(
        await stamps.decide(request["id"], "reject", who, key="key-of-no", reason="Thiếu hồ sơ")
    )
    assert again == first
    assert len(await stamps.events(request["id"], RequestDecided)) == 1


async def test_fifty_requests_at_once_under_one_key_are_one(stamps: Stamps, farm: Farm) -> None:
    who = stamps.operator(farm.facility)
    body = {"product_id": farm.product, "quantity": 70}
    headers = {"Idempotency-Key": "ask-fifty"}
    answers = await asyncio.gather(
        *(stamps.post("/requests", body, who, headers=headers) for _ in range(50))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    different = await stamps.post("/requests", {**body, "quantity": 71}, who, headers=headers)
    refused(different, 409, "idempotency_key_reused")
    another = await stamps.post("/requests", body, stamps.operator(farm.facility), headers=headers)
    assert ok(another, 201)["id"] != answers[0].json()["id"]


async def test_stamps_are_asked_for_published_products_of_active_facilities_only(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    who = stamps.operator(farm.facility)
    body = {"product_id": farm.product, "quantity": 10}
    refused(await stamps.post("/requests", {**body, "product_id": "none"}, who), 404, "not_found")
    waiting = await stamps.ask(farm, 10)
    await stamps.know(builders.withdrawn(farm.product, farm.facility))
    refused(await stamps.post("/requests", body, who), 409, "product_not_published")
    refused(await stamps.decide(waiting["id"], "approve"), 409, "product_not_published")
    await stamps.know(builders.product(farm.facility, farm.product, version=3))
    await stamps.know(builders.stopped(farm.facility, 2))
    refused(await stamps.post("/requests", body, who), 409, "facility_not_active")
    refused(await stamps.decide(waiting["id"], "approve"), 409, "facility_not_active")
    assert await issued_of(stamps, waiting["id"]) == []
    await stamps.know(builders.resumed(farm.facility, 3))
    ok(await stamps.decide(waiting["id"], "approve"))


async def told_of(stamps: Stamps, account: str, status: str, version: int) -> None:
    """Twice, and taken in: what came after it is there."""

    def told(subject: str) -> AccountPublished:
        return AccountPublished(
            subject=subject, version=version, time=now(), username=subject, name="Ai đó",
            tier="facility", kinds=("operate",), unit_id="u", status=status,
        )  # fmt: skip

    event, last = told(account), told(new_id())
    await stamps.tell(event, event, last)
    accounts = stamps.db.collection("accounts")
    await eventually(lambda: accounts.find_one({"_id": last.subject}))


async def test_a_request_of_a_suspended_account_waits_until_it_is_active_again(
    stamps: Stamps, farm: Farm
) -> None:
    account, approver = new_id(), stamps.approver()
    who = stamps.operator(farm.facility, account=account)
    body = {"product_id": farm.product, "quantity": 10}
    first, second, third = [
        ok(await stamps.post("/requests", body, who), 201)["id"] for _ in range(3)
    ]
    there = f"/requests/{first}"
    assert "Chưa duyệt được" not in (await stamps.page(there, approver)).text
    await told_of(stamps, account, "suspended", 3)
    # What was told late or again changes nothing.
    await told_of(stamps, account, "active", 2)
    refused(await stamps.decide(first, "approve"), 409, "asker_suspended")
    assert await issued_of(stamps, first) == []
    page = (await stamps.page(there, approver)).text
    assert "Chưa duyệt được yêu cầu này" in page
    assert "Tài khoản gửi yêu cầu này đang tạm ngừng" in page
    ok(await stamps.decide(second, "reject", reason="Tài khoản bị khóa"))
    colleague = stamps.operator(farm.facility)
    ok(await stamps.post(f"/requests/{third}/withdrawal", {"reason": "Gửi lại"}, colleague))
    await told_of(stamps, account, "active", 4)
    ok(await stamps.decide(first, "approve"))
    kept = await stamps.db.collection("accounts").find_one({"_id": account})
    assert kept == {"_id": account, "active": True, "active_version": 4}


async def test_the_page_of_a_decision_says_what_holds_it_up(stamps: Stamps) -> None:
    farm, approver = await stamps.a_farm(), stamps.approver()
    there = f"/requests/{(await stamps.ask(farm, 10))['id']}"
    await stamps.know(builders.stopped(farm.facility, 2))
    page = (await stamps.page(there, approver)).text
    assert "Cơ sở đang ngừng hoạt động" in page
    assert 'value="reject"' in page
    tried = await stamps.send_form(there, {"decision": "approve"}, approver)
    assert tried.status_code == 409
    assert tried.text.count("Cơ sở đang ngừng hoạt động") == 1
    await stamps.know(builders.resumed(farm.facility, 3))
    assert "Chưa duyệt được" not in (await stamps.page(there, approver)).text


async def test_a_product_whose_facility_is_not_known_yet_gets_no_stamps(stamps: Stamps) -> None:
    early = builders.product("not-told-yet")
    await stamps.know(early)
    answer = await stamps.post(
        "/requests",
        {"product_id": early.subject, "quantity": 10},
        stamps.operator("not-told-yet"),
    )
    refused(answer, 409, "facility_not_active")


async def test_a_request_names_only_a_lot_of_its_own_product(stamps: Stamps, farm: Farm) -> None:
    request = await stamps.ask(farm, 10, lot_id=farm.lot)
    assert request["lot_id"] == farm.lot
    foreign = (await stamps.a_farm()).lot
    for lot_id in (foreign, "none"):
        answer = await stamps.post(
            "/requests",
            {"product_id": farm.product, "quantity": 10, "lot_id": lot_id},
            stamps.operator(farm.facility),
        )
        refused(answer, 422, "lot_not_usable")


async def test_an_authority_asks_on_behalf_of_a_facility(stamps: Stamps, farm: Farm) -> None:
    clerk = stamps.token("commune", "operate", communes=[builders.COMMUNE])
    body = {"product_id": farm.product, "quantity": 10}
    made = ok(await stamps.post("/requests", body, clerk), 201)
    assert made["facility_id"] == farm.facility


async def test_lists_show_the_own_scope_newest_first(stamps: Stamps) -> None:
    farm = await stamps.a_farm(commune=builders.OTHER_COMMUNE)
    ids = [(await stamps.ask(farm, 10 + n))["id"] for n in range(3)]
    ok(await stamps.decide(ids[0], "reject", reason="Thử"))
    own = ok(await stamps.get("/requests", stamps.operator(farm.facility)))
    assert [one["id"] for one in own["items"]] == ids[::-1]
    assert own["total"] == 3
    of_commune = stamps.token("commune", "approve", communes=[builders.OTHER_COMMUNE])
    seen = ok(await stamps.get("/requests", of_commune, params={"state": "rejected"}))
    assert [one["id"] for one in seen["items"]] == [ids[0]]
    elsewhere = stamps.token("commune", "approve", communes=["00000"])
    assert ok(await stamps.get("/requests", elsewhere))["total"] == 0
    health = stamps.approver(sector="health")
    assert ok(await stamps.get("/batches", health))["total"] == 0
    empty = ok(await stamps.get("/requests", of_commune, params={"page": 99}))
    assert (empty["items"], empty["total"]) == ([], 3)


async def test_accepted_and_refused_acts_are_on_record(stamps: Stamps, farm: Farm) -> None:
    request = await stamps.ask(farm)
    refused(await stamps.decide(request["id"], "reject"), 422, "reason_needed")
    reader = stamps.reporter(farm.facility)
    body = {"product_id": farm.product, "quantity": 10}
    refused(await stamps.post("/requests", body, reader), 403, "forbidden")
    ok(await stamps.decide(request["id"], "approve"))
    acts = await stamps.events(request["id"], StampsActRecorded)
    assert [(a.action, a.outcome) for a in acts] == [
        ("stamps.request", "accepted"),
        ("stamps.decide", "reason_needed"),
        ("stamps.decide", "accepted"),
    ]
    (denied,) = [
        a for a in await stamps.events(farm.product, StampsActRecorded) if a.outcome == "forbidden"
    ]
    assert (denied.action, denied.actor.facility_id) == ("stamps.request", farm.facility)
