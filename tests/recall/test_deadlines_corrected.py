"""What a case asks follows its kind, which corrections change: deadlines begin, end, begin anew."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.recall.actions import overdue, timing
from services.recall.domain.deadlines import Clock
from services.recall.store import clocks, owner_requests
from shared.contracts.recall import DeadlineMissed, RecallCorrected, RecallOrdered
from shared.mongo import Tx, transact
from shared.working_days import calendar_of
from tests.answers import ok
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_corrections import confirmed, correct
from tests.recall.test_owner_requests import DESTROY, WORDS, asked
from tests.recall.test_recoveries import a_case

ASKED = ("notify", "decision_document")


async def clock(recall: Recall, case_id: str, name: str) -> Clock | None:
    return await clocks.get(recall.db, f"{case_id}/{name}")


async def until(recall: Recall, case_id: str, name: str, *, runs: bool) -> Clock:
    async def found() -> Clock | None:
        known = await clock(recall, case_id, name)
        return known if known is not None and known.is_running is runs else None

    known: Clock = await eventually(found, 30)
    return known


async def made_a_warning(recall: Recall, case_id: str, revision: int) -> None:
    done = await correct(recall, case_id, kind="warning", level="caution", revision=revision)
    assert done.status_code == 200, done.text
    assert (await confirmed(recall, case_id)).status_code == 200


async def made_a_recall(recall: Recall, case_id: str, revision: int) -> Any:
    answer = await correct(recall, case_id, kind="recall", level="serious", revision=revision)
    assert answer.status_code == 200, answer.text
    [*_, event] = await recall.events(case_id, RecallCorrected)
    return event.time


async def hear(recall: Recall, events: list[Any]) -> None:
    async def work(tx: Tx) -> None:
        await timing.follow(tx, events)

    await transact(recall.db, work)


async def test_a_warning_that_becomes_a_recall_asks_from_the_correction_on(
    province: Recall,
) -> None:
    await province.know(lot("dk1"))
    case_id = (await province.order("dk1", kind="warning", level="caution"))["id"]
    await until(province, await a_case(province, "dk1b"), "notify", runs=True)  # Told later.
    assert await clock(province, case_id, "notify") is None
    at = await made_a_recall(province, case_id, 0)
    for name in ASKED:
        found = await until(province, case_id, name, runs=True)
        assert found.started_at is not None
        assert abs(found.started_at - at) < timedelta(milliseconds=1), "not late when it is born"


async def test_a_recall_that_becomes_a_warning_asks_nothing_any_more(province: Recall) -> None:
    case_id = await a_case(province, "dk2")
    handling = await asked(province, case_id, "handling", DESTROY)
    closing = await asked(province, case_id, "closing", WORDS)
    answers = (f"handling_answer/{handling}", f"closing_answer/{closing}")
    for name in (*ASKED, *answers):
        await until(province, case_id, name, runs=True)
    await made_a_warning(province, case_id, 0)
    for name in (*ASKED, *answers):
        assert (await until(province, case_id, name, runs=False)).stopped_by == "ended", name
    states = {str(one.state) for one in await owner_requests.of_case(province.db, case_id)}
    assert states == {"ended"}
    assert not await province.events(f"{case_id}/notify", DeadlineMissed)


async def test_a_clock_that_began_beside_a_correction_to_a_warning_ends_at_its_next_step(
    province: Recall,
) -> None:
    """Both were kept at one moment: the correction did not see the clock."""
    case_id = await a_case(province, "dk6")
    before = await until(province, case_id, "notify", runs=True)
    await made_a_warning(province, case_id, 0)
    ended = await until(province, case_id, "notify", runs=False)
    started = replace(before, version=ended.version + 1)

    async def overtaken(tx: Tx) -> None:
        await clocks.put(tx, started)

    await transact(province.db, overtaken)
    assert started.due_at is not None
    at = started.due_at + timedelta(seconds=1)
    await overdue._look(province.db, started.id, calendar_of(), at)
    assert (await until(province, case_id, "notify", runs=False)).stopped_by == "ended"
    assert not await province.events(started.id, DeadlineMissed)


async def test_recall_warning_recall_begins_anew_however_it_is_told(province: Recall) -> None:
    case_id = await a_case(province, "dk3")
    first = await until(province, case_id, "notify", runs=True)
    await made_a_warning(province, case_id, 0)
    await until(province, case_id, "notify", runs=False)
    at = await made_a_recall(province, case_id, 1)
    again = await until(province, case_id, "notify", runs=True)
    assert again.started_at is not None
    assert first.started_at is not None
    assert again.started_at > first.started_at
    assert abs(again.started_at - at) < timedelta(milliseconds=1)
    assert (again.done, again.stopped_by) == ((), "")
    events = [
        *await province.events(case_id, RecallOrdered),
        *await province.events(case_id, RecallCorrected),
    ]
    for told in (events, [*reversed(events)], [*events, *events]):
        await hear(province, told)
    assert await clock(province, case_id, "notify") == again, "late or twice it changes nothing"


async def test_what_is_told_of_after_both_corrections_begins_with_the_last(
    province: Recall,
) -> None:
    """The queue was behind: recall, warning and recall again are heard of at once."""
    case_id = await a_case(province, "dk4")
    await until(province, case_id, "notify", runs=True)
    await made_a_warning(province, case_id, 0)
    await until(province, case_id, "notify", runs=False)
    at = await made_a_recall(province, case_id, 1)
    await until(province, case_id, "notify", runs=True)
    await province.db.collection(clocks.CLOCKS).delete_many({"case_id": case_id})
    events = await province.events(case_id, RecallOrdered)
    await transact(province.db, lambda tx: timing.follow(tx, events))
    found = await clock(province, case_id, "notify")
    assert found is not None
    assert found.started_at is not None
    assert abs(found.started_at - at) < timedelta(milliseconds=1)


async def test_what_was_met_is_not_asked_again(province: Recall) -> None:
    case_id = await a_case(province, "dk5")
    await until(province, case_id, "notify", runs=True)
    owner = province.token(tier="facility", kinds=["operate"], facility="f1", communes=[])
    ok(await province.post(f"/recalls/{case_id}/acknowledge", {}, token=owner))
    met = await until(province, case_id, "notify", runs=False)
    await made_a_warning(province, case_id, 0)
    await made_a_recall(province, case_id, 1)
    await until(province, case_id, "decision_document", runs=True)
    assert await clock(province, case_id, "notify") == met


async def test_a_lift_ends_what_the_owner_asked(province: Recall) -> None:
    case_id = await a_case(province, "dk6")
    handling = await asked(province, case_id, "handling", DESTROY)
    reason = {"reason": "Kết quả kiểm nghiệm đạt"}
    ok(await province.post(f"/recalls/{case_id}/lift", reason))
    ok(await province.post(f"/recalls/{case_id}/lift/confirm"))

    async def ended() -> bool:
        [one] = await owner_requests.of_case(province.db, case_id)
        return str(one.state) == "ended"

    await eventually(ended, 30)
    await until(province, case_id, f"handling_answer/{handling}", runs=False)
