"""A running registry, and the people who work with it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest_asyncio

from services.registry.main import build
from shared.contracts.event import Event
from shared.ids import new_id
from shared.settings import Settings
from tests import in_process
from tests.answers import ok, token_in
from tests.in_process import InProcess
from tests.polling import eventually
from tests.registry import builders
from tests.tokens import bearer, mint

API = "/api/registry/v1"


class Registry(InProcess):
    """The service under test: what people do by its API and its pages."""

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

    async def csrf(self, browser: httpx2.AsyncClient) -> str:
        """The token of this session's forms."""
        return token_in((await browser.get("/console/registry")).text)

    async def taken_in(self, *events: Event) -> None:
        """Until the inbox has claimed them all."""
        ids = [event.id for event in events]

        async def complete() -> bool:
            inbox = self.db.collection("inbox")
            found = await inbox.count_documents({"_id": {"$regex": "|".join(ids)}})
            return found >= len(set(ids))

        await eventually(complete)


def running(settings: Settings) -> AbstractAsyncContextManager[Registry]:
    return in_process.running(build(settings), Registry, settings)


@pytest_asyncio.fixture(scope="module")
async def address(registry: Registry) -> AsyncIterator[str]:
    """Of the running service, for browsers."""
    async with in_process.served(registry.app) as found:
        yield found


@pytest_asyncio.fixture(scope="module")
async def registry(settings: Settings) -> AsyncIterator[Registry]:
    async with running(settings) as found:
        yield found
