"""Central printing: the authority prints, puts in stock, hands over; the facility receives."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.stamps.actions import handing
from services.stamps.store import print_jobs
from shared.contracts.acts import StampsActRecorded
from shared.contracts.identity import UnitPublished
from shared.contracts.stamps import (
    MAX_INTERVALS,
    IntervalsChanged,
    SegmentPublished,
    StockMoved,
)
from shared.days import local_day
from shared.ids import new_id, now
from tests.answers import ok, refused
from tests.polling import eventually
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_printing_jobs import done
from tests.stamps.test_serials import unchanged

UNIT = "unit-an-sinh"


def today() -> str:
    return local_day(now()).isoformat()


def officer(stamps: Stamps, **claims: Any) -> str:
    """Of the commune, who prints for its facilities and hands over."""
    known = {"communes": [builders.COMMUNE], "unit": UNIT, "name": "Cán bộ xã"}
    return stamps.token("commune", "operate", **{**known, **claims})


async def central(stamps: Stamps, farm: Farm, quantity: int = 100) -> int:
    """The number of a batch that the facility asked the authority to print."""
    request = await stamps.ask(farm, quantity, printed_by="authority")
    assert request["printed_by"] == "authority"
    return int(ok(await stamps.decide(request["id"], "approve"))["batch"])


async def print_(
    stamps: Stamps, number: int, first: int, last: int, token: str = "", **more: Any
) -> httpx2.Response:
    body = {"size": "6mm", "first": first, "last": last, **more}
    return await stamps.post(f"/batches/{number}/print-jobs", body, token or officer(stamps))


async def in_stock(
    stamps: Stamps, number: int, first: int, last: int, clerk: str = "", **spoilt: str
) -> str:
    """Printed and put in stock; the id of the job."""
    job = await printed(stamps, number, first, last, clerk)
    ok(await stamps.post(f"/print-jobs/{job}/stock", spoilt, clerk or officer(stamps)))
    return job


async def printed(
    stamps: Stamps, number: int, first: int, last: int, clerk: str = "", **more: Any
) -> str:
    """Its file is there; the id of the job."""
    job = ok(await print_(stamps, number, first, last, clerk, **more), 202)["id"]
    await done(stamps, job, clerk or officer(stamps))
    return str(job)


async def stocked(stamps: Stamps, farm: Farm, quantity: int = 100) -> int:
    """The number of a batch all of which lies with the commune."""
    number = await central(stamps, farm, quantity)
    await in_stock(stamps, number, 0, quantity - 1)
    return number


async def hand_over(
    stamps: Stamps, number: int, serials: str, token: str = "", **more: Any
) -> httpx2.Response:
    headers = {"Idempotency-Key": more.pop("key")} if "key" in more else {}
    body = {
        "serials": serials,
        "recipient": "Nguyễn Thị Hoa",
        "handed_on": today(),
        **more,
    }
    path = f"/batches/{number}/handovers"
    return await stamps.post(path, body, token or officer(stamps), headers=headers)


async def handed(stamps: Stamps, number: int, serials: str, **more: Any) -> str:
    return str(ok(await hand_over(stamps, number, serials, **more), 201)["id"])


async def receive(stamps: Stamps, handover: str, token: str, **body: str) -> httpx2.Response:
    return await stamps.post(f"/handovers/{handover}/receipt", body, token)


async def places(stamps: Stamps, number: int) -> list[tuple[int, int, str]]:
    found = ok(await stamps.get(f"/batches/{number}/stock", stamps.approver()))["lying"]
    return [(one["first"], one["last"], one["place"]) for one in found]


async def test_the_way_of_a_centrally_printed_stamp(stamps: Stamps, farm: Farm) -> None:
    who = stamps.operator(farm.facility)
    number = await central(stamps, farm)
    assert await places(stamps, number) == [(0, 99, "ordered")]
    job = ok(await print_(stamps, number, 0, 59), 202)["id"]
    assert await places(stamps, number) == [(0, 59, "printing"), (60, 99, "ordered")]
    await done(stamps, job, officer(stamps))
    bad = {"spoilt": "58-59", "reason": "Kẹt giấy"}
    stock = ok(await stamps.post(f"/print-jobs/{job}/stock", bad, officer(stamps)))
    assert stock["counts"] == {"ordered": 40, "stock": 58, "spoilt": 2}
    assert (stock["lying"][0]["unit_id"], stock["lying"][0]["job"]) == (UNIT, job)
    made = await handed(stamps, number, "0-9, 20-29")
    assert ok(await stamps.get(f"/handovers/{made}", who))["total"] == 20
    refused(await stamps.activate(number, 0, 9, farm.lot, who), 409, "not_received")
    ok(await receive(stamps, made, who))
    assert await places(stamps, number) == [
        (0, 9, "received"),
        (10, 19, "stock"),
        (20, 29, "received"),
        (30, 57, "stock"),
        (58, 59, "spoilt"),
        (60, 99, "ordered"),
    ]
    ok(await stamps.activate(number, 0, 9, farm.lot, who))
    refused(await stamps.activate(number, 20, 30, farm.lot, who), 409, "not_received")
    assert await stamps.intervals(number) == [
        (0, 9, farm.lot, "active"),
        (10, 57, "", "issued"),
        (58, 59, "", "damaged"),
        (60, 99, "", "issued"),
    ]
    told = await stamps.events(f"{number}/stock", StockMoved)
    assert [one.act for one in told] == ["order", "print", "store", "hand_over", "receive"]
    assert [one.version for one in told] == [1, 2, 3, 4, 5]
    assert told[2].moved == ((0, 57, "stock"), (58, 59, "spoilt"))
    assert told[3].moved == ((0, 9, "handed"), (20, 29, "handed"))
    moves = ok(await stamps.get(f"/batches/{number}/stock", who))["moves"]
    assert [one["act"] for one in moves] == ["receive", "hand_over", "store", "print", "order"]
    assert moves[2]["reason"] == "Kẹt giấy"


async def test_a_stamp_in_stock_or_on_the_way_is_not_the_facilitys_to_use(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    await handed(stamps, number, "50-99")

    async def act() -> None:
        for first, last in ((0, 9), (50, 59), (45, 55)):
            refused(await stamps.activate(number, first, last, farm.lot, who), 409, "not_received")
            changed = await stamps.change(number, first, last, "lost", who)
            refused(changed, 409, "not_received")

    await unchanged(stamps, number, act())
    # An authority may still take it out of use.
    ok(await stamps.change(number, 0, 9, "revoke", stamps.approver()))
    refused(await hand_over(stamps, number, "0-9"), 409, "serials_not_usable")


async def test_the_facility_does_not_print_what_the_authority_prints(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await central(stamps, farm), stamps.operator(farm.facility)
    refused(await print_(stamps, number, 0, 9, who), 403, "printed_centrally")
    codes = f"/batches/{number}/codes?first=0&last=9"
    refused(await stamps.get(codes, who), 403, "printed_centrally")
    job = ok(await print_(stamps, number, 0, 9), 202)["id"]
    await done(stamps, job, officer(stamps))
    for there in ("", "/file", "/manifest"):
        refused(await stamps.get(f"/print-jobs/{job}{there}", who), 403, "forbidden")
    assert (await stamps.get(f"/print-jobs/{job}/file", officer(stamps))).status_code == 200
    # What it prints itself is no affair of the stock.
    own = await stamps.a_batch(farm)
    refused(await print_(stamps, own, 0, 9), 403, "forbidden")
    refused(await stamps.get(f"/batches/{own}/stock", who), 409, "not_central")
    refused(await hand_over(stamps, own, "0-9"), 409, "not_central")


async def test_what_was_printed_is_printed_again_only_until_it_is_in_stock(
    stamps: Stamps, farm: Farm
) -> None:
    number = await central(stamps, farm)
    job = ok(await print_(stamps, number, 0, 9), 202)["id"]
    refused(await print_(stamps, number, 5, 14), 409, "not_to_be_printed")
    store = f"/print-jobs/{job}/stock"
    body: dict[str, Any] = {}
    if (await print_jobs.get(stamps.db, job)).state != "done":
        refused(await stamps.post(store, body, officer(stamps)), 409, "not_printed_yet")
    await done(stamps, job, officer(stamps))
    again = {"first_sheet": 1, "last_sheet": 1}
    more = ok(await stamps.post(f"/print-jobs/{job}/again", again, officer(stamps)), 202)["id"]
    await done(stamps, more, officer(stamps))
    assert (await stamps.get(f"/print-jobs/{more}/file", officer(stamps))).status_code == 200
    ok(await stamps.post(store, body, officer(stamps)))
    refused(await stamps.post(store, body, officer(stamps)), 409, "nothing_to_store")
    refused(
        await stamps.post(f"/print-jobs/{job}/again", again, officer(stamps)),
        409,
        "not_being_printed",
    )


async def test_stamps_of_a_failed_job_are_printed_anew(stamps: Stamps, farm: Farm) -> None:
    number = await central(stamps, farm)
    job = ok(await print_(stamps, number, 0, 9), 202)["id"]
    await done(stamps, job, officer(stamps))
    await stamps.db.collection("print_jobs").update_one({"_id": job}, {"$set": {"state": "failed"}})
    refused(
        await stamps.post(f"/print-jobs/{job}/stock", {}, officer(stamps)), 409, "not_printed_yet"
    )
    anew = ok(await print_(stamps, number, 0, 9), 202)["id"]
    await done(stamps, anew, officer(stamps))
    ok(await stamps.post(f"/print-jobs/{anew}/stock", {}, officer(stamps)))
    assert await places(stamps, number) == [(0, 9, "stock"), (10, 99, "ordered")]


async def test_spoilt_sheets_are_damaged_with_a_reason(stamps: Stamps, farm: Farm) -> None:
    number = await central(stamps, farm, 1000)
    job = ok(await print_(stamps, number, 0, 999, size="20mm"), 202)["id"]
    await done(stamps, job, officer(stamps))
    store = f"/print-jobs/{job}/stock"

    async def act() -> None:
        token = officer(stamps)
        refused(await stamps.post(store, {"spoilt_sheets": "1"}, token), 422, "reason_needed")
        why = {"reason": "Mực lem"}
        gone = {"spoilt_sheets": "90", **why}
        refused(await stamps.post(store, gone, token), 422, "no_such_sheet")
        refused(await stamps.post(store, {"spoilt": "5000", **why}, token), 422, "outside_print")
        refused(await stamps.post(store, {"spoilt": "x", **why}, token), 422, "invalid_input")
        refused(
            await stamps.post(store, {"spoilt": "1", "much": 1, **why}, token), 422, "invalid_input"
        )

    await unchanged(stamps, number, act())
    body = {"spoilt_sheets": "2", "spoilt": "0", "reason": "Mực lem"}
    counts = ok(await stamps.post(store, body, officer(stamps)))["counts"]
    assert counts["spoilt"] > 10
    assert counts["spoilt"] + counts["stock"] == 1000
    assert (await stamps.batch(number))["counts"] == {
        "issued": counts["stock"],
        "damaged": counts["spoilt"],
    }
    told = await stamps.events(str(number), IntervalsChanged)
    assert {(one.change, one.reason) for one in told} == {("damaged", "Mực lem")}


async def test_nobody_hands_over_what_is_not_in_their_stock(stamps: Stamps, farm: Farm) -> None:
    number = await central(stamps, farm)
    await in_stock(stamps, number, 0, 49)
    elsewhere = officer(stamps, unit="another-unit")
    ok(await hand_over(stamps, number, "40-49"), 201)

    async def act() -> None:
        for serials in ("50-59", "45-49", "0-50", "40"):
            refused(await hand_over(stamps, number, serials), 409, "not_in_stock")
        refused(await hand_over(stamps, number, "0-9", elsewhere), 409, "not_in_stock")
        refused(await hand_over(stamps, number, "90-100"), 422, "serials_outside_batch")
        refused(await hand_over(stamps, number, ""), 422, "invalid_input")
        refused(await hand_over(stamps, number, "0", recipient=""), 422, "invalid_input")
        late = await hand_over(stamps, number, "0", handed_on="2999-01-01")
        refused(late, 422, "handed_in_future")
        early = (local_day(now()) - timedelta(days=1)).isoformat()
        early_one = await hand_over(stamps, number, "0", handed_on=early)
        refused(early_one, 422, "handed_before_issue")

    await unchanged(stamps, number, act())


async def test_who_hands_over_does_not_receive(stamps: Stamps, farm: Farm) -> None:
    """Not by the account, and not by another account of the same person."""
    number = await stocked(stamps, farm)
    phone = ["mark of a telephone"]
    made = await handed(stamps, number, "0-9", token=officer(stamps, person=phone))
    same = stamps.operator(farm.facility, account="my-other-account", person=phone)
    refused(await receive(stamps, made, same), 403, "own_hand_over")
    refused(await receive(stamps, made, stamps.approver()), 403, "forbidden")
    refused(await receive(stamps, made, stamps.reporter(farm.facility)), 403, "forbidden")
    ok(await receive(stamps, made, stamps.operator(farm.facility)))


async def test_what_is_missing_is_lost_and_what_is_damaged_is_damaged_at_once(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    made = await handed(stamps, number, "0-49")

    async def act() -> None:
        refused(await receive(stamps, made, who, missing="10"), 422, "words_needed")
        lack = {"missing": "45-52", "text": "Thiếu"}
        refused(await receive(stamps, made, who, **lack), 422, "outside_hand_over")
        twice = {"missing": "10-19", "damaged": "19", "text": "Thiếu"}
        refused(await receive(stamps, made, who, **twice), 422, "missing_and_damaged")

    await unchanged(stamps, number, act())
    found = {"missing": "10-19", "damaged": "49", "text": "Thiếu một dải, ướt một tem"}
    view = ok(await receive(stamps, made, who, **found))
    assert view["state"] == "differs"
    assert view["missing"] == [{"first": 10, "last": 19}]
    assert await stamps.intervals(number) == [
        (0, 9, "", "issued"),
        (10, 19, "", "lost"),
        (20, 48, "", "issued"),
        (49, 49, "", "damaged"),
        (50, 99, "", "issued"),
    ]
    told = await stamps.events(str(number), IntervalsChanged)
    assert [(one.change, one.first, one.last) for one in told] == [
        ("lost", 10, 19),
        ("damaged", 49, 49),
    ]
    ok(await stamps.activate(number, 0, 9, farm.lot, who))
    refused(await stamps.activate(number, 10, 19, farm.lot, who), 409, "not_received")
    refused(await receive(stamps, made, who), 409, "hand_over_not_waiting")


async def test_what_was_taken_out_of_use_meanwhile_stays_so(stamps: Stamps, farm: Farm) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    made = await handed(stamps, number, "0-49")
    ok(await stamps.change(number, 15, 30, "suspend", stamps.approver()))
    ok(await receive(stamps, made, who, missing="10-19", text="Thiếu"))
    assert (await stamps.intervals(number))[1:3] == [
        (10, 14, "", "lost"),
        (15, 30, "", "suspended"),
    ]
    ok(await stamps.change(number, 15, 30, "unsuspend", stamps.approver()))
    refused(await stamps.activate(number, 15, 19, farm.lot, who), 409, "not_received")


async def test_a_difference_is_open_to_both_until_one_agrees_with_the_other(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    made = await handed(stamps, number, "0-9")
    path, agree = f"/handovers/{made}/answers", {"agrees": True}
    refused(await stamps.post(path, agree, officer(stamps)), 409, "no_difference")
    ok(await receive(stamps, made, who, missing="9", text="Thiếu một"))
    refused(await stamps.post(path, agree, who), 403, "own_word")
    refused(await stamps.post(path, {}, officer(stamps)), 422, "words_needed")
    refused(await stamps.post(path, agree, stamps.reporter(farm.facility)), 403, "forbidden")
    ok(await stamps.post(path, {"text": "Đã đếm đủ 10 tem"}, officer(stamps)))
    for token in (who, officer(stamps), stamps.approver()):
        shown = ok(await stamps.get("/handovers?state=open", token))
        assert made in {one["id"] for one in shown["items"]}
    ok(await stamps.post(path, {"text": "Mời xuống đếm lại"}, who))
    settled = ok(await stamps.post(path, {"agrees": True, "text": "Đúng"}, officer(stamps)))
    assert settled["state"] == "settled"
    assert [(one["side"], one["agrees"]) for one in settled["words"]] == [
        ("facility", False),
        ("authority", False),
        ("facility", False),
        ("authority", True),
    ]
    refused(await stamps.post(path, agree, who), 409, "no_difference")


async def test_a_hand_over_that_did_not_take_place_is_withdrawn(stamps: Stamps, farm: Farm) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    made = await handed(stamps, number, "0-9")
    path = f"/handovers/{made}/withdrawal"
    refused(await stamps.post(path, {"reason": ""}, officer(stamps)), 422, "invalid_input")
    refused(await stamps.post(path, {"reason": "Nhầm"}, who), 403, "forbidden")
    ok(await stamps.post(path, {"reason": "Không ai đến"}, officer(stamps)))
    assert await places(stamps, number) == [(0, 9, "stock"), (10, 99, "stock")]
    refused(await receive(stamps, made, who), 409, "hand_over_not_waiting")
    ok(await receive(stamps, await handed(stamps, number, "0-99"), who))
    refused(
        await stamps.post(path, {"reason": "Nhầm"}, officer(stamps)), 409, "hand_over_not_waiting"
    )


async def test_another_unit_neither_withdraws_a_hand_over_nor_answers_for_it(
    stamps: Stamps, farm: Farm
) -> None:
    """But a higher tier does, and then the stamps lie with the unit that had handed them over."""
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    made, differs = [await handed(stamps, number, serials) for serials in ("0-9", "10-19")]
    ok(await receive(stamps, differs, who, missing="19", text="Thiếu"))
    elsewhere = officer(stamps, unit="another-unit")
    withdrawal, answers = f"/handovers/{made}/withdrawal", f"/handovers/{differs}/answers"

    async def act() -> None:
        for path, body in ((withdrawal, {"reason": "Nhầm"}), (answers, {"agrees": True})):
            refused(await stamps.post(path, body, elsewhere), 403, "not_your_hand_over")

    await unchanged(stamps, number, act())
    ok(await stamps.post(withdrawal, {"reason": "Nhầm"}, stamps.approver()))
    told = (await stamps.events(f"{number}/stock", StockMoved))[-1]
    assert (told.act, told.unit_id) == ("take_back", UNIT)
    ok(await hand_over(stamps, number, "0-9"), 201)
    ok(await stamps.post(answers, {"agrees": True}, stamps.approver()))


async def test_a_commune_does_not_act_for_the_department(stamps: Stamps, farm: Farm) -> None:
    number, above = await central(stamps, farm), stamps.approver()
    await in_stock(stamps, number, 0, 99, above)
    made = await handed(stamps, number, "0-9", token=above)
    path = f"/handovers/{made}/withdrawal"
    refused(await stamps.post(path, {"reason": "Nhầm"}, officer(stamps)), 403, "not_your_hand_over")
    ok(await stamps.post(path, {"reason": "Nhầm"}, above))


async def test_one_person_does_not_settle_a_difference_from_both_sides(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    hand, other = ["mark of who hands over"], ["mark of who receives"]
    made = await handed(stamps, number, "0-9", token=officer(stamps, person=hand))
    receiver = stamps.operator(farm.facility, person=other)
    ok(await receive(stamps, made, receiver, missing="9", text="Thiếu"))
    path = f"/handovers/{made}/answers"

    async def act() -> None:
        for body in ({"agrees": True}, {"text": "Đã đếm lại"}):
            same = stamps.operator(farm.facility, person=hand)
            refused(await stamps.post(path, body, same), 403, "own_hand_over")
            same = officer(stamps, person=other)
            refused(await stamps.post(path, body, same), 403, "spoke_for_other_side")

    await unchanged(stamps, number, act())
    colleague = officer(stamps, person=["mark of a colleague"])
    ok(await stamps.post(path, {"text": "Đã đếm đủ"}, colleague))
    same = stamps.operator(farm.facility, person=["mark of a colleague"])
    refused(await stamps.post(path, {"agrees": True}, same), 403, "spoke_for_other_side")
    ok(await stamps.post(path, {"agrees": True}, who))


async def test_a_print_ordered_by_mistake_is_cancelled(stamps: Stamps, farm: Farm) -> None:
    number, clerk = await central(stamps, farm), officer(stamps)
    job = await printed(stamps, number, 0, 59)
    body = {"first_sheet": 1, "last_sheet": 1}
    more = ok(await stamps.post(f"/print-jobs/{job}/again", body, clerk), 202)["id"]
    await done(stamps, more, clerk)
    path, why = f"/print-jobs/{job}/cancellation", {"reason": "Nhầm khổ tem"}
    elsewhere = officer(stamps, unit="another-unit")

    async def act() -> None:
        refused(await stamps.post(path, {"reason": ""}, clerk), 422, "invalid_input")
        refused(await stamps.post(path, why, elsewhere), 403, "not_your_print")
        refused(await stamps.post(path, why, stamps.operator(farm.facility)), 403, "forbidden")
        refused(await stamps.post(f"/print-jobs/{job}/stock", {}, elsewhere), 403, "not_your_print")

    await unchanged(stamps, number, act())
    stock = ok(await stamps.post(path, why, clerk))
    assert stock["counts"] == {"ordered": 100}
    told = (await stamps.events(f"{number}/stock", StockMoved))[-1]
    assert (told.act, told.moved) == ("cancel_print", ((0, 59, "ordered"),))
    for one in (job, more):
        refused(await stamps.get(f"/print-jobs/{one}/file", clerk), 409, "not_being_printed")
        shown = ok(await stamps.get(f"/print-jobs/{one}", clerk))
        assert (shown["state"], shown["failure"]) == ("failed", "cancelled")
    refused(await stamps.post(path, why, clerk), 409, "nothing_to_store")
    refused(await stamps.post(f"/print-jobs/{job}/stock", {}, clerk), 409, "not_printed_yet")
    # Printed again, the old file stays withheld; what is in stock is not cancelled.
    anew = await printed(stamps, number, 0, 59)
    refused(await stamps.get(f"/print-jobs/{job}/file", clerk), 409, "not_being_printed")
    ok(await stamps.post(f"/print-jobs/{anew}/stock", {}, clerk))
    again = f"/print-jobs/{anew}/cancellation"
    refused(await stamps.post(again, why, clerk), 409, "nothing_to_store")
    acts = await stamps.events(str(number), StampsActRecorded)
    assert ("stamps.print_centrally", "Nhầm khổ tem") in {(one.action, one.reason) for one in acts}


async def test_a_higher_tier_cancels_a_print_that_is_not_done(stamps: Stamps, farm: Farm) -> None:
    number = await central(stamps, farm)
    job = ok(await print_(stamps, number, 0, 9), 202)["id"]
    path = f"/print-jobs/{job}/cancellation"
    ok(await stamps.post(path, {"reason": "Nhầm"}, stamps.approver()))
    anew = await printed(stamps, number, 0, 9)
    assert (await print_jobs.get(stamps.db, job)).state == "failed"
    assert (await stamps.get(f"/print-jobs/{anew}/file", officer(stamps))).status_code == 200


async def test_files_and_codes_leave_only_while_stamps_are_being_printed(
    stamps: Stamps, farm: Farm
) -> None:
    number, clerk = await central(stamps, farm), officer(stamps)
    codes = f"/batches/{number}/codes?first=0&last=9"
    refused(await stamps.get(codes, clerk), 409, "not_being_printed")
    job = await printed(stamps, number, 0, 9)
    for there in (codes, f"/print-jobs/{job}/file"):
        assert (await stamps.get(there, clerk)).status_code == 200
    ok(await stamps.post(f"/print-jobs/{job}/stock", {}, clerk))
    for there in (codes, f"/print-jobs/{job}/file"):
        refused(await stamps.get(there, clerk), 409, "not_being_printed")
    acts = await stamps.events(str(number), StampsActRecorded)
    acts += await stamps.events(job, StampsActRecorded)
    used = {(one.action, one.outcome) for one in acts if one.action.startswith("stamps.print")}
    assert used == {
        ("stamps.print_centrally", "accepted"),
        ("stamps.print_centrally", "not_being_printed"),
    }


async def test_sheets_of_an_unfinished_file_are_not_printed_again(
    stamps: Stamps, farm: Farm
) -> None:
    number = await central(stamps, farm)
    job = await printed(stamps, number, 0, 9)
    await stamps.db.collection("print_jobs").update_one({"_id": job}, {"$set": {"state": "failed"}})
    body = {"first_sheet": 1, "last_sheet": 1}
    answer = await stamps.post(f"/print-jobs/{job}/again", body, officer(stamps))
    refused(answer, 409, "not_printed_yet")


async def test_nothing_is_handed_over_to_a_stopped_facility(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number = await stocked(stamps, farm)
    await stamps.know(builders.stopped(farm.facility, 2))
    refused(await hand_over(stamps, number, "0-9"), 409, "facility_not_active")
    await stamps.know(builders.resumed(farm.facility, 3))
    ok(await hand_over(stamps, number, "0-9"), 201)


async def test_many_missing_stamps_are_one_version_of_their_segment(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stocked(stamps, farm, 300), stamps.operator(farm.facility)
    made = await handed(stamps, number, "0-299")
    before = len(await stamps.events(f"{number}/0", SegmentPublished))
    lack = ", ".join(str(serial) for serial in range(0, 200, 2))
    ok(await receive(stamps, made, who, missing=lack, text="Thiếu"))
    assert len(await stamps.events(f"{number}/0", SegmentPublished)) == before + 1
    told = await stamps.events(str(number), IntervalsChanged)
    assert [(one.change, one.first, one.version) for one in told] == [
        ("lost", 2 * place, place + 2) for place in range(100)
    ]
    assert (await stamps.batch(number))["counts"] == {"issued": 200, "lost": 100}


async def test_a_receipt_is_taken_in_however_finely_its_segment_is_cut(
    stamps: Stamps, farm: Farm
) -> None:
    """So is what was spoilt in printing; whoever changes stamps otherwise is told to join them."""
    number, who = await central(stamps, farm, 2000), stamps.operator(farm.facility)
    job = await printed(stamps, number, 0, 1999)
    rows = [[one, one, "", ("damaged", "issued")[one % 2]] for one in range(MAX_INTERVALS - 1)]
    cut = [*rows, [MAX_INTERVALS - 1, 1999, "", "issued"]]
    await stamps.db.collection("segments").update_one(
        {"_id": f"{number}/0"}, {"$set": {"intervals": cut}}
    )
    bad = {"spoilt": "600, 602", "reason": "Kẹt giấy"}
    ok(await stamps.post(f"/print-jobs/{job}/stock", bad, officer(stamps)))
    made = await handed(stamps, number, "1000-1999")
    lack = ", ".join(str(serial) for serial in range(1000, 1200, 2))
    assert ok(await receive(stamps, made, who, missing=lack, text="Thiếu"))["state"] == "differs"
    counts = (await stamps.batch(number))["counts"]
    assert (counts["lost"], counts["damaged"]) == (100, MAX_INTERVALS // 2 + 2)
    told = (await stamps.events(f"{number}/0", SegmentPublished))[-1]
    assert len(told.intervals) == MAX_INTERVALS
    assert [list(one) for one in told.whole] == [
        list(one) for one in await stamps.intervals(number)
    ]
    refused(await stamps.activate(number, 1501, 1501, farm.lot, who), 409, "too_many_intervals")
    ok(await stamps.change(number, 1001, 1001, "lost", who))


@pytest.fixture
def hand_over_by_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of this process no longer take turns, as if each came by a process of its own."""
    monkeypatch.setattr(handing, "turn", lambda *_: asyncio.Lock())


async def test_a_hundred_hand_overs_of_the_same_stamps_at_once_have_one_winner(
    stamps: Stamps, farm: Farm, hand_over_by_many_processes: None
) -> None:
    number = await stocked(stamps, farm)
    answers = await asyncio.gather(*(hand_over(stamps, number, "0-49") for _ in range(100)))
    assert [one.status_code for one in answers].count(201) == 1
    assert await places(stamps, number) == [(0, 49, "handed"), (50, 99, "stock")]
    assert await stamps.db.collection("handovers").count_documents({"batch": number}) == 1
    told = await stamps.events(f"{number}/stock", StockMoved)
    assert [one.act for one in told] == ["order", "print", "store", "hand_over"]


async def test_the_same_key_acts_once(stamps: Stamps, farm: Farm) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    mine = {"token": officer(stamps), "key": new_id()}
    made = await handed(stamps, number, "0-9", **mine)
    assert await handed(stamps, number, "0-9", **mine) == made
    refused(await hand_over(stamps, number, "10", **mine), 409, "idempotency_key_reused")
    lack = {"missing": "9", "text": "Thiếu"}
    path, key = f"/handovers/{made}/receipt", {"Idempotency-Key": new_id()}
    for _ in range(2):
        assert ok(await stamps.post(path, lack, who, headers=key))["state"] == "differs"
    assert len(await stamps.events(str(number), IntervalsChanged)) == 1


async def test_of_others_nothing_is_to_be_seen_or_done(stamps: Stamps, farm: Farm) -> None:
    number = await stocked(stamps, farm)
    made = await handed(stamps, number, "0-9")
    job = ok(await stamps.get(f"/batches/{number}/stock", stamps.approver()))["lying"][0]["job"]
    far = {"communes": [builders.OTHER_COMMUNE]}
    other = await stamps.a_farm()
    strangers = [
        officer(stamps, **far),
        stamps.operator(other.facility),
        stamps.token("commune", "approve", **far),
    ]
    hand = {"serials": "10", "recipient": "Hoa", "handed_on": today()}
    calls: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", f"/batches/{number}/stock", None),
        ("POST", f"/batches/{number}/handovers", hand),
        ("POST", f"/print-jobs/{job}/stock", {}),
        ("GET", f"/handovers/{made}", None),
        ("POST", f"/handovers/{made}/receipt", {}),
        ("POST", f"/handovers/{made}/withdrawal", {"reason": "Phá"}),
        ("POST", f"/handovers/{made}/answers", {"agrees": True}),
    ]

    async def act() -> None:
        for token in strangers:
            for method, path, body in calls:
                send = (
                    stamps.get(path, token) if method == "GET" else stamps.post(path, body, token)
                )
                refused(await send, 404, "not_found")
            listed = ok(await stamps.get("/stock", token))
            assert number not in {one["batch"] for one in listed["items"]}
            listed = ok(await stamps.get("/handovers", token))
            assert made not in {one["id"] for one in listed["items"]}

    await unchanged(stamps, number, act())


async def test_every_act_stands_in_the_ledger_and_names_nobody(stamps: Stamps, farm: Farm) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    made = await handed(stamps, number, "0-9")
    ok(await receive(stamps, made, who, missing="9", text="Thiếu"))
    refused(await receive(stamps, made, who), 409, "hand_over_not_waiting")
    told = await stamps.events(made, StampsActRecorded)
    assert [(one.action, one.outcome) for one in told] == [
        ("stamps.hand_over", "accepted"),
        ("stamps.receive", "accepted"),
        ("stamps.receive", "hand_over_not_waiting"),
    ]
    assert not any("Hoa" in str(one.model_dump()) for one in told)
    moved = await stamps.events(f"{number}/stock", StockMoved)
    assert not any("Hoa" in str(one.model_dump()) for one in moved)


async def test_the_list_shows_what_lies_where(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number = await central(stamps, farm)
    await in_stock(stamps, number, 0, 9)
    who = stamps.operator(farm.facility)
    for query, there in (
        ("", True),
        ("?place=stock", True),
        ("?place=ordered", True),
        ("?place=handed", False),
        (f"?unit={UNIT}", True),
        ("?unit=another", False),
        (f"?unit={UNIT}&place=handed", False),
    ):
        found = ok(await stamps.get(f"/stock{query}", who))
        assert (number in {one["batch"] for one in found["items"]}) is there, query


def unit(unit_id: str, version: int, name: str, **more: Any) -> UnitPublished:
    told = {"name": name, "tier": "commune", "path": (unit_id,), **more}
    return UnitPublished(subject=unit_id, version=version, time=now(), **told)


async def test_names_of_units_are_heard_twice_and_in_any_order(stamps: Stamps) -> None:
    here = new_id()
    for event in (unit(here, 2, "UBND phường An Sinh"), unit(here, 1, "UBND xã An Sinh")):
        await stamps.tell(event)
        await stamps.tell(event)

    async def heard() -> bool:
        claims = {"_id": {"$regex": "^stamps.units:"}}
        return await stamps.db.collection("inbox").count_documents(claims) >= 2

    await eventually(heard)
    found = await stamps.db.collection("units").find_one({"_id": here})
    assert found is not None
    assert found["name"] == "UBND phường An Sinh"


async def test_no_sheets_are_printed_again_of_a_print_that_is_cancelled_at_once(
    stamps: Stamps, farm: Farm
) -> None:
    """Whichever comes first, nothing of the print is drawn or given out afterwards."""
    number, clerk, rounds = await central(stamps, farm), officer(stamps), 20
    jobs = [await printed(stamps, number, n, n) for n in range(rounds)]
    sheet, why = {"first_sheet": 1, "last_sheet": 1}, {"reason": "Nhầm khổ tem"}
    for job in jobs:
        more, cancelled = await asyncio.gather(
            stamps.post(f"/print-jobs/{job}/again", sheet, clerk),
            stamps.post(f"/print-jobs/{job}/cancellation", why, clerk),
        )
        ok(cancelled)
        assert more.status_code in (202, 409), more.text
        if more.status_code == 202:
            again = await print_jobs.get(stamps.db, more.json()["id"])
            assert (again.state, again.failure) == ("failed", "cancelled")
