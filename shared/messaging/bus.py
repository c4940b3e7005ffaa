"""Connections to the broker: found among several hosts, never waited for without end."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import cast

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractQueue
from aiormq.channel import Channel as LowerChannel
from aiormq.exceptions import AMQPError, ChannelInvalidStateError
from pamqp.commands import Basic

from shared.ids import new_id
from shared.messaging.topology import Mute, Names, declare_exchanges

log = structlog.get_logger()

# A dead peer is noticed after about three of these; the default of 60 s would take minutes.
HEARTBEAT_SECONDS = 3
CONNECT_TIMEOUT_SECONDS = 3.0
PUBLISH_TIMEOUT_SECONDS = 10.0
DECLARE_TIMEOUT_SECONDS = 5.0
DELETE_TIMEOUT_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
# What has held for so long is tried again at once when it breaks.
SOUND_SECONDS = 5.0
# It takes a queue's name for the routing key (AMQP 0-9-1, 3.1.3.1).
DEFAULT_EXCHANGE = ""

# What a broken connection, channel or broker raises, by way of the library or the system.
BUS_ERRORS = (AMQPError, OSError, asyncio.TimeoutError, RuntimeError)


@contextmanager
def given_up() -> Iterator[None]:
    """Raise ConnectionAbortedError where the library gave the connection up while we waited.

    After a stand-still of the machine it cancels what waits for an answer. Nobody told the task
    to end, and none of its loops would begin again after a cancellation.
    """
    try:
        yield
    except asyncio.CancelledError as cancelled:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise ConnectionAbortedError("the connection to the broker was stuck") from cancelled


class Unpublished(Exception):
    """The broker did not confirm that it keeps the message: try again with the same event id."""


class Unroutable(Unpublished):
    """No queue takes the message; others may well be published."""


class Hosts:
    """The broker's addresses, tried in turn: the next connection goes to the next host."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = itertools.cycle(urls)
        self._count = len(urls)

    async def connect(self, name: str) -> AbstractConnection:
        """A new connection to the first host that answers; raises the last error otherwise."""
        error: BaseException = OSError("no broker address given")
        for _ in range(self._count):
            url = next(self._urls)
            joiner = "&" if "?" in url else "?"
            try:
                with given_up():
                    return await asyncio.wait_for(
                        aio_pika.connect(
                            f"{url}{joiner}heartbeat={HEARTBEAT_SECONDS}",
                            client_properties={"connection_name": name},
                        ),
                        CONNECT_TIMEOUT_SECONDS,
                    )
            except BUS_ERRORS as failure:
                error = failure
        raise error


async def hold(
    hosts: Hosts, name: str, work: Callable[[AbstractConnection], Awaitable[None]]
) -> None:
    """Give `work` a connection, and another one whenever that is lost or the work ends."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        connection: AbstractConnection | None = None
        began = time.monotonic()
        try:
            connection = await hosts.connect(name)
            with given_up():
                await _work(connection, work)
        except BUS_ERRORS as error:
            log.warning("a consumer lost the broker", name=name, error=str(error))
        except Exception:
            log.exception("a consumer failed and starts again", name=name)
        finally:
            if connection is not None:
                with suppress(Exception), given_up():  # It may be broken already.
                    await asyncio.wait_for(connection.close(), 1.0)
        if time.monotonic() - began > SOUND_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _work(
    connection: AbstractConnection, work: Callable[[AbstractConnection], Awaitable[None]]
) -> None:
    try:
        await work(connection)
    except Mute as mute:
        log.error("a queue has lost its data and is made anew", queue=mute.queue)
        await delete_queue(connection, mute.queue)


async def delete_queue(connection: AbstractConnection, name: str) -> None:
    channel = await connection.channel()
    await asyncio.wait_for(channel.queue_delete(name), DELETE_TIMEOUT_SECONDS)


async def look_at(probe: AbstractChannel, name: str) -> AbstractQueue:
    """The queue with its numbers of messages and consumers; raises one of BUS_ERRORS."""
    return await asyncio.wait_for(probe.declare_queue(name, passive=True), DECLARE_TIMEOUT_SECONDS)


class Publisher:
    """One connection for publishing alone, so that a blocked broker cannot stop consumers.

    Two channels: one confirms every persistent message, one sends the transient copies.
    """

    def __init__(self, hosts: Hosts, names: Names, name: str) -> None:
        self._hosts = hosts
        self._names = names
        self._name = name
        self._connection: AbstractConnection | None = None
        self._sure: AbstractChannel | None = None
        self._fast: AbstractChannel | None = None
        self._opening = asyncio.Lock()

    @property
    def connected(self) -> bool:
        return self._connection is not None and not self._connection.is_closed

    async def open(self) -> None:
        """Connect if there is no sound connection; raises one of BUS_ERRORS."""
        async with self._opening:
            await self._open()

    async def _open(self) -> None:
        with given_up():
            if self.connected and self._sure is not None:
                return
            await self.drop()
            connection = await self._hosts.connect(f"{self._name}.publisher")
            self._connection = connection
            sure = await connection.channel(publisher_confirms=True, on_return_raises=True)
            self._fast = await connection.channel(publisher_confirms=False)
            await declare_exchanges(sure, self._names)
            self._sure = sure

    async def publish(self, routing_key: str, body: bytes, event_id: str) -> None:
        """Hand an event to the broker, persistent, mandatory, confirmed; raises Unpublished.

        The transient copy goes first: its readers are the ones in a hurry.
        """
        await self.tell(routing_key, body, event_id)
        sure, _ = await self._ready()
        await self._confirm(sure, self._names.exchange, routing_key, body, event_id)

    async def tell(self, routing_key: str, body: bytes, event_id: str) -> None:
        """Only the transient copy, unconfirmed: it may be lost; raises Unpublished."""
        _, fast = await self._ready()
        await self._pass_on(fast, self._names.live, routing_key, body, event_id)

    async def send(self, queue: str, body: bytes, message_id: str) -> None:
        """Hand a message to one queue by name, persistent, mandatory, confirmed."""
        sure, _ = await self._ready()
        await self._confirm(sure, DEFAULT_EXCHANGE, self._names.queue(queue), body, message_id)

    async def ask(self, body: bytes, publisher: str = "") -> None:
        """Put a question to one publisher, or to all: transient and unconfirmed, it may be lost."""
        _, fast = await self._ready()
        exchange = DEFAULT_EXCHANGE if publisher else self._names.questions
        key = self._names.questions_to(publisher) if publisher else ""
        await self._pass_on(fast, exchange, key, body, new_id())

    async def drop(self) -> None:
        """Give the connection up without waiting for a peer that may be gone."""
        connection, self._connection, self._sure = self._connection, None, None
        if connection is not None and not connection.is_closed:
            with suppress(Exception), given_up():  # It is broken already.
                await asyncio.wait_for(connection.close(), 1.0)

    async def _ready(self) -> tuple[AbstractChannel, AbstractChannel]:
        """The channel that confirms and the one for copies, of one sound connection."""
        try:
            await self.open()
        except BUS_ERRORS as error:
            raise Unpublished(str(error)) from error
        if self._sure is None or self._fast is None:
            raise Unpublished("the connection was lost as soon as it was made")
        return self._sure, self._fast

    async def _pass_on(
        self, fast: AbstractChannel, exchange: str, routing_key: str, body: bytes, event_id: str
    ) -> None:
        try:
            with given_up():
                async with asyncio.timeout(PUBLISH_TIMEOUT_SECONDS):
                    await _hand_over(fast, exchange, routing_key, body, event_id, 1)
        except BUS_ERRORS as error:
            await self.drop()
            raise Unpublished(str(error)) from error

    async def _confirm(
        self, sure: AbstractChannel, exchange: str, routing_key: str, body: bytes, event_id: str
    ) -> None:
        try:
            # The time-out is outside: the library's own can leave the channel locked for good.
            with given_up():
                async with asyncio.timeout(PUBLISH_TIMEOUT_SECONDS):
                    answer = await _hand_over(sure, exchange, routing_key, body, event_id, 2)
        except aio_pika.exceptions.PublishError as error:
            raise Unroutable(f"no queue takes {routing_key}") from error
        except aio_pika.exceptions.DeliveryError as error:
            raise Unpublished(f"the broker refused {routing_key}") from error
        except BUS_ERRORS as error:
            await self.drop()
            raise Unpublished(str(error) or type(error).__name__) from error
        if not isinstance(answer, Basic.Ack):
            raise Unpublished(f"no confirmation for {routing_key}: {answer!r}")


async def _hand_over(
    channel: AbstractChannel,
    exchange: str,
    routing_key: str,
    body: bytes,
    event_id: str,
    delivery_mode: int,
) -> object:
    """Queue a message for the socket; waits for the confirmation, if the channel asks for them.

    It goes by the library's lower layer, which need not wait for each message to have reached the
    system: many at once then leave in one write. `delivery_mode` is AMQP's: 1 transient, 2
    persistent; only persistent messages are mandatory.
    """
    if channel.is_closed:
        raise ChannelInvalidStateError("the channel is closed")
    underlying = cast(LowerChannel, await channel.get_underlay_channel())
    properties = Basic.Properties(
        content_type="application/cloudevents+json",
        headers={"cloudEvents:id": event_id},
        delivery_mode=delivery_mode,
        # Returns are matched by message_id, so every attempt has its own; readers go by event id.
        message_id=new_id(),
    )
    return await underlying.basic_publish(
        body,
        exchange=exchange,
        routing_key=routing_key,
        properties=properties,
        mandatory=delivery_mode == 2,
        wait=False,
    )
