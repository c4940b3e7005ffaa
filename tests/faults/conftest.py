"""The whole system on servers of its own, so that a fault test may stop any of them."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.layout import Layout
from deploy.local.mongodb import Mongod
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.servers import fresh_pair, start_together, stop_together
from tests.faults.world import World
from tests.patience import mark_all_below
from tests.running import Running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder kills something: it runs by `./txng test faults` only."""
    mark_all_below(Path(__file__).parent, items, 300, pytest.mark.fault)


@dataclass
class Machine:
    mongod: Mongod
    rabbitmq: RabbitMQ


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A MongoDB and a RabbitMQ for the fault tests alone."""
    mongod, rabbitmq = fresh_pair(tmp_path_factory.mktemp("machine"))
    start_together([mongod, rabbitmq])
    yield Machine(mongod, rabbitmq)
    stop_together([mongod, rabbitmq])


@pytest_asyncio.fixture(scope="session")
async def running(
    machine: Machine, secrets_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """All nine processes and nginx."""
    layout = Layout.on_free_ports(
        tmp_path_factory.mktemp("whole"),
        mongo_url=machine.mongod.url,
        amqp_url=machine.rabbitmq.url,
        db_prefix="faults",
        bus_prefix="",
        secrets=secrets_dir,
    )
    system = Running(layout)
    await system.start()
    await system.start_nginx()
    yield system
    system.stop()


@pytest_asyncio.fixture
async def world(running: Running) -> AsyncIterator[World]:
    """The system as each test finds it: everything alive and ready, nothing to repair by hand."""
    for name in [n for n in running.processes if n != "nginx" and not running.is_alive(n)]:
        await running.restart(name)
    await running.until_ready(*(n for n in running.processes if n != "nginx"))
    made = World(running)
    yield made
    await made.client.aclose()
