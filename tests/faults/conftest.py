"""The whole system on servers of its own, so that a fault test may stop any of them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from deploy.local.servers import fresh_pair, start_together, stop_together
from tests.faults.machines import Machine, whole_system
from tests.faults.world import World
from tests.patience import mark_all_below
from tests.running import Running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder kills something: it runs by `./txng test faults` only."""
    mark_all_below(Path(__file__).parent, items, 300, pytest.mark.fault)


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
    """The system that the tests of this folder share."""
    folder = tmp_path_factory.mktemp("whole")
    async with whole_system(machine, secrets_dir, folder) as system:
        yield system


@pytest_asyncio.fixture
async def world(running: Running) -> AsyncIterator[World]:
    """The system as each test finds it: everything alive and ready, nothing to repair by hand."""
    for name in [n for n in running.processes if n != "nginx" and not running.is_alive(n)]:
        await running.restart(name)
    await running.until_ready(*(n for n in running.processes if n != "nginx"))
    made = World(running)
    yield made
    await made.client.aclose()
