"""An inspection that recall's officials ask for is in the work of those who inspect there."""

import asyncio
from datetime import timedelta
from typing import Any

from services.registry.store.wanted import WANTED, note, prepare
from shared.contracts.recall import InspectionWanted
from shared.days import today
from shared.ids import now
from shared.mongo import transact
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_inspections import HOME, recorded

REASON = "Lấy mẫu chả mực theo phản ánh"


def wanted(id_: str, facility: dict[str, Any], version: int = 1, **more: Any) -> InspectionWanted:
    given: dict[str, Any] = {
        **{"facility_id": facility["id"], "commune": builders.COMMUNE},
        **{"sector": "agriculture", "reason": REASON, "authority": "Chi cục"},
        **{"asked_at": now(), "until": today() + timedelta(days=3), "wanted": True, **more},
    }
    return InspectionWanted(subject=id_, version=version, time=now(), **given)


async def heard(registry: Registry, id_: str) -> dict[str, Any]:
    async def there() -> bool:
        return await registry.db.collection(WANTED).find_one({"_id": id_}) is not None

    await eventually(there)
    found = await registry.db.collection(WANTED).find_one({"_id": id_})
    assert found
    return dict(found)


async def test_it_is_listed_for_those_who_inspect_there_until_they_have(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    await registry.tell(wanted("w1", facility))
    await heard(registry, "w1")
    checker = registry.browser(registry.checker())
    assert REASON in (await checker.get(HOME)).text
    form = await checker.get(f"/console/registry/facilities/{facility['id']}/inspections/new")
    assert REASON in form.text
    away = registry.browser(registry.checker("00004"))
    assert REASON not in (await away.get(HOME)).text
    theirs = registry.browser(registry.operator(facility["id"]))
    assert REASON not in (await theirs.get(HOME)).text, "nobody is told before an inspection"
    because = {"kind": "complaint", "violations": []}
    await recorded(registry, facility["id"], on=str(today() - timedelta(days=30)), **because)
    assert REASON in (await checker.get(HOME)).text, "one of before answers nothing"
    await recorded(registry, facility["id"], on=str(today()), violations=[], kind="planned")
    assert REASON in (await checker.get(HOME)).text, "a routine visit of the day answers nothing"
    await recorded(registry, facility["id"], on=str(today()), **because)
    assert REASON not in (await checker.get(HOME)).text
    assert (await heard(registry, "w1"))["kept_until"], "what was answered has its last day"
    await registry.tell(wanted("w1", facility, 2, asked_at=now(), reason="Kiểm tra lại"))

    async def again() -> bool:
        return "Kiểm tra lại" in (await checker.get(HOME)).text

    await eventually(again)


async def test_an_inspection_of_before_it_was_asked_for_the_same_day_answers_nothing(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    await recorded(registry, facility["id"], on=str(today()), kind="complaint", violations=[])
    await registry.tell(wanted("w4", facility, reason="Sau biên bản"))
    await heard(registry, "w4")
    assert "Sau biên bản" in (await registry.browser(registry.checker()).get(HOME)).text


async def test_what_was_answered_before_the_upgrade_does_not_come_back(registry: Registry) -> None:
    facility = await registry.a_facility()
    await recorded(registry, facility["id"], on=str(today()), violations=[], kind="planned")
    await registry.tell(wanted("w5", facility), wanted("w6", facility, reason="Chưa làm"))
    await heard(registry, "w6")
    rows = registry.db.collection(WANTED)
    old: dict[str, Any] = {"$unset": {"asked_at": "", "done": ""}}
    await rows.update_one({"_id": "w5"}, old)
    tomorrow = str(today() + timedelta(days=1))
    await rows.update_one({"_id": "w6"}, {**old, "$set": {"asked_on": tomorrow}})
    await prepare(registry.db)
    assert "done" in await heard(registry, "w5")
    assert "done" not in await heard(registry, "w6")


async def test_heard_twice_or_late_the_newest_word_stands(registry: Registry) -> None:
    facility = await registry.a_facility()
    gone = wanted("w2", facility, 3, wanted=False)
    await registry.tell(gone)
    await heard(registry, "w2")
    await registry.tell(wanted("w2", facility, 2), gone, wanted("w3", facility, reason="Việc khác"))
    await heard(registry, "w3")
    assert (await heard(registry, "w2"))["wanted"] is False
    page = (await registry.browser(registry.checker()).get(HOME)).text
    assert "Việc khác" in page
    assert REASON not in page


async def test_an_inspection_recorded_before_it_was_heard_that_it_is_wanted_answers_it(
    registry: Registry,
) -> None:
    """The inspector was told by telephone, the queue was behind."""
    facility = await registry.a_facility()
    asked_at = now()
    await recorded(registry, facility["id"], on=str(today()), kind="complaint", violations=[])
    late = wanted("w7", facility, asked_at=asked_at, reason="Báo qua điện thoại")
    await registry.tell(late, late)
    assert (await heard(registry, "w7"))["done"]
    assert "Báo qua điện thoại" not in (await registry.browser(registry.checker()).get(HOME)).text
    await registry.tell(wanted("w7", facility, 2, asked_at=now(), reason="Kiểm tra lần nữa"))

    async def waits() -> bool:
        return "done" not in await heard(registry, "w7")

    await eventually(waits)


async def test_asked_and_answered_at_the_same_moment_it_is_answered(registry: Registry) -> None:
    facility = await registry.a_facility()
    event = wanted("w8", facility)
    for _ in range(5):
        await registry.db.collection(WANTED).delete_many({"_id": "w8"})
        await registry.db.collection("inspections").delete_many({"facility_id": facility["id"]})
        visit = recorded(registry, facility["id"], on=str(today()), kind="complaint", violations=[])
        asking = transact(registry.db, lambda tx: note(tx, [event]))
        await asyncio.gather(visit, asking)
        assert (await heard(registry, "w8")).get("done")


async def test_what_a_program_of_before_noted_is_answered_too(registry: Registry) -> None:
    facility = await registry.a_facility()
    await registry.tell(wanted("w9", facility))
    await heard(registry, "w9")
    await registry.db.collection(WANTED).update_one({"_id": "w9"}, {"$unset": {"asked_at": ""}})
    await recorded(registry, facility["id"], on=str(today()), kind="complaint", violations=[])
    assert (await heard(registry, "w9"))["done"]


async def test_the_inspection_leads_to_the_suspicion_that_asked_for_it_where_that_may_be_read(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    asked_at = now() - timedelta(hours=1)
    await registry.tell(wanted("w-leads", facility, asked_at=asked_at))
    await heard(registry, "w-leads")
    one = await recorded(registry, facility["id"], on=str(today()), kind="complaint", violations=[])
    other = await recorded(registry, facility["id"], on=str(today()), kind="planned", violations=[])
    link = 'href="/console/recall/suspicions/w-leads"'
    checker = registry.browser(registry.checker())
    shown = (await checker.get(f"{HOME}/{one['id']}")).text
    assert link in shown
    assert REASON in shown
    assert 'name="suspicions" value="w-leads"' in shown
    assert link not in (await checker.get(f"{HOME}/{other['id']}")).text, "nobody asked for it"
    theirs = registry.browser(registry.operator(facility["id"]))
    answer = await theirs.get(f"{HOME}/{one['id']}")
    assert answer.status_code == 200
    assert "w-leads" not in answer.text, "a facility is told of no suspicion"
    assert REASON not in answer.text
