"""Who holds a report's code answers what officials asked, once, and nobody else sees it (R53)."""

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.scan.desk.replying import REPLIES_AN_HOUR
from services.scan.store.complaints import COMPLAINTS, PRIVATE
from shared.contracts.acts import ScanActRecorded
from shared.contracts.recall import ComplaintAnswered, ReporterAsked
from shared.contracts.scan import ReporterReplied
from shared.ids import now
from tests.polling import eventually
from tests.scan.desk import HOME_COMMUNE, Desk
from tests.scan.desk_fixtures import desk, goods
from tests.scan.reports import REPORT, given, look, photo_with_secrets, send
from tests.scan.world import Goods

REPLY = f"{REPORT}/tra-loi"
TEXT = "Bạn còn giữ bao bì không? Số lô in ở đâu?"
WORDS = "Còn. Lô L07, in ở đáy hộp."


__all__ = ["desk", "goods"]


async def filed(
    desk: Desk, goods: Goods, serial: int, address: str, **more: Any
) -> tuple[str, str, str]:
    """Id, number and code."""
    number, code = given(await send(desk, desk.browser(), goods, serial, address=address, **more))
    row = await desk.db.collection(COMPLAINTS).find_one({"number": number})
    assert row
    return row["_id"], number, code


def question(id_: str, number: int = 1, **more: Any) -> ReporterAsked:
    given_: dict[str, Any] = {"text": TEXT, "authority": "Chi cục", "time": now(), **more}
    given_.setdefault("until", now() + timedelta(days=3))
    return ReporterAsked(
        subject=f"{id_}/{number}", version=1, complaint_id=id_, question=number, **given_
    )


async def asked(desk: Desk, *events: ReporterAsked) -> None:
    await desk.tell(*events)
    wanted = {(one.complaint_id, one.question) for one in events}

    async def here() -> bool:
        ids = sorted({id_ for id_, _ in wanted})
        rows = desk.db.collection(COMPLAINTS).find({"_id": {"$in": ids}})
        found = {
            (row["_id"], one["number"]) async for row in rows for one in row.get("questions", ())
        }
        return wanted <= found

    await eventually(here)


async def reply(
    desk: Desk, number: str, code: str, *, address: str, photo: bytes | None = None, **more: Any
) -> httpx2.Response:
    browser = desk.browser()
    csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await browser.get(REPLY)).text)
    assert csrf
    body = {"csrf": csrf[1], "number": number, "code": code, "question": "1", "words": WORDS}
    files = {"photo": ("anh.jpg", photo, "image/jpeg")} if photo else None
    headers = {"Origin": desk.settings.public_origin, "X-Real-IP": address}
    return await browser.post(REPLY, data={**body, **more}, files=files, headers=headers)


async def test_the_question_is_read_and_answered_by_the_code_with_a_photo(
    desk: Desk, goods: Goods
) -> None:
    here = "203.0.113.10"
    id_, number, code = await filed(desk, goods, 1, here)
    await asked(desk, question(id_))
    page = (await look(desk, desk.browser(), number, code, here)).text
    assert TEXT in page
    assert f'action="{REPLY}"' in page
    done = await reply(desk, number, code, address=here, photo=photo_with_secrets())
    assert done.status_code == 200, done.text[-900:]
    assert done.headers["cache-control"] == "private, no-store"
    assert "Đã gửi trả lời của bạn" in done.text
    [told] = await desk.events(f"{id_}/1", ReporterReplied)
    assert (told.complaint_id, told.question, told.words) == (id_, 1, WORDS)
    shown = await desk.browser(desk.approver()).get(told.photo)
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"MayAnhCuaToi" not in shown.content
    away = desk.token("commune", "approve", communes=["00004"])
    assert (await desk.browser(away).get(told.photo)).status_code == 404
    page = (await look(desk, desk.browser(), number, code, here)).text
    assert WORDS not in page, "whoever sent the same words nearby opens the report too"
    assert f'action="{REPLY}"' not in page
    row = await desk.db.collection(COMPLAINTS).find_one({"_id": id_})
    assert WORDS not in str(row)
    acts = await desk.events(kind=ScanActRecorded)
    assert [one.outcome for one in acts if one.subject == id_ and one.action == "complaint.reply"]
    assert all(WORDS not in one.model_dump_json() for one in acts)


async def test_without_the_code_there_is_neither_question_nor_answer(
    desk: Desk, goods: Goods
) -> None:
    here = "203.0.114.10"
    id_, number, code = await filed(desk, goods, 2, here)
    _, other_number, other_code = await filed(desk, goods, 3, here)
    await asked(desk, question(id_))
    wrong = "0000-0000-0000" if code != "0000-0000-0000" else "1111-1111-1111"
    for sent_number, sent_code in ((number, wrong), (number, other_code), ("0123456789", code)):
        answer = await reply(desk, sent_number, sent_code, address=here)
        assert answer.status_code == 404
        assert TEXT not in answer.text
        assert WORDS in answer.text, "nothing typed is lost"
    assert TEXT not in (await look(desk, desk.browser(), other_number, other_code, here)).text
    answer = await reply(desk, other_number, other_code, address=here)
    assert answer.status_code == 409
    assert not await desk.events(f"{id_}/1", ReporterReplied)


async def test_an_answer_sent_twice_is_told_once(desk: Desk, goods: Goods) -> None:
    here = "203.0.115.10"
    id_, number, code = await filed(desk, goods, 4, here)
    await asked(desk, question(id_))
    assert (await reply(desk, number, code, address=here)).status_code == 200
    same = await reply(desk, number, code, address=here)
    assert same.status_code == 200, "a second press, or the page loaded anew"
    assert "Đã gửi trả lời của bạn" in same.text
    again = await reply(desk, number, code, address=here, words="Lần hai")
    assert again.status_code == 409
    assert "Lần hai" in again.text
    [told] = await desk.events(f"{id_}/1", ReporterReplied)
    assert told.words == WORDS


async def test_questions_told_twice_or_in_another_order_stand_in_theirs(
    desk: Desk, goods: Goods
) -> None:
    here = "203.0.116.10"
    id_, number, code = await filed(desk, goods, 5, here)
    past = now() - timedelta(days=1)
    first, second = question(id_, 1, until=past), question(id_, 2, text="Câu thứ hai?")
    await asked(desk, second, first)
    await desk.tell(first, second)
    last = question("none", 1)
    await desk.tell(last, question(id_, 1, text="Chữ khác"))
    page = (await look(desk, desk.browser(), number, code, here)).text
    assert page.index("Câu thứ hai?") < page.index(TEXT)
    assert (await reply(desk, number, code, address=here)).status_code == 409, "of the first"
    done = await reply(desk, number, code, address=here, question="2")
    assert done.status_code == 200
    row = await desk.db.collection(COMPLAINTS).find_one({"_id": id_})
    assert row
    assert [one["number"] for one in row.get("questions", ())] == [1, 2]
    assert row["questions"][0]["text"] == TEXT


async def test_after_its_day_or_once_the_report_is_closed_nothing_is_taken(
    desk: Desk, goods: Goods
) -> None:
    here = "203.0.117.10"
    id_, number, code = await filed(desk, goods, 6, here)
    await asked(desk, question(id_, until=now() - timedelta(seconds=1)))
    page = (await look(desk, desk.browser(), number, code, here)).text
    assert f'action="{REPLY}"' not in page
    assert (await reply(desk, number, code, address=here)).status_code == 409
    closed_id, number, code = await filed(desk, goods, 7, here)
    answer = ComplaintAnswered(
        subject=closed_id, version=9, time=now(), state="closed", answer="Xong"
    )
    await desk.tell(answer)
    await asked(desk, question(closed_id))

    async def closed() -> bool:
        row = await desk.db.collection(COMPLAINTS).find_one({"_id": closed_id})
        return bool(row and row["state"] == "closed")

    await eventually(closed)
    assert (await reply(desk, number, code, address=here)).status_code == 409
    for each in (id_, closed_id):
        assert not await desk.events(f"{each}/1", ReporterReplied)


async def test_one_neighbourhood_answers_only_so_often(desk: Desk, goods: Goods) -> None:
    here = "203.0.118.10"
    # Of two reports, for each of which one may look only so often.
    mine = [await filed(desk, goods, serial, here) for serial in (8, 18)]
    for time in range(REPLIES_AN_HOUR):
        _, number, code = mine[time % 2]
        assert (await reply(desk, number, code, address=here)).status_code == 409
    limited = await reply(desk, number, code, address=here)
    assert limited.status_code == 429
    assert "retry-after" in limited.headers


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    desk: Desk, goods: Goods
) -> None:
    here = "203.0.119.10"
    id_, number, code = await filed(desk, goods, 9, here)
    await asked(desk, question(id_))
    wrong: list[dict[str, Any]] = [{"words": ""}, {"question": "x"}, {"strange": "x"}]
    for more in wrong:
        answer = await reply(desk, number, code, address=here, **more)
        assert answer.status_code == 422, more
    answer = await reply(desk, number, code, address=here, photo=b"MZ\x90 no picture")
    assert answer.status_code == 422
    assert WORDS in answer.text
    assert TEXT in answer.text
    assert not await desk.events(f"{id_}/1", ReporterReplied)


async def test_the_photo_goes_with_the_report_at_the_latest(desk: Desk, goods: Goods) -> None:
    here = "203.0.120.10"
    id_, number, code = await filed(desk, goods, 10, here)
    soon = now() + timedelta(days=2)
    await desk.db.collection(COMPLAINTS).update_one({"_id": id_}, {"$set": {"kept_until": soon}})
    await asked(desk, question(id_, until=now() + timedelta(days=1)))
    done = await reply(desk, number, code, address=here, photo=photo_with_secrets())
    assert done.status_code == 200
    [told] = await desk.events(f"{id_}/1", ReporterReplied)
    row = await desk.db.collection(PRIVATE).find_one({"_id": f"{id_}/q1"})
    assert row
    assert abs(row["private_until"] - soon) < timedelta(seconds=1)
    assert abs(told.private_until - soon) < timedelta(seconds=1)


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_its_pages_speak_three_languages(desk: Desk, goods: Goods, lang: str) -> None:
    here = {"vi": "203.0.121.1", "en": "203.0.122.1", "zh": "203.0.123.1"}[lang]
    id_, number, code = await filed(desk, goods, 20 + len(here), here, commune=HOME_COMMUNE)
    await asked(desk, question(id_))
    browser = desk.browser("", **{"Accept-Language": lang})
    assert (await browser.get(REPLY)).status_code == 200
    page = await look(desk, browser, number, code, here)
    assert page.status_code == 200
    assert TEXT in page.text
    assert ("Gửi trả lời" in page.text) is (lang == "vi")
