"""Events leave exactly as they were committed and take effect exactly once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

import msgspec
import pytest
from pymongo.errors import PyMongoError

from shared.contracts.event import Event, encode
from shared.contracts.recall import NoticePublished, RecallClosed, RecallLifted
from shared.ids import now
from shared.messaging import consumer, outbox, progress
from shared.messaging.live import Live
from shared.messaging.relay import AT_ONCE
from shared.messaging.wiring import Queue, on
from shared.mongo import Database, Tx, transact
from shared.service import Service
from shared.settings import Settings
from shared.tasks import end
from tests.polling import eventually
from tests.scan.world import notice


def closed(subject: str, version: int = 1) -> RecallClosed:
    return RecallClosed(subject=subject, version=version, time=now(), finding="f", handling="h")


async def note(tx: Tx, event: RecallClosed) -> None:
    await tx.collection("seen").update_one(
        {"_id": event.subject}, {"$inc": {"times": 1}}, upsert=True
    )


async def fail_on_bad(tx: Tx, event: RecallClosed) -> None:
    if event.subject == "bad":
        raise ValueError("this one never works")
    await note(tx, event)


@asynccontextmanager
async def running(*services: Service) -> AsyncIterator[None]:
    for service in services:
        service.start()
    try:
        yield
    finally:
        for service in services:
            await service.stop()


def lifted(subject: str) -> RecallLifted:
    return RecallLifted(
        subject=subject, version=1, time=now(), reason="r", requested_by="a", confirmed_by="b"
    )


async def append(db: Database, *events: Event) -> None:
    async def work(tx: Tx) -> None:
        await outbox.append(tx, *events)

    await transact(db, work)


async def times(db: Database, subject: str) -> int:
    seen = await db.collection("seen").find_one({"_id": subject})
    return seen["times"] if seen else 0


async def test_a_committed_event_takes_effect_once_though_delivered_twice(
    settings: Settings,
) -> None:
    publisher = Service("recall", settings, verifies=False)
    reader = Service(
        "reporting",
        settings,
        publishes=False,
        verifies=False,
        queues=[Queue("once", on(RecallClosed, note), ticks=("recall",))],
    )
    async with running(publisher, reader):
        await eventually(lambda: reader.consumers[0].connected)
        event = closed("a")
        await append(publisher.db, event)

        async def arrived() -> bool:
            return await times(reader.db, "a") == 1

        await eventually(arrived)
        await publisher.publisher.publish(event.type, encode(event), event.id)
        await append(publisher.db, closed("b"))

        async def second() -> bool:
            return await times(reader.db, "b") == 1

        await eventually(second)
        assert await times(reader.db, "a") == 1

        async def complete() -> bool:
            return (await progress.complete_to(reader.db, "once")).get("recall") == 2

        await eventually(complete)


async def test_events_that_nobody_hears_do_not_hold_up_those_after_them(
    settings: Settings,
) -> None:
    # Exchanges of its own: queues of other tests hear everything. And an outbox of its own: what
    # nobody hears stays in it, and would go through the queue of the next test first.
    settings = settings.model_copy(
        update={
            "bus_prefix": f"{settings.bus_prefix}alone.",
            "db_prefix": f"{settings.db_prefix}_alone",
        }
    )
    publisher = Service("recall", settings, verifies=False)
    reader = Service(
        "reporting",
        settings,
        publishes=False,
        verifies=False,
        queues=[Queue("behind", on(RecallClosed, note))],
    )
    async with running(publisher, reader):
        await eventually(lambda: reader.consumers[0].connected)
        await append(publisher.db, *(lifted(f"unheard {n}") for n in range(AT_ONCE + 50)))
        await append(publisher.db, closed("behind them"))

        async def arrived() -> bool:
            return await times(reader.db, "behind them") == 1

        await eventually(arrived, 20)
        waiting = await outbox.unsent(publisher.db, 0, 2 * AT_ONCE)
        assert len(waiting) == AT_ONCE + 50


async def test_an_urgent_event_is_told_at_its_commit_though_numbering_is_held_up(
    settings: Settings,
) -> None:
    mark = f"{settings.bus_prefix}urgent."
    settings = settings.model_copy(
        update={"bus_prefix": mark, "db_prefix": f"{settings.db_prefix}_u"}
    )
    publisher = Service("recall", settings, verifies=False)
    heard: list[tuple[str, int]] = []

    def hear(body: bytes) -> None:
        told = msgspec.json.decode(body)
        heard.append((told["subject"], told.get("number", 0)))

    live = Live(publisher.hosts, publisher.names, "test", publishers=["recall"], take=hear)
    listening = asyncio.create_task(live.run())
    async with running(publisher):
        await eventually(lambda: live.connected and publisher.publisher.connected)
        await append(publisher.db, notice("first"))
        await eventually(lambda: ("first/1", 1) in heard)
        assert heard == [("first/1", 0), ("first/1", 1)]
        async with publisher.db.client.start_session() as session:
            with suppress(PyMongoError):
                async with await session.start_transaction():
                    # Whoever numbers has to wait for the counter.
                    counter = publisher.db.collection(outbox.COUNTER)
                    await counter.update_one(
                        {"_id": outbox.HEAD}, {"$inc": {"touched": 1}}, session=session
                    )
                    await append(publisher.db, notice("second"), notice("lifted", active=False))
                    await eventually(lambda: ("second/1", 0) in heard)
                    assert ("second/1", 2) not in heard
        await eventually(lambda: {("second/1", 2), ("lifted/1", 3)} <= set(heard))
        assert ("lifted/1", 0) not in heard
    await end(listening)


async def test_what_is_kept_of_an_urgent_event_waits_while_the_event_is_on_its_way(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "MAKE_WAY_SECONDS", 1.5)
    settings = settings.model_copy(
        update={
            "bus_prefix": f"{settings.bus_prefix}way.",
            "db_prefix": f"{settings.db_prefix}_way",
        }
    )
    kept: list[tuple[str, float]] = []

    async def keep(_: Tx, event: NoticePublished | RecallClosed) -> None:
        kept.append((event.subject, time.monotonic()))

    def heard_of(subject: str) -> bool:
        return subject in dict(kept)

    publisher = Service("recall", settings, verifies=False)
    queue = Queue("keeping", on(NoticePublished, keep), on(RecallClosed, keep))
    reader = Service("reporting", settings, publishes=False, verifies=False, queues=[queue])
    async with running(publisher, reader):
        await eventually(lambda: reader.consumers[0].connected and publisher.publisher.connected)
        old = notice("told again").model_copy(update={"time": now() - timedelta(hours=1)})
        for event in (closed("at once"), notice("in a while"), old):
            began = time.monotonic()
            await append(publisher.db, event)
            await eventually(partial(heard_of, event.subject))
            waited = dict(kept)[event.subject] - began
            # The others show that the wait is the new urgent one's own.
            assert (waited >= consumer.MAKE_WAY_SECONDS) is (event.urgent and event is not old)


async def test_a_failing_event_is_parked_alone_and_the_rest_take_effect(settings: Settings) -> None:
    publisher = Service("recall", settings, verifies=False)
    reader = Service(
        "reporting",
        settings,
        publishes=False,
        verifies=False,
        queues=[Queue("poison", on(RecallClosed, fail_on_bad), ticks=("recall",))],
    )
    async with running(publisher, reader):
        # On a busy machine the publisher may be the last to have its connection.
        await eventually(
            lambda: reader.consumers[0].connected and publisher.publisher.connected, 30
        )
        await append(publisher.db, closed("p1"), closed("bad"), closed("p2"))

        async def rest() -> bool:
            return await times(reader.db, "p1") == 1 and await times(reader.db, "p2") == 1

        await eventually(rest, 30)
        connection = await publisher.hosts.connect("test")
        channel = await connection.channel()

        async def parked() -> bool:
            queue = await channel.declare_queue(publisher.names.parked("poison"), passive=True)
            return queue.declaration_result.message_count == 1

        await eventually(parked, 30)
        await connection.close()
