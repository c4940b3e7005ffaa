"""What a queue loses is sent once more by itself, whatever the accident, and takes effect once."""

import asyncio
import itertools
from datetime import timedelta

import msgspec
import pytest
from aio_pika.abc import AbstractChannel, AbstractQueue
from pamqp.commands import Queue as QueueCommands

from shared.contracts.event import envelope
from shared.contracts.recall import RecallClosed
from shared.ids import first_id_at, now
from shared.messaging import arrivals, consumer, outbox, progress
from shared.messaging.arrivals import Inventory, Question
from shared.messaging.bus import look_at
from shared.messaging.resend import Resender, concerns, hears, resent
from shared.messaging.wiring import Queue, on
from shared.mongo import Tx
from shared.settings import Settings
from tests.messaging.system import System, names
from tests.messaging.test_outbox_and_consumers import append, closed, fail_on_bad, note
from tests.polling import eventually

pytestmark = pytest.mark.usefixtures("quick_turns")


async def test_what_was_in_a_deleted_queue_and_what_was_told_while_it_was_away_take_effect_once(
    settings: Settings,
) -> None:
    queue = Queue("deleted", on(RecallClosed, note), ticks=("recall",))
    system = System(settings, queue)
    inside, meanwhile = names("inside", 250), names("meanwhile", 20)
    async with system.publishing():
        async with system.reading():
            await system.tell("before")
            await system.until_each_once("before")
        await system.tell(*inside)
        await system.delete(queue)
        await system.tell(*meanwhile)
        async with system.reading():
            await system.until_each_once("before", *inside, *meanwhile)
            await system.until_complete(queue)
            assert await progress.complete_to(system.db, queue.name) == {"recall": 271}


async def test_a_queue_deleted_under_its_consumer_costs_no_effect_and_doubles_none(
    settings: Settings,
) -> None:
    gate = asyncio.Event()

    async def hesitate(tx: Tx, event: RecallClosed) -> None:
        await gate.wait()
        await note(tx, event)

    queue = Queue("under", on(RecallClosed, hesitate), prefetch=10)
    system = System(settings, queue)
    async with system.publishing(), system.reading():
        await system.tell(*names("taken", 5))
        await system.tell(*names("waiting", 30))
        await system.delete(queue)
        await system.tell(*names("after", 5))
        gate.set()
        await system.until_each_once(*names("taken", 5), *names("waiting", 30), *names("after", 5))
        await system.until_complete(queue)


async def test_a_purged_queue_is_filled_again(settings: Settings) -> None:
    queue = Queue("purged", on(RecallClosed, note))
    system = System(settings, queue)
    async with system.publishing():
        async with system.reading():
            await system.tell("first")
            await system.until_each_once("first")
            await system.until_complete(queue)
        await system.tell("second")
        async with system.channel() as channel:
            declared = await channel.get_queue(system.publisher.names.queue(queue.name))
            await declared.purge()
        async with system.reading():
            await system.until_each_once("first", "second")


async def test_a_removed_binding_is_made_again_and_what_it_cost_is_sent_again(
    settings: Settings,
) -> None:
    queue = Queue("unbound", on(RecallClosed, note))
    system = System(settings, queue)
    async with system.publishing(), system.reading():
        await system.tell("before")
        await system.until_each_once("before")
        told = ["before"]
        async with system.channel() as channel:
            declared = await channel.get_queue(system.publisher.names.queue(queue.name))
            # It may be bound again before the event is on its way, and then nothing is lost.
            while not resent.labels(queue.name)._value.get() and len(told) < 30:
                await declared.unbind(system.publisher.names.exchange, RecallClosed.type)
                told.append(f"lost {len(told)}")
                await system.tell(told[-1])
                await system.until_each_once(*told)
        assert resent.labels(queue.name)._value.get() >= 1
        await system.tell("bound again")
        await system.until_each_once(*told, "bound again")
        await system.until_complete(queue)


async def test_questions_of_several_consumers_at_once_are_all_answered(settings: Settings) -> None:
    queues = [Queue(f"one of {n}", on(RecallClosed, note)) for n in range(4)]
    system = System(settings, *queues)
    told = names("told", 60)
    async with system.publishing():
        async with system.reading():
            pass
        await system.tell(*told)
        for queue in queues:
            await system.delete(queue)
        async with system.reading():
            await system.until_each_once(*told, times=len(queues))
            for queue in queues:
                await system.until_complete(queue)
            assert await system.effects() == dict.fromkeys(told, len(queues))


async def test_a_broker_too_busy_to_count_consumers_costs_a_failing_event_no_attempt(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = itertools.count(1)

    async def busy(probe: AbstractChannel, name: str) -> AbstractQueue:
        """What RabbitMQ tells of a quorum queue whose leader is silent for 250 ms."""
        queue = await look_at(probe, name)
        if next(looks) % 3:
            monkeypatch.setattr(queue, "declaration_result", QueueCommands.DeclareOk(name, 0, 0))
        return queue

    monkeypatch.setattr(consumer, "look_at", busy)
    system = System(settings, Queue("busy", on(RecallClosed, fail_on_bad)))
    async with system.publishing(), system.reading(), system.channel() as channel:
        await system.tell("p1", "bad", "p2")
        await system.until_each_once("p1", "p2")

        async def parked() -> None:
            queue = await channel.declare_queue(system.publisher.names.parked("busy"), passive=True)
            assert queue.declaration_result.message_count == 1

        await eventually(parked)


async def test_a_question_delivered_twice_does_no_harm(settings: Settings) -> None:
    queue = Queue("asked", on(RecallClosed, note), ticks=("recall",))
    system = System(settings, queue)
    async with system.publishing(), system.reading():
        await system.tell("a", "b", "c")
        await system.until_each_once("a", "b", "c")
        question = Question(
            queue=queue.name, patterns=list(queue.patterns), marks={}, wanted=[1, 2, 3]
        )
        before = resent.labels(queue.name)._value.get()
        for _ in range(2):
            await system.publisher.publisher.ask(msgspec.json.encode(question), "recall")
        await eventually(lambda: resent.labels(queue.name)._value.get() == before + 6)
        await system.tell("behind them")
        await system.until_each_once("a", "b", "c", "behind them")
        await system.until_complete(queue)


async def test_where_nothing_is_lost_nothing_is_sent_again(settings: Settings) -> None:
    queue = Queue("sound", on(RecallClosed, note))
    system = System(settings, queue)
    async with system.publishing(), system.reading():
        for part in range(10):
            await system.tell(*names(f"part {part}", 30))
        await system.until_complete(queue)
        kept = await system.db.collection(arrivals.COLLECTION).find_one({"_id": queue.name})
        assert kept is not None
        assert len(kept["recall"]["words"]) <= 1, "bits below the mark are thrown away"
    assert resent.labels(queue.name)._value.get() == 0


async def test_a_parked_event_is_not_sent_again(settings: Settings) -> None:
    queue = Queue("parks", on(RecallClosed, fail_on_bad), ticks=("recall",))
    system = System(settings, queue)
    async with system.publishing(), system.reading():
        await system.tell("good", "bad", "better")
        await system.until_each_once("good", "better")
        await system.until_complete(queue)
        async with system.channel() as channel:
            parked = await channel.get_queue(system.publisher.names.parked(queue.name))
            assert parked.declaration_result.message_count == 1
    assert resent.labels(queue.name)._value.get() == 0


async def test_a_queue_without_a_mark_is_told_only_what_its_claims_remember(
    settings: Settings,
) -> None:
    async def keep(tx: Tx, event: RecallClosed) -> None:
        key = {"_id": event.subject}
        await tx.collection("kept").update_one(key, {"$set": {"here": True}}, upsert=True)

    claiming = Queue("claims", on(RecallClosed, note))
    comparing = Queue("compares", on(RecallClosed, keep), claims=False)
    system = System(settings, claiming, comparing)
    old = closed("old").model_copy(update={"id": first_id_at(now() - timedelta(days=100))})
    async with system.publishing():
        await append(system.publisher.db, old)
        await system.tell("young")
        async with system.reading():
            for queue in (claiming, comparing):
                await system.until_complete(queue)
            assert await system.effects() == {"young": 1}
            kept = [row["_id"] async for row in system.db.collection("kept").find().sort("_id", 1)]
            assert kept == ["old", "young"]


async def test_events_that_kill_their_consumer_are_not_asked_for_without_end(
    settings: Settings,
) -> None:
    db = System(settings).publisher.db

    def told(*, again: bool) -> Inventory:
        return Inventory("recall", after=0, upto=3, numbers=[1, 3], more=False, again=again)

    await arrivals.note(db, "q", [{**envelope(closed("a")), "number": 1}])
    assert await arrivals.settle(db, "q", told(again=False)) == [3]
    for _ in range(arrivals.MOST_TRIES - 1):
        assert await arrivals.settle(db, "q", told(again=True)) == [3]
    assert await arrivals.marks(db, "q") == {}
    assert await arrivals.settle(db, "q", told(again=True)) == []
    assert await arrivals.marks(db, "q") == {"recall": 3}
    assert await arrivals.settle(db, "q", told(again=False)) is None


async def test_an_inventory_ends_before_what_the_broker_has_not_confirmed(
    settings: Settings,
) -> None:
    service = System(settings).publisher
    await outbox.prepare(service.db)
    await append(service.db, *(closed(f"s{n}") for n in range(5)))
    await outbox.number_committed(service.db)
    rows = await outbox.unsent(service.db, 0, 10)
    await outbox.mark_sent(service.db, [row["_id"] for row in rows if row["number"] != 4])
    resender = Resender("recall", service.db, service.hosts, service.names, service.publisher)
    hearing = Question(queue="q", patterns=["recall.#"], marks={})
    told = await resender._inventory(hearing, 1)
    assert (told.upto, told.numbers) == (3, [2, 3])
    deaf = Question(queue="q", patterns=["recall.ordered.v1"], marks={})
    told = await resender._inventory(deaf, 1)
    assert (told.upto, told.numbers) == (5, []), "what it does not hear is no matter to it"


@pytest.mark.parametrize(
    ("pattern", "type_", "fits"),
    [
        ("#", "recall.closed.v1", True),
        ("recall.#", "recall.closed.v1", True),
        ("recall.#", "recall", True),
        ("recall.#", "recaller.closed.v1", False),
        ("recall.*.v1", "recall.closed.v1", True),
        ("recall.*", "recall.closed.v1", False),
        ("#.v1", "v1", True),
        ("#.v1", "recall.closed.v2", False),
        ("recall.closed.v1", "recall.closed.v1", True),
        ("recall.closed.v1", "recall.closedXv1", False),
    ],
)
def test_patterns_are_understood_as_the_broker_does(pattern: str, type_: str, fits: bool) -> None:
    assert hears([pattern], type_) is fits


def test_a_publisher_knows_whether_a_queue_can_hear_it() -> None:
    assert concerns(["#"], "recall")
    assert concerns(["stamps.#", "recall.closed.v1"], "recall")
    assert not concerns(["stamps.#", "registry.recall.v1"], "recall")
