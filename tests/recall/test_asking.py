"""Officials ask more of who reported; the answer comes back once, in whatever order (R53)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.recall.domain import asking
from services.recall.domain.asking import LONGEST_DAYS, MOST_QUESTIONS, Question
from services.recall.store.asking import QUESTIONS
from services.recall.store.complaints import COMPLAINTS
from shared.contracts.acts import RecallActRecorded
from shared.contracts.recall import ComplaintAnswered, ReporterAsked
from shared.contracts.scan import ReporterReplied
from shared.days import today
from shared.ids import now
from tests.answers import ok, refused
from tests.polling import eventually
from tests.recall.conftest import Recall
from tests.recall.test_complaints import LIST, filed, taken_in
from tests.recall.test_joining import complaint
from tests.roles import sent

TEXT = "Bạn còn giữ bao bì không? Số lô in ở đâu?"
WORDS = "Còn. Lô L07, in ở đáy hộp."
AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


def question(version: int = 0, days: int = 7, **more: Any) -> dict[str, Any]:
    until = today() + timedelta(days=days)
    return {"text": TEXT, "until": str(until), "version": version, **more}


def reply(id_: str, number: int = 1, **more: Any) -> ReporterReplied:
    given_: dict[str, Any] = {"words": WORDS, "private_until": now() + timedelta(days=9), **more}
    subject = f"{id_}/{number}"
    return ReporterReplied(
        subject=subject, version=1, time=now(), complaint_id=id_, question=number, **given_
    )


async def asked(recall: Recall, id_: str, version: int = 0, **more: Any) -> dict[str, Any]:
    answer = await recall.post(f"/complaints/{id_}/questions", question(version, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def heard(recall: Recall, id_: str, number: int = 1) -> dict[str, Any]:
    rows = recall.db.collection(QUESTIONS)

    async def here() -> bool:
        row = await rows.find_one({"_id": f"{id_}/{number}"})
        return bool(row and row["replied_at"])

    await eventually(here)
    return dict(await rows.find_one({"_id": f"{id_}/{number}"}) or {})


async def listed(recall: Recall, standing: str, **claims: Any) -> set[str]:
    token = recall.token(**claims)
    answer = ok(await recall.get(f"/complaints?question={standing}", token))
    return {one["id"] for one in answer["items"]}


async def test_an_official_asks_and_reads_the_answer_on_the_page_of_the_report(
    province: Recall,
) -> None:
    await taken_in(province, filed("as1"))
    token = province.token(name="Người duyệt")
    browser = province.browser(token)
    page = (await browser.get(f"{LIST}/as1")).text
    assert f'action="{LIST}/as1/ask"' in page
    done = await sent(province, token, f"POST {LIST}/as1/ask", question())
    assert done.status_code == 303, done.text
    [told] = await province.events("as1/1", ReporterAsked)
    assert (told.complaint_id, told.question, told.text) == ("as1", 1, TEXT)
    assert "Người duyệt" not in told.text
    page = (await browser.get(f"{LIST}/as1")).text
    assert TEXT in page
    assert "Chờ người báo trả lời" in page
    assert f'action="{LIST}/as1/ask"' not in page, "one question at a time"
    photo = "/console/scan/complaints/as1/photos/q1"
    await province.tell(reply("as1", photo=photo))
    await heard(province, "as1")
    page = (await browser.get(f"{LIST}/as1")).text
    for shown in (WORDS, photo, "Người báo đã trả lời", f'action="{LIST}/as1/ask"'):
        assert shown in page
    assert not await province.events("as1", ComplaintAnswered), "it says nothing of how far one is"
    acts = await province.events(kind=RecallActRecorded)
    [act] = [one for one in acts if (one.action, one.subject) == ("complaint.ask", "as1")]
    assert act.outcome == "accepted"
    assert TEXT not in act.model_dump_json(), "the ledger keeps no words of it"


async def test_the_lists_tell_who_is_waited_for_who_answered_and_who_did_not(
    province: Recall,
) -> None:
    await taken_in(province, *(filed(f"as2{one}") for one in "abcd"))
    for one in "abc":
        await asked(province, f"as2{one}")
    await province.tell(reply("as2b"))
    await heard(province, "as2b")
    past = {"until": now() - timedelta(seconds=1)}
    await province.db.collection(QUESTIONS).update_one({"_id": "as2c/1"}, {"$set": past})
    await province.db.collection(COMPLAINTS).update_one(
        {"_id": "as2c"}, {"$set": {"question.until": past["until"]}}
    )
    for standing, id_ in (("waiting", "as2a"), ("replied", "as2b"), ("lapsed", "as2c")):
        mine = {one for one in await listed(province, standing) if one.startswith("as2")}
        assert mine == {id_}
    away = {"tier": "commune", "communes": ["07002"]}
    assert not await listed(province, "replied", **away), "as every list, one's own area alone"
    page = (await province.browser(province.token()).get(f"{LIST}?question=replied")).text
    assert f"{LIST}/as2b" in page
    assert f"{LIST}/as2a" not in page
    ok(await province.post("/complaints/as2b/answer", {"answer": "Xong", "version": 1}))
    assert "as2b" not in await listed(province, "replied"), "what was answered waits for nobody"


async def test_an_answer_told_twice_or_for_an_older_question_late_is_kept_once(
    province: Recall,
) -> None:
    await taken_in(province, filed("as3"))
    await asked(province, "as3")
    past = {"until": now() - timedelta(seconds=1)}
    await province.db.collection(QUESTIONS).update_one({"_id": "as3/1"}, {"$set": past})
    await asked(province, "as3", version=1)
    second = reply("as3", 2, words="Câu hai")
    await province.tell(second, second.model_copy(update={"words": "Chữ khác"}))
    await heard(province, "as3", 2)
    await province.tell(reply("as3", 1, words="Câu một"), second)
    await heard(province, "as3", 1)
    items = ok(await province.get("/complaints/as3/questions"))["items"]
    assert [(one["number"], one["words"]) for one in items] == [(1, "Câu một"), (2, "Câu hai")]
    assert "as3" in await listed(province, "replied")


async def test_an_older_answer_does_not_say_that_the_newest_question_was_answered(
    province: Recall,
) -> None:
    await taken_in(province, filed("as4"))
    await asked(province, "as4")
    past = {"until": now() - timedelta(seconds=1)}
    await province.db.collection(QUESTIONS).update_one({"_id": "as4/1"}, {"$set": past})
    await asked(province, "as4", version=1)
    await province.tell(reply("as4", 1))
    await heard(province, "as4", 1)
    assert "as4" in await listed(province, "waiting")


async def test_an_answer_to_what_is_not_kept_any_more_is_not_kept(province: Recall) -> None:
    await province.tell(reply("as-gone"))
    await taken_in(province, filed("as5"))
    await asked(province, "as5")
    await province.tell(reply("as5"))
    await heard(province, "as5")
    assert await province.db.collection(QUESTIONS).find_one({"_id": "as-gone/1"}) is None
    kept = await province.db.collection(QUESTIONS).find_one({"_id": "as5/1"})
    report = await province.db.collection(COMPLAINTS).find_one({"_id": "as5"})
    assert kept
    assert report
    assert kept["kept_until"] == report["kept_until"], "it goes when the report goes"


async def test_one_question_waits_at_a_time_and_of_two_at_once_one_is_told_of_the_other(
    province: Recall,
) -> None:
    await taken_in(province, filed("as6"))
    both = await asyncio.gather(
        *(province.post("/complaints/as6/questions", question()) for _ in range(2))
    )
    assert sorted(one.status_code for one in both) == [201, 409]
    assert len(await province.events("as6/1", ReporterAsked)) == 1
    again = await province.post("/complaints/as6/questions", question(version=1))
    refused(again, 409, "question_waiting")


async def test_what_was_answered_or_is_read_by_nobody_else_is_not_asked_about(
    province: Recall,
) -> None:
    await taken_in(province, filed("as7"), filed("as7b", serial=9))
    ok(await province.post("/complaints/as7/answer", {"answer": "Xong", "version": 0}))
    refused(await province.post("/complaints/as7/questions", question(1)), 409, "complaint_closed")
    strangers = (
        {"tier": "commune", "communes": ["07002"]},
        {"sector": "health"},
        {"tier": "facility", "kinds": ["system"], "facility": "f1", "communes": []},
    )
    for claims in strangers:
        token = province.token(**claims)
        answer = await province.post("/complaints/as7b/questions", question(), token=token)
        assert answer.status_code in (403, 404)
        answer = await province.get("/complaints/as7b/questions", token)
        assert answer.status_code in (403, 404)
    assert not await province.db.collection(QUESTIONS).count_documents({"complaint_id": "as7b"})
    acts = await province.events(kind=RecallActRecorded)
    outcomes = {one.outcome for one in acts if one.action == "complaint.ask"}
    assert {"complaint_closed"} < outcomes


async def test_only_the_report_that_was_asked_about_is_told(province: Recall) -> None:
    await taken_in(province, filed("as8", serial=21), filed("as8b", serial=21))
    ok(await province.post("/complaints/as8/join", {"other": "as8b"}))
    version = ok(await province.get("/complaints/as8"))["version"]
    await asked(province, "as8", version)
    assert not await province.events("as8b/1", ReporterAsked)
    page = (await province.browser(province.token()).get(f"{LIST}/as8b")).text
    assert TEXT not in page


@pytest.mark.parametrize("days", [-1, 0, LONGEST_DAYS + 1])
async def test_the_last_day_is_within_reason(province: Recall, days: int) -> None:
    await taken_in(province, filed("as9"))
    answer = await province.post("/complaints/as9/questions", question(days=days))
    assert refused(answer, 422, "question_day")["errors"][0]["field"] == "until"


async def test_nobody_is_given_longer_than_the_report_is_kept(province: Recall) -> None:
    await taken_in(province, filed("as10", kept_until=now() + timedelta(days=3)))
    answer = await province.post("/complaints/as10/questions", question(days=4))
    refused(answer, 422, "question_day")
    await asked(province, "as10", days=1)


async def test_what_is_not_asked_for_is_refused(province: Recall) -> None:
    await taken_in(province, filed("as11"))
    for more in ({"text": ""}, {"text": "x" * 1001}, {"until": "mai"}, {"strange": 1}):
        answer = await province.post("/complaints/as11/questions", question(**more))
        refused(answer, 422, "invalid_input")


STEPS = st.lists(st.tuples(st.sampled_from(["ask", "reply", "wait"]), st.integers(1, 6)))


@given(STEPS)
def test_whatever_comes_a_report_has_few_questions_and_one_that_waits(
    steps: list[tuple[str, int]],
) -> None:
    one, at = complaint("p", kept_until=AT + timedelta(days=9999)), AT
    made: list[Question] = []
    for act, number in steps:
        if act == "wait":
            at += timedelta(days=number)
        elif act == "reply":
            made = [
                each.replied(reply("p", number)) if each.number == number else each for each in made
            ]
        else:
            may = asking.may_ask(one, made, at)
            try:
                until = (at + timedelta(days=number)).date()
                made.append(asking.ask(one, made, TEXT, until, by="A", authority="B", now=at))
                assert may
            except (asking.StillWaiting, asking.TooManyQuestions):
                assert not may
        assert [each.number for each in made] == list(range(1, len(made) + 1))
        assert len(made) <= MOST_QUESTIONS
        assert sum(each.standing(at) == "waiting" for each in made) <= 1


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_its_pages_speak_three_languages(province: Recall, lang: str) -> None:
    await taken_in(province, filed("as12"))
    if lang == "vi":
        await asked(province, "as12")
    browser = province.browser(province.token(), **{"Accept-Language": lang})
    page = await browser.get(f"{LIST}/as12")
    assert page.status_code == 200
    assert ("Chờ người báo" in page.text) is (lang == "vi")
