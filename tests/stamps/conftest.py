"""A running stamps service, told by others over the real bus, and the people who work with it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from services.stamps.actions import requests as request_acts
from services.stamps.actions import selling, undoing, withdrawing
from services.stamps.actions import serials as serial_acts
from services.stamps.main import build
from services.stamps.settings import StampsSettings
from shared.contracts.event import Event
from shared.ids import new_id
from shared.settings import Settings
from tests import in_process
from tests.answers import ok
from tests.in_process import InProcess
from tests.polling import eventually
from tests.stamps import builders
from tests.tokens import bearer, mint

API = "/api/stamps/v1"
CONSOLE = "/console/stamps"


@dataclass(frozen=True)
class Farm:
    """A published facility with a product and a lot of it."""

    facility: str
    product: str
    lot: str


class Stamps(InProcess):
    """The service under test: what people do by its API and its pages."""

    def token(self, tier: str, *kinds: str, **claims: Any) -> str:
        return mint(self.settings.secrets_dir, tier=tier, kinds=list(kinds), **claims)

    def operator(self, facility_id: str, **claims: Any) -> str:
        """Of a facility: asks for stamps, prints, activates and changes them."""
        known = {"facility": facility_id, "communes": [], "name": "Người của cơ sở"}
        return self.token("facility", "operate", **{**known, **claims})

    def reporter(self, facility_id: str) -> str:
        """Of a facility, but one who only reads."""
        return self.token("facility", "report", facility=facility_id, communes=[])

    def approver(self, **claims: Any) -> str:
        """Of the department, for the whole province: decides, revokes, holds."""
        return self.token("department", "approve", **{"name": "Người duyệt", **claims})

    async def post(self, path: str, body: Any, token: str, **more: Any) -> httpx2.Response:
        headers = {**bearer(token), **more.pop("headers", {})}
        return await self.client.post(f"{API}{path}", json=body, headers=headers, **more)

    async def get(self, path: str, token: str, **more: Any) -> httpx2.Response:
        return await self.client.get(f"{API}{path}", headers=bearer(token), **more)

    async def a_farm(self, **facility: Any) -> Farm:
        """Known to the service by events, with names of its own."""
        place = builders.facility(**{"name": f"Cơ sở {new_id()[-6:]}", **facility})
        good = builders.product(place.subject)
        made = builders.lot(place.subject, good.subject)
        await self.know(place, good, made)
        return Farm(place.subject, good.subject, made.subject)

    async def ask(self, farm: Farm, quantity: int = 1000, **more: Any) -> dict[str, Any]:
        body = {"product_id": farm.product, "quantity": quantity, **more}
        return ok(await self.post("/requests", body, self.operator(farm.facility)), 201)

    async def decide(
        self, request_id: str, decision: str, token: str = "", key: str = "", **more: Any
    ) -> httpx2.Response:
        headers = {"Idempotency-Key": key} if key else {}
        body = {"decision": decision, **more}
        path = f"/requests/{request_id}/decision"
        return await self.post(path, body, token or self.approver(), headers=headers)

    async def a_batch(self, farm: Farm, quantity: int = 1000) -> int:
        """The number of a freshly issued batch."""
        request = await self.ask(farm, quantity)
        return int(ok(await self.decide(request["id"], "approve"))["batch"])

    async def activate(
        self, number: int, first: int, last: int, lot_id: str, token: str
    ) -> httpx2.Response:
        body = {"first": first, "last": last, "lot_id": lot_id}
        return await self.post(f"/batches/{number}/activations", body, token)

    async def change(
        self, number: int, first: int, last: int, change: str, token: str, reason: str = "Thử"
    ) -> httpx2.Response:
        body = {"first": first, "last": last, "change": change, "reason": reason}
        return await self.post(f"/batches/{number}/changes", body, token)

    async def batch(self, number: int) -> dict[str, Any]:
        return ok(await self.get(f"/batches/{number}", self.approver()))

    async def intervals(self, number: int) -> list[tuple[int, int, str, str]]:
        found = (await self.batch(number))["intervals"]
        return [(one["first"], one["last"], one["lot"], one["state"]) for one in found]

    async def state_of_everything(self) -> dict[str, list[dict[str, Any]]]:
        """All that an act could change, for claims that nothing was."""
        kept = ["requests", "batches", "segments", "changes", "holds", "print_jobs", "keys"]
        kept += ["stock", "stock_moves", "handovers", "quotas", "quota_changes"]
        return {
            name: [row async for row in self.db.collection(name).find({}).sort("_id", 1)]
            for name in kept
        }

    async def know(self, *events: Event) -> None:
        """Tell, and wait until all of them are taken in."""
        await self.tell(*events)
        await self.taken_in(*events)

    async def taken_in(self, *events: Event) -> None:
        claims = [f"stamps.facts:{event.id}" for event in events]

        async def complete() -> bool:
            found = await self.db.collection("inbox").count_documents({"_id": {"$in": claims}})
            return found == len(set(claims))

        await eventually(complete)

    async def page(self, path: str, token: str, lang: str = "vi") -> httpx2.Response:
        """A console page as this person's browser sees it."""
        cookies = {"txng_access": token, "txng_lang": lang}
        return await self.client.get(f"{CONSOLE}{path}", headers=_cookie(cookies))

    async def csrf(self, path: str, token: str) -> str:
        """The token in the form of a page."""
        found = re.search(
            r'name="csrf" value="([0-9a-f]{64})"', (await self.page(path, token)).text
        )
        return found.group(1) if found else ""

    async def send_form(
        self, path: str, fields: dict[str, Any], token: str, opened: str = ""
    ) -> httpx2.Response:
        """Open the page of a form (`opened`, if it is another) and send the form filled in."""
        sent = {"csrf": await self.csrf(opened or path, token), **fields}
        headers = {**_cookie({"txng_access": token}), "Origin": self.settings.public_origin}
        return await self.client.post(f"{CONSOLE}{path}", data=sent, headers=headers)


def _cookie(cookies: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def stamps_settings(settings: Settings, **changes: Any) -> StampsSettings:
    return StampsSettings(**{**settings.model_dump(), **changes})


def running(settings: StampsSettings) -> AbstractAsyncContextManager[Stamps]:
    return in_process.running(build(settings), Stamps, settings)


@pytest_asyncio.fixture(scope="module")
async def address(stamps: Stamps) -> AsyncIterator[str]:
    """Of the running service, for browsers."""
    async with in_process.served(stamps.app) as found:
        yield found


@pytest_asyncio.fixture(scope="module")
async def stamps(settings: Settings) -> AsyncIterator[Stamps]:
    async with running(stamps_settings(settings)) as found:
        yield found


@pytest.fixture
def many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls of this process no longer take turns, as if each came by a process of its own."""
    for acts in (request_acts, serial_acts, selling, undoing, withdrawing):
        monkeypatch.setattr(acts, "turn", lambda *_: asyncio.Lock())


@pytest_asyncio.fixture(scope="module")
async def farm(stamps: Stamps) -> Farm:
    return await stamps.a_farm()
