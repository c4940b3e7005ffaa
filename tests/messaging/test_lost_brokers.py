"""A broker loses its disk, or what it had not yet written: readers get everything all the same.

So they do where the machine stood still and the library gives up a connection that is sound.
"""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from aio_pika.abc import AbstractConnection

from deploy import topology as every_queue
from deploy.local.ports import free_port
from deploy.local.rabbitmq import RabbitMQ
from shared.contracts.recall import RecallClosed
from shared.ids import new_id
from shared.messaging import bus, topology
from shared.messaging.bus import Hosts, Publisher, hold, look_at
from shared.messaging.topology import Names, declare_exchanges, declare_queue
from shared.messaging.wiring import Queue, on
from shared.settings import Settings
from shared.tasks import end
from tests.messaging.system import System, give_up, names
from tests.messaging.test_outbox_and_consumers import note

pytestmark = pytest.mark.usefixtures("quick_turns")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[RabbitMQ]:
    """A broker that the test may do anything to."""
    own = RabbitMQ(tmp_path / "mq", free_port(), dist_port=free_port(), epmd_port=free_port())
    own.start()
    yield own
    own.stop()


async def test_a_broker_that_lost_its_disk_is_filled_again(
    settings: Settings, broker: RabbitMQ
) -> None:
    queues = [Queue(name, on(RecallClosed, note)) for name in ("wiped", "wiped too")]
    system = System(settings.model_copy(update={"amqp_url": broker.url}), *queues)
    told = names("told", 1_300)
    async with system.publishing():
        async with system.reading():
            await system.tell("before")
            await system.until_each_once("before", times=2)
        await system.tell(*told)
        broker.kill()
        shutil.rmtree(broker.state / "mnesia")
        broker.start()
        async with system.reading():
            await system.until_each_once("before", *told, times=2)
            for queue in queues:
                await system.until_complete(queue)


async def test_a_queue_that_is_there_by_name_only_is_made_anew(
    settings: Settings, broker: RabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker killed right after making a queue has not yet written the queue's own data."""
    monkeypatch.setattr(topology, "MUTE_SECONDS", 3.0)
    monkeypatch.setattr(bus, "PUBLISH_TIMEOUT_SECONDS", 2.0)
    queue = Queue("by name", on(RecallClosed, note))
    system = System(settings.model_copy(update={"amqp_url": broker.url}), queue)
    async with system.channel() as channel:
        await declare_exchanges(channel, system.publisher.names)
        await declare_queue(channel, system.publisher.names, queue.name, queue.patterns)
        broker.kill()
    broker.start()
    async with system.channel() as channel:
        with pytest.raises(topology.Mute):
            await declare_queue(channel, system.publisher.names, queue.name, queue.patterns)
    async with system.publishing(), system.reading():
        await system.tell("a")
        await system.until_each_once("a")


async def test_whoever_declares_all_queues_makes_those_anew_that_are_there_by_name_only(
    settings: Settings, broker: RabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology, "MUTE_SECONDS", 3.0)
    settings = settings.model_copy(update={"amqp_url": broker.url})
    declared = await every_queue.declare(settings)
    broker.kill()
    broker.start()
    with pytest.raises(topology.Mute):
        await every_queue.declare(settings)
    assert await every_queue.declare_when_possible(settings) == declared
    publisher = Publisher(Hosts(settings.amqp_hosts), Names(), "test")
    for queue in declared:
        await publisher.send(queue, b"{}", new_id())
    await publisher.drop()


async def test_who_waits_for_an_answer_when_a_connection_is_given_up_gets_another_connection(
    settings: Settings,
) -> None:
    """The library cancels what waits, and a task that took this for its own end never came back."""
    given: list[AbstractConnection] = []
    again = asyncio.Event()

    async def work(connection: AbstractConnection) -> None:
        given.append(connection)
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        if len(given) == 1:
            give_up(connection)
            while True:
                await look_at(channel, queue.name)
        again.set()
        await asyncio.Event().wait()

    holding = asyncio.create_task(hold(Hosts(settings.amqp_hosts), "standing still", work))
    async with asyncio.timeout(20):
        await again.wait()
        await end(holding)
    assert holding.cancelled()
