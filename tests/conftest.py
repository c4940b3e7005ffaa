"""Real servers, secrets and settings for the tests: one MongoDB and one RabbitMQ a session."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
import pytest_asyncio
from pymongo import MongoClient

from deploy import topology
from deploy.local.layout import Layout
from deploy.local.secrets import create_missing
from deploy.local.servers import Mongod, RabbitMQ, Server, fresh_pair, start_together, stop_together
from shared.settings import Settings
from tests.running import Running

# How quick a shared machine is at making examples says nothing about what is tested. The examples
# are the same in every run, so that a run tells about the change it judges and not about its luck;
# who looks for faults nobody knows yet runs with --hypothesis-profile=search.
hypothesis.settings.register_profile(
    "shared",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "search",
    parent=hypothesis.settings.get_profile("shared"),
    derandomize=False,
    print_blob=True,
)
hypothesis.settings.load_profile("shared")


class TestServers:
    """The session's servers: those of the environment, else our own, started when first asked."""

    __test__ = False

    def __init__(self) -> None:
        self.given_mongo = os.environ.get("TXNG_TEST_MONGO_URL")
        self.given_amqp = os.environ.get("TXNG_TEST_AMQP_URL")
        self.folder: Path | None = None
        self.own: list[Server] = []

    def urls(self) -> tuple[str, str]:
        if self.folder is None and not (self.given_mongo and self.given_amqp):
            self._start()
        mongo = self.given_mongo or next(s.url for s in self.own if isinstance(s, Mongod))
        amqp = self.given_amqp or next(s.url for s in self.own if isinstance(s, RabbitMQ))
        return mongo, amqp

    def _start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="txng-test-servers-"))
        mongod, rabbitmq = fresh_pair(self.folder)
        own = [(mongod, self.given_mongo), (rabbitmq, self.given_amqp)]
        self.own = [server for server, given in own if not given]
        start_together(self.own)

    def stop(self) -> None:
        stop_together(self.own)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


SERVERS = pytest.StashKey[TestServers]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[SERVERS] = TestServers()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """With xdist, the controller's servers are shared by all its workers."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    node.workerinput["txng_urls"] = config.stash[SERVERS].urls()  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[SERVERS].stop()


@pytest.fixture(scope="session")
def server_urls(request: pytest.FixtureRequest) -> tuple[str, str]:
    shared = getattr(request.config, "workerinput", {}).get("txng_urls")
    return tuple(shared) if shared else request.config.stash[SERVERS].urls()


@pytest.fixture(scope="session")
def mongo_url(server_urls: tuple[str, str]) -> str:
    return server_urls[0]


@pytest.fixture(scope="session")
def amqp_url(server_urls: tuple[str, str]) -> str:
    return server_urls[1]


@pytest.fixture(scope="session")
def secrets_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One set of keys for the whole session."""
    folder = tmp_path_factory.mktemp("secrets")
    create_missing(folder)
    return folder


@dataclass(frozen=True)
class Prefixes:
    """What keeps one test module's databases and queues apart from all others'."""

    db: str
    bus: str


@pytest_asyncio.fixture(scope="module")
async def prefixes(mongo_url: str, amqp_url: str) -> AsyncIterator[Prefixes]:
    """Fresh prefixes for this module; what was made under them is dropped afterwards."""
    mark = uuid4().hex[:8]
    made = Prefixes(db=f"t{mark}", bus=f"t{mark}.")
    yield made
    with MongoClient[dict[str, object]](mongo_url) as client:
        for name in client.list_database_names():
            if name.startswith(f"{made.db}_"):
                client.drop_database(name)
    await topology.remove_when_possible(Settings(amqp_url=amqp_url, bus_prefix=made.bus))


@pytest.fixture(scope="module")
def settings(
    mongo_url: str,
    amqp_url: str,
    secrets_dir: Path,
    prefixes: Prefixes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """What a process of the system would be told, for this module alone."""
    return Settings(
        mongo_url=mongo_url,
        amqp_url=amqp_url,
        db_prefix=prefixes.db,
        bus_prefix=prefixes.bus,
        secrets_dir=secrets_dir,
        spool_dir=tmp_path_factory.mktemp("spool"),
    )


@pytest.fixture(scope="module")
def processes(
    mongo_url: str,
    amqp_url: str,
    secrets_dir: Path,
    prefixes: Prefixes,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    """The system's real processes, none started yet; whatever a test starts ends with its module.

    `await processes.start("identity", "registry")`, `await processes.start_nginx()`.
    """
    layout = Layout.on_free_ports(
        tmp_path_factory.mktemp("system"),
        mongo_url=mongo_url,
        amqp_url=amqp_url,
        db_prefix=prefixes.db,
        bus_prefix=prefixes.bus,
        secrets=secrets_dir,
    )
    running = Running(layout)
    yield running
    running.stop()
