"""Real servers, secrets and settings for the tests: one MongoDB and one RabbitMQ a session."""

import gc
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import hypothesis
import pytest
import pytest_asyncio
import structlog
from pymongo import MongoClient

from deploy import topology
from deploy.local.layout import Layout
from deploy.local.secrets import create_missing
from shared.service import GARBAGE_THRESHOLDS
from shared.settings import Settings
from tests.running import Running
from tests.scheduling import ByWorld, put_in_order
from tests.servers import TestServers
from tests.tokens import VALID_SECONDS

if TYPE_CHECKING:  # Most tests need no browser, and its library takes a while to load.
    from playwright.async_api import Browser

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

# What a service in the test's own process logs is read by whoever mends the test. The frames of a
# traceback with all their variables, as the library shows them, cost more than what is tested.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        ),
    ]
)


def pytest_collection_finish() -> None:
    """What was imported and collected stays for the whole run: no collection of garbage need look
    at it again and again, and young garbage is looked for as seldom as in a service."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


# What a test asks today and looks at tomorrow is not what it says: in the last moments before
# midnight, here or by the world's clock, the next test waits for the new day.
MIDNIGHT_SECONDS = 30


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Days in Vietnam begin on a full hour of the world's clock, as its own do."""
    into_hour = time.time() % 3600
    if into_hour > 3600 - MIDNIGHT_SECONDS and datetime.now(UTC).hour in (16, 23):
        time.sleep(3600 - into_hour)


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


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByWorld | None:
    """How `./txng test` spreads the files over its processes (tests/scheduling.py)."""
    if config.option.dist != "loadfile":
        return None
    config.option.loadscopereorder = False
    return ByWorld(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    put_in_order(items)


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


@pytest_asyncio.fixture(scope="module")
async def chromium() -> "AsyncIterator[Browser]":
    """One browser for the tests of a module."""
    from tests.chromium import started

    async with started() as browser:
        yield browser


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
    # The application of the module is one great circle, which nobody else would find for long.
    gc.collect()


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
        access_token_seconds=VALID_SECONDS,
        fresh_proof_seconds=VALID_SECONDS,
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
