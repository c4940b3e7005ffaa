"""The two servers the system needs, started and stopped together."""

from collections.abc import Sequence
from pathlib import Path

from deploy.local.mongodb import Mongod
from deploy.local.ports import free_port
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.server import Server, ServerStartError, Tell, silent

__all__ = [
    "Mongod",
    "RabbitMQ",
    "Server",
    "ServerStartError",
    "fresh_pair",
    "start_together",
    "stop_together",
]


def fresh_pair(
    state: Path, *, parameters: Sequence[str] = (), tell: Tell = silent
) -> tuple[Mongod, RabbitMQ]:
    """Both servers on free ports below one folder, not yet started; `parameters` are mongod's."""
    mongod = Mongod(state / "mongo", free_port(), parameters=parameters, tell=tell)
    rabbitmq = RabbitMQ(
        state / "rabbitmq", free_port(), dist_port=free_port(), epmd_port=free_port(), tell=tell
    )
    return mongod, rabbitmq


def start_together(servers: Sequence[Server]) -> None:
    """Starts all at once and waits for each; if one fails, none is left running."""
    try:
        for server in servers:
            server.launch()
        for server in servers:
            server.await_ready()
    except BaseException:
        stop_together(servers)
        raise


def stop_together(servers: Sequence[Server]) -> None:
    for server in servers:
        if server.process is not None and server.process.poll() is None:
            server.process.terminate()
    for server in servers:
        server.stop()
