"""A running recall service, told by others over the real bus."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from services.recall.consumers import QUEUES
from services.recall.main import build
from services.recall.settings import RecallSettings
from shared.contracts.event import Event, encode
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names, declare_exchanges
from shared.mongo import Database
from shared.settings import Settings
from tests.polling import eventually
from tests.recall import builders
from tests.tokens import bearer, mint, trust

API = "/api/recall/v1"


class Recall:
    """The service under test: its API, its pages, its feed, and the bus that it hears."""

    def __init__(self, app: FastAPI, client: httpx2.AsyncClient, settings: Settings) -> None:
        self.app = app
        self.client = client
        self.settings = settings
        self.db: Database = app.state.db
        self._bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "others")
        self._numbers: dict[str, int] = {}

    def token(self, **claims: Any) -> str:
        return mint(self.settings.secrets_dir, **claims)

    async def tell(self, *events: Event) -> list[Event]:
        """Publish as the events' own services would, numbered in this order."""
        sent = []
        for event in events:
            number = self._numbers[event.publisher] = self._numbers.get(event.publisher, 0) + 1
            sent.append(event.model_copy(update={"number": number}))
        await self.repeat(*sent)
        return sent

    async def repeat(self, *events: Event) -> None:
        """Deliver events as they are, once more or late."""
        for event in events:
            await self._bus.publish(event.type, encode(event), event.id)

    async def know(self, *events: Event) -> None:
        """Tell, and wait until everything told so far is taken in."""
        await self.tell(*events)
        for publisher in {event.publisher for event in events}:
            await self.until_taken_in(publisher)

    async def until_taken_in(self, publisher: str = "registry") -> None:
        last = self._numbers[publisher]

        async def complete() -> bool:
            wanted = {"publisher": publisher, "complete_to": {"$gte": last}}
            return await self.db.collection("progress").find_one(wanted) is not None

        await eventually(complete, 60)

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        token = more.pop("token", None) or self.token()
        headers = {**bearer(token), **more.pop("headers", {})}
        return await self.client.post(f"{API}{path}", json=body, headers=headers, **more)

    async def get(self, path: str, token: str | None = None) -> httpx2.Response:
        return await self.client.get(f"{API}{path}", headers=bearer(token or self.token()))

    async def order(self, target: str, **more: Any) -> dict[str, Any]:
        """A recall that must succeed; the case as answered."""
        token = more.pop("token", None)
        answer = await self.post("/recalls", order(target, **more), token=token)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def feed(self, after: int = 0, replica: str = "") -> dict[str, Any]:
        answer = await self.client.get("/v1/feed", params={"after": after, "replica": replica})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def notices(self, case_id: str) -> list[dict[str, Any]]:
        """Everything published about a case's notice, oldest first."""
        found: list[dict[str, Any]] = []
        after, more = 0, True
        while more:
            page = await self.feed(after)
            found += [e for e in page["events"] if e["type"] == "recall.notice_published.v1"]
            after = page["events"][-1]["number"] if page["events"] else after
            more = page["more"]
        return [event for event in found if event["data"]["case_id"] == case_id]

    async def close(self) -> None:
        await self._bus.drop()


def order(target: str, **more: Any) -> dict[str, Any]:
    """The body of an order."""
    return {
        "target_kind": "lot",
        "target": target,
        "kind": "recall",
        "reason": "Phát hiện vi khuẩn vượt ngưỡng",
        "instruction": "Không ăn; trả lại nơi bán",
        **more,
    }


@asynccontextmanager
async def running(settings: Settings, **more: Any) -> AsyncIterator[Recall]:
    """The service in this process, on the module's database and bus."""
    app = build(RecallSettings(**{**settings.model_dump(), **more}))
    async with app.router.lifespan_context(app):
        service = app.state.service
        await trust(service.db, settings.secrets_dir)
        await _catch_all(service)
        await eventually(lambda: all(c.connected for c in service.consumers), 30)
        await service.verifier.refresh()
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(
            transport=transport, base_url=settings.public_origin, timeout=30
        ) as client:
            recall = Recall(app, client, settings)
            try:
                yield recall
            finally:
                await recall.close()


async def _catch_all(service: Any) -> None:
    """A queue for what recall itself tells: its events must be routable to somewhere."""
    connection = await service.hosts.connect("test.catch_all")
    channel = await connection.channel()
    exchange = await declare_exchanges(channel, service.names)
    queue = await channel.declare_queue(
        service.names.queue("everything"), durable=True, arguments={"x-expires": 600_000}
    )
    await queue.bind(exchange, routing_key="#")
    await connection.close()


@pytest.fixture(scope="module")
async def recall(settings: Settings) -> AsyncIterator[Recall]:
    async with running(settings, recall_cap_stamps=5_000, recall_cap_lots=3_000) as service:
        yield service
        await _remove_queues(service)


async def _remove_queues(recall: Recall) -> None:
    names = recall.app.state.service.names
    connection = await recall.app.state.service.hosts.connect("test.clean")
    channel = await connection.channel()
    for name in ["everything", *(queue.name for queue in QUEUES)]:
        await channel.queue_delete(names.queue(name))
        await channel.queue_delete(names.parked(name))
    await connection.close()


@pytest.fixture(scope="module")
async def province(recall: Recall) -> Recall:
    """Two facilities in two communes, with products; lots are each test's own."""
    await recall.know(
        builders.facility("f1", commune="07001", name="Cơ sở chả mực Hạ Long"),
        builders.facility("f2", commune="07002", name="Bếp ăn Cẩm Phả"),
        builders.facility("f3", commune="07003", sector="health", name="Nước mắm Cái Rồng"),
        builders.product("p1", "f1", name="Chả mực Hạ Long", name_en="Ha Long squid cake"),
        builders.product("p2", "f2", name="Suất ăn sẵn"),
        builders.product("p3", "f3", name="Nước mắm cốt"),
    )
    return recall
