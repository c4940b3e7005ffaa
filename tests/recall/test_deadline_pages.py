"""Deadlines as people see them: on the case, on top of the list, all together, and the calendar."""

import re
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from services.recall.actions import clocks
from services.recall.domain.terms import Place
from services.recall.pages import deadline_words
from services.recall.queries import deadlines
from services.recall.store import cases
from services.recall.store import clocks as kept
from shared.auth import Principal
from shared.ids import new_id, now
from shared.mongo import transact
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall

PLACE = Place("f1", "07001", "agriculture")
HOUR = timedelta(hours=1)
HOME = "/console/recall/deadlines"
OWNER = {"tier": "facility", "kinds": ["system"], "facility": "f1", "communes": []}
COMMUNE = {"tier": "commune", "kinds": ["approve"], "communes": ["07001"]}


async def a_case(recall: Recall, name: str = "") -> str:
    name = name or f"d{new_id()}"
    await recall.know(lot(name))
    case_id = str((await recall.order(name))["id"])

    async def runs() -> bool:
        return await kept.get(recall.db, f"{case_id}/notify") is not None

    await eventually(runs)
    return case_id


async def started(recall: Recall, case_id: str, name: str, at: datetime, **more: Any) -> None:
    await transact(recall.db, lambda tx: clocks.start(tx, name, case_id, PLACE, at, **more))


async def missed(recall: Recall) -> str:
    """A case whose decision is an hour late; the commune owes it, the unit has been told."""
    case_id = await a_case(recall)
    await started(recall, case_id, "decide", now() - 25 * HOUR)

    async def told() -> bool:
        found = await kept.get(recall.db, f"{case_id}/decide")
        return found is not None and found.told == ("commune", "unit")

    await eventually(told, 60)
    return case_id


async def page(recall: Recall, path: str, **claims: Any) -> httpx2.Response:
    return await recall.browser(recall.token(**claims)).get(path)


async def test_a_case_says_what_is_due_by_whom_and_how_long_is_left(province: Recall) -> None:
    case_id = await missed(province)
    text = (await page(province, f"/console/recall/{case_id}")).text
    assert "Quyết định về lệnh đang chờ xác nhận" in text
    assert "quá 60 phút" in text
    assert "đã báo lên: Đơn vị thuộc sở" in text
    assert "Chủ hàng xác nhận đã nhận lệnh" in text
    assert "còn 23 giờ" in text
    assert "Luật không cho gia hạn" in text
    assert "Quá thời hạn: đã báo lên cấp trên" in text, "the history tells it"


async def test_what_authorities_owe_is_not_told_to_a_facility(province: Recall) -> None:
    case_id = await missed(province)
    text = (await page(province, f"/console/recall/{case_id}", **OWNER)).text
    assert "Chủ hàng xác nhận đã nhận lệnh" in text
    assert "Quyết định về lệnh" not in text
    everything = (await page(province, HOME, **OWNER)).text
    assert case_id in everything
    assert "Quyết định về lệnh đang chờ xác nhận</a>" not in everything


async def test_who_bought_the_goods_does_not_see_the_owners_deadline(province: Recall) -> None:
    """The case it sees, as one of its places; the deadline is not its own."""
    case_id = await missed(province)
    case = await cases.get(province.db, case_id)
    for facility, names in (("f1", {"notify"}), ("f9", set())):
        who = Principal("a", "A", "facility", frozenset(), "u", "s", facility_id=facility)
        found = await deadlines.of_case(who, case, db=province.db)
        assert {clock.name for clock in found} == names


async def test_deadlines_of_others_are_not_shown(province: Recall) -> None:
    case_id = await missed(province)
    other = {**OWNER, "facility": "f3"}
    assert case_id not in (await page(province, HOME, **other)).text
    elsewhere = {**COMMUNE, "communes": ["07002"]}
    assert case_id not in (await page(province, HOME, **elsewhere)).text
    health = {"tier": "department", "kinds": ["approve"], "sector": "health"}
    assert case_id not in (await page(province, HOME, **health)).text


async def test_the_list_of_cases_begins_with_what_is_overdue_for_whose_tier_it_is(
    province: Recall,
) -> None:
    await province.db.collection("clocks").delete_many({})
    case_id = await missed(province)
    for tier, shown in (("commune", True), ("unit", True), ("department", False)):
        claims = {"tier": tier, "kinds": ["check"], "communes": ["07001"]}
        text = (await page(province, "/console/recall", **claims)).text
        assert ("Quá hạn và sắp đến hạn" in text) is shown, tier
        assert (f'href="/console/recall/{case_id}">Quyết định' in text) is shown


async def test_deadlines_are_narrowed_and_counted(province: Recall) -> None:
    await province.db.collection("clocks").delete_many({})
    late = await missed(province)
    near = await a_case(province)
    await started(province, near, "decide", now() - 15 * HOUR)

    async def reminded() -> bool:
        found = await kept.get(province.db, f"{near}/decide")
        return found is not None and bool(found.done)

    await eventually(reminded, 60)
    done = await a_case(province)
    await transact(province.db, lambda tx: clocks.stop(tx, "notify", done, now()))
    # The written decision is owed of each of them too, and told apart by nothing asked for here.
    await province.db.collection("clocks").delete_many({"name": "decision_document"})
    for query, there, away in (
        ("", {late, near, done}, set()),
        ("state=overdue", {late}, {near, done}),
        ("state=near", {near}, {late, done}),
        ("state=over", {done}, {late, near}),
        ("name=decide", {late, near}, {done}),
        ("owed_by=facility&state=running", {late, near}, {done}),
        ("mine=1&state=running", {late, near}, {done}),
        ("state=nonsense&name=x&owed_by=y", {late, near, done}, set()),
    ):
        text = (await page(province, f"{HOME}?{query}", **COMMUNE)).text
        assert {one for one in (late, near, done) if one in text} == there, query
        assert not [one for one in away if one in text], query
    text = (await page(province, f"{HOME}?state=over", **COMMUNE)).text
    assert "Đúng hạn" in text


async def test_narrowed_to_ones_own_tier_its_numbers_are_of_these_and_it_says_so(
    province: Recall,
) -> None:
    """As the card on the first page of the console counts them (reporting)."""
    await province.db.collection("clocks").delete_many({})
    late = await missed(province)
    other = await a_case(province)
    theirs = {"told": ["facility"], "tiers": ["facility"], "due_at": now() - HOUR}
    await province.db.collection("clocks").update_many(
        {"case_id": other, "name": "notify"}, {"$set": {**theirs, "next_at": None}}
    )
    await province.db.collection("clocks").delete_many({"name": {"$nin": ["decide", "notify"]}})
    for query, number, there in (("mine=1&", 1, False), ("", None, True)):
        text = (await page(province, f"{HOME}?{query}state=overdue", **COMMUNE)).text
        assert late in text
        if number is not None:
            assert re.search(rf"Quá hạn[^<]*<[^>]*>{number}<", text), text
        assert ("Những việc cấp của bạn" in text) is not there
        assert (other in text) is there


async def test_without_deadlines_the_page_says_so(province: Recall) -> None:
    claims = {**COMMUNE, "communes": ["07099"]}
    assert "Chưa có thời hạn nào" in (await page(province, HOME, **claims)).text
    text = (await page(province, f"{HOME}?state=overdue", **claims)).text
    assert "Không có thời hạn nào phù hợp" in text


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_the_calendar_tells_which_days_are_off_and_from_where(
    province: Recall, lang: str
) -> None:
    browser = province.browser(province.token(), **{"Accept-Language": lang})
    shown = await browser.get("/console/recall/calendar?year=2027")
    assert shown.status_code == 200
    words = {
        "vi": ("Tết Nguyên đán Đinh Mùi", "Dự kiến", "Nghỉ bù"),
        "en": ("Lunar New Year", "Expected", "In lieu"),
        "zh": ("春节", "预计", "补休"),
    }[lang]
    for word in words:
        assert word in shown.text
    assert (await browser.get("/console/recall/calendar")).status_code == 200
    for wrong in ("2099", "x"):
        answer = await browser.get(f"/console/recall/calendar?year={wrong}")
        assert answer.status_code == (404 if wrong == "2099" else 200)


async def test_a_deadline_beyond_the_calendar_says_that_it_is_not_sure(province: Recall) -> None:
    case_id = await a_case(province)
    at = datetime(2028, 12, 28, 2, tzinfo=now().tzinfo)
    await started(province, case_id, "handling_answer", at)
    text = (await page(province, f"/console/recall/{case_id}")).text
    assert "Chưa chắc chắn: lịch nghỉ chưa được công bố." in text


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.01, "còn 1 phút"),
        (1.5, "còn 90 phút"),
        (2.0, "còn 2 giờ"),
        (47, "còn 47 giờ"),
        (49, "còn 2 ngày"),
        (0, "quá 1 phút"),
        (-3, "quá 3 giờ"),
        (-72, "quá 3 ngày"),
    ],
)
async def test_how_long_is_left_is_said_in_words(
    province: Recall, hours: float, words: str
) -> None:
    case_id = await a_case(province)
    await started(province, case_id, "decide", now())
    found = await kept.get(province.db, f"{case_id}/decide")
    assert found is not None
    assert found.due_at is not None
    assert deadline_words.left(found, found.due_at - hours * HOUR) == words


@pytest.mark.parametrize(
    ("lang", "own", "received"),
    [
        ("vi", "Chủ hàng xác nhận đã thông báo tới nơi đã mua", "xác nhận đã nhận lệnh"),
        ("en", "confirms that those who bought the goods are told", "confirms the recall"),
        ("zh", "货主确认已通知购货方", "确认收到召回令"),
    ],
)
async def test_who_recalls_its_own_goods_confirms_no_order_but_that_its_buyers_are_told(
    province: Recall, lang: str, own: str, received: str
) -> None:
    name = f"own-{lang}"
    await province.know(lot(name))
    owner = province.token(**OWNER)
    case_id = (await province.order(name, token=owner))["id"]

    async def runs() -> bool:
        return await kept.get(province.db, f"{case_id}/notify") is not None

    await eventually(runs)
    browser = province.browser(owner, **{"Accept-Language": lang})
    case = (await browser.get(f"/console/recall/{case_id}")).text
    for text in (case, (await browser.get(HOME)).text):
        assert own in text
    assert received not in case
    buyers = {"vi": "Đã báo các nơi mua hàng", "en": "Buyers are told", "zh": "已通知购货方"}[lang]
    for text in (case, (await browser.get("/console/recall")).text):
        assert buyers in text
    assert "Hãy xác nhận cơ sở đã nhận thông báo này" not in case
    by_order = await a_case(province, f"ordered-{lang}")
    official = province.browser(province.token(), **{"Accept-Language": lang})
    assert received in (await official.get(f"/console/recall/{by_order}")).text
