"""A service in the test's own process, on the database and the bus of the test's module."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from shared.contracts.event import Event, encode, from_envelope
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names, declare_exchanges
from shared.mongo import Database
from shared.settings import Settings
from tests.polling import eventually
from tests.tokens import trust


class InProcess:
    """The service under test: its client, its database, its feed, and the bus that it hears."""

    def __init__(self, app: FastAPI, client: httpx2.AsyncClient, settings: Settings) -> None:
        self.app = app
        self.client = client
        self.settings = settings
        self.db: Database = app.state.db
        self._bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "others")

    async def tell(self, *events: Event) -> list[Event]:
        """Publish as the events' own services would; returns what was sent."""
        for event in events:
            await self._bus.publish(event.type, encode(event), event.id)
        return list(events)

    async def events(self, subject: str = "", kind: type[Event] | None = None) -> list[Any]:
        """What the service has told so far, oldest first."""
        found: list[Any] = []
        after, more = 0, True
        while more:
            page = (await self.client.get("/v1/feed", params={"after": after})).json()
            found += [from_envelope(e) for e in page["events"]]
            after = page["events"][-1]["number"] if page["events"] else after
            more = page["more"]
        return [
            event
            for event in found
            if (not subject or event.subject == subject) and (kind is None or type(event) is kind)
        ]

    def browser(self, token: str = "", **headers: str) -> httpx2.AsyncClient:
        """A browser, signed in if a token is given."""
        cookies = {"txng_access": token} if token else {}
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app),
            base_url=self.settings.public_origin,
            cookies=cookies,
            headers={"Accept-Language": "vi", **headers},
            timeout=60,
        )

    async def close(self) -> None:
        await self._bus.drop()


Service = TypeVar("Service", bound=InProcess)


@asynccontextmanager
async def running(app: FastAPI, kind: type[Service], settings: Settings) -> AsyncIterator[Service]:
    """Ready once all its consumers hear and it believes the tokens of tests."""
    async with app.router.lifespan_context(app):
        service = app.state.service
        await trust(service.db, settings.secrets_dir)
        await catch_all(service.hosts, service.names)
        await eventually(lambda: all(c.connected for c in service.consumers), 120)
        await service.verifier.refresh()
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url=settings.public_origin, timeout=60
        ) as client:
            made = kind(app, client, settings)
            try:
                yield made
            finally:
                await made.close()


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[str]:
    """The address of the running application, for browsers."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


async def catch_all(hosts: Hosts, names: Names) -> None:
    """A queue for what the service itself tells: its events must be routable to somewhere."""
    connection = await hosts.connect("test.catch_all")
    channel = await connection.channel()
    exchange = await declare_exchanges(channel, names)
    queue = await channel.declare_queue(
        names.queue("everything"), durable=True, arguments={"x-expires": 600_000}
    )
    await queue.bind(exchange, routing_key="#")
    await connection.close()
