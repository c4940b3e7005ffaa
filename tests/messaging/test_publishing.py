"""What is published is with the broker, or the publisher is told that it is not."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aio_pika import DeliveryMode
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue

from shared.ids import new_id
from shared.messaging.bus import Hosts, Publisher, Unpublished
from shared.messaging.topology import Names, declare_exchanges, declare_queue
from shared.settings import Settings
from tests.messaging.system import give_up

HEARD, UNHEARD = "recall.heard.v1", "recall.unheard.v1"


@pytest.fixture
async def publisher(settings: Settings) -> AsyncIterator[Publisher]:
    made = Publisher(Hosts(settings.amqp_hosts), Names(f"{settings.bus_prefix}pub."), "test")
    yield made
    await made.drop()


@pytest.fixture
async def queue(settings: Settings) -> AsyncIterator[AbstractQueue]:
    """The one queue, for what is heard; everything that was in it is gone afterwards."""
    names = Names(f"{settings.bus_prefix}pub.")
    connection = await Hosts(settings.amqp_hosts).connect("test")
    channel = await connection.channel()
    await declare_exchanges(channel, names)
    declared = await declare_queue(channel, names, "hears", (HEARD,))
    yield declared
    await declared.delete(if_unused=False, if_empty=False)
    await connection.close()


async def test_a_confirmed_event_is_kept_on_disk_under_its_own_id(
    publisher: Publisher, queue: AbstractQueue
) -> None:
    event_id = new_id()
    await publisher.publish(HEARD, b"{}", event_id)
    message = await queue.get(no_ack=True)
    assert message is not None
    assert message.body == b"{}"
    assert message.headers["cloudEvents:id"] == event_id
    assert message.delivery_mode == DeliveryMode.PERSISTENT
    assert message.content_type == "application/cloudevents+json"


async def test_each_attempt_to_publish_an_event_is_a_message_of_its_own(
    publisher: Publisher, queue: AbstractQueue
) -> None:
    """A return names the message; were the names alike, one return could pass for another."""
    for _ in range(2):
        await publisher.publish(HEARD, b"{}", "the same event")
    messages = [await queue.get(no_ack=True) for _ in range(2)]
    assert len({message.message_id for message in messages if message}) == 2


async def test_of_many_events_at_once_exactly_those_that_no_queue_takes_are_unpublished(
    publisher: Publisher, queue: AbstractQueue
) -> None:
    keys = [UNHEARD if n % 7 == 0 else HEARD for n in range(200)]
    answers = await asyncio.gather(
        *(publisher.publish(key, b"%d" % n, new_id()) for n, key in enumerate(keys)),
        return_exceptions=True,
    )
    assert [isinstance(answer, Unpublished) for answer in answers] == [k == UNHEARD for k in keys]
    bodies = [message.body async for message in _all(queue, keys.count(HEARD))]
    assert bodies == [b"%d" % n for n, key in enumerate(keys) if key == HEARD]


async def test_a_publisher_whose_connection_was_lost_makes_another(
    publisher: Publisher, queue: AbstractQueue
) -> None:
    await publisher.publish(HEARD, b"before", new_id())
    assert publisher._connection is not None
    await publisher._connection.close()
    assert not publisher.connected
    await publisher.publish(HEARD, b"after", new_id())
    assert [message.body async for message in _all(queue, 2)] == [b"before", b"after"]


async def _all(queue: AbstractQueue, count: int) -> AsyncIterator[AbstractIncomingMessage]:
    for _ in range(count):
        yield await queue.get(no_ack=True)


async def test_an_event_that_waits_when_a_connection_is_given_up_is_unpublished_and_goes_again(
    publisher: Publisher, queue: AbstractQueue
) -> None:
    """The library cancels what waits; a relay that took this for its own end never came back."""
    await publisher.publish(HEARD, b"before", new_id())
    assert publisher._connection is not None
    give_up(publisher._connection)

    async def publish_on() -> None:
        while True:
            await publisher.publish(HEARD, b"meanwhile", new_id())

    with pytest.raises(Unpublished):
        await publish_on()
    await publisher.publish(HEARD, b"after", new_id())
    assert publisher.connected
