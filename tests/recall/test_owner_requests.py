"""The owner proposes and reports, the authority answers; each has a deadline that really runs."""

import asyncio
from datetime import timedelta
from typing import Any, Final

import pytest

from services.recall.actions import completion, overdue
from services.recall.domain.deadlines import Clock
from services.recall.store import clocks, owner_requests
from services.recall.store.clocks import CLOCKS
from shared.contracts.acts import Actor, RecallActRecorded
from shared.contracts.recall import DeadlineMissed, GoodsAccounted
from shared.ids import now
from shared.mongo import transact
from shared.working_days import calendar_of
from tests.answers import ok, refused
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_pages import Browser
from tests.recall.test_recoveries import a_case, of_facility, reported, row

WORDS: Final = {"words": "Đã gom và tiêu hủy 100 kg"}
DESTROY: Final = {"handling": "destroy", "words": "Hủy tại lò đốt của thành phố"}
CLOSE: Final = {"finding": "Đã xong", "handling": "correct"}
OWNER: Final = {"tier": "facility", "kinds": ["operate"], "communes": [], "facility": "f1"}
ALL: Final = {"quantity": "100", "handling": "correct"}


async def clock(recall: Recall, case_id: str, name: str) -> Clock | None:
    return await clocks.get(recall.db, f"{case_id}/{name}")


async def started(recall: Recall, case_id: str, name: str) -> Clock:
    async def runs() -> Clock | None:
        found = await clock(recall, case_id, name)
        return found if found is not None and found.started_at is not None else None

    found: Clock = await eventually(runs)
    return found


async def asked(recall: Recall, case_id: str, kind: str, body: dict[str, str]) -> str:
    """What the owner asks, and the id of it."""
    path = f"/recalls/{case_id}/{kind}-request"
    answer = await recall.post(path, body, token=of_facility(recall, "f1"))
    assert answer.status_code in (201, 204), answer.text
    return str(ok(await recall.get(f"/recalls/{case_id}/requests"))["items"][-1]["id"])


async def answered(recall: Recall, case_id: str, id_: str, **body: Any) -> Any:
    return await recall.post(f"/recalls/{case_id}/requests/{id_}/answer", body)


async def test_the_authority_answers_on_handling_within_three_working_days(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rq1")
    id_ = await asked(province, case_id, "handling", DESTROY)
    name = f"handling_answer/{id_}"
    found = await started(province, case_id, name)
    assert found.is_running
    assert found.due_at is not None
    assert found.started_at is not None
    assert found.due_at - found.started_at >= timedelta(days=3)
    again = await province.post(
        f"/recalls/{case_id}/handling-request", DESTROY, token=of_facility(province, "f1")
    )
    refused(again, 409, "request_waits")
    late = found.due_at + timedelta(minutes=1)
    await overdue.sweep(province.db, calendar_of(), late)
    missed = await province.events(f"{case_id}/{name}", DeadlineMissed)
    assert [one.owed_by for one in missed][:1] == ["commune"], "nobody answered: it is told"
    refused(await answered(province, case_id, id_, agreed=False), 422, "answer_without_words")
    ok(await answered(province, case_id, id_, agreed=True, words="Đồng ý"))
    found = await started(province, case_id, name)
    assert found.stopped_by == "met"
    refused(await answered(province, case_id, id_, agreed=True), 409, "request_answered")


async def test_what_is_sent_back_is_asked_again_and_the_owner_owes_another_report(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rq2")
    await reported(province, case_id, row("rq2", **ALL))
    first = await asked(province, case_id, "closing", WORDS)
    assert (await started(province, case_id, f"closing_answer/{first}")).is_running
    refused(await answered(province, case_id, first, agreed=True), 409, "closing_is_the_answer")
    ok(await answered(province, case_id, first, agreed=False, words="Còn 3 cửa hàng chưa báo"))
    assert not (await started(province, case_id, f"closing_answer/{first}")).is_running
    owes = await started(province, case_id, "completion_report/2")
    assert owes.is_running
    assert owes.tiers[0] == "facility"
    browser = Browser(province, **OWNER)
    page = (await browser.get(f"/console/recall/{case_id}")).text
    assert "Còn 3 cửa hàng chưa báo" in page, "on top of the case"
    second = await asked(province, case_id, "closing", {"words": "Đã thêm ba cửa hàng"})
    assert (await started(province, case_id, "completion_report/2")).stopped_by == "met"
    ok(await province.post(f"/recalls/{case_id}/close", CLOSE))
    states = {one.id: str(one.state) for one in await owner_requests.of_case(province.db, case_id)}
    assert states == {first: "returned", second: "agreed"}
    assert not (await started(province, case_id, f"closing_answer/{second}")).is_running


async def test_the_report_is_owed_once_all_goods_are_accounted_for_and_no_sooner(
    province: Recall,
) -> None:
    await province.know(lot("rq3"), lot("rq3b", inputs=("rq3",)))
    case_id = (await province.order("rq3"))["id"]
    await reported(province, case_id, row("rq3", **ALL))
    # Another case, complete at once: by then what was told before it has been heard.
    other = await a_case(province, "rq3c")
    await reported(province, other, row("rq3c", **ALL))
    found = await started(province, other, "completion_report")
    assert found.is_running
    assert found.facility_id == "f1"
    assert await clock(province, case_id, "completion_report") is None
    await reported(province, case_id, row("rq3b", **ALL))
    await started(province, case_id, "completion_report")
    assert found.due_at is not None
    late = found.due_at + timedelta(minutes=1)
    await overdue.sweep(province.db, calendar_of(), late)
    told = await province.events(f"{other}/completion_report", DeadlineMissed)
    assert [one.owed_by for one in told][:1] == ["facility"]
    await asked(province, case_id, "closing", WORDS)
    assert (await started(province, case_id, "completion_report")).stopped_by == "met"


async def test_words_of_officials_account_for_goods_as_rows_do(province: Recall) -> None:
    case_id = await a_case(province, "rq4")
    await reported(province, case_id, row("rq4", quantity="96", handling="correct"))
    ok(await province.post(f"/recalls/{case_id}/explanations", {"reason": "Hao hụt"}), 201)
    assert (await started(province, case_id, "completion_report")).is_running


async def test_rows_told_twice_late_or_after_the_end_start_one_deadline_or_none(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rq5")
    id_ = await reported(province, case_id, row("rq5", **ALL))
    await started(province, case_id, "completion_report")
    [event] = await province.events(id_, GoodsAccounted)
    for _ in range(2):
        await transact(province.db, lambda tx: completion.follow_rows(tx, [event, event]))
        await completion.sweep(province.db, now())
    found = await clock(province, case_id, "completion_report")
    assert found is not None
    assert found.version == 1
    await province.db.collection(CLOCKS).delete_many({"case_id": case_id})
    ok(await province.post(f"/recalls/{case_id}/close", CLOSE))
    act = RecallActRecorded(
        subject=case_id,
        version=1,
        time=now(),
        actor=Actor(account_id="a", tier="department"),
        action="recall.close",
        facts={"act": "explained"},
    )
    await transact(province.db, lambda tx: completion.follow_rows(tx, [event]))
    await transact(province.db, lambda tx: completion.follow_words(tx, [act]))
    await completion.sweep(province.db, now())
    assert await clock(province, case_id, "completion_report") is None


async def test_a_report_before_its_deadline_was_heard_of_is_owed_no_more(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rq6")
    await asked(province, case_id, "closing", WORDS)
    id_ = await reported(province, case_id, row("rq6", **ALL))
    [event] = await province.events(id_, GoodsAccounted)
    await transact(province.db, lambda tx: completion.follow_rows(tx, [event]))
    await completion.sweep(province.db, now())
    found = await clock(province, case_id, "completion_report")
    assert found is None or not found.is_running


async def test_many_requests_at_once_are_one(province: Recall) -> None:
    case_id = await a_case(province, "rq7")
    token = of_facility(province, "f1")
    answers = await asyncio.gather(
        *(province.post(f"/recalls/{case_id}/closing-request", WORDS, token=token)
          for _ in range(6))
    )  # fmt: skip
    assert sorted(one.status_code for one in answers) == [204, *[409] * 5]
    assert len(await owner_requests.of_case(province.db, case_id)) == 1


async def test_only_the_owner_asks_and_whoever_was_sent_some_reads_none_of_it(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rq8", sent="f2")
    other = of_facility(province, "f2")
    path = f"/recalls/{case_id}/closing-request"
    refused(await province.post(path, WORDS, token=other), 403, "owner_asks")
    id_ = await asked(province, case_id, "closing", WORDS)
    assert (await province.get(f"/recalls/{case_id}/requests", token=other)).status_code == 403
    foreign = of_facility(province, "f3")
    assert (await province.get(f"/recalls/{case_id}/requests", token=foreign)).status_code == 404

    async def seen(facility_id: str, page: str) -> str:
        browser = Browser(province, **{**OWNER, "facility": facility_id})
        return (await browser.get(f"/console/recall/{case_id}{page}")).text

    for page in ("", "/recovery", "/requests"):
        assert WORDS["words"] not in await seen("f2", page), page
    assert WORDS["words"] in await seen("f1", "/recovery")
    answer = f"/recalls/{case_id}/requests/{id_}/answer"
    mine = await province.post(
        answer, {"agreed": False, "words": "x"}, token=of_facility(province, "f1")
    )
    assert mine.status_code == 403, "nobody answers what they asked"
    elsewhere = province.token(tier="commune", kinds=["approve"], communes=["07002"])
    far = await province.post(answer, {"agreed": False, "words": "x"}, token=elsewhere)
    assert far.status_code == 404


async def test_a_warning_has_nothing_to_ask_for(province: Recall) -> None:
    await province.know(lot("rq9"))
    case_id = (await province.order("rq9", kind="warning"))["id"]
    token = of_facility(province, "f1")
    path = f"/recalls/{case_id}/handling-request"
    refused(await province.post(path, DESTROY, token=token), 409, "no_goods_to_recover")


@pytest.mark.parametrize("decision", ["agree", "return"])
async def test_the_pages_ask_and_answer(province: Recall, decision: str) -> None:
    case_id = await a_case(province, f"rq-{decision}")
    page = f"/console/recall/{case_id}/requests"
    owner, official = Browser(province, **OWNER), Browser(province)
    assert "Chủ hàng chưa đề nghị gì" in (await official.get(page)).text
    nothing = await owner.send(page, f"{page}/handling", handling="destroy", words="")
    assert nothing.status_code == 422
    assert (await owner.send(page, f"{page}/handling", **DESTROY)).status_code == 303
    assert "Chủ hàng chờ trả lời" in (await official.get(f"/console/recall/{case_id}")).text
    [one] = await owner_requests.of_case(province.db, case_id)
    words = "" if decision == "agree" else "Lò đốt chưa có phép"
    sent = await official.send(page, f"{page}/{one.id}", decision=decision, words=words)
    assert sent.status_code == 303, sent.text
    text = (await owner.get(page)).text
    assert ("Được đồng ý" if decision == "agree" else "Lò đốt chưa có phép") in text
    strange = await official.send(page, f"{page}/status", decision="agree", words="")
    assert strange.status_code == 404


async def test_a_report_from_before_it_could_be_answered_waits_for_its_answer(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rq20")
    over = await a_case(province, "rq21")
    await reported(province, over, row("rq21", **ALL))
    ok(await province.post(f"/recalls/{over}/close", CLOSE))
    at = now().replace(microsecond=0) - timedelta(days=30)
    old = {"account_id": "a", "name": "Chủ hàng", "at": at, "words": "Đã gom hết"}
    before = province.db.collection(owner_requests.BEFORE)
    await before.insert_many([{"_id": one, **old} for one in (case_id, over)])

    async def taken_over() -> bool:
        return await before.count_documents({}) == 0

    await eventually(taken_over, 30)
    [one] = await owner_requests.of_case(province.db, case_id)
    assert (one.words, one.at, one.waits, one.by.facility_id) == ("Đã gom hết", at, True, "f1")
    runs = await started(province, case_id, f"closing_answer/{one.id}")
    assert runs.is_running
    assert runs.started_at is not None
    assert runs.started_at > at, "nobody is late on the day of the upgrade"
    assert not [one for one in await owner_requests.of_case(province.db, over) if one.waits]
