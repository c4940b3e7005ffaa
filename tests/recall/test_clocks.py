"""Clocks of cases: started and stopped once, whatever comes twice or late; each step once."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.recall import sweeping
from services.recall.actions import clocks, overdue
from services.recall.actions.rounds import Turn
from services.recall.actions.timing import follow, follow_acknowledged, follow_acts
from services.recall.domain.deadlines import Clock, deadlines
from services.recall.domain.terms import Place
from services.recall.store import clocks as kept
from services.recall.store import entries, leases
from shared.contracts.acts import Actor, RecallActRecorded
from shared.contracts.event import Event
from shared.contracts.identity import UnitPublished
from shared.contracts.recall import (
    ClockChanged,
    DeadlineMissed,
    DeadlineNear,
    RecallAcknowledged,
)
from shared.days import VIETNAM
from shared.ids import new_id, now
from shared.mongo import transact
from shared.working_days import calendar_of
from tests.polling import eventually
from tests.recall.builders import AT, batch, lot, segment
from tests.recall.conftest import Recall

CALENDAR = calendar_of()
PLACE = Place("f1", "07001", "agriculture")
HOUR = timedelta(hours=1)
# Long ahead: the process's own sweep has nothing to do with these clocks.
START = datetime(2027, 11, 4, 9, tzinfo=VIETNAM)
DECIDE = "decide"
# What an authority's recall starts: the owner tells on, and the written decision follows.
RECALLED = {"notify", "decision_document"}


async def a_case(recall: Recall) -> str:
    name = f"k{new_id()}"
    await recall.know(lot(name))
    return str((await recall.order(name))["id"])


async def a_large_case(recall: Recall) -> dict[str, Any]:
    """Of more stamps than one person may recall."""
    name, number = f"k{new_id()}", 900 + await recall.db.collection("batches").count_documents({})
    await recall.know(lot(name))
    await recall.know(batch(number, 6_000), segment(number, (0, 5_999, name, "active")))
    return await recall.order(name)


async def start(recall: Recall, case_id: str, name: str = DECIDE, **more: Any) -> None:
    at = more.pop("at", START)
    await transact(recall.db, lambda tx: clocks.start(tx, name, case_id, PLACE, at, **more))


async def stop(recall: Recall, case_id: str, name: str = DECIDE, **more: Any) -> None:
    at = more.pop("at", START + HOUR)
    await transact(recall.db, lambda tx: clocks.stop(tx, name, case_id, at, **more))


async def clock(recall: Recall, case_id: str, name: str = DECIDE) -> Clock:
    found = await kept.get(recall.db, f"{case_id}/{name}")
    assert found is not None
    return found


async def look(recall: Recall, at: datetime) -> None:
    await overdue.sweep(recall.db, CALENDAR, at)


async def told(recall: Recall, case_id: str) -> list[str]:
    """What was told of the case's clocks, oldest first."""
    events: Sequence[Event] = await recall.events()
    return [
        f"near {e.percent} {e.tier}" if isinstance(e, DeadlineNear) else f"missed {e.tier}"
        for e in events
        if isinstance(e, DeadlineNear | DeadlineMissed)
        and e.case_id == case_id
        and e.deadline == DECIDE
    ]


async def test_each_step_is_told_once_and_climbs_the_tiers(province: Recall) -> None:
    case_id = await a_case(province)
    await start(province, case_id)
    for hours in (0, 11, 12, 12, 20, 23, 24, 24, 35, 36, 47, 48, 100, 1_000):
        await look(province, START + hours * HOUR)
    assert await told(province, case_id) == [
        "near 50 commune",
        "near 80 commune",
        "missed commune",
        "missed unit",
        "missed department",
        "missed province",
    ]
    history = await entries.of_case(province.db, case_id)
    acts = [entry.act for entry in history if entry.text == deadlines()[DECIDE].name]
    assert acts == ["deadline_near"] * 2 + ["deadline_due"] + ["deadline_escalated"] * 3
    found = await clock(province, case_id)
    assert found.told == ("commune", "unit", "department", "province")
    assert found.next_at is None
    assert found.is_overdue(START + 25 * HOUR)


async def test_the_case_can_still_be_read_with_its_deadlines(province: Recall) -> None:
    case_id = await a_case(province)
    await start(province, case_id)
    await look(province, START + 30 * HOUR)
    answer = await province.get(f"/recalls/{case_id}")
    assert answer.status_code == 200
    assert [e["act"] for e in answer.json()["history"]][-1] == "deadline_escalated"


async def test_two_sweepers_at_once_tell_once(province: Recall) -> None:
    case_id = await a_case(province)
    await start(province, case_id)
    for hours in (13, 25, 60):
        await asyncio.gather(*(look(province, START + hours * HOUR) for _ in range(4)))
    assert len(await told(province, case_id)) == len(set(await told(province, case_id))) == 5


async def test_who_looks_after_a_long_while_reminds_nobody_of_what_is_over(
    province: Recall,
) -> None:
    """A sweep that stood still tells what was missed, each tier its own, and no reminder."""
    case_id = await a_case(province)
    await start(province, case_id)
    await look(province, START + 40 * HOUR)
    assert await told(province, case_id) == ["missed commune", "missed unit", "missed department"]
    await look(province, START + 50 * HOUR)
    assert (await told(province, case_id))[3:] == ["missed province"]


async def test_a_process_that_dies_in_the_middle_loses_and_doubles_nothing(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await a_case(province)
    await start(province, case_id)

    async def dies(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr("shared.audit.accepted", dies)
    with pytest.raises(RuntimeError):
        await look(province, START + 25 * HOUR)
    monkeypatch.undo()
    assert await told(province, case_id) == []
    await look(province, START + 25 * HOUR)
    assert await told(province, case_id) == ["missed commune", "missed unit"]


async def test_a_sweepers_clock_that_goes_back_an_hour_tells_nothing_again(
    province: Recall,
) -> None:
    case_id = await a_case(province)
    await start(province, case_id)
    for hours in (12.5, 11.5, 12.5, 24.5, 23.5, 24.5):
        await look(province, START + hours * HOUR)
    assert await told(province, case_id) == ["near 50 commune", "missed commune", "missed unit"]


async def test_a_stopped_clock_tells_nothing(province: Recall) -> None:
    case_id = await a_case(province)
    await start(province, case_id)
    await stop(province, case_id, at=START + 2 * HOUR)
    await look(province, START + 100 * HOUR)
    assert await told(province, case_id) == []
    found = await clock(province, case_id)
    assert (found.stopped_at, found.stopped_by) == (START + 2 * HOUR, "met")
    assert not found.is_late()


async def test_a_start_and_a_stop_may_come_twice_and_in_either_order(province: Recall) -> None:
    case_id = await a_case(province)
    await stop(province, case_id)
    await start(province, case_id)
    await stop(province, case_id, at=START + 9 * HOUR)
    await start(province, case_id, at=START + 9 * HOUR)
    found = await clock(province, case_id)
    assert (found.started_at, found.stopped_at) == (START, START + HOUR)
    await look(province, START + 100 * HOUR)
    assert await told(province, case_id) == []
    other = await a_case(province)
    for _ in range(3):
        await start(province, other)
    assert (await clock(province, other)).version == 1


async def test_several_starts_at_once_make_one_clock(province: Recall) -> None:
    case_id = await a_case(province)
    done = await asyncio.gather(
        *(start(province, case_id) for _ in range(5)), return_exceptions=True
    )
    assert not [one for one in done if isinstance(one, BaseException)]
    assert (await clock(province, case_id)).version == 1


async def test_a_clock_is_told_as_it_stands_after_each_change(province: Recall) -> None:
    case_id = await a_case(province)
    await start(province, case_id)
    await look(province, START + 25 * HOUR)
    await stop(province, case_id, at=START + 26 * HOUR)
    changes = await province.events(f"{case_id}/{DECIDE}", ClockChanged)
    assert [(c.version, c.open, c.tiers) for c in changes] == [
        (1, True, ("commune",)),
        (2, True, ("commune", "unit")),
        (3, False, ("commune", "unit")),
    ]
    assert (await clock(province, case_id)).is_late()


async def test_whom_it_is_told_to_is_named_by_unit(province: Recall) -> None:
    commune, other, unit = new_id(), new_id(), new_id()
    await province.tell(
        *(
            UnitPublished(
                subject=id_,
                version=1,
                time=AT,
                name=id_,
                tier=tier,
                path=(id_,),
                communes=communes,
                sector=sector,
            )
            for id_, tier, communes, sector in (
                (commune, "commune", ("07001",), "*"),
                (other, "commune", ("07009",), "*"),
                (unit, "unit", ("*",), "agriculture"),
            )
        )
    )

    async def known() -> bool:
        return await province.db.collection("authorities").count_documents({}) >= 3

    await eventually(known)
    case_id = await a_case(province)
    await start(province, case_id)
    await look(province, START + 25 * HOUR)
    missed = [e for e in await province.events(kind=DeadlineMissed) if e.case_id == case_id]
    first, second = missed
    assert (first.units, first.owed_by, first.escalated) == ((commune,), "commune", False)
    assert (second.units, second.owed_by, second.escalated) == ((unit,), "commune", True)


async def test_where_a_tier_has_no_unit_the_next_one_is_told_at_once(province: Recall) -> None:
    commune, department = new_id(), new_id()
    await province.tell(
        *(
            UnitPublished(
                subject=id_,
                version=1,
                time=AT,
                name=id_,
                tier=tier,
                path=(id_,),
                communes=("07077",),
                sector="health",
            )
            for id_, tier in ((commune, "commune"), (department, "department"))
        )
    )

    async def known() -> bool:
        found = await province.db.collection("authorities").find_one({"_id": department})
        return found is not None

    await eventually(known)
    case_id = await a_case(province)
    place = Place("f1", "07077", "health")
    await transact(province.db, lambda tx: clocks.start(tx, DECIDE, case_id, place, START))
    await look(province, START + 24 * HOUR)
    assert await told(province, case_id) == [
        "missed commune",
        "missed unit",
        "missed department",
    ], "no twelve hours are lost on a tier where nobody is"
    assert (await clock(province, case_id)).told == ("commune", "department")
    history = await entries.of_case(province.db, case_id)
    acts = [entry.act for entry in history if entry.text == deadlines()[DECIDE].name]
    assert acts == ["deadline_due", "deadline_nobody", "deadline_escalated"]
    await look(province, START + 48 * HOUR)
    assert len(await told(province, case_id)) == 4, "and then the province, where nobody is either"


async def test_another_calendar_sets_running_clocks_anew(province: Recall, tmp_path: Path) -> None:
    case_id = await a_case(province)
    await start(province, case_id, "handling_answer")
    before = await clock(province, case_id, "handling_answer")
    assert before.due_at == datetime(2027, 11, 10, tzinfo=VIETNAM)
    own = tmp_path / "days.toml"
    own.write_text(
        '[[year]]\nyear = 2027\nstanding = "decided"\n'
        'holiday = [{ name = "Nghỉ", on = [2027-11-08, 2027-11-09] }]\n'
    )
    await overdue.sweep(province.db, calendar_of(own), START)
    after = await clock(province, case_id, "handling_answer")
    assert after.due_at == datetime(2027, 11, 12, tzinfo=VIETNAM)


async def test_an_order_that_waits_must_be_decided_within_a_day(province: Recall) -> None:
    case = await a_large_case(province)
    assert case["state"] == "awaiting_confirmation"

    async def runs() -> Clock | None:
        return await kept.get(province.db, f"{case['id']}/decide")

    found = await eventually(runs)
    assert found.is_running
    assert found.started_at is not None
    assert found.due_at == found.started_at + 24 * HOUR
    assert found.tiers[0] == "department", "who asked is of the department, so it decides"
    confirmed = await province.post(f"/recalls/{case['id']}/confirm", token=province.token())
    assert confirmed.status_code == 200, confirmed.text

    async def decided() -> bool:
        one = await kept.get(province.db, f"{case['id']}/decide")
        return one is not None and one.stopped_by == "met"

    await eventually(decided)


async def test_an_order_that_is_not_confirmed_needs_no_decision_any_more(
    province: Recall,
) -> None:
    case = await a_large_case(province)
    declined = await province.post(f"/recalls/{case['id']}/decline", {"reason": "nhầm"})
    assert declined.status_code == 200

    async def over() -> bool:
        one = await kept.get(province.db, f"{case['id']}/decide")
        return one is not None and one.started_at is not None and not one.is_running

    await eventually(over)


async def running(recall: Recall, case_id: str) -> set[str]:
    return {one.name for one in await kept.of_case(recall.db, case_id) if one.is_running}


async def all_accounted_for(recall: Recall, case_id: str) -> None:
    for lot_id in (await recall.get(f"/recalls/{case_id}")).json()["lots"]:
        await recall.account_for(case_id, lot_id)


async def test_the_owner_of_recalled_goods_tells_those_who_bought_within_a_day(
    province: Recall,
) -> None:
    case_id = await a_case(province)

    async def runs() -> bool:
        return await running(province, case_id) == RECALLED

    await eventually(runs)
    found = await clock(province, case_id, "notify")
    assert found.tiers[0] == "facility"
    assert found.facility_id == "f1"
    await all_accounted_for(province, case_id)
    closed = await province.post(
        f"/recalls/{case_id}/close", {"finding": "xong", "handling": "destroy"}
    )
    assert closed.status_code == 200

    async def ended() -> bool:
        return not await running(province, case_id)

    await eventually(ended)
    assert (await clock(province, case_id, "notify")).stopped_by == "ended"


async def test_a_warning_starts_no_deadline(province: Recall) -> None:
    name = f"k{new_id()}"
    await province.know(lot(name))
    case = await province.order(name, kind="warning")
    await a_case(province)  # Told later, so the warning has been heard of by then.

    async def heard() -> bool:
        return await province.db.collection("clocks").count_documents({"name": "notify"}) > 0

    await eventually(heard)
    assert await kept.of_case(province.db, case["id"]) == []


async def test_events_that_come_late_or_again_change_nothing(province: Recall) -> None:
    """The case as it stands decides: its closing came first, the order's telling after it."""
    case_id = await a_case(province)
    close = {"finding": "xong", "handling": "destroy"}
    await all_accounted_for(province, case_id)
    assert (await province.post(f"/recalls/{case_id}/close", close)).status_code == 200

    async def over() -> bool:
        return not await running(province, case_id)

    await eventually(over)
    told_so_far = [e for e in await province.events(case_id) if e.type == "recall.ordered.v1"]
    act = RecallActRecorded(
        subject=case_id,
        version=1,
        time=now(),
        actor=Actor(account_id="a", tier="department"),
        action="recall.order",
    )
    for _ in range(2):
        await transact(province.db, lambda tx: follow(tx, told_so_far))
        await transact(province.db, lambda tx: follow_acts(tx, [act]))
    assert await running(province, case_id) == set()


async def test_an_order_that_waits_for_nobody_is_heard_of_once(province: Recall) -> None:
    """RecallOrdered tells it: its record as an act starts nothing a second time."""
    case_id = await a_case(province)

    async def runs() -> bool:
        return await running(province, case_id) == RECALLED

    await eventually(runs)
    await province.db.collection("clocks").delete_one({"_id": f"{case_id}/notify"})
    for act, started in (("ordered", {"decision_document"}), ("asked", RECALLED)):
        record = RecallActRecorded(
            subject=case_id,
            version=1,
            time=now(),
            actor=Actor(account_id="a", tier="department"),
            action="recall.order",
            facts={"act": act},
        )
        await transact(province.db, lambda tx, record=record: follow_acts(tx, [record]))  # type: ignore[misc]
        assert await running(province, case_id) == started


async def test_acts_from_before_clocks_were_kept_start_none(province: Recall) -> None:
    case_id = await a_case(province)

    async def runs() -> bool:
        return await running(province, case_id) == RECALLED

    await eventually(runs)
    (ordered,) = [e for e in await province.events(case_id) if e.type == "recall.ordered.v1"]
    await province.db.collection("clocks").delete_one({"_id": f"{case_id}/notify"})
    old = ordered.model_copy(update={"time": ordered.time - timedelta(days=365)})
    await transact(province.db, lambda tx: follow(tx, [old]))
    assert await running(province, case_id) == {"decision_document"}
    await transact(province.db, lambda tx: follow(tx, [ordered]))
    assert await running(province, case_id) == RECALLED


async def test_one_process_at_a_time_sweeps(province: Recall) -> None:
    name, at = new_id(), now()
    assert await leases.held(province.db, name, by="one", now=at)
    assert await leases.held(province.db, name, by="one", now=at)
    assert not await leases.held(province.db, name, by="other", now=at)
    assert await leases.held(province.db, name, by="other", now=at + timedelta(seconds=6))
    assert not await leases.held(province.db, name, by="one", now=at + timedelta(seconds=6))


async def test_a_holder_whose_clock_was_an_hour_ahead_keeps_nobody_out(province: Recall) -> None:
    name, at = new_id(), now()
    assert await leases.held(province.db, name, by="ahead", now=at + HOUR)
    assert await leases.held(province.db, name, by="other", now=at)


async def test_a_clock_that_was_started_as_its_case_ended_is_stopped_by_the_sweep(
    province: Recall,
) -> None:
    """The end saw no clock, the start an open case: neither stops it."""
    case_id = await a_case(province)
    await all_accounted_for(province, case_id)
    close = {"finding": "xong", "handling": "destroy"}
    closed = await province.post(f"/recalls/{case_id}/close", close)
    assert closed.status_code == 200

    async def over() -> bool:
        return not await running(province, case_id)

    await eventually(over)
    await start(province, case_id)
    await look(province, START + 30 * HOUR)
    assert await told(province, case_id) == []
    found = await clock(province, case_id)
    assert (found.is_running, found.stopped_by) == (False, "ended")


async def test_a_look_at_which_nothing_is_due_any_more_tells_nothing(province: Recall) -> None:
    case_id = await a_case(province)
    await start(province, case_id)
    for _ in range(2):
        await overdue._look(province.db, f"{case_id}/{DECIDE}", CALENDAR, START + 13 * HOUR)
    assert (await clock(province, case_id)).version == 2
    assert len(await province.events(f"{case_id}/{DECIDE}", ClockChanged)) == 2


async def test_clocks_that_cannot_be_looked_at_keep_no_other_from_its_turn(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = sorted([await a_case(province) for _ in range(3)])
    for case_id in cases:
        await start(province, case_id)
    broken = {f"{case_id}/{DECIDE}" for case_id in cases[:2]}
    look_at = overdue._look

    async def fails(db: Any, clock_id: str, *rest: Any) -> None:
        if clock_id in broken:
            raise RuntimeError("broken")
        await look_at(db, clock_id, *rest)

    monkeypatch.setattr(overdue, "_look", fails)
    monkeypatch.setattr(overdue, "AT_ONCE", 2)
    turn = Turn()
    for _ in range(await province.db.collection("clocks").count_documents({})):
        with contextlib.suppress(RuntimeError):
            await overdue.sweep(province.db, CALENDAR, START + 13 * HOUR, turn)
    assert await told(province, cases[2]) == ["near 50 commune"]


async def test_the_index_of_before_is_taken_away(province: Recall) -> None:
    rows = province.db.collection("clocks")
    await rows.drop_index("next")
    former = {"next_at": {"$type": "date"}}
    await rows.create_index([("next_at", 1)], name="to_do", partialFilterExpression=former)
    await kept.prepare(province.db)
    assert {"next", "to_do"} & set(await rows.index_information()) == {"next"}


async def test_what_is_due_is_found_by_an_index(province: Recall) -> None:
    found = province.db.collection("clocks").find(kept.due(START))
    plan = (await found.explain())["queryPlanner"]
    assert "'indexName': 'next'" in str(plan["winningPlan"])
    assert await kept.to_do(province.db, START - 1_000 * HOUR * 24, 2) == []


async def test_a_process_whose_clock_is_wrong_sweeps_by_the_servers(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = now() + HOUR
    monkeypatch.setattr("services.recall.sweeping.now", lambda: ahead, raising=False)
    seen: list[datetime] = []

    async def look(_: Any, at: datetime) -> None:
        seen.append(at)

    sweeping_now = asyncio.create_task(sweeping._keep(province.db, new_id(), look))
    try:

        async def looked() -> bool:
            return bool(seen)

        await eventually(looked)
    finally:
        sweeping_now.cancel()
    assert seen[0] < ahead - HOUR / 2


async def test_the_owners_acknowledgement_stops_its_clock_and_no_other_facilitys_does(
    province: Recall,
) -> None:
    case_id = await a_case(province)

    async def runs() -> bool:
        return await running(province, case_id) == RECALLED

    await eventually(runs)

    def told_by(facility: str) -> RecallAcknowledged:
        return RecallAcknowledged(
            subject=f"{case_id}/{facility}",
            version=1,
            time=now(),
            case_id=case_id,
            facility_id=facility,
        )

    await transact(province.db, lambda tx: follow_acknowledged(tx, [told_by("f2")]))
    assert await running(province, case_id) == RECALLED
    for _ in range(2):
        await transact(province.db, lambda tx: follow_acknowledged(tx, [told_by("f1")]))
    found = await clock(province, case_id, "notify")
    assert (found.is_running, found.stopped_by) == (False, "met")
