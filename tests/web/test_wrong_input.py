"""Every operation of every service, sent everything that is wrong: a clear no, and nothing done.

The operations come from the documents that the running services publish, so a new one is tried as
soon as it is there. The requests are made in `wrong_input.py`, what is looked at in `judging.py`.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI
from pymongo import MongoClient

from services.identity import main as identity
from services.identity.settings import IdentitySettings
from services.recall import main as recall
from services.recall.settings import RecallSettings
from services.registry import main as registry
from services.reporting import main as reporting
from services.scan.desk import main as desk
from services.scan.settings import ScanSettings
from services.stamps import main as stamps
from services.stamps.settings import StampsSettings
from shared.mongo import Database
from shared.settings import Settings
from shared.web.routes import all_routes, is_api
from tests.polling import eventually
from tests.running import Running
from tests.tokens import trust
from tests.unasked import unasked
from tests.web import judging
from tests.web.judging import Asked
from tests.web.wrong_input import WRONG_PARTS, Operation, operations, wrong_requests

SERVICES = ("identity", "registry", "stamps", "recall", "reporting", "scan")
# The process that answers a service's API, where it is not called as the service is.
ANSWERED_BY = {"scan": "desk"}
# What is asked by other processes of the system, or tells programs what there is.
UNDOCUMENTED = {"feed", "openapi.json", "docs"}
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def began(settings: Settings) -> Any:
    """The database's time before any process ran."""
    with MongoClient[dict[str, Any]](settings.mongo_url) as mongo:
        return mongo.admin.command("hello")["operationTime"]


@pytest_asyncio.fixture(scope="module")
async def system(began: Any, processes: Running) -> Running:
    await processes.start(*(ANSWERED_BY.get(name, name) for name in SERVICES), "scan-1")
    return processes


@pytest_asyncio.fixture(scope="module")
async def everybody(system: Running) -> AsyncIterator[dict[str, Asked]]:
    """Each service with its operations, and whoever asks it."""
    settings = system.settings
    people = judging.people(settings.secrets_dir)
    made = {}
    with MongoClient[dict[str, Any]](settings.mongo_url) as mongo:
        async with httpx2.AsyncClient(timeout=60) as client:
            for name in SERVICES:
                db = Database(settings.mongo_url, settings.database(name), name)
                await trust(db, settings.secrets_dir)
                await db.close()
                url = system.url(ANSWERED_BY.get(name, name))
                document = (await client.get(f"{url}/api/{name}/v1/openapi.json")).json()
                # What the scanner itself answers is told there too, and tried below.
                of_api = [one for one in operations(document) if one.template.startswith("/api/")]
                made[name] = Asked(url, of_api, client, people, mongo[settings.database(name)])
            yield made


async def none_at(asked: Asked, faults: Callable[[Asked, Operation], Awaitable[list[str]]]) -> None:
    found = [one for operation in asked.operations for one in await faults(asked, operation)]
    assert asked.operations
    assert not found, "\n".join([f"{len(found)} faults", *found[:40]])


# What a service writes once in its life, before anybody can have asked it for anything.
AT_FIRST = {"access_keys", "published_keys", "locks", "migrations", "scope_guard"}
# What must have been seen before this can be judged: the rounds of every job have begun.
SOON = {"outbox", "inbox", "feed", "ledger", "quality_passes", "names_told"}


async def test_what_is_written_though_nobody_asked_says_so_by_its_name(
    system: Running, began: Any, everybody: dict[str, Asked]
) -> None:
    """Otherwise what is judged below would be called a trace of a request now and then."""
    written: set[str] = set()
    ours: list[Mapping[str, Any]] = [
        {"$match": {"ns.db": {"$in": [asked.db.name for asked in everybody.values()]}}},
        {"$project": {"ns.coll": 1}},
    ]
    with (
        MongoClient[dict[str, Any]](system.settings.mongo_url) as mongo,
        mongo.watch(ours, start_at_operation_time=began, max_await_time_ms=100) as changes,
    ):

        def soon() -> bool:
            while (one := changes.try_next()) is not None:
                written.add(one["ns"]["coll"])
            return written >= SOON

        await eventually(soon, 60)
    assert written - unasked() - AT_FIRST == set()


@pytest.mark.parametrize("service", SERVICES)
async def test_whatever_is_wrong_is_named_and_changes_nothing(
    everybody: dict[str, Asked], service: str
) -> None:
    await none_at(everybody[service], judging.faults_of_wrong_requests)


@pytest.mark.parametrize("service", SERVICES)
async def test_what_does_not_exist_is_refused_to_everybody_without_a_trace(
    everybody: dict[str, Asked], service: str
) -> None:
    await none_at(everybody[service], judging.faults_by_account)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_body_over_the_limit_is_refused_before_it_is_sent(
    everybody: dict[str, Asked], service: str
) -> None:
    await none_at(everybody[service], judging.faults_of_size)


async def test_every_operation_with_parameters_or_a_body_is_sent_something_wrong(
    everybody: dict[str, Asked],
) -> None:
    for asked in everybody.values():
        for operation in asked.operations:
            tried = list(wrong_requests(operation))
            assert tried or not (operation.parameters or operation.body_type), operation.name
            for one in operation.parameters:
                about = f"{one['in']} {one['name']}: "
                assert any(case.name.startswith(about) for case in tried), (operation.name, about)


# The scanner's addresses are bytes before any framework, so no document tells of them.
CODE = "0XZ11HDQVYN9KM0J1234"
SCANNED = (
    "/v1/verdicts/{}",
    "/{}",
    f"/01/{{}}/21/{CODE}",
    "/01/09506000134352/21/{}",
    f"/01/09506000134352/10/{{}}/21/{CODE}",
    f"/{CODE}?lang={{}}",
    "/kiem-tra-tem?code={}",
)
WRONG_CODES = ("0" * 19, "0" * 21, "U" * 20, "%F0%9F%8C%B6" * 20, "A" * 60_000, "%")


@pytest.mark.parametrize("address", SCANNED)
async def test_what_is_no_code_and_no_link_is_answered_by_the_scanner(
    system: Running, address: str
) -> None:
    async with httpx2.AsyncClient(base_url=system.url("scan-1"), timeout=30) as client:
        for part in (*WRONG_PARTS.values(), *WRONG_CODES):
            for accept in ("text/html", "application/json"):
                path = address.format(part)
                answer = await client.get(path, headers={"Accept": accept})
                told = (path[:60], answer.status_code, answer.text[:200])
                assert answer.status_code < 500, told
                assert not judging.INSIDE.search(answer.text), told
                if address.startswith("/v1/"):
                    assert answer.status_code >= 400, told
                    assert judging.faults_of_refusal(answer, set()) == [], told


def test_no_address_of_an_api_is_left_out_of_its_document(settings: Settings) -> None:
    for name, application in applications(settings).items():
        documented = {
            (method.upper(), path)
            for path, methods in application.openapi()["paths"].items()
            for method in methods
        }
        served = {
            (method, route.path_format)
            for route in all_routes(application)
            if hasattr(route, "dependant") and is_api(route.path_format)
            for method in route.methods
        }
        left_out = {path for _, path in served - documented}
        assert {path.rpartition("/")[2] for path in left_out} <= UNDOCUMENTED, name


def applications(settings: Settings) -> dict[str, FastAPI]:
    given = settings.model_dump()
    return {
        "identity": identity.make_app(IdentitySettings(**given)),
        "registry": registry.build(settings),
        "stamps": stamps.build(StampsSettings(**given)),
        "recall": recall.build(RecallSettings(**given)),
        "reporting": reporting.build(settings),
        "scan": desk.build(ScanSettings(**given)),
    }
