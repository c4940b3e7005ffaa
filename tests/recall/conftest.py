"""A running recall service, told by others over the real bus."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from services.recall.consumers import QUEUES
from services.recall.main import build
from services.recall.settings import RecallSettings
from shared.contracts.event import Event
from shared.settings import Settings
from tests import in_process
from tests.in_process import InProcess
from tests.polling import eventually
from tests.recall import builders
from tests.tokens import bearer, mint

API = "/api/recall/v1"


class Recall(InProcess):
    """The service under test: what people do by its API."""

    def __init__(self, app: FastAPI, client: httpx2.AsyncClient, settings: Settings) -> None:
        super().__init__(app, client, settings)
        self._numbers: dict[str, int] = {}

    def token(self, **claims: Any) -> str:
        return mint(self.settings.secrets_dir, **claims)

    async def tell(self, *events: Event) -> list[Event]:
        """Publish as the events' own services would, numbered in this order."""
        sent = []
        for event in events:
            number = self._numbers[event.publisher] = self._numbers.get(event.publisher, 0) + 1
            sent.append(event.model_copy(update={"number": number}))
        return await super().tell(*sent)

    async def repeat(self, *events: Event) -> None:
        """Deliver events as they are, once more or late."""
        await super().tell(*events)

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

    async def account_for(self, case_id: str, lot_id: str, quantity: str = "100") -> None:
        """All of a lot was sold: nothing is missing from its sums."""
        lots = self.db.collection("lots")
        made = await lots.find_one({"_id": lot_id})
        assert made is not None
        row = {"lot_id": lot_id, "fate": "sold", "quantity": quantity}
        row |= {"day": made["produced_on"], "facility_id": made["facility_id"]}
        answer = await self.post(f"/recalls/{case_id}/recovery", row)
        assert answer.status_code == 201, answer.text

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


def running(settings: Settings, **more: Any) -> AbstractAsyncContextManager[Recall]:
    known = RecallSettings(**{**settings.model_dump(), **more})
    return in_process.running(build(known), Recall, known)


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


@pytest.fixture(scope="module")
async def address(recall: Recall) -> AsyncIterator[str]:
    """Of the running service, for browsers."""
    async with in_process.served(recall.app) as found:
        yield found
