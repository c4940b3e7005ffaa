"""A running registry, and the people who work with it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest_asyncio
from fastapi import FastAPI

from services.registry.main import build
from shared.contracts.event import Event, encode, from_envelope
from shared.ids import new_id
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.topology import Names, declare_exchanges
from shared.mongo import Database
from shared.settings import Settings
from tests.polling import eventually
from tests.registry import builders
from tests.tokens import bearer, mint, trust

API = "/api/registry/v1"


class Registry:
    """The service under test: its API, its pages, its feed, and the bus that it hears."""

    def __init__(self, app: FastAPI, client: httpx2.AsyncClient, settings: Settings) -> None:
        self.app = app
        self.client = client
        self.settings = settings
        self.db: Database = app.state.db
        self._bus = Publisher(Hosts(settings.amqp_hosts), Names(settings.bus_prefix), "others")

    def token(self, tier: str, *kinds: str, **claims: Any) -> str:
        return mint(self.settings.secrets_dir, tier=tier, kinds=list(kinds), **claims)

    def operator(self, facility_id: str, **claims: Any) -> str:
        """Of a facility: enters products and lots."""
        known = {"facility": facility_id, "communes": [], "name": "Người nhập"}
        return self.token("facility", "operate", **{**known, **claims})

    def clerk(self, commune: str = builders.COMMUNE, **claims: Any) -> str:
        """Of a commune: enters on behalf."""
        known = {"communes": [commune], "name": "Cán bộ nhập"}
        return self.token("commune", "operate", **{**known, **claims})

    def checker(self, commune: str = builders.COMMUNE, **claims: Any) -> str:
        known = {"communes": [commune], "name": "Người kiểm tra"}
        return self.token("commune", "check", **{**known, **claims})

    def approver(self, **claims: Any) -> str:
        return self.token("department", "approve", **{"name": "Người duyệt", **claims})

    def approver_who_enters(self, kind: str) -> str:
        """Somebody of the province who may enter this kind of record anywhere."""
        tier = ("unit", "operate") if kind == "lots" else ("department", "approve")
        return self.token(*tier, name="Người nhập thay")

    async def post(self, path: str, body: Any, token: str, **more: Any) -> httpx2.Response:
        headers = {**bearer(token), **more.pop("headers", {})}
        return await self.client.post(f"{API}{path}", json=body, headers=headers, **more)

    async def put(self, path: str, body: Any, token: str) -> httpx2.Response:
        return await self.client.put(f"{API}{path}", json=body, headers=bearer(token))

    async def get(self, path: str, token: str) -> httpx2.Response:
        return await self.client.get(f"{API}{path}", headers=bearer(token))

    async def record(self, kind: str, record_id: str) -> dict[str, Any]:
        return ok(await self.get(f"/{kind}/{record_id}", self.approver()))

    async def entered(self, kind: str, body: dict[str, Any], token: str) -> dict[str, Any]:
        return ok(await self.post(f"/{kind}", body, token), 201)

    async def submitted(self, kind: str, record_id: str, token: str) -> dict[str, Any]:
        record = await self.record(kind, record_id)
        body = {"version": record["version"]}
        return ok(await self.post(f"/{kind}/{record_id}/submit", body, token))

    async def decide(
        self, kind: str, record_id: str, decision: str, token: str, **more: Any
    ) -> httpx2.Response:
        body = {"decision": decision, **more}
        if "version" not in body:
            body["version"] = (await self.record(kind, record_id))["version"]
        return await self.post(f"/{kind}/{record_id}/decisions", body, token)

    async def carried_through(self, kind: str, record_id: str, maker: str) -> dict[str, Any]:
        """Submit, accept and publish a draft by three people."""
        await self.submitted(kind, record_id, maker)
        record = ok(await self.decide(kind, record_id, "accept", self.checker()))
        if kind != "lots":
            record = ok(await self.decide(kind, record_id, "publish", self.approver()))
        return record

    async def published(
        self, kind: str, body: dict[str, Any], maker: str | None = None
    ) -> dict[str, Any]:
        maker = maker or self.clerk()
        entered = await self.entered(kind, body, maker)
        return await self.carried_through(kind, entered["id"], maker)

    async def a_facility(self, **changes: Any) -> dict[str, Any]:
        """Published, with a name of its own."""
        changes.setdefault("name", f"Cơ sở {new_id()[-6:]}")
        return await self.published("facilities", builders.facility(**changes))

    async def a_product(self, facility_id: str, **changes: Any) -> dict[str, Any]:
        body = builders.product(facility_id=facility_id, **changes)
        return await self.published("products", body)

    async def a_lot(self, facility_id: str, product_id: str, **changes: Any) -> dict[str, Any]:
        changes.setdefault("code", new_id()[-12:])
        changes.setdefault("entries", builders.diary())
        body = builders.lot(product_id, facility_id=facility_id, **changes)
        return await self.published("lots", body)

    async def upload(self, data: bytes, facility_id: str, token: str, **more: Any) -> Any:
        headers = {**bearer(token), **more.pop("headers", {})}
        return await self.client.post(
            f"{API}/media",
            data={"facility_id": facility_id},
            files={"file": ("anh.png", data, "image/png")},
            headers=headers,
        )

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

    async def csrf(self, browser: httpx2.AsyncClient) -> str:
        """The token of this session's forms."""
        return token_in((await browser.get("/console/registry")).text)

    async def events(self, subject: str = "", kind: type[Event] | None = None) -> list[Any]:
        """What registry has told so far, oldest first."""
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

    async def tell(self, *events: Event) -> None:
        """Publish as the events' own services would."""
        for event in events:
            await self._bus.publish(event.type, encode(event), event.id)

    async def taken_in(self, *events: Event) -> None:
        """Until the inbox has claimed them all."""
        ids = [event.id for event in events]

        async def complete() -> bool:
            inbox = self.db.collection("inbox")
            found = await inbox.count_documents({"_id": {"$regex": "|".join(ids)}})
            return found >= len(set(ids))

        await eventually(complete)

    async def close(self) -> None:
        await self._bus.drop()


def token_in(html: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', html)
    assert found, "the page has no form with a token"
    return found.group(1)


def ok(answer: httpx2.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = dict(answer.json())
    assert body["code"] == code, body
    return body


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Registry]:
    """The service in this process, on the module's database and bus."""
    app = build(settings)
    async with app.router.lifespan_context(app):
        service = app.state.service
        await trust(service.db, settings.secrets_dir)
        await _catch_all(service)
        await eventually(lambda: all(c.connected for c in service.consumers), 120)
        await service.verifier.refresh()
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(
            transport=transport, base_url=settings.public_origin, timeout=60
        ) as client:
            registry = Registry(app, client, settings)
            try:
                yield registry
            finally:
                await registry.close()


async def _catch_all(service: Any) -> None:
    """A queue for what registry itself tells: its events must be routable to somewhere."""
    connection = await service.hosts.connect("test.catch_all")
    channel = await connection.channel()
    exchange = await declare_exchanges(channel, service.names)
    queue = await channel.declare_queue(
        service.names.queue("everything"), durable=True, arguments={"x-expires": 600_000}
    )
    await queue.bind(exchange, routing_key="#")
    await connection.close()


@pytest_asyncio.fixture(scope="module")
async def registry(settings: Settings) -> AsyncIterator[Registry]:
    async with running(settings) as found:
        yield found
