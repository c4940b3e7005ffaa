"""What people reported and early warning found belongs to the case that is ordered of it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from services.recall.actions import signals as acts
from services.recall.store.complaints import COMPLAINTS
from services.recall.store.signal_facts import FACTS
from services.recall.store.signals import MEANT, SIGNALS
from services.recall.store.suspicions import LINKS
from shared.contracts.recall import RecallOrdered
from shared.days import local_day, today
from shared.ids import now
from shared.mongo import Tx, transact
from tests.answers import ok
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_complaints import filed, taken_in
from tests.recall.test_entered import ENTERED
from tests.recall.test_signals import HOME, a_cluster, settled, signal
from tests.recall.test_suspicions import form


async def linked(recall: Recall, case_id: str) -> set[str]:
    rows = recall.db.collection(LINKS).find({"case_id": case_id}, {"complaint_id": 1})
    return {row["complaint_id"] async for row in rows}


async def becomes_linked(recall: Recall, case_id: str, *reports: str) -> None:
    async def there() -> bool:
        return await linked(recall, case_id) == set(reports)

    await eventually(there)


async def ordered_from(recall: Recall, signal_id: str, target: str, **more: str) -> str:
    """The id of the case that is ordered by the form that the signal's page leads to."""
    radius = f"/console/recall/radius?{target}&signal={signal_id}"
    page = (await recall.browser(recall.token()).get(radius)).text
    assert f'name="signal" value="{signal_id}"' in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key
    body = {"kind": "recall", "reason": "Nhiều phản ánh", "instruction": "Không ăn", "key": key[1]}
    body |= {"signal": signal_id, "step": "order", **more}
    made = await form(recall, radius, body)
    assert made.status_code == 303, made.text
    return made.headers["location"].rpartition("/")[2]


async def test_the_reports_of_a_signal_are_its_cases_and_all_are_answered_there(
    province: Recall,
) -> None:
    id_ = await a_cluster(province, "sr1")
    case = await ordered_from(province, id_, "target_kind=lot&target=sr1")
    await becomes_linked(province, case, "sr1-0", "sr1-1", "sr1-2")
    assert (await signal(province, _id=id_))["state"] == "recall"
    browser = province.browser(province.token())
    shown = (await browser.get(f"/console/recall/{case}")).text
    assert "Phản ánh của người dùng" in shown
    assert f"/console/recall/{case}/complaints" in shown
    answers = (await browser.get(f"/console/recall/{case}/complaints")).text
    assert "sr1-0" in answers
    assert 'name="answer"' in answers


async def test_an_order_given_elsewhere_that_decides_a_signal_takes_its_reports_too(
    province: Recall,
) -> None:
    await a_cluster(province, "sr2")
    case = (await province.order("sr2"))["id"]
    await becomes_linked(province, case, "sr2-0", "sr2-1", "sr2-2")


async def test_heard_twice_and_again_each_report_is_linked_once(province: Recall) -> None:
    id_ = await a_cluster(province, "sr3")
    case = await ordered_from(province, id_, "target_kind=lot&target=sr3")
    await becomes_linked(province, case, "sr3-0", "sr3-1", "sr3-2")
    [ordered] = await province.events(case, RecallOrdered)
    await province.repeat(ordered, ordered)
    before = [row async for row in province.db.collection(LINKS).find({"case_id": case})]

    async def work(tx: Tx) -> None:
        await acts.follow_order(tx, ordered)

    await transact(province.db, work)
    after = [row async for row in province.db.collection(LINKS).find({"case_id": case})]
    assert after == before
    assert (await signal(province, _id=id_))["state"] == "recall"


async def test_a_warning_from_its_page_leaves_it_open_and_has_its_reports(province: Recall) -> None:
    id_ = await a_cluster(province, "sr4")
    case = await ordered_from(province, id_, "target_kind=lot&target=sr4", kind="warning")
    await becomes_linked(province, case, "sr4-0", "sr4-1", "sr4-2")
    assert (await signal(province, _id=id_))["state"] == "open"


async def test_of_a_signal_of_several_lots_a_case_has_the_reports_of_its_own(
    province: Recall,
) -> None:
    await province.know(lot("sr5"), lot("sr6"))
    told = [
        filed(f"sr5-{n}", lot_id=("sr5", "sr6")[n % 2], product_id="p-sr5", serial=900 + n)
        for n in range(4)
    ]
    await taken_in(province, *told)
    await settled(province, *(f"complaint:{one.subject}" for one in told))
    id_ = (await signal(province, key="complaints_product|p-sr5"))["_id"]
    case = await ordered_from(province, id_, "target_kind=lot&target=sr5")
    await becomes_linked(province, case, "sr5-0", "sr5-2")
    assert (await signal(province, _id=id_))["state"] == "open", "the other lot is still to do"


async def test_open_reports_that_are_joined_to_its_own_come_with_them(province: Recall) -> None:
    id_ = await a_cluster(province, "sr7")
    more = [filed(f"sr7-{name}", lot_id="", product_id="", serial=9) for name in ("x", "y")]
    await taken_in(province, *more)
    rows = province.db.collection(COMPLAINTS)
    first = await rows.find_one({"_id": "sr7-0"})
    assert first
    joined = {"$set": {"group": first["group"]}}
    await rows.update_many({"_id": {"$in": ["sr7-x", "sr7-y"]}}, joined)
    await rows.update_one({"_id": "sr7-y"}, {"$set": {"state": "closed", "outcome": "unfounded"}})
    case = await ordered_from(province, id_, "target_kind=lot&target=sr7")
    await becomes_linked(province, case, "sr7-0", "sr7-1", "sr7-2", "sr7-x")


async def test_of_a_suspicion_that_came_of_a_signal_all_reports_are_the_cases(
    province: Recall,
) -> None:
    """Also those that name the goods less closely than the suspicion does."""
    id_ = await a_cluster(province, "sr8")
    body: dict[str, Any] = {"decision": "suspicion", "words": "Xem", "goods": "lot:sr8"}
    version = (await signal(province, _id=id_))["version"]
    made = ok(await province.post(f"/signals/{id_}/decision", {**body, "version": version}))
    suspicion = made["decision"]["suspicion_id"]
    # What a suspicion keeps of very many are the last of them.
    rows = province.db.collection("unsafe_suspicions")
    await rows.update_one({"_id": suspicion}, {"$set": {"complaints": ["sr8-2"]}})
    case = (await province.order("sr8"))["id"]
    await becomes_linked(province, case, "sr8-0", "sr8-1", "sr8-2")


async def test_a_signal_that_the_asker_may_not_read_means_nothing(province: Recall) -> None:
    id_ = await a_cluster(province, "sr9")
    await province.know(lot("sr10"))
    facility = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    radius = "/console/recall/radius?target_kind=lot&target=sr10"
    page = (await province.browser(facility).get(f"{radius}&signal={id_}")).text
    assert f'value="{id_}"' not in page
    body = {"kind": "recall", "reason": "Lỗi", "instruction": "Không ăn", "key": "sr9-key"}
    for named in (id_, "nothing"):
        sent = {**body, "signal": named, "step": "order", "key": f"sr9-{named}"}
        made = await form(province, radius, sent, facility)
        if made.status_code == 303:
            case = made.headers["location"].rpartition("/")[2]
            assert await province.db.collection(MEANT).find_one({"_id": case}) is None
            break
    else:
        pytest.fail("a facility orders its own goods back")


async def test_what_officials_entered_is_not_called_stamps(province: Recall) -> None:
    await province.know(lot("sr11"))
    entered = [filed(f"sr11-{n}", lot_id="sr11", **ENTERED) for n in range(3)]
    told = [*entered, filed("sr11-s", lot_id="sr11", serial=990)]
    await taken_in(province, *told)
    await settled(province, *(f"complaint:{one.subject}" for one in told))
    found = await signal(province, key="complaints_lot|sr11")
    assert found["count"] == 4
    for lang, shown in (
        ("vi", "4 nguồn phản ánh (báo từ 3)"),
        ("en", "separate complaints: 4"),
        ("zh", "4 个投诉来源"),
    ):
        browser = province.browser(province.token(), **{"Accept-Language": lang})
        for path in (HOME, f"{HOME}/{found['_id']}"):
            text = (await browser.get(path)).text
            assert shown in text, (lang, path)
            assert "4 con tem" not in text
    rules = (await province.browser(province.token()).get(f"{HOME}/rules")).text
    assert "từ 3 nguồn phản ánh trong 14 ngày" in rules
    assert "từ 5 con tem trong 30 ngày" in rules, "of copies"
    assert await province.db.collection(SIGNALS).count_documents({"_id": found["_id"]}) == 1


async def test_an_entered_report_counts_on_the_day_it_was_heard(province: Recall) -> None:
    await province.know(lot("sr12"))
    at = now()
    days = {
        "past": today() - timedelta(days=20),
        "now": today(),
        "odd": today() + timedelta(days=2),
    }
    told = [
        filed(f"sr12-{name}", lot_id="sr12", filed_at=at, **{**ENTERED, "heard_on": day})
        for name, day in days.items()
    ]
    await taken_in(province, *told)
    await settled(province, *(f"complaint:{one.subject}" for one in told))
    kept = province.db.collection(FACTS)
    found = {
        row["_id"].removeprefix("complaint:sr12-"): local_day(row["at"])
        async for row in kept.find({"lot_id": "sr12"})
    }
    assert found == {**days, "odd": today()}, "nothing is heard after it was entered"
    key = {"key": "complaints_lot|sr12"}
    assert not await province.db.collection(SIGNALS).count_documents(key), "three in 20 days"
    more = filed(
        "sr12-more", lot_id="sr12", **{**ENTERED, "heard_on": today() - timedelta(days=19)}
    )
    late = filed(
        "sr12-late", lot_id="sr12", **{**ENTERED, "heard_on": today() - timedelta(days=18)}
    )
    await taken_in(province, more, late)
    raised = await signal(province, key="complaints_lot|sr12")
    assert str(raised["start"])[:10] == str(days["past"]), "typed today, three weeks old"


async def test_nobody_raises_a_signal_alone_by_what_they_enter(province: Recall) -> None:
    """Whatever stamps they name; with what others heard and sent it counts as one."""
    await province.know(lot("sr13"))
    first: dict[str, Any] = {**ENTERED, "clerk": "clerk-a"}
    told = [filed(f"sr13-{n}", lot_id="sr13", **first) for n in range(3)]
    told += [
        filed(f"sr13-s{n}", lot_id="sr13", **{**first, "batch": 40, "serial": 700 + n})
        for n in range(3)
    ]
    other = filed("sr13-b", lot_id="sr13", **{**ENTERED, "clerk": "clerk-b"})
    await taken_in(province, *told, other)
    await settled(province, *(f"complaint:{one.subject}" for one in (*told, other)))
    key = {"key": "complaints_lot|sr13"}
    assert not await province.db.collection(SIGNALS).count_documents(key)
    await taken_in(province, filed("sr13-own", lot_id="sr13", serial=991))
    found = await signal(province, **key)
    assert (found["count"], len(found["facts"])) == (3, 8)
    for lang, shown in (
        ("vi", "7 phản ánh do cán bộ nhập tính là 2 nguồn"),
        ("en", "7 complaints entered by officials count as 2"),
        ("zh", "7起投诉算作2个来源"),
    ):
        browser = province.browser(province.token(), **{"Accept-Language": lang})
        assert shown in (await browser.get(f"{HOME}/{found['_id']}")).text
    each = await a_cluster(province, "sr14")
    page = (await province.browser(province.token()).get(f"{HOME}/{each}")).text
    assert "do cán bộ nhập tính là" not in page
