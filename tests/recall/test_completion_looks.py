"""Looks at what a case's owner owes: who asks for one, what it leaves alone, what was before."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from services.recall.actions import completion, growth, reports_of_before
from services.recall.domain.owner_request import About
from services.recall.domain.terms import State
from services.recall.store import clocks, completions, owner_requests, recoveries
from services.recall.store.cases import CASES
from services.recall.store.owner_requests import BEFORE
from shared.contracts.registry import LotPublished
from shared.ids import now
from shared.mongo import Tx, transact
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_completion import ALL, looked_at, owed, until
from tests.recall.test_recoveries import a_case, reported, row


async def turns_and_looks(recall: Recall, case_id: str) -> tuple[int, int]:
    look = await completions.get(recall.db, case_id)
    return await recoveries.turns(recall.db, case_id), look.times if look else 0


async def take_in(recall: Recall, *events: LotPublished) -> None:
    """As the queue of lots and that of weights do, without a sweep in between."""

    async def work(tx: Tx) -> None:
        await growth.take_in(tx, events)
        await growth.take_in_weights(tx, events)

    await transact(recall.db, work)


async def test_a_look_takes_no_turn_from_who_closes_the_case(province: Recall) -> None:
    """Whoever closes adds up beforehand; with a turn in between, all again in the transaction."""
    case_id = await a_case(province, "lk1")
    await reported(province, case_id, row("lk1", **ALL))
    await until(province, case_id, runs=True)
    before = await recoveries.turns(province.db, case_id)

    async def ask(tx: Tx) -> None:
        await completions.ask(tx, case_id, now())

    await transact(province.db, ask)
    await completion.sweep(province.db, now())
    assert await completions.get(province.db, case_id) is None
    assert await recoveries.turns(province.db, case_id) == before


async def test_a_look_that_is_the_first_act_of_a_case_takes_no_turn(province: Recall) -> None:
    case_id = await a_case(province, "lk1b")
    await transact(province.db, lambda tx: recoveries.look(tx, case_id))
    assert await recoveries.turns(province.db, case_id) == 0
    guard = await province.db.collection(recoveries.GUARD).find_one({"_id": case_id})
    assert guard is not None
    assert guard["turns"] == 0, "programs of before read it of every guard"
    assert await transact(province.db, lambda tx: recoveries.hold(tx, case_id)) == 0


async def test_a_lot_told_anew_asks_for_a_look_where_what_was_made_is_another(
    province: Recall,
) -> None:
    case_id = await a_case(province, "lk2", kilograms=Decimal(100))
    await looked_at(province, case_id)
    # The sweep of the running service takes no look while the case is not there for it.
    before = await turns_and_looks(province, case_id)
    same: dict[str, Any] = {"kilograms": Decimal(100), "code": "LK2 nhãn mới"}
    await take_in(province, lot("lk2", version=2, **same))
    assert await turns_and_looks(province, case_id) == before, "its code tells nothing of sums"
    more = lot("lk2", version=3, quantity=Decimal(120), kilograms=Decimal(120))
    await take_in(province, more)
    turns, _ = await turns_and_looks(province, case_id)
    assert turns > before[0], "sums that are being added up are out of date"
    await take_in(province, more)
    await take_in(province, lot("lk2", version=2, **same))
    assert (await turns_and_looks(province, case_id))[0] == turns, "twice and late it asks nothing"
    heavier = lot("lk2", version=4, quantity=Decimal(120), kilograms=Decimal(90))
    await take_in(province, heavier)
    assert (await turns_and_looks(province, case_id))[0] == turns + 1, "by its weight alone"


async def test_every_case_that_runs_is_looked_at_once_after_the_upgrade(province: Recall) -> None:
    case_id = await a_case(province, "lk3")
    await looked_at(province, case_id)
    marks, asked = province.db.collection("migrations"), province.db.collection(completions.LOOKS)
    await province.db.collection(CASES).insert_one({"_id": "lk3-x", "state": str(State.DECLINED)})
    at = now()
    await marks.delete_one({"_id": completions.ALL_ASKED})
    await completions.prepare(province.db)
    done = await marks.find_one({"_id": completions.ALL_ASKED})
    assert done is not None
    assert done["at"] >= at - timedelta(seconds=1)
    assert await asked.find_one({"_id": "lk3-x"}) is None, "it does not run"

    async def none_waits() -> bool:
        return await completions.get(province.db, case_id) is None

    await eventually(none_waits, 30)
    await completions.prepare(province.db)
    again = await marks.find_one({"_id": completions.ALL_ASKED})
    assert again == done, "once"
    await province.db.collection(CASES).delete_one({"_id": "lk3-x"})


async def test_reports_of_before_are_taken_over_though_one_of_their_cases_is_gone(
    province: Recall,
) -> None:
    case_id = await a_case(province, "lk4")
    await reported(province, case_id, row("lk4", **ALL))
    await until(province, case_id, runs=True)
    said = {"account_id": "a-1", "name": "An", "at": now(), "words": "Đã gom 100 kg"}
    kept = province.db.collection(BEFORE)
    await kept.insert_many([{"_id": "0-gone", **said}, {"_id": case_id, **said}])
    for _ in range(2):
        await reports_of_before.sweep(province.db, now())
    assert await kept.count_documents({}) == 0
    [report] = await owner_requests.of_case(province.db, case_id, About.CLOSING)
    assert report.waits
    stopped = await owed(province, case_id)
    assert stopped is not None
    assert stopped.stopped_by == "met", "its deadline waited for this very report"
    answer = await clocks.get(province.db, f"{case_id}/closing_answer/{report.id}")
    assert answer is not None
    assert answer.is_running


async def test_what_is_told_late_of_an_earlier_time_starts_it_from_its_last_end_on(
    province: Recall,
) -> None:
    case_id = await a_case(province, "lk5")
    await reported(province, case_id, row("lk5", **ALL))
    first = await until(province, case_id, runs=True)
    await province.know(lot("lk5", version=2, quantity=Decimal(120)))
    ended = await until(province, case_id, runs=False)
    await province.know(lot("lk5", version=3, quantity=Decimal(100)))
    await until(province, case_id, runs=True)
    started = first.started_at
    assert started is not None
    # As where what completed the goods was told of with the time at which the first had begun.
    gone = {"$set": {"running": False, "stopped_at": ended.stopped_at, "stopped_by": "ended"}}
    gone["$set"] |= {"started_at": started, "next_at": None}
    await province.db.collection(clocks.CLOCKS).update_one({"_id": ended.id}, gone)

    async def ask(tx: Tx) -> None:
        await completions.ask(tx, case_id, started)

    await transact(province.db, ask)
    again = await until(province, case_id, runs=True)
    assert again.started_at == ended.stopped_at
