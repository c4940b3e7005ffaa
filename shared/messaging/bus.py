"""Connections to the broker: found among several hosts, never waited for without end."""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange
from aiormq.exceptions import AMQPError
from pamqp.commands import Basic

from shared.ids import new_id
from shared.messaging.topology import Names, declare_exchanges

log = structlog.get_logger()

# A dead peer is noticed after about three of these; the default of 60 s would take minutes.
HEARTBEAT_SECONDS = 3
CONNECT_TIMEOUT_SECONDS = 3.0
PUBLISH_TIMEOUT_SECONDS = 10.0

# What a broken connection, channel or broker raises, by way of the library or the system.
BUS_ERRORS = (AMQPError, OSError, asyncio.TimeoutError, RuntimeError)


class Unpublished(Exception):
    """The broker did not confirm that it keeps the message: try again with the same event id."""


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


class Publisher:
    """One connection for publishing alone, so that a blocked broker cannot stop consumers.

    Two channels: one confirms every persistent message, one sends the transient copies.
    """

    def __init__(self, hosts: Hosts, names: Names, name: str) -> None:
        self._hosts = hosts
        self._names = names
        self._name = name
        self._connection: AbstractConnection | None = None
        self._exchange: AbstractExchange | None = None
        self._default: AbstractExchange | None = None
        self._live: AbstractExchange | None = None
        self._opening = asyncio.Lock()

    @property
    def connected(self) -> bool:
        return self._connection is not None and not self._connection.is_closed

    async def open(self) -> None:
        """Connect if there is no sound connection; raises one of BUS_ERRORS."""
        async with self._opening:
            if self.connected and self._exchange is not None:
                return
            await self.drop()
            connection = await self._hosts.connect(f"{self._name}.publisher")
            self._connection = connection
            sure: AbstractChannel = await connection.channel(
                publisher_confirms=True, on_return_raises=True
            )
            fast: AbstractChannel = await connection.channel(publisher_confirms=False)
            self._exchange = await declare_exchanges(sure, self._names)
            self._default = sure.default_exchange
            self._live = await fast.get_exchange(self._names.live, ensure=False)

    async def publish(self, routing_key: str, body: bytes, event_id: str) -> None:
        """Hand an event to the broker, persistent, mandatory, confirmed; raises Unpublished.

        The transient copy goes first: its readers are the ones in a hurry.
        """
        await self._ready()
        assert self._exchange is not None
        assert self._live is not None
        copy = _message(body, event_id, persistent=False)
        try:
            await asyncio.wait_for(
                self._live.publish(copy, routing_key, mandatory=False), PUBLISH_TIMEOUT_SECONDS
            )
        except BUS_ERRORS as error:
            await self.drop()
            raise Unpublished(str(error)) from error
        await self._confirm(self._exchange, routing_key, body, event_id)

    async def send(self, queue: str, body: bytes, message_id: str) -> None:
        """Hand a message to one queue by name, persistent, mandatory, confirmed."""
        await self._ready()
        assert self._default is not None
        await self._confirm(self._default, self._names.queue(queue), body, message_id)

    async def drop(self) -> None:
        """Give the connection up without waiting for a peer that may be gone."""
        connection, self._connection, self._exchange = self._connection, None, None
        if connection is not None and not connection.is_closed:
            with suppress(Exception):  # It is broken already.
                await asyncio.wait_for(connection.close(), 1.0)

    async def _ready(self) -> None:
        try:
            await self.open()
        except BUS_ERRORS as error:
            raise Unpublished(str(error)) from error

    async def _confirm(
        self, exchange: AbstractExchange, routing_key: str, body: bytes, event_id: str
    ) -> None:
        try:
            # The time-out is outside: publish(timeout=…) can leave the channel locked for good.
            answer = await asyncio.wait_for(
                exchange.publish(
                    _message(body, event_id, persistent=True), routing_key, mandatory=True
                ),
                PUBLISH_TIMEOUT_SECONDS,
            )
        except aio_pika.exceptions.PublishError as error:
            raise Unpublished(f"no queue takes {routing_key}") from error
        except aio_pika.exceptions.DeliveryError as error:
            raise Unpublished(f"the broker refused {routing_key}") from error
        except BUS_ERRORS as error:
            await self.drop()
            raise Unpublished(str(error) or type(error).__name__) from error
        if not isinstance(answer, Basic.Ack):
            raise Unpublished(f"no confirmation for {routing_key}: {answer!r}")


def _message(body: bytes, event_id: str, *, persistent: bool) -> aio_pika.Message:
    # Returns are matched by message_id, so every attempt has its own; readers go by the event id.
    mode = aio_pika.DeliveryMode.PERSISTENT if persistent else aio_pika.DeliveryMode.NOT_PERSISTENT
    return aio_pika.Message(
        body,
        message_id=new_id(),
        headers={"cloudEvents:id": event_id},
        content_type="application/cloudevents+json",
        delivery_mode=mode,
    )
