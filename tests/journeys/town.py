"""A small province in a running system: one facility, the officials above it, real log-ins."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

from pymongo import MongoClient

from deploy import topology
from deploy.demo import data, pictures
from deploy.demo.acts import Cast
from deploy.demo.client import Api
from deploy.demo.codes import DemoSeeds
from deploy.demo.fields import LOCAL
from deploy.demo.filling import Filling
from deploy.demo.load import begin, install_officials, totals
from deploy.demo.province import DemoProvince
from deploy.demo.state import DemoState
from deploy.demo.story import cast
from deploy.demo.telling import Telling
from deploy.local.layout import Layout
from tests.journeys.collector import Collector, collecting
from tests.running import Running

FACILITY = "htx-na-doi-nang"
COMMUNE = "07090"
REPLICAS = ("scan-1", "scan-2")
PASSWORD = "na-dai-chin-cay-2026"
SEEDS_ROOT = "the town's officials"
SEEDS = DemoSeeds(SEEDS_ROOT)


@dataclass
class Town:
    """Where the journeys take place."""

    running: Running
    api: Api
    cast: Cast
    password: str
    province: DemoProvince
    state: DemoState
    collector: Collector

    @property
    def origin(self) -> str:
        return self.running.origin

    @property
    def replicas(self) -> dict[str, str]:
        return {name: self.running.url(name) for name in REPLICAS}

    @property
    def today(self) -> date:
        return self.province.today

    def picture(self) -> bytes:
        return pictures.jpeg(_province().product["na-dai-dong-trieu"])

    async def fill(self) -> Filling:
        """Bring the small province in; what is there already stays as it is."""
        environment = self.running.layout.common_environment()
        await install_officials(self.province, self.password, SEEDS, environment)
        await begin(self.api, self.state, self.password, self.province)
        with ThreadPoolExecutor(1) as painters:
            filling = Filling(
                self.province,
                api=self.api,
                password=self.password,
                state=self.state,
                telling=Telling(totals(self.province)),
                painters=painters,
            )
            await filling.run()
        return filling


def _province() -> DemoProvince:
    return data.load(today=datetime.now(LOCAL).date())


def small() -> DemoProvince:
    """The demo province with one facility, its accounts and areas, and nothing made yet."""
    whole = _province()
    units = {COMMUNE, "tinh-quang-ninh", "so-nnmt"}
    return replace(
        whole,
        units=tuple(one for one in whole.units if one.key in units),
        accounts=tuple(one for one in whole.accounts if one.unit in {FACILITY, *units}),
        facilities=tuple(one for one in whole.facilities if one.key == FACILITY),
        areas=tuple(one for one in whole.areas if one.facility == FACILITY),
        products=(),
        lots=(),
        batches=(),
    )


@asynccontextmanager
async def founded(
    mongo_url: str, amqp_url: str, secrets: Path, folder: Path
) -> AsyncIterator[Town]:
    """All nine processes and nginx on free ports, with the small province in them."""
    mark = f"town{uuid4().hex[:8]}"
    layout = Layout.on_free_ports(
        folder / "state",
        mongo_url=mongo_url,
        amqp_url=amqp_url,
        db_prefix=mark,
        bus_prefix=f"{mark}.",
        secrets=secrets,
    )
    running = Running(layout)
    async with AsyncExitStack() as stack:
        stack.callback(_drop, mongo_url, mark)
        stack.push_async_callback(topology.remove_when_possible, running.settings)
        stack.callback(running.stop)
        collector = stack.enter_context(collecting())
        await running.start(env={"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint})
        await running.start_nginx()
        api = await stack.enter_async_context(Api(running.origin, seeds=SEEDS))
        town = Town(
            running=running,
            api=api,
            cast=cast(api, PASSWORD),
            password=PASSWORD,
            province=small(),
            state=DemoState(folder),
            collector=collector,
        )
        await town.fill()
        yield town


def _drop(mongo_url: str, mark: str) -> None:
    with MongoClient[dict[str, object]](mongo_url) as client:
        for name in client.list_database_names():
            if name.startswith(f"{mark}_"):
                client.drop_database(name)
