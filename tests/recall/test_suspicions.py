"""From a report over a suspicion and an inspection to a recall, and back to who reported."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.recall.actions import answering_all
from services.recall.actions import suspicions as acts
from services.recall.queries.complaints import READ
from services.recall.store.complaints import COMPLAINTS
from services.recall.store.suspicions import (
    COPIES,
    INSPECTIONS,
    KEPT_AFTER_END,
    LINKS,
    SUSPICIONS,
    TESTS,
)
from shared.contracts.acts import RecallActRecorded
from shared.contracts.recall import InspectionWanted, RecallClosed, RecallOrdered
from shared.contracts.registry import InspectionRecorded, LotTested
from shared.contracts.scan import SuspicionPublished
from shared.days import today
from shared.ids import now
from shared.mongo import Database, transact
from tests.answers import ok
from tests.polling import eventually
from tests.recall.builders import batch, lot, segment
from tests.recall.conftest import Recall
from tests.recall.test_complaints import LIST, answers, filed, taken_in
from tests.recall.test_orders import OFFICER, Asked
from tests.roles import sent

HOME = "/console/recall/suspicions"
WHAT = "Nghi chả mực lô này nhiễm vi sinh"


async def form(recall: Recall, path: str, body: dict[str, Any], token: str = "") -> httpx2.Response:
    return await sent(recall, token or recall.token(account="one"), f"POST {path}", body)


async def suspected(recall: Recall, report: str, goods: str = "lot", **more: Any) -> str:
    """The id of a suspicion that this report bears out."""
    body = {"what": WHAT, "goods": goods, "key": f"k-{report}-{goods}", **more}
    made = await form(recall, f"{LIST}/{report}/suspicion", body)
    assert made.status_code == 303, made.text
    return str(made.headers["location"].rpartition("/")[2])


async def row(recall: Recall, suspicion: str) -> dict[str, Any]:
    found = await recall.db.collection(SUSPICIONS).find_one({"_id": suspicion})
    assert found
    return dict(found)


async def has(recall: Recall, collection: str, wanted: dict[str, Any]) -> None:
    async def there() -> bool:
        return await recall.db.collection(collection).find_one(wanted) is not None

    await eventually(there)


def inspected(id_: str, version: int = 1, **more: Any) -> InspectionRecorded:
    given: dict[str, Any] = {
        **{"facility_id": "f1", "commune": "07001", "sector": "agriculture", "kind": "complaint"},
        **{"on": today(), "result": "failed", "violations": 2, "open_violations": 2, **more},
    }
    return InspectionRecorded(subject=id_, version=version, time=now(), **given)


def a_test(id_: str, lot_id: str, version: int = 1, result: str = "failed") -> LotTested:
    return LotTested(
        subject=id_,
        version=version,
        time=now(),
        lot_id=lot_id,
        facility_id="f1",
        parameter="Salmonella",
        laboratory="Phòng 1",
        sampled_on=today(),
        verdict=result,
        decision="confirmed",
    )


def copied(batch: int, serial: int, version: int = 1, state: str = "suspected") -> Any:
    return SuspicionPublished(
        subject=f"{batch}/{serial}",
        version=version,
        time=now(),
        batch=batch,
        serial=serial,
        facility_id="f1",
        product_id="p1",
        lot_id="",
        state=state,
        day="2026-11-20",
        points=5,
        findings=(),
    )


def read_on(page: str) -> str:
    """What stands for the reports that a page shows."""
    found = re.search(r'name="read" value="([0-9a-f ]+)"', page)
    assert found
    return found[1]


async def test_one_line_of_work_from_the_report_to_the_answer(province: Recall) -> None:
    await province.know(lot("su1"))
    await taken_in(province, filed("su-a", lot_id="su1"), filed("su-b", lot_id="su1", serial=8))
    ok(await province.post("/complaints/su-a/join", {"other": "su-b"}))
    id_ = await suspected(province, "su-a")
    again = await suspected(province, "su-a")
    assert again == id_, "a form sent twice is one suspicion"
    assert (await row(province, id_))["complaints"] == ["su-a", "su-b"]
    body = {"reason": "Lấy mẫu", "until": str(today() + timedelta(days=3)), "version": "1"}
    assert (await form(province, f"{HOME}/{id_}/inspection", body)).status_code == 303
    [told] = await province.events(id_, InspectionWanted)
    assert (told.facility_id, told.lot_id, told.commune, told.wanted) == (
        "f1",
        "su1",
        "07001",
        True,
    )
    assert "mùi lạ" not in told.model_dump_json(), "no reporter's words leave"
    await province.tell(inspected("in1"), a_test("te1", "su1"), copied(40, 70))
    for collection, wanted in ((INSPECTIONS, "in1"), (TESTS, "te1"), (COPIES, "40/70")):
        await has(province, collection, {"_id": wanted})
    browser = province.browser(province.token())
    page = (await browser.get(f"{HOME}/{id_}")).text
    for shown in ("/console/registry/inspections/in1", "Salmonella", "40/70", "Không đạt"):
        assert shown in page
    href = re.search(r'href="(/console/recall/radius\?[^"]+)"', page)
    assert href
    order_page = (await browser.get(href[1].replace("&amp;", "&"))).text
    assert WHAT in order_page, "the reason is prefilled"
    case = await province.order("su1", reason=WHAT)
    await has(province, SUSPICIONS, {"_id": id_, "case_id": case["id"], "state": "acted"})
    await has(province, LINKS, {"_id": f"{case['id']}/su-b"})
    assert f"/console/recall/{case['id']}" in (await browser.get(f"{LIST}/su-a")).text
    shown_case = (await browser.get(f"/console/recall/{case['id']}")).text
    assert "2 phản ánh gắn với vụ việc" in shown_case
    for led_here in (f"{HOME}/{id_}", "/console/registry/inspections/in1"):
        assert led_here in shown_case, "the case leads back to what it came of"
    theirs = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    seen = (await province.browser(theirs).get(f"/console/recall/{case['id']}")).text
    assert "SU1" in seen.upper()
    assert id_ not in seen, "a facility learns nothing of it"
    reports = f"/console/recall/{case['id']}/complaints"
    assert "Cơ quan quản lý đã ra thông báo" in (await browser.get(reports)).text
    read = {"read": read_on((await browser.get(reports)).text)}
    assert (await form(province, reports, {"answer": "Đã thu hồi lô.", **read})).status_code == 303
    assert (await form(province, reports, {"answer": "Lần nữa", **read})).status_code == 303
    for report in ("su-a", "su-b"):
        closed = [one.answer for one in await answers(province, report) if one.state == "closed"]
        assert closed == ["Đã thu hồi lô."]


async def test_a_facility_never_learns_that_somebody_reported(province: Recall) -> None:
    await province.know(lot("su2"))
    await taken_in(province, filed("su-c", lot_id="su2"))
    id_ = await suspected(province, "su-c")
    case = await province.order("su2")
    await has(province, LINKS, {"case_id": case["id"]})
    theirs = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    browser = province.browser(theirs)
    page = await browser.get(f"/console/recall/{case['id']}")
    assert page.status_code == 200
    assert "Phản ánh" not in page.text
    for path in (
        f"/console/recall/{case['id']}/complaints",
        f"{HOME}/{id_}",
        HOME,
        f"{LIST}/su-c/suspicion",
        f"{LIST}/su-c/case",
    ):
        assert (await browser.get(path)).status_code in {403, 404}, path


ACTS: list[tuple[str, dict[str, Any]]] = [
    ("{home}/{id}/inspection", {"reason": "x", "until": "2099-01-01", "version": "1"}),
    ("{home}/{id}/dismissal", {"why": "x", "version": "1"}),
    ("{home}/{id}/case", {"case": "{case}"}),
    ("{list}/su-d/suspicion", {"what": "x", "goods": "lot", "key": "away"}),
    ("{list}/su-d/evidence", {"suspicion": "{id}"}),
    ("{list}/su-d/case", {"case": "{case}"}),
    ("/console/recall/{case}/complaints", {"answer": "x"}),
]


@pytest.mark.parametrize("claims", [{"communes": ["07002"]}, {"sector": "health"}])
async def test_outside_ones_area_there_is_nothing_of_it(
    province: Recall, claims: dict[str, Any]
) -> None:
    name = "su-" + "".join(claims)
    await province.know(lot(name), lot(name + "x"))
    await taken_in(province, filed("su-d", lot_id=name))
    id_ = await suspected(province, "su-d", key=name)
    case = (await province.order(name + "x"))["id"]
    away = province.token(tier="commune", kinds=["approve"], **{"communes": ["*"], **claims})
    ids = {"home": HOME, "list": LIST, "id": id_, "case": case}
    for path, body in ACTS:
        given = {key: value.format(**ids) for key, value in body.items()}
        answer = await form(province, path.format(**ids), given, away)
        assert answer.status_code == 404, path
    browser = province.browser(away)
    assert (await browser.get(f"{HOME}/{id_}")).status_code == 404
    assert id_ not in (await browser.get(HOME)).text
    assert (await row(province, id_))["version"] == 1
    assert await province.db.collection(LINKS).find_one({"case_id": case}) is None


async def test_an_order_heard_twice_links_once_and_a_later_suspicion_is_not_its_own(
    province: Recall,
) -> None:
    await province.know(lot("su3"))
    await taken_in(province, filed("su-e", lot_id="su3"), filed("su-f", lot_id="su3", serial=9))
    first = await suspected(province, "su-e")
    case = await province.order("su3")
    await has(province, SUSPICIONS, {"_id": first, "state": "acted"})
    [ordered] = await province.events(case["id"], RecallOrdered)
    later = await suspected(province, "su-f")
    await province.repeat(ordered, ordered)

    async def work(tx: Any) -> None:
        await acts.follow_order(tx, ordered)

    await transact(province.db, work)
    assert (await row(province, first))["version"] == 2
    assert (await row(province, later))["state"] == "open"
    assert await province.db.collection(LINKS).count_documents({"case_id": case["id"]}) == 1


async def test_what_others_found_is_kept_by_its_newest_word(province: Recall) -> None:
    newer = inspected("in2", 2, result="passed", on=date(2026, 11, 2))
    await province.tell(newer, a_test("te2", "x", 2, "passed"), copied(41, 1, 2, "cleared"))
    await has(province, COPIES, {"_id": "41/1"})
    await has(province, TESTS, {"_id": "te2"})
    await has(province, INSPECTIONS, {"_id": "in2"})
    older = (inspected("in2"), a_test("te2", "x"), copied(41, 1), newer)
    await province.repeat(*older)
    await province.tell(inspected("in3"), a_test("te3", "x"), copied(41, 2))
    for collection, name in ((INSPECTIONS, "in3"), (TESTS, "te3"), (COPIES, "41/2")):
        await has(province, collection, {"_id": name})
    for collection, name in ((INSPECTIONS, "in2"), (TESTS, "te2"), (COPIES, "41/1")):
        found = await province.db.collection(collection).find_one({"_id": name})
        assert found
        assert found["version"] == 2


async def test_evidence_of_a_standing_case_stays_without_what_is_personal(
    province: Recall,
) -> None:
    await province.know(lot("su4"))
    await taken_in(province, filed("su-g", lot_id="su4"))
    case = await province.order("su4")
    assert (await form(province, f"{LIST}/su-g/case", {"case": case["id"]})).status_code == 303
    link = await province.db.collection(LINKS).find_one({"_id": f"{case['id']}/su-g"})
    assert link
    assert "kept_until" not in link, "the case has not ended"
    assert not {"words", "place", "photo", "has_phone", "answer"} & set(link)
    await province.db.collection(COMPLAINTS).delete_one({"_id": "su-g"})
    page = (await province.browser(province.token()).get(f"/console/recall/{case['id']}")).text
    assert link["number"] in page
    close = {"finding": "Đã hủy", "handling": "destroy"}
    await province.post(f"/recalls/{case['id']}/close", close)
    told = RecallClosed(
        subject=case["id"], version=9, time=now(), finding="Đã hủy", handling="destroy"
    )

    async def work(tx: Any) -> None:
        await acts.follow_end(tx, told)
        await acts.follow_end(tx, told.model_copy(update={"time": now() + timedelta(days=9)}))

    await transact(province.db, work)
    link = await province.db.collection(LINKS).find_one({"_id": f"{case['id']}/su-g"})
    assert link
    left: datetime = link["kept_until"].astimezone(UTC)
    assert abs(left - (told.time + KEPT_AFTER_END)) < timedelta(minutes=5)


async def test_a_suspicion_is_dismissed_once_and_then_over(province: Recall) -> None:
    await taken_in(province, filed("su-h"))
    id_ = await suspected(province, "su-h", "product")
    want = {"reason": "x", "until": str(today()), "version": "1"}
    past = {**want, "until": str(today() - timedelta(days=1))}
    assert (await form(province, f"{HOME}/{id_}/inspection", past)).status_code == 422
    assert (await form(province, f"{HOME}/{id_}/inspection", want)).status_code == 303
    assert (await form(province, f"{HOME}/{id_}/inspection", want)).status_code == 409
    stale = {"why": "Không có gì", "version": "1"}
    assert (await form(province, f"{HOME}/{id_}/dismissal", stale)).status_code == 409
    fresh = {**stale, "version": "2"}
    assert (await form(province, f"{HOME}/{id_}/dismissal", fresh)).status_code == 303
    assert (await form(province, f"{HOME}/{id_}/dismissal", fresh)).status_code == 409
    assert [one.wanted for one in await province.events(id_, InspectionWanted)] == [True, False]
    assert (await row(province, id_))["kept_until"]


async def test_a_report_of_no_known_goods_begins_no_suspicion(province: Recall) -> None:
    nobodys = filed("su-i", "", typed="TEM 9", batch=0, serial=0, product_id="")
    await taken_in(province, nobodys)
    body = {"what": "x", "goods": "product", "key": "k9"}
    assert (await form(province, f"{LIST}/su-i/suspicion", body)).status_code == 409


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_its_pages_speak_three_languages(province: Recall, lang: str) -> None:
    await taken_in(province, filed("su-j"))
    id_ = await suspected(province, "su-j", "product")
    browser = province.browser(province.token(), **{"Accept-Language": lang})
    for path in (HOME, f"{HOME}?state=open", f"{HOME}/{id_}", f"{LIST}/su-j/suspicion"):
        assert (await browser.get(path)).status_code == 200


async def test_what_came_in_after_the_page_was_read_is_not_answered_with_the_rest(
    province: Recall,
) -> None:
    await province.know(lot("su9"))
    await taken_in(province, filed("su-m", lot_id="su9"), filed("su-n", lot_id="su9", serial=8))
    case = (await province.order("su9"))["id"]
    await form(province, f"{LIST}/su-m/case", {"case": case})
    page, browser = f"/console/recall/{case}/complaints", province.browser(province.token())
    shown = {"read": read_on((await browser.get(page)).text), "answer": "Đã thu hồi."}
    await form(province, f"{LIST}/su-n/case", {"case": case})
    refused = await form(province, page, shown)
    assert refused.status_code == 409
    assert "Có phản ánh mới" in refused.text
    assert not await answers(province, "su-m"), "nobody was answered"
    shown["read"] = read_on(refused.text)
    assert (await form(province, page, shown)).status_code == 303
    for report in ("su-m", "su-n"):
        assert [one.answer for one in await answers(province, report)] == ["Đã thu hồi."]
    [act] = [
        one
        for one in await province.events(kind=RecallActRecorded)
        if (one.action, one.subject, one.outcome) == ("complaint.answer", case, "accepted")
    ]
    assert len(act.facts["numbers"].split()) == 2, "the record says whose reports they were"


async def test_what_is_answered_at_once_stands_on_the_page_in_its_reporters_words(
    province: Recall,
) -> None:
    """Also what was joined since, and what is about nobody's goods and was linked by hand."""
    await province.know(lot("su14"))
    fake: dict[str, Any] = {"batch": 0, "serial": 0, "product_id": "", "typed": "TEM GIẢ SU14"}
    await taken_in(
        province,
        filed("su-x", lot_id="su14"),
        filed("su-y", lot_id="su14", serial=8, words="Mua ở chợ khác, cá đổi màu."),
        filed("su-z", "", words="Mã trên tem không tra được.", **fake),
    )
    case = (await province.order("su14"))["id"]
    for report in ("su-x", "su-z"):
        linked = await form(province, f"{LIST}/{report}/case", {"case": case})
        assert linked.status_code == 303
    ok(await province.post("/complaints/su-x/join", {"other": "su-y"}))
    path, browser = f"/console/recall/{case}/complaints", province.browser(province.token())
    page = (await browser.get(path)).text
    for shown in ("cá đổi màu", "Mã trên tem không tra được", "TEM GIẢ SU14"):
        assert shown in page
    card = (await browser.get(f"/console/recall/{case}")).text
    assert "2 phản ánh gắn với vụ việc, 3 còn chờ trả lời" in card
    answer = {"read": read_on(page), "answer": "Đã thu hồi."}
    assert (await form(province, path, answer)).status_code == 303
    for report in ("su-x", "su-y", "su-z"):
        assert [one.answer for one in await answers(province, report)] == ["Đã thu hồi."]


async def test_however_many_reports_a_case_has_they_are_asked_for_at_once(
    province: Recall,
) -> None:
    await province.know(lot("su17"))
    names = [f"su-c{one}" for one in range(5)]
    await taken_in(province, *(filed(one, lot_id="su17", serial=int(one[-1])) for one in names))
    case = (await province.order("su17"))["id"]
    questions = []
    for linked in (names[:1], names[1:]):
        for one in linked:
            await form(province, f"{LIST}/{one}/case", {"case": case})
        asked = Asked()
        db = Database(province.settings.mongo_url, province.db.name, "recall")
        found = await answering_all.waiting(db, case, READ, OFFICER, now())
        await db.close()
        questions.append(asked.commands.count(f"find {COMPLAINTS}"))
        assert found
    assert {one.id for one in found} == set(names)
    assert questions[0] == questions[1]


async def test_what_somebody_answered_meanwhile_keeps_nobody_else_waiting(
    province: Recall,
) -> None:
    """So also where an answer to all broke half-way: it goes on with the rest."""
    await province.know(lot("su15"))
    names = ["su-aa", "su-ab", "su-ac"]
    reports = [filed(one, lot_id="su15", serial=at) for at, one in enumerate(names)]
    await taken_in(province, *reports)
    case = (await province.order("su15"))["id"]
    for one in names:
        await form(province, f"{LIST}/{one}/case", {"case": case})
    page, browser = f"/console/recall/{case}/complaints", province.browser(province.token())
    shown = {"read": read_on((await browser.get(page)).text), "answer": "Đã thu hồi."}
    own = {"answer": "Trả lời riêng.", "version": 0}
    ok(await province.post("/complaints/su-ab/answer", own))
    assert (await form(province, page, shown)).status_code == 303
    told = {one: [each.answer for each in await answers(province, one)] for one in names}
    assert told == {
        **{"su-aa": ["Đã thu hồi."], "su-ac": ["Đã thu hồi."], "su-ab": ["Trả lời riêng."]},
    }


async def test_of_very_many_reports_those_that_are_shown_are_answered(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering_all, "MOST_SHOWN", 2)
    await province.know(lot("su16"))
    names = [f"su-b{one}" for one in range(3)]
    await taken_in(province, *(filed(one, lot_id="su16", serial=int(one[-1])) for one in names))
    case = (await province.order("su16"))["id"]
    for one in names:
        await form(province, f"{LIST}/{one}/case", {"case": case})
    path, browser = f"/console/recall/{case}/complaints", province.browser(province.token())
    page = (await browser.get(path)).text
    assert "2 phản ánh đầu tiên" in page
    answer = {"read": read_on(page), "answer": "Đã thu hồi."}
    assert (await form(province, path, answer)).status_code == 303
    answered = [len(await answers(province, one)) for one in names]
    assert answered == [1, 1, 0], "nobody is answered by words that were not meant for them"


async def test_many_reports_are_answered_in_several_transactions(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering_all, "AT_ONCE", 2)
    await province.know(lot("su10"))
    names = [f"su-q{one}" for one in range(5)]
    await taken_in(province, *(filed(one, lot_id="su10", serial=int(one[-1])) for one in names))
    case = (await province.order("su10"))["id"]
    for one in names:
        await form(province, f"{LIST}/{one}/case", {"case": case})
    page, browser = f"/console/recall/{case}/complaints", province.browser(province.token())
    shown = {"read": read_on((await browser.get(page)).text), "answer": "Đã thu hồi."}
    assert (await form(province, page, shown)).status_code == 303
    for one in names:
        assert [told.answer for told in await answers(province, one)] == ["Đã thu hồi."]


async def test_a_case_that_is_declined_keeps_nothing_and_ends_no_suspicion(
    province: Recall,
) -> None:
    await province.know(lot("su11"))
    await province.know(batch(1_911, 6_000), segment(1_911, (0, 5_999, "su11", "active")))
    await taken_in(province, filed("su-r", lot_id="su11"))
    id_ = await suspected(province, "su-r")
    waits = await province.order("su11")
    assert waits["state"] == "awaiting_confirmation"
    assert (await form(province, f"{HOME}/{id_}/case", {"case": waits["id"]})).status_code == 303
    assert (await row(province, id_))["state"] == "acted"
    reason = {"reason": "Chưa đủ căn cứ"}
    declined = await province.post(
        f"/recalls/{waits['id']}/decline", reason, token=province.token(account="two")
    )
    assert ok(declined)["state"] == "declined"
    found = await row(province, id_)
    assert (found["state"], found["case_id"]) == ("open", ""), "somebody goes on with it"
    link = await province.db.collection(LINKS).find_one({"case_id": waits["id"]})
    assert link
    assert link["kept_until"], "what is kept of a report has its day"
    for path in (f"{HOME}/{id_}/case", f"{LIST}/su-r/case"):
        refused = await form(province, path, {"case": waits["id"]})
        assert refused.status_code == 409, path
    assert (await row(province, id_))["state"] == "open"


async def test_an_order_from_a_suspicions_page_is_its_own_whatever_it_aims_at(
    province: Recall,
) -> None:
    await province.know(lot("su12"))
    await taken_in(province, filed("su-s", lot_id="su12"), filed("su-t", lot_id="su12", serial=9))
    id_ = await suspected(province, "su-s", "product")
    other = await suspected(province, "su-t", "product")
    browser = province.browser(province.token())
    radius = f"/console/recall/radius?target_kind=lot&target=su12&suspicion={id_}"
    page = (await browser.get(radius)).text
    assert f'name="suspicion" value="{id_}"' in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    body = {"kind": "recall", "reason": WHAT, "instruction": "Không ăn", "key": key[1]}
    made = await form(province, radius, {**body, "suspicion": id_, "step": "order"})
    assert made.status_code == 303, made.text
    case = made.headers["location"].rpartition("/")[2]
    await has(province, SUSPICIONS, {"_id": id_, "case_id": case, "state": "acted"})
    await has(province, LINKS, {"_id": f"{case}/su-s"})
    assert (await row(province, other))["state"] == "open"
    shown = (await browser.get(f"/console/recall/{case}")).text
    assert f"{HOME}/{other}" in shown, "what else is suspected there is named"


async def test_a_suspected_stamp_is_acted_on_by_an_order_of_its_batch(province: Recall) -> None:
    await province.know(lot("su13"))
    await province.know(batch(1_913, 100), segment(1_913, (0, 99, "su13", "active")))
    stamps = filed("su-u", lot_id="su13", batch=1_913, serial=50)
    outside = filed("su-v", lot_id="su13", batch=1_913, serial=51)
    await taken_in(province, stamps, outside)
    id_ = await suspected(province, "su-u", "stamp")
    beyond = await suspected(province, "su-v", "stamp")
    case = await province.order("1913", target_kind="stamps", first=10, last=50)
    await has(province, SUSPICIONS, {"_id": id_, "case_id": case["id"]})
    assert (await row(province, beyond))["state"] == "open"


async def test_an_inspection_that_nobody_carried_out_is_asked_for_again(province: Recall) -> None:
    await taken_in(province, filed("su-w"))
    id_ = await suspected(province, "su-w", "product")
    want = {"reason": "x", "until": str(today()), "version": "1"}
    assert (await form(province, f"{HOME}/{id_}/inspection", want)).status_code == 303
    page = (await province.browser(province.token()).get(f"{HOME}/{id_}")).text
    assert "Đề nghị kiểm tra lại" in page
    later = str(today() + timedelta(days=7))
    again = {**want, "until": later, "version": "2"}
    assert (await form(province, f"{HOME}/{id_}/inspection", again)).status_code == 303
    first, second = await province.events(id_, InspectionWanted)
    assert (second.version, str(second.until), second.wanted) == (3, later, True)
    assert second.asked_at > first.asked_at
