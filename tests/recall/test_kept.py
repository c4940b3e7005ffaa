"""The genealogy in memory says what the database says: after any order of arrival and any start."""

import asyncio
from random import Random
from typing import Any

import pytest

from services.recall.graph import figures
from services.recall.graph.graph import Graph
from services.recall.store import cases, genealogy, kept, tracing
from services.recall.store.around import around
from services.recall.store.kept import Kept
from shared.contracts.event import Event
from shared.mongo import Tx, transact
from tests.polling import eventually
from tests.recall.builders import lot, segment, shipment
from tests.recall.conftest import Recall
from tests.recall.test_feeds import lift


def told(chance: Random, name: str) -> list[Event]:
    """Lots of a graph with circles, in two versions each, with stamps and shipments; shuffled."""
    ids = [f"{name}{n}" for n in range(30)]
    events: list[Event] = []
    for version in (1, 2):
        for n, id_ in enumerate(ids):
            inputs = tuple(chance.sample(ids, chance.randint(0, 2)))
            events.append(lot(id_, f"f{n % 3 + 1}", inputs=inputs, version=version))
        for n in range(10):
            to = chance.choice(["f1", "f2", "f3"])
            events.append(shipment(f"{name}s{n}", chance.choice(ids), to, version=version))
    chance.shuffle(events)
    return events


def seen(graph: Graph, root: str) -> dict[str, Any]:
    walk = graph.down(graph.known([root]))
    back = graph.up(graph.known([root]))
    sums = figures.of_lots(graph, walk.lots)
    return {
        "down": dict(zip(graph.lots.ids(walk.lots), walk.steps, strict=True)),
        "up": dict(zip(graph.lots.ids(back.lots), back.steps, strict=True)),
        "stamps": (sums.issued, sums.active),
        "facilities": (sums.makers, sums.receivers),
        "quantities": sums.balances,
    }


async def test_memory_equals_the_database_after_any_order_of_arrival_and_after_a_restart(
    province: Recall,
) -> None:
    chance = Random(11)
    followed = Kept(province.db)
    await followed._load()
    events = told(chance, "kq")
    half = len(events) // 2
    await province.know(*events[:half])
    assert await followed.caught_up() is not None
    await province.know(*events[half:])
    await province.know(segment(800, (0, 9, "kq1", "active"), (10, 14, "kq2", "revoked")))
    restarted = Kept(province.db)
    await restarted._load()
    for memory in (followed, restarted):
        known = await memory.caught_up()
        assert known is not None
        for n in range(30):
            read = await around(province.db, [f"kq{n}"])
            assert seen(known.graph, f"kq{n}") == seen(read, f"kq{n}")


async def test_memory_is_given_up_where_a_process_of_before_writes_too(province: Recall) -> None:
    memory = Kept(province.db)
    await memory._load()
    assert await memory.caught_up() is not None
    guard = province.db.collection(genealogy.GUARD)
    await guard.update_one({"_id": genealogy.REACH}, {"$inc": {"turns": 1}})
    assert await memory.caught_up() is None
    await memory._load()
    assert await memory.caught_up() is not None


async def test_memory_is_loaded_anew_where_turns_go_back_or_a_document_cannot_be_read(
    province: Recall,
) -> None:
    """A restored database, another primary: what is not found by its turn would be missing."""
    await province.know(lot("kt1"))
    memory = Kept(province.db)
    await memory._load()
    assert await memory.caught_up() is not None
    memory._turns = {kind: turn + 5 for kind, turn in memory._turns.items()}
    assert await memory.caught_up() is None
    await memory._load()
    lots = province.db.collection(genealogy.LOTS)
    turn = memory._turns[genealogy.REACH] + 10_000
    await lots.insert_one({"_id": "kt-broken", "turn": turn})
    try:
        assert await memory.caught_up() is None, "the database answers instead"
    finally:
        await lots.delete_one({"_id": "kt-broken"})
    await memory._load()
    assert await memory.caught_up() is not None


async def test_what_cannot_be_read_is_tried_less_and_less_often_and_the_database_answers(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each loading reads everything, and ends at the same document."""
    monkeypatch.setattr(kept, "PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(kept, "MOST_PAUSE_SECONDS", 0.05)
    lots = province.db.collection(genealogy.LOTS)
    await lots.insert_one({"_id": "kb-broken", "turn": 1})
    memory = Kept(province.db)
    keeping = asyncio.create_task(memory.keep())
    try:
        await eventually(lambda: memory.pause >= 0.016)
        assert not keeping.done(), "it goes on"
        assert await memory.caught_up() is None
        await lots.delete_one({"_id": "kb-broken"})
        await eventually(lambda: memory.pause == 0.001)
        assert await memory.caught_up() is not None
        memory._broken = 100
        assert memory.pause == 0.05
    finally:
        keeping.cancel()
        await lots.delete_one({"_id": "kb-broken"})


async def test_a_memory_older_than_the_roots_is_not_asked(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It followed a primary that was lost meanwhile: what was made since would be missing."""
    monkeypatch.setattr(tracing, "LARGE", 0)
    await province.know(lot("kl1"))
    memory = kept.of(province.db)
    await memory._load()
    known = await memory.caught_up()
    assert known is not None
    await province.know(lot("kl2", inputs=("kl1",)))

    old = await province.db.collection(genealogy.LOTS).find_one({"_id": "kl1"})
    assert old is not None
    graph = Graph()
    graph.take_lot(old)
    monkeypatch.setattr(Kept, "caught_up", lambda _: _known(kept.Known(graph, known.turns)))
    roots = (await genealogy.lots(province.db, ["kl1"])).values()
    assert set((await tracing.downstream(province.db, roots)).steps) == {"kl1"}
    turns = await genealogy.turns_now(province.db)
    trace = await tracing.downstream(province.db, roots, at_least=turns)
    assert set(trace.steps) == {"kl1", "kl2"}


async def _known(one: kept.Known) -> kept.Known:
    return one


async def test_two_memories_of_one_database_both_hold_everything(province: Recall) -> None:
    ones = [Kept(province.db) for _ in range(2)]
    for one in ones:
        await one._load()
    for n in range(5):
        await province.know(lot(f"k2m{n}", inputs=(f"k2m{n - 1}",) if n else ()))
        for one in ones:
            known = await one.caught_up()
            assert known is not None
            walk = known.graph.down(known.graph.known(["k2m0"]))
            assert len(walk.lots) == n + 1


async def test_memory_answers_where_it_may_and_not_within_what_it_cannot_have_seen(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "LARGE", 0)
    monkeypatch.setattr(tracing, "DEEP", 0)
    await province.know(lot("ka1"), lot("ka2", inputs=("ka1",)))
    memory = kept.of(province.db)
    await memory._load()
    answers: list[bool] = []
    remembered = tracing._remembered

    async def spied(*asked: Any) -> Any:
        found = await remembered(*asked)
        answers.append(found is not None)
        return found

    monkeypatch.setattr(tracing, "_remembered", spied)
    roots = (await genealogy.lots(province.db, ["ka1"])).values()
    trace = await tracing.downstream(province.db, roots)
    assert (set(trace.steps), answers) == ({"ka1", "ka2"}, [True])

    async def within(tx: Tx) -> dict[str, int]:
        turn = await genealogy.arrive(tx)
        await genealogy.note_lots(tx, [lot("ka3", inputs=("ka2",))], turn)
        return (await tracing.downstream(tx, roots)).steps

    assert set(await transact(province.db, within)) == {"ka1", "ka2", "ka3"}
    assert not answers[-1]
    # An order while lots arrive: what memory told is in it, and what came meanwhile as well.
    for n in range(4):
        made, case = await asyncio.gather(
            province.tell(lot(f"ka-race{n}", inputs=("ka3",))), province.order("ka1")
        )
        assert made
        await province.until_taken_in()
        lots = (await cases.get(province.db, case["id"])).lots
        assert {"ka1", "ka2", "ka3", f"ka-race{n}"} <= set(lots)
        await lift(province, case["id"])
    assert any(answers[2:])


async def test_a_lot_that_very_many_were_made_from_is_traced_from_memory_at_once(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracing, "LARGE", 3)
    await province.know(lot("kf"), *(lot(f"kf{n}", inputs=("kf",)) for n in range(8)))
    await kept.of(province.db)._load()
    roots = (await genealogy.lots(province.db, ["kf"])).values()

    def unasked(_: Any) -> Any:
        raise AssertionError("the database was asked for all of them before memory was")

    monkeypatch.setattr(genealogy, "made_from", unasked)
    trace = await tracing.downstream(province.db, roots)
    assert trace.steps == {"kf": 0} | {f"kf{n}": 1 for n in range(8)}


async def test_a_deep_chain_is_traced_from_memory_as_the_database_has_it(province: Recall) -> None:
    chain = [lot(f"kd{n}", inputs=(f"kd{n - 1}",) if n else ()) for n in range(40)]
    await province.know(*chain, shipment("kds", "kd39", "f3"))
    roots = (await genealogy.lots(province.db, ["kd0"])).values()
    trace = await tracing.downstream(province.db, roots)
    assert trace.steps == {f"kd{n}": n for n in range(40)}
    assert trace.receivers == {"f3"}

    async def within(tx: Tx) -> dict[str, int]:
        turn = await genealogy.arrive(tx)
        await genealogy.note_lots(tx, [lot("kd40", inputs=("kd39",))], turn)
        return (await tracing.downstream(tx, roots)).steps

    assert (await transact(province.db, within))["kd40"] == 40, "what a transaction wrote itself"
