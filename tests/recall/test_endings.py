"""Lifting by two people, closing with the goods handled, and notices that only grow newer."""

import asyncio
import re
from typing import Any

import pytest

from tests.documents.test_official import words_of
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_pages import Browser

REASON = {"reason": "Kiểm nghiệm lại đạt yêu cầu"}


async def a_case(recall: Recall, name: str) -> str:
    await recall.know(lot(name))
    return str((await recall.order(name))["id"])


async def test_a_lift_is_requested_by_one_and_confirmed_by_another(province: Recall) -> None:
    case_id = await a_case(province, "l1")
    anna, binh = province.token(name="An"), province.token(name="Bình")
    asked = await province.post(f"/recalls/{case_id}/lift", REASON, token=anna)
    assert (asked.status_code, asked.json()["lift_requested_by"]) == (200, "An")
    assert len(await province.notices(case_id)) == 1, "nothing is cleared yet"
    alone = await province.post(f"/recalls/{case_id}/lift/confirm", token=anna)
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    done = await province.post(f"/recalls/{case_id}/lift/confirm", token=binh)
    assert (done.json()["state"], done.json()["lifted_by"]) == ("lifted", "Bình")
    assert [(n["version"], n["data"]["active"]) for n in await province.notices(case_id)] == [
        (1, True),
        (2, False),
    ]


async def test_lifting_needs_the_permission_of_both(province: Recall) -> None:
    case_id = await a_case(province, "l2")
    unit = province.token(tier="unit", kinds=["check"])
    for path, body in [("/lift", REASON), ("/lift/confirm", {}), ("/lift/decline", REASON)]:
        answer = await province.post(f"/recalls/{case_id}{path}", body, token=unit)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    facility = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    answer = await province.post(f"/recalls/{case_id}/lift", REASON, token=facility)
    assert answer.status_code in (403, 404)


async def test_a_declined_lift_leaves_the_notice(province: Recall) -> None:
    case_id = await a_case(province, "l3")
    await province.post(f"/recalls/{case_id}/lift", REASON)
    again = await province.post(f"/recalls/{case_id}/lift", REASON)
    assert (again.status_code, again.json()["code"]) == (409, "lift_already_requested")
    declined = await province.post(f"/recalls/{case_id}/lift/decline", REASON)
    assert declined.json()["state"] == "ordered"
    missing = await province.post(f"/recalls/{case_id}/lift/confirm")
    assert (missing.status_code, missing.json()["code"]) == (409, "lift_not_requested")
    assert len(await province.notices(case_id)) == 1


async def test_many_confirmations_of_a_lift_at_once_clear_once(province: Recall) -> None:
    case_id = await a_case(province, "l4")
    await province.post(f"/recalls/{case_id}/lift", REASON)
    answers = await asyncio.gather(
        *(province.post(f"/recalls/{case_id}/lift/confirm") for _ in range(10))
    )
    assert sorted(a.status_code for a in answers) == [200] + [409] * 9
    assert len(await province.notices(case_id)) == 2


async def test_a_lift_and_a_growth_at_the_same_moment_leave_no_lot_behind(
    province: Recall,
) -> None:
    """Whichever comes first, no part of a lifted case stays active."""
    for n in range(8):
        name = f"lg{n}"
        case_id = await a_case(province, name)
        await province.post(f"/recalls/{case_id}/lift", REASON)
        await asyncio.gather(
            province.post(f"/recalls/{case_id}/lift/confirm"),
            province.tell(lot(f"{name}-made", inputs=(name,))),
        )
        await province.until_taken_in()
        newest: dict[str, Any] = {}
        for notice in await province.notices(case_id):
            known = newest.get(notice["subject"])
            if known is None or known["version"] < notice["version"]:
                newest[notice["subject"]] = notice
        assert not any(notice["data"]["active"] for notice in newest.values())


async def test_a_warning_is_closed_by_its_finding_alone_and_its_notice_stays(
    province: Recall,
) -> None:
    await province.know(lot("c1x"))
    case_id = (await province.order("c1x", kind="warning"))["id"]
    body = {"finding": "Nhãn đã được sửa"}
    closed = await province.post(f"/recalls/{case_id}/close", body)
    assert closed.status_code == 200, closed.text
    assert closed.json()["state"] == "closed"
    assert (closed.json()["closing"]["handling"], closed.json()["closing"]["recovered"]) == (
        None,
        "",
    )
    assert [n["data"]["active"] for n in await province.notices(case_id)] == [True]
    again = await province.post(f"/recalls/{case_id}/close", body)
    assert (again.status_code, again.json()["code"]) == (409, "recall_already_closed")
    assert (await province.client.get(f"/recalls/{case_id}")).status_code == 200
    report = await Browser(province).get(f"/console/recall/{case_id}/report.docx")
    words = words_of(report.content)
    assert "Nhãn đã được sửa" in words
    assert "Căn cứ:" not in words, "no article asks for a warning"
    assert "Cách xử lý" not in words
    assert "thu hồi được" not in words


async def test_what_was_said_of_goods_at_the_end_of_a_warning_is_told_to_nobody(
    province: Recall,
) -> None:
    await province.know(lot("c1y"))
    case_id = (await province.order("c1y", kind="warning"))["id"]
    body = {"finding": "Xong", "handling": "destroy", "recovered": "95.5", "unit": "kg"}
    closed = await province.post(f"/recalls/{case_id}/close", body)
    assert (closed.json()["closing"]["handling"], closed.json()["closing"]["recovered"]) == (
        None,
        "",
    )
    # One that was closed before that was so.
    said = {"closing.handling": "destroy", "closing.recovered": "95.5", "closing.unit": "kg"}
    await province.db.collection("cases").update_one({"_id": case_id}, {"$set": said})
    shown = (await province.get(f"/recalls/{case_id}")).json()["closing"]
    assert (shown["handling"], shown["recovered"]) == (None, "")
    page = (await Browser(province).get(f"/console/recall/{case_id}")).text
    assert "Tiêu hủy" not in page


@pytest.mark.parametrize(
    ("lang", "fitting", "of_goods"),
    [
        ("vi", "Cơ quan hoặc cơ sở ra cảnh báo đã kết thúc vụ việc", "thu hồi được"),
        ("en", "Whoever issued the warning has closed the case", "recovered"),
        ("zh", "发布预警的单位已结案", "召回的产品"),
    ],
)
async def test_the_end_of_a_warning_speaks_of_no_goods_taken_back(
    province: Recall, lang: str, fitting: str, of_goods: str
) -> None:
    name = f"cw-{lang}"
    await province.know(lot(name))
    case_id = (await province.order(name, kind="warning"))["id"]
    browser = Browser(province, lang=lang)
    page = f"/console/recall/{case_id}"
    form = (await browser.get(page)).text
    assert 'name="finding"' in form
    assert 'name="handling"' not in form
    assert 'name="recovered"' not in form
    sent = await browser.send(page, f"{page}/close", finding="Nhãn đã được sửa")
    assert sent.status_code == 303, sent.text
    public = await province.client.get(f"/recalls/{case_id}", headers={"Accept-Language": lang})
    assert fitting in public.text
    assert of_goods not in public.text


async def test_the_form_of_a_recall_still_asks_how_goods_were_handled(province: Recall) -> None:
    case_id = await a_case(province, "c2y")
    browser = Browser(province)
    page = f"/console/recall/{case_id}"
    await province.account_for(case_id, "c2y")
    assert re.search(r'<select[^>]*name="handling"[^>]* required', (await browser.get(page)).text)
    sent = await browser.send(page, f"{page}/close", finding="Xong")
    assert sent.status_code == 422
    answer = await province.post(f"/recalls/{case_id}/close", {"finding": "Xong"})
    assert (answer.status_code, answer.json()["code"]) == (422, "handling_missing")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"finding": "x", "handling": "burn"},
        {"finding": "x", "handling": "destroy", "recovered": -1},
        {"finding": "x", "handling": "destroy", "recovered": "NaN"},
        {"finding": "x", "handling": "destroy", "recovered": {"$gt": 0}},
        {"finding": {"$ne": 1}, "handling": "destroy"},
        {"finding": "x", "handling": "destroy", "state": "lifted"},
    ],
)
async def test_a_closing_that_makes_no_sense_is_refused(
    province: Recall, body: dict[str, Any]
) -> None:
    cases = province.db.collection("cases")
    case = await cases.find_one({"state": "ordered"})
    case_id = case["_id"] if case else await a_case(province, "c3x")
    answer = await province.post(f"/recalls/{case_id}/close", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    kept = await cases.find_one({"_id": case_id})
    assert kept is not None
    assert kept["state"] == "ordered"
