"""A service that gains an index on a large collection waits for it, says so, and begins."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from pymongo import MongoClient
from structlog.testing import capture_logs

from deploy.local.mongodb import Mongod
from deploy.local.ports import free_port
from deploy.local.up import building
from shared import mongo
from shared.mongo import Database
from shared.service import Service
from shared.settings import Settings
from shared.tasks import end
from tests.polling import eventually

ROWS, INDEX = "rows", "words_1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A server that can be told to hold an index back, however small the collection."""
    one = Mongod(
        tmp_path_factory.mktemp("holding"), free_port(), parameters=["enableTestCommands=1"]
    )
    one.launch()
    try:
        one.await_ready()
        yield one
    finally:
        one.stop()


@pytest.fixture
def settings(server: Mongod, secrets_dir: Path, request: pytest.FixtureRequest) -> Settings:
    """A database of its own, with rows in it."""
    prefix = f"p{abs(hash(request.node.name)) % 10**8}_"
    told = Settings(mongo_url=server.url, db_prefix=prefix, secrets_dir=secrets_dir)
    client: MongoClient[Any] = MongoClient(server.url)
    rows = client[told.database("probe")][ROWS]
    rows.insert_many({"words": f"w{number}"} for number in range(1_000))
    client.close()
    return told


def hold(server: Mongod, mode: str) -> None:
    """Whether the server stops within an index build: `alwaysOn` or `off`."""
    client: MongoClient[Any] = MongoClient(server.url)
    client.admin.command({"configureFailPoint": "hangAfterStartingIndexBuild", "mode": mode})
    client.close()


class Probe:
    """A service that needs one index; it counts how often it had to ask for it."""

    def __init__(self, settings: Settings) -> None:
        self.asked = 0
        self.service = Service(
            "probe", settings, prepare=self._prepare, publishes=False, verifies=False
        )

    async def _prepare(self, db: Database) -> None:
        self.asked += 1
        await db.collection(ROWS).create_index("words")

    async def prepared(self) -> bool:
        return (await self.service.dependencies())["prepared"]

    def building(self) -> list[dict[str, Any]]:
        return self.service._preparing.told()

    def names(self) -> list[str]:
        return [name for one in self.building() for name in one["indexes"]]


@asynccontextmanager
async def running(*probes: Probe) -> AsyncIterator[None]:
    for probe in probes:
        probe.service.start()
    try:
        yield
    finally:
        for probe in probes:
            await probe.service.stop()


async def indexes(settings: Settings) -> set[str]:
    db = Database(settings.mongo_url, settings.database("probe"), "probe")
    try:
        return set(await db.collection(ROWS).index_information())
    finally:
        await db.close()


async def test_an_index_is_waited_for_longer_than_any_answer_and_told_meanwhile(
    server: Mongod, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "ANSWER_MILLISECONDS", 500)
    hold(server, "alwaysOn")
    probe = Probe(settings)
    try:
        with capture_logs() as said:
            async with running(probe):
                await eventually(lambda: INDEX in probe.names())
                # Longer by far than an answer may take.
                await eventually(lambda: probe.building()[0]["seconds"] >= 4)
                assert not await probe.prepared()
                [one] = probe.building()
                assert one["collection"] == ROWS
                assert isinstance(one["percent"], int)
                answer = f'{{"building": [{{"collection": "{ROWS}", "indexes": ["{INDEX}"]}}]}}'
                assert building([answer, "no answer"]) == {f"building {ROWS}: {INDEX} …"}
                hold(server, "off")
                await eventually(probe.prepared)
                assert probe.building() == []
    finally:
        hold(server, "off")
    assert probe.asked == 1
    # Programs that other tests leave running in this process speak meanwhile.
    told = [one["event"] for one in said if "index" in one["event"]]
    assert told == ["an index is being built", "index built"]


async def test_it_is_told_where_readiness_is_asked(server: Mongod, settings: Settings) -> None:
    hold(server, "alwaysOn")
    probe = Probe(settings)
    app = FastAPI()
    app.include_router(probe.service.router)
    try:
        async with (
            running(probe),
            AsyncClient(transport=ASGITransport(app=app), base_url="http://probe") as client,
        ):
            await eventually(lambda: INDEX in probe.names())
            answer = await client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["building"][0]["indexes"] == [INDEX]
            hold(server, "off")
            await eventually(probe.prepared)
            answer = await client.get("/readyz")
            assert (answer.status_code, "building" in answer.json()) == (200, False)
    finally:
        hold(server, "off")


async def test_two_at_once_and_one_that_is_killed_and_starts_again_wait_for_the_same_build(
    server: Mongod, settings: Settings
) -> None:
    hold(server, "alwaysOn")
    killed, other = Probe(settings), Probe(settings)
    try:
        async with running(other):
            async with running(killed):
                await eventually(lambda: INDEX in killed.names() and INDEX in other.names())
                # Whoever is killed says no good-bye: its connection is gone in the midst of it.
                assert killed.service._starting is not None
                await end(killed.service._starting)
            again = Probe(settings)
            async with running(again):
                await eventually(lambda: INDEX in again.names())
                assert not await other.prepared()
                hold(server, "off")
                await eventually(other.prepared)
                await eventually(again.prepared)
                assert (other.asked, again.asked) == (1, 1)
    finally:
        hold(server, "off")
    assert await indexes(settings) == {"_id_", INDEX}


async def test_a_server_that_is_killed_in_the_midst_of_it_is_asked_again(
    server: Mongod, settings: Settings
) -> None:
    hold(server, "alwaysOn")
    probe = Probe(settings)
    async with running(probe):
        await eventually(lambda: INDEX in probe.names())
        server.kill()
        server.launch()
        server.await_ready()
        await eventually(probe.prepared, timeout=60)
        assert probe.asked > 1
    assert await indexes(settings) == {"_id_", INDEX}
