"""The three programs as they are started in production: ready, drained, killed and started anew."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from services.scan.store import counts, offline
from shared.mongo import Database
from shared.stampcode import encode
from tests.polling import eventually
from tests.scan.world import Goods, World, free_port

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def program(world: World, module: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """One of scan's programs on a port of its own; killed at the end if it still runs."""
    settings = world.settings
    environment = {
        **os.environ,
        "TXNG_MONGO_URL": settings.mongo_url,
        "TXNG_AMQP_URL": settings.amqp_url,
        "TXNG_DB_PREFIX": settings.db_prefix,
        "TXNG_BUS_PREFIX": settings.bus_prefix,
        "TXNG_SECRETS_DIR": str(settings.secrets_dir),
        "TXNG_SPOOL_DIR": str(world.folder),
        "TXNG_FEEDS": json.dumps(settings.feeds),
        "TXNG_REPLICA": "process",
        "TXNG_PORT": str(port),
    }
    started = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@pytest.fixture(scope="module")
async def db(world: World) -> AsyncIterator[Database]:
    made = Database(world.settings.mongo_url, world.settings.database("scan"), "scan")
    yield made
    await made.close()


async def ready(port: int) -> None:
    async def look() -> bool:
        async with httpx2.AsyncClient() as client:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
            except httpx2.HTTPError:
                return False

    await eventually(look, 60)


async def scan_many(port: int, path: str, times: int) -> int:
    """How many of so many scans, eight at a time, were answered in full."""

    async def some(client: httpx2.AsyncClient) -> int:
        return sum([(await client.get(path)).status_code == 200 for _ in range(times // 8)])

    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        return sum(await asyncio.gather(*(some(client) for _ in range(8))))


async def test_the_programs_answer_count_survive_kill_9_and_drain_on_sigterm(
    world: World, db: Database
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    port, projector_port, recorder_port = free_port(), free_port(), free_port()
    path = f"/v1/verdicts/{encode(world.keyring, goods.batch, 7)}"

    async def counted() -> int:
        found = await counts.stamp_scans(db, (goods.batch, 7))
        return int(found["count"]) if found else 0

    with (
        program(world, "services.scan.projector", projector_port),
        program(world, "services.scan.recorder", recorder_port),
    ):
        await ready(projector_port)
        await ready(recorder_port)
        with program(world, "services.scan.main", port) as replica:
            await ready(port)
            async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
                assert (await client.get("/healthz")).json() == {"status": "alive"}
                typed = await client.get("/kiem-tra-tem")
                assert "Kiểm tra tem bằng mã" in typed.text
                sent = await client.get("/kiem-tra-tem", params={"code": path[-20:].lower()})
                # As a Chinese keyboard in its wide shapes sends them.
                wide = "".join(chr(ord(sign) + 0xFEE0) for sign in path[-20:])
                sent_wide = await client.get("/kiem-tra-tem", params={"code": wide})
                assert sent.headers["location"] == f"/{path[-20:]}"
                assert sent_wide.headers["location"] == sent.headers["location"]
                wrong = await client.get("/kiem-tra-tem", params={"code": 'abc"<b>'})
                assert wrong.status_code == 404
                assert 'value="abc&#34;&lt;b&gt;"' in wrong.text  # It can be mended there.
                assert "txng_scan_confirmed 1.0" in (await client.get("/metrics")).text
            answered = await scan_many(port, path, 400)
            assert answered == 400
            replica.send_signal(signal.SIGKILL)
            replica.wait()
        with program(world, "services.scan.main", port) as replica:
            await ready(port)
            answered += await scan_many(port, path, 400)
            replica.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(replica.wait, 20) is not None

        async def all_counted() -> bool:
            return await counted() == answered

        await eventually(all_counted, 30)
    assert answered == 800
    assert list((world.folder / "process").iterdir()) == []


async def test_the_program_for_offline_checks_makes_a_snapshot_and_the_projector_makes_none(
    world: World, db: Database
) -> None:
    projector_port, port = free_port(), free_port()
    before = await offline.newest(db)
    with program(world, "services.scan.projector", projector_port):
        await ready(projector_port)
        assert await offline.newest(db) == before
        with program(world, "services.scan.offline.worker", port) as started:
            await ready(port)

            async def made() -> bool:
                return await offline.newest(db) != before

            await eventually(made, 60)
            started.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(started.wait, 20) is not None
