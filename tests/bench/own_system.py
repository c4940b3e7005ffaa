"""A bench's own system: real processes over a MongoDB and a RabbitMQ of their own."""

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from deploy.local.layout import Layout
from deploy.local.secrets import create_missing
from deploy.local.servers import fresh_pair, start_together, stop_together
from deploy.topology import declare_when_possible
from shared.mongo import Database
from tests.running import Running
from tests.tokens import trust

STARTING_SECONDS = 240.0


def run(
    bench: Callable[[argparse.Namespace, Running, Path], Coroutine[Any, Any, None]],
    arguments: argparse.Namespace,
) -> int:
    """Measure over servers of its own, with a system that is ended afterwards."""
    with tempfile.TemporaryDirectory(prefix="txng-bench-") as name:
        folder = Path(name)
        mongod, rabbitmq = fresh_pair(folder / "servers")
        create_missing(folder / "secrets")
        start_together([mongod, rabbitmq])
        layout = Layout.on_free_ports(
            folder / "system",
            mongo_url=mongod.url,
            amqp_url=rabbitmq.url,
            db_prefix="bench",
            bus_prefix="",
            secrets=folder / "secrets",
        )
        running = Running(layout)
        running.rabbitmq = rabbitmq
        try:
            asyncio.run(bench(arguments, running, folder))
        finally:
            running.stop()
            stop_together([mongod, rabbitmq])
    return 0


async def start(running: Running, *names: str) -> None:
    """Start these processes; on a machine with much other work they may take their time."""
    await let_in(running)
    await declare_when_possible(running.settings)
    for name in names:
        running.launch(name)
    await running.until_ready(*names, timeout=STARTING_SECONDS)


async def let_in(running: Running) -> None:
    """Our token's key, as if identity had told it: a service without any key is not ready."""
    settings = running.settings
    for name in ("registry", "stamps", "recall"):
        db = Database(settings.mongo_url, settings.database(name), name)
        await trust(db, settings.secrets_dir)
        await db.close()
