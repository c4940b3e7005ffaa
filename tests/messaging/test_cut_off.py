"""A transaction that is too long whenever it is tried is parked; a database that is away is not."""

from collections.abc import Awaitable, Callable

import pytest

from shared import mongo
from shared.contracts.recall import RecallClosed
from shared.messaging import consumer, outbox
from shared.messaging.consumer import ATTEMPTS
from shared.messaging.wiring import CUT_OFFS, Queue, on
from shared.mongo import Database, Tx
from shared.service import Service
from shared.settings import Settings
from tests.messaging.test_outbox_and_consumers import append, closed, note, running, times
from tests.polling import eventually

Handler = Callable[[Tx, RecallClosed], Awaitable[None]]


async def be_cut_off(tx: Tx) -> None:
    """What the server does to a transaction that lasts too long, without the wait."""
    await tx.collection("seen").find_one({"_id": "it has begun"})
    await tx.db.client.admin.command({"killSessions": [tx.session.session_id]})
    await tx.collection("seen").find_one({"_id": "it is over"})


async def ask_nobody(tx: Tx) -> None:
    """A real question to a server that is not there."""
    away = Database("mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50", "away", "away")
    try:
        await away.collection("seen").find_one({})
    finally:
        await away.close()


async def parked(publisher: Service, name: str) -> int:
    connection = await publisher.hosts.connect("test")
    try:
        channel = await connection.channel()
        queue = await channel.declare_queue(publisher.names.parked(name), passive=True)
        return queue.declaration_result.message_count or 0
    finally:
        await connection.close()


def services(settings: Settings, name: str, handler: Handler) -> tuple[Service, Service]:
    publisher = Service("recall", settings, verifies=False)
    queues = [Queue(name, on(RecallClosed, handler))]
    reader = Service("reporting", settings, publishes=False, verifies=False, queues=queues)
    return publisher, reader


async def until_connected(publisher: Service, reader: Service) -> None:
    await eventually(lambda: reader.consumers[0].connected and publisher.publisher.connected, 30)


async def test_an_event_whose_transaction_is_always_cut_off_is_parked_and_others_take_effect(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "RETRY_SECONDS", 0.2)

    async def handle(tx: Tx, event: RecallClosed) -> None:
        if event.subject == "cut off":
            await be_cut_off(tx)
        await note(tx, event)

    publisher, reader = services(settings, "cut-off", handle)
    async with running(publisher, reader):
        await until_connected(publisher, reader)
        await append(publisher.db, closed("cut off"), closed("after it"))

        async def rest() -> bool:
            return await times(reader.db, "after it") == 1

        await eventually(rest, 60)

        async def is_parked() -> bool:
            return await parked(publisher, "cut-off") == 1

        await eventually(is_parked, 60)
        assert await times(reader.db, "cut off") == 0


async def test_an_outage_parks_nothing_however_long_it_lasts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the server ended a transaction now and then: an outage comes in between."""
    monkeypatch.setattr(mongo, "RETRY_SECONDS", 0.0)
    tries: list[str] = []

    async def handle(tx: Tx, event: RecallClosed) -> None:
        tries.append(event.subject)
        if len(tries) <= 4 * max(ATTEMPTS, CUT_OFFS):
            await (ask_nobody(tx) if len(tries) % CUT_OFFS == 0 else be_cut_off(tx))
        await note(tx, event)

    publisher, reader = services(settings, "away", handle)
    async with running(publisher, reader):
        await until_connected(publisher, reader)
        await append(publisher.db, closed("waited for"))

        async def arrived() -> bool:
            return await times(reader.db, "waited for") == 1

        await eventually(arrived, 90)
        assert await parked(publisher, "away") == 0


async def test_a_database_too_slow_for_anything_small_parks_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is overloaded ends transactions of ordinary size as well."""
    monkeypatch.setattr(mongo, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(consumer, "ANSWERS_SECONDS", 0.0)
    tries: list[str] = []

    async def handle(tx: Tx, event: RecallClosed) -> None:
        tries.append(event.subject)
        if len(tries) <= 4 * CUT_OFFS:
            await be_cut_off(tx)
        await note(tx, event)

    publisher, reader = services(settings, "slow", handle)
    async with running(publisher, reader):
        await until_connected(publisher, reader)
        await append(publisher.db, closed("slowly"))

        async def arrived() -> bool:
            return await times(reader.db, "slowly") == 1

        await eventually(arrived, 90)
        assert await parked(publisher, "slow") == 0


async def test_what_went_alone_is_acknowledged_before_the_next_that_may_take_long(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server takes back what nobody acknowledges for long: all of it would begin again."""
    monkeypatch.setattr(mongo, "RETRY_SECONDS", 0.0)
    tries: list[str] = []
    mended: list[bool] = []

    async def handle(tx: Tx, event: RecallClosed) -> None:
        if event.subject == "first" and "first" not in tries:
            # The others come meanwhile, and are the next batch.
            await append(publisher.db, *(closed(one) for one in ("quick", "quick too", "long")))
            await eventually(all_sent, 30)
        tries.append(event.subject)
        if event.subject == "long" and not mended:
            await be_cut_off(tx)
        await note(tx, event)

    async def all_sent() -> bool:
        return await left(publisher, name) == 0 and await publisher_is_empty(publisher)

    name = "alone"
    publisher = Service("recall", settings, verifies=False)
    queues = [Queue(name, on(RecallClosed, handle), claims=False, cut_offs=1_000)]
    reader = Service("reporting", settings, publishes=False, verifies=False, queues=queues)
    async with running(publisher, reader):
        await until_connected(publisher, reader)
        await append(publisher.db, closed("first"))
        await eventually(lambda: tries.count("long") >= 3, 60)
    mended.append(True)
    before = tries.count("quick"), tries.count("quick too")
    again = Service("reporting", settings, publishes=False, verifies=False, queues=queues)
    async with running(publisher, again):

        async def arrived() -> bool:
            return await times(again.db, "long") == 1

        await eventually(arrived, 60)
    assert (tries.count("quick"), tries.count("quick too")) == before


async def left(publisher: Service, name: str) -> int:
    """How many messages nobody was given yet."""
    connection = await publisher.hosts.connect("test")
    try:
        channel = await connection.channel()
        queue = await channel.declare_queue(publisher.names.queue(name), passive=True)
        return queue.declaration_result.message_count or 0
    finally:
        await connection.close()


async def publisher_is_empty(publisher: Service) -> bool:
    return (
        await publisher.db.collection(outbox.ROWS).count_documents({"state": {"$ne": outbox.SENT}})
        == 0
    )
