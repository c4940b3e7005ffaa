"""Corrections end to end: at once or by two people, never erased, and shown as they now stand."""

import asyncio
from datetime import date
from typing import Any

from services.scan.knowing.board import Board
from shared.contracts.recall import NoticePublished
from tests.recall.builders import lot, product
from tests.recall.conftest import Recall
from tests.recall.test_pages import Browser

FACILITY: dict[str, Any] = {
    "tier": "facility",
    "kinds": ["system"],
    "communes": [],
    "facility": "f1",
}
COMMUNE: dict[str, Any] = {"tier": "commune", "kinds": ["approve"], "communes": ["07001"]}


def asked(revision: int = 0, **more: Any) -> dict[str, Any]:
    return {"revision": revision, "why": "Chép nhầm", **more}


async def correct(recall: Recall, case_id: str, token: str = "", **more: Any) -> Any:
    return await recall.post(f"/recalls/{case_id}/corrections", asked(**more), token=token or None)


async def confirmed(recall: Recall, case_id: str, token: str = "") -> Any:
    return await recall.post(f"/recalls/{case_id}/corrections/confirm", token=token or None)


async def board(recall: Recall, case_id: str) -> Board:
    """What a replica of scan knows of the case, told in the order of the feed."""
    shown = Board()
    for event in await recall.notices(case_id):
        shown.put(NoticePublished.read(event))
    return shown


def is_red(shown: Board, lot_id: str) -> bool:
    return bool(shown.notices(0, 0, lot_id, set(), set()))


async def chain(recall: Recall, name: str) -> str:
    """A case of two lots in a row, and one beside it of the same product and day."""
    await recall.know(lot(f"{name}-a"), lot(f"{name}-b", inputs=(f"{name}-a",)), lot(f"{name}-c"))
    return str((await recall.order(f"{name}-a"))["id"])


async def test_a_lot_that_joins_is_red_at_once_with_all_that_was_made_from_it(
    province: Recall,
) -> None:
    case_id = await chain(province, "k1")
    await province.know(lot("k1-d", "f2", "p2", inputs=("k1-c",)))
    answer = await correct(province, case_id, add=["K1-C"])
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["revision"], told["correction_requested_by"]) == (1, "")
    shown = await board(province, case_id)
    assert all(is_red(shown, f"k1-{end}") for end in "abcd")
    detail = (await province.get(f"/recalls/{case_id}")).json()
    assert "f2" in detail["facilities"]
    assert detail["history"][-1]["act"] == "corrected"


async def test_a_lot_that_leaves_is_green_only_after_a_second_person(province: Recall) -> None:
    case_id = await chain(province, "k2")
    anna, binh = province.token(name="An"), province.token(name="Bình")
    asked_it = await correct(province, case_id, anna, remove=["k2-b"])
    assert asked_it.json()["correction_requested_by"] == "An"
    assert is_red(await board(province, case_id), "k2-b"), "nothing changes yet"
    alone = await confirmed(province, case_id, anna)
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    done = await confirmed(province, case_id, binh)
    assert done.status_code == 200, done.text
    shown = await board(province, case_id)
    assert (is_red(shown, "k2-a"), is_red(shown, "k2-b")) == (True, False)
    (item,) = (await province.get(f"/recalls/{case_id}/corrections")).json()["items"]
    assert (item["by"], item["confirmed_by"], item["removed"]) == ("An", "Bình", ["k2-b"])


async def test_growth_leaves_out_what_was_taken_out_and_takes_in_what_comes_of_the_rest(
    province: Recall,
) -> None:
    case_id = await chain(province, "k3")
    await correct(province, case_id, remove=["k3-b"])
    await confirmed(province, case_id)
    await province.know(
        lot("k3-b", inputs=("k3-a",), version=2),
        lot("k3-of-b", inputs=("k3-b",)),
        lot("k3-of-a", inputs=("k3-a",)),
        lot("k3-a", version=2),
    )
    shown = await board(province, case_id)
    assert {end: is_red(shown, f"k3-{end}") for end in ("a", "b", "of-b", "of-a")} == {
        "a": True,
        "b": False,
        "of-b": False,
        "of-a": True,
    }


async def test_only_who_may_lift_confirms_that_consumers_are_told_less(province: Recall) -> None:
    case_id = await chain(province, "k4")
    asked_it = await correct(province, case_id, level="caution")
    assert asked_it.status_code == 200, asked_it.text
    refused = await confirmed(province, case_id, province.token(**COMMUNE))
    assert refused.status_code == 403
    assert (await province.get(f"/recalls/{case_id}")).json()["level"] == "serious"
    assert (await confirmed(province, case_id)).json()["level"] == "caution"


async def test_words_change_at_once_in_every_part_and_both_versions_are_shown(
    province: Recall,
) -> None:
    case_id = await chain(province, "k5")
    answer = await correct(province, case_id, reason="Nấm mốc", level="critical")
    assert answer.status_code == 200, answer.text
    last = (await province.notices(case_id))[-1]
    assert (last["version"], last["data"]["reason"]) == (2, "Nấm mốc")
    assert last["data"]["corrected_at"] is not None
    public = (await province.client.get(f"/recalls/{case_id}")).text
    for text in ("Đã đính chính lúc", "Chép nhầm", "Nấm mốc", "Phát hiện vi khuẩn vượt ngưỡng"):
        assert text in public
    page = (await Browser(province).get(f"/console/recall/{case_id}")).text
    assert "Phát hiện vi khuẩn vượt ngưỡng" in page


async def test_a_period_is_narrowed_by_two_people_and_widened_by_one(province: Recall) -> None:
    await province.know(
        lot("k6-a", product_id="p6", produced_on=date(2026, 9, 1)),
        lot("k6-b", product_id="p6", produced_on=date(2026, 9, 20)),
    )
    await province.know(product("p6", "f1", name="Ruốc"))
    aim = {"target_kind": "product", "from": "2026-09-01"}
    case_id = (await province.order("p6", **aim))["id"]
    less = {**aim, "target": "p6", "from": "2026-09-10"}
    waiting = await correct(province, case_id, target=less)
    assert waiting.json()["correction_requested_by"], waiting.text
    await confirmed(province, case_id)
    shown = await board(province, case_id)
    assert (is_red(shown, "k6-a"), is_red(shown, "k6-b")) == (False, True)
    await province.know(lot("k6-c", product_id="p6", produced_on=date(2026, 9, 2)))
    assert not is_red(await board(province, case_id), "k6-c")
    more = await correct(province, case_id, revision=1, target={**less, "from": "2026-09-01"})
    assert more.json()["revision"] == 2, more.text
    shown = await board(province, case_id)
    assert all(is_red(shown, f"k6-{end}") for end in "abc")


async def test_what_makes_no_sense_is_refused_and_changes_nothing(province: Recall) -> None:
    case_id = await chain(province, "k7")
    for more, status, code in (
        ({}, 422, "nothing_to_correct"),
        ({"remove": ["k7-a"]}, 422, "correction_empties"),
        ({"remove": ["nowhere"]}, 422, "lot_not_in_case"),
        ({"add": ["nowhere"]}, 404, "lot_not_found"),
        ({"level": "information"}, 422, "level_does_not_fit"),
        ({"reason": ""}, 422, "invalid_input"),
        ({"reason": "x" * 2_001}, 422, "invalid_input"),
        ({"reason_key": "no_such"}, 422, "reason_unknown"),
        ({"target": {"target_kind": "lot", "target": "k7-c"}}, 422, "corrected_to_another"),
        ({"state": "lifted"}, 422, "invalid_input"),
        ({"revision": 7, "level": "critical"}, 409, "edit_conflict"),
    ):
        answer = await correct(province, case_id, **more)
        assert (answer.status_code, answer.json()["code"]) == (status, code), more
    assert len(await province.notices(case_id)) == 1
    assert not (await province.get(f"/recalls/{case_id}/corrections")).json()["items"]


async def test_a_facility_corrects_what_it_ordered_and_nothing_else(province: Recall) -> None:
    case_id = await chain(province, "k8")
    owner = province.token(**FACILITY)
    refused = await correct(province, case_id, owner, level="critical")
    assert (refused.status_code, refused.json()["code"]) == (403, "correction_not_yours")
    own = (await province.order("k8-c", token=owner))["id"]
    done = await correct(province, own, owner, level="critical")
    assert done.json()["level"] == "critical", done.text
    stranger = province.token(**{**FACILITY, "facility": "f3"})
    assert (await correct(province, own, stranger, level="critical")).status_code == 404


async def test_of_two_corrections_at_once_one_wins_and_the_other_is_told(province: Recall) -> None:
    case_id = await chain(province, "k9")
    answers = await asyncio.gather(
        correct(province, case_id, reason="Một"), correct(province, case_id, reason="Hai")
    )
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert len((await province.get(f"/recalls/{case_id}/corrections")).json()["items"]) == 1
    assert len(await province.notices(case_id)) == 2


async def test_a_correction_sent_twice_is_made_once(province: Recall) -> None:
    case_id = await chain(province, "k10")
    token, body = province.token(), asked(reason="Một lần")
    again = {"Idempotency-Key": "corrected-once-k10"}
    path = f"/recalls/{case_id}/corrections"
    first, second = [await province.post(path, body, token=token, headers=again) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["revision"] == 1


async def test_the_form_shows_what_is_said_and_comes_back_with_what_was_typed(
    province: Recall,
) -> None:
    case_id = await chain(province, "k11")
    browser, page = Browser(province), f"/console/recall/{case_id}/correct"
    shown = await browser.get(page)
    assert shown.status_code == 200
    assert "Phát hiện vi khuẩn vượt ngưỡng" in shown.text
    words = {
        **{"kind": "recall", "level": "serious", "reason_key": "other", "version": "0"},
        **{"reason": "Phát hiện vi khuẩn vượt ngưỡng", "instruction": "Không ăn; trả lại nơi bán"},
        **{"why": "Bỏ nhầm", "key": "k11"},
    }
    wrong = await browser.send(page, page, **words, remove="NO-SUCH")
    assert wrong.status_code == 422
    assert "NO-SUCH" in wrong.text
    assert "Bỏ nhầm" in wrong.text
    waiting = await browser.send(page, page, **words, remove="K11-B")
    assert waiting.status_code == 303, waiting.text
    other = Browser(province)
    case = await other.get(f"/console/recall/{case_id}")
    assert "đề nghị đính chính" in case.text
    decision = await other.get(f"{page}/waiting")
    assert "K11-B" in decision.text
    done = await other.send(f"{page}/waiting", f"{page}/confirm")
    assert done.status_code == 303, done.text
    assert not is_red(await board(province, case_id), "k11-b")


async def test_a_correction_and_a_lift_at_once_leave_nothing_standing(province: Recall) -> None:
    case_id = await chain(province, "k12")
    await province.post(f"/recalls/{case_id}/lift", {"reason": "Đạt"})
    await asyncio.gather(
        province.post(f"/recalls/{case_id}/lift/confirm"),
        correct(province, case_id, add=["k12-c"]),
    )
    shown = await board(province, case_id)
    assert not any(is_red(shown, f"k12-{end}") for end in "abc")


async def test_a_correction_needs_a_fresh_proof(province: Recall) -> None:
    case_id = await chain(province, "k13")
    stale = province.token(auth_time=None)
    answer = await correct(province, case_id, stale, level="critical")
    assert (answer.status_code, answer.json()["code"]) == (401, "fresh_proof_needed")


async def test_closing_leaves_the_notice_and_a_closed_case_can_still_be_corrected(
    province: Recall,
) -> None:
    await chain(province, "k14")
    case_id = (await province.order("k14-b", kind="warning"))["id"]
    closed = await province.post(
        f"/recalls/{case_id}/close", {"finding": "Xong", "handling": "destroy"}
    )
    assert closed.status_code == 200, closed.text
    assert is_red(await board(province, case_id), "k14-b")
    assert (await correct(province, case_id, add=["k14-c"])).status_code == 200
    assert is_red(await board(province, case_id), "k14-c")
