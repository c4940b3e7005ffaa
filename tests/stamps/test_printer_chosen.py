"""Who prints the stamps of a request is changed before anything is printed, and never after."""

import asyncio
from typing import Any

import httpx2
import pytest

from services.stamps.store import batches
from shared.contracts.acts import StampsActRecorded
from shared.contracts.stamps import PrintingChanged, RequestDecided, StockMoved
from tests.answers import ok, refused
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_printing_jobs import done, order
from tests.stamps.test_serials import unchanged
from tests.stamps.test_stock import central, officer, places, print_, printed

AUTHORITY, FACILITY = {"printed_by": "authority"}, {"printed_by": "facility"}
WHY = {"reason": "Máy in của cơ sở hỏng"}


async def choose(stamps: Stamps, request: str, body: Any, token: str) -> httpx2.Response:
    return await stamps.post(f"/requests/{request}/printing", body, token)


async def request_of(stamps: Stamps, number: int) -> str:
    return str((await stamps.batch(number))["request_id"])


async def test_who_asked_chooses_anew_until_it_is_decided(stamps: Stamps, farm: Farm) -> None:
    request, who = (await stamps.ask(farm))["id"], stamps.operator(farm.facility)
    found = ok(await choose(stamps, request, AUTHORITY, who))
    assert (found["printed_by"], found["version"]) == ("authority", 2)
    refused(await choose(stamps, request, AUTHORITY, who), 409, "same_printer")
    number = int(ok(await stamps.decide(request, "approve"))["batch"])
    assert await places(stamps, number) == [(0, 999, "ordered")]
    refused(await choose(stamps, request, FACILITY, who), 403, "forbidden")
    (told,) = await stamps.events(request, PrintingChanged)
    assert (told.printed_by, told.batch, told.version) == ("authority", None, 2)
    (decided,) = await stamps.events(request, RequestDecided)
    assert (decided.printed_by, decided.version) == ("authority", 3)
    acts = await stamps.events(request, StampsActRecorded)
    assert [(one.action, one.outcome) for one in acts[1:]] == [
        ("stamps.request", "accepted"),
        ("stamps.request", "same_printer"),
        ("stamps.decide", "accepted"),
        ("stamps.decide", "forbidden"),
    ]
    assert acts[1].facts["printed_by"] == "authority"


async def test_who_decides_may_have_another_print_with_a_reason(stamps: Stamps, farm: Farm) -> None:
    request = (await stamps.ask(farm, printed_by="authority"))["id"]
    refused(await stamps.decide(request, "approve", **FACILITY), 422, "reason_needed")
    found = ok(await stamps.decide(request, "approve", **FACILITY, reason="Kho tem đang đầy"))
    assert found["printed_by"] == "facility"
    who = stamps.operator(farm.facility)
    ok(await print_(stamps, found["batch"], 0, 9, who), 202)
    other = (await stamps.ask(farm))["id"]
    found = ok(await stamps.decide(other, "approve", **AUTHORITY, **WHY))
    assert await places(stamps, found["batch"]) == [(0, 999, "ordered")]
    # As it was asked it needs none.
    plain = (await stamps.ask(farm, printed_by="authority"))["id"]
    ok(await stamps.decide(plain, "approve", **AUTHORITY))


async def test_it_goes_back_and_forth_as_long_as_nothing_is_printed(
    stamps: Stamps, farm: Farm
) -> None:
    number, approver = await central(stamps, farm), stamps.approver()
    request, who = await request_of(stamps, number), stamps.operator(farm.facility)
    refused(await choose(stamps, request, FACILITY, approver), 422, "reason_needed")
    job = ok(await print_(stamps, number, 0, 9), 202)["id"]
    await done(stamps, job, officer(stamps))
    # A job that failed before its file was made is none.
    await stamps.db.collection("print_jobs").update_one(
        {"_id": job}, {"$set": {"state": "failed", "bytes": 0}}
    )
    ok(await choose(stamps, request, {**FACILITY, **WHY}, approver))
    refused(await stamps.get(f"/batches/{number}/stock", approver), 409, "not_central")
    refused(await print_(stamps, number, 0, 9), 403, "forbidden")
    listed = ok(await stamps.get("/stock", who))["items"]
    assert number not in {one["batch"] for one in listed}
    ok(await choose(stamps, request, {**AUTHORITY, **WHY}, approver))
    assert await places(stamps, number) == [(0, 99, "ordered")]
    refused(await print_(stamps, number, 0, 9, who), 403, "printed_centrally")
    refused(await stamps.activate(number, 0, 9, farm.lot, who), 409, "not_received")
    told = await stamps.events(f"{number}/stock", StockMoved)
    assert [(one.act, one.version) for one in told] == [
        ("order", 1),
        ("print", 2),
        ("leave", 3),
        ("order", 4),
    ]
    assert told[-1].moved == ((0, 99, "ordered"),)
    assert [one.batch for one in await stamps.events(request, PrintingChanged)] == [number] * 2
    moves = ok(await stamps.get(f"/batches/{number}/stock", approver))["moves"]
    assert moves[0]["reason"] == WHY["reason"]


@pytest.mark.parametrize("by", ["file", "codes", "change", "cancelled"])
async def test_what_may_be_on_paper_stays_with_who_prints_it(
    stamps: Stamps, farm: Farm, by: str
) -> None:
    who, approver = stamps.operator(farm.facility), stamps.approver()
    asked = {**AUTHORITY, **WHY}
    if by == "cancelled":
        number, asked = await central(stamps, farm), {**FACILITY, **WHY}
        job = await printed(stamps, number, 0, 9)
        ok(await stamps.post(f"/print-jobs/{job}/cancellation", WHY, officer(stamps)))
    else:
        number = await stamps.a_batch(farm, 100)
    if by == "file":
        job = (await order(stamps, number, who, last=9))["id"]
        await done(stamps, job, who)
    if by == "codes":
        ok(await stamps.get(f"/batches/{number}/codes?first=0&last=9", who))
    if by == "change":
        ok(await stamps.change(number, 0, 9, "revoke", approver))
    request = await request_of(stamps, number)

    async def act() -> None:
        refused(await choose(stamps, request, asked, approver), 409, "already_printed")

    await unchanged(stamps, number, act())


async def test_of_a_print_and_a_change_at_once_one_comes_first(stamps: Stamps, farm: Farm) -> None:
    """However they meet, a batch is never printed by both."""
    who, approver = stamps.operator(farm.facility), stamps.approver()
    for _ in range(5):
        number = await stamps.a_batch(farm, 100)
        request = await request_of(stamps, number)
        chosen, ordered = await asyncio.gather(
            choose(stamps, request, {**AUTHORITY, **WHY}, approver),
            print_(stamps, number, 0, 9, who),
        )
        assert (chosen.status_code, ordered.status_code) in ((200, 403), (409, 202))


async def test_a_rejected_request_and_that_of_others_has_nothing_to_choose(
    stamps: Stamps, farm: Farm
) -> None:
    request, who = (await stamps.ask(farm))["id"], stamps.operator(farm.facility)
    other = stamps.operator((await stamps.a_farm()).facility)
    refused(await choose(stamps, request, AUTHORITY, other), 404, "not_found")
    refused(await choose(stamps, request, {"printed_by": "me"}, who), 422, "invalid_input")
    refused(await choose(stamps, request, {**AUTHORITY, "much": 1}, who), 422, "invalid_input")
    refused(await choose(stamps, request, AUTHORITY, stamps.approver()), 403, "forbidden")
    ok(await stamps.decide(request, "reject", reason="Chưa đủ giấy tờ"))
    refused(await choose(stamps, request, AUTHORITY, stamps.approver()), 409, "nothing_to_print")


async def test_who_prints_is_changed_by_form(stamps: Stamps, farm: Farm) -> None:
    request, who = (await stamps.ask(farm))["id"], stamps.operator(farm.facility)
    approver, page = stamps.approver(), f"/requests/{request}"
    form = f"{page}/printing"
    assert form in (await stamps.page(page, who)).text
    assert form not in (await stamps.page(page, stamps.reporter(farm.facility))).text
    assert (await stamps.send_form(form, AUTHORITY, who)).status_code == 303
    assert "Cơ quan in tập trung rồi giao" in (await stamps.page(page, who)).text
    wrong = await stamps.send_form(page, {"decision": "approve", **FACILITY}, approver)
    assert wrong.status_code == 422
    assert (await stamps.send_form(page, {"decision": "approve"}, approver)).status_code == 303
    assert form not in (await stamps.page(page, who)).text
    assert form in (await stamps.page(page, approver)).text
    wrong = await stamps.send_form(form, {**FACILITY, "reason": ""}, approver)
    assert wrong.status_code == 422
    assert "Hãy ghi lý do" in wrong.text
    assert (await stamps.send_form(form, {**FACILITY, **WHY}, approver)).status_code == 303
    assert "Cơ sở tự in" in (await stamps.page(page, who)).text


async def test_codes_that_left_before_it_was_kept_are_known_by_what_was_recorded(
    stamps: Stamps, farm: Farm
) -> None:
    who, approver = stamps.operator(farm.facility), stamps.approver()
    taken, listed, untouched, failed = [await stamps.a_batch(farm, 100) for _ in range(4)]
    ok(await stamps.get(f"/batches/{taken}/codes?first=0&last=9", who))
    await done(stamps, (await order(stamps, listed, who, last=9, output="csv"))["id"], who)
    never = await order(stamps, failed, who, last=9)
    await done(stamps, never["id"], who)
    jobs, kept = stamps.db.collection("print_jobs"), stamps.db.collection("batches")
    await jobs.update_one({"_id": never["id"]}, {"$set": {"state": "failed", "bytes": 0}})
    ours = {"_id": {"$in": [taken, listed, untouched, failed]}}
    await kept.update_many(ours, {"$unset": {"codes_taken": ""}})
    for _ in range(2):
        await stamps.db.collection("migrations").delete_one({"_id": batches.CODES_KNOWN})
        await batches.prepare(stamps.db)
    assert [(await batches.get(stamps.db, one)).codes_taken for one in ours["_id"]["$in"]] == [
        True,
        True,
        False,
        False,
    ]
    refused(
        await choose(stamps, await request_of(stamps, taken), {**AUTHORITY, **WHY}, approver),
        409,
        "already_printed",
    )
    ok(await choose(stamps, await request_of(stamps, untouched), {**AUTHORITY, **WHY}, approver))
