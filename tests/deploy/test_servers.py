"""The embedded servers: real, restartable, and gone when their starter is gone."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, AbstractQueue
from pymongo import AsyncMongoClient, MongoClient

from deploy.local.mongodb import CHECKPOINTS, evicting
from deploy.local.ports import free_port
from deploy.local.secrets import create_missing
from deploy.local.servers import Mongod, ServerStartError, fresh_pair, start_together, stop_together
from tests.polling import eventually


async def test_the_database_has_transactions(mongo_url: str) -> None:
    client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(mongo_url)
    async with client.start_session() as session, await session.start_transaction():
        await client.probe.things.insert_one({"_id": 1}, session=session)
    assert await client.probe.things.count_documents({}) == 1
    await client.drop_database("probe")
    await client.close()


async def test_the_broker_has_quorum_queues(amqp_url: str) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await _quorum_queue(channel)
        await channel.default_exchange.publish(aio_pika.Message(b"hello"), "probe")
        message = await eventually(lambda: queue.get(fail=False))
        assert message.body == b"hello"
        await message.ack()
        await channel.queue_delete("probe")


async def _quorum_queue(channel: AbstractChannel) -> AbstractQueue:
    return await channel.declare_queue("probe", durable=True, arguments={"x-queue-type": "quorum"})


async def test_a_folder_named_in_vietnamese_serves_and_keeps_its_data(tmp_path: Path) -> None:
    mongod, rabbitmq = servers = fresh_pair(tmp_path / "một thư mục")
    start_together(servers)
    with MongoClient[dict[str, object]](mongod.url) as client:
        client.kept.things.insert_one({"_id": 1})
    async with await aio_pika.connect(rabbitmq.url) as connection:
        channel = await connection.channel()
        await _quorum_queue(channel)
        message = aio_pika.Message(b"hello", delivery_mode=2)
        await channel.default_exchange.publish(message, "probe")
    stop_together(servers)
    assert all(server.process is None for server in servers)

    start_together(servers)
    with MongoClient[dict[str, object]](mongod.url) as client:
        assert client.kept.things.find_one() == {"_id": 1}
    async with await aio_pika.connect(rabbitmq.url) as connection:
        queue = await _quorum_queue(await connection.channel())
        kept = await eventually(lambda: queue.get(fail=False))
        assert kept.body == b"hello"
    stop_together(servers)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (4, 2), (8, 4), (64, 4)])
def test_making_room_in_the_cache_leaves_the_database_a_core(cores: int, threads: int) -> None:
    assert evicting(cores) == f"eviction=(threads_min=1,threads_max={threads})"


def test_the_database_s_checkpoints_make_way_for_everything_else(tmp_path: Path) -> None:
    mongod = Mongod(tmp_path, free_port())
    mongod.start()
    assert mongod.process is not None
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    making_way = set()
    for thread in Path(f"/proc/{mongod.process.pid}/task").glob("*"):
        with suppress(OSError):  # Some end just now.
            if os.getpriority(os.PRIO_PROCESS, int(thread.name)) > ours:
                making_way.add((thread / "comm").read_text().strip())
    mongod.stop()
    assert making_way == {CHECKPOINTS}


async def test_the_database_evicts_as_it_was_told(mongo_url: str) -> None:
    async with AsyncMongoClient[dict[str, object]](mongo_url) as client:
        told = await client.admin.command("getCmdLineOpts")
    engine = told["parsed"]["storage"]["wiredTiger"]["engineConfig"]
    assert engine["configString"] == evicting(os.cpu_count() or 1)


def test_a_database_moved_to_another_port_keeps_its_data(tmp_path: Path) -> None:
    for port in (free_port(), free_port()):
        server = Mongod(tmp_path / "mongo", port)
        server.start()
        with MongoClient[dict[str, object]](server.url) as client:
            client.kept.things.update_one({"_id": 1}, {"$inc": {"starts": 1}}, upsert=True)
            found = client.kept.things.find_one({"_id": 1})
        server.stop()
    assert found == {"_id": 1, "starts": 2}


async def test_a_broker_moved_to_another_port_keeps_its_messages(tmp_path: Path) -> None:
    for turn in ("sent", "taken"):
        _, server = fresh_pair(tmp_path)
        server.start()
        async with await aio_pika.connect(server.url) as connection:
            channel = await connection.channel()
            queue = await _quorum_queue(channel)
            if turn == "sent":
                message = aio_pika.Message(b"hello", delivery_mode=2)
                await channel.default_exchange.publish(message, "probe")
            else:
                kept = await eventually(lambda: queue.get(fail=False))  # noqa: B023
                assert kept.body == b"hello"
        server.stop()


def test_servers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    script = (
        "import os, sys, pathlib; from deploy.local.servers import *\n"
        "pair = fresh_pair(pathlib.Path(sys.argv[1])); start_together(pair)\n"
        "pids = [pair[0].process.pid, pair[1].process.pid, pair[1]._epmd.pid]\n"
        "print(*pids, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 3

    def all_gone() -> bool:
        return not any(is_running(pid) for pid in pids)

    asyncio.run(eventually(all_gone, timeout=30))


def is_running(pid: int) -> bool:
    """A zombie waiting for its new parent has ended, though its pid is still taken."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    port = free_port()
    first = Mongod(tmp_path / "first", port)
    first.start()
    try:
        with pytest.raises(ServerStartError, match=f"port {port} is in use"):
            Mongod(tmp_path / "second", port).start()
    finally:
        first.stop()


def test_secrets_are_private_and_never_replaced(tmp_path: Path) -> None:
    created = create_missing(tmp_path / "secrets")
    assert sorted(created) == [
        "audit-key.json",
        "courier-key.json",
        "csrf.key",
        "factor.key",
        "log-key.json",
        "offline-key.json",
        "print-key.json",
        "stamp-keys.json",
        "stamp-pin-keys.json",
        "token-keys.json",
        "user-hash.key",
    ]
    before = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert create_missing(tmp_path / "secrets") == []
    after = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert after == before
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()}
    assert modes == {0o600}
