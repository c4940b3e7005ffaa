"""nginx with our configuration, before stand-ins for the services."""

import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio

from deploy.local.layout import Layout
from deploy.local.server import terminate, tied_to_us
from deploy.nginx import render
from tests.deploy.upstream import Upstream
from tests.polling import eventually

SERVICES = ("identity", "registry", "stamps", "recall", "reporting")


class Front:
    """nginx, the stand-ins behind it and a client."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        self.folder = folder
        self.layout = layout
        self.upstreams = {
            name: Upstream(name, layout.ports[name]) for name in (*SERVICES, "scan-1", "scan-2")
        }
        self.client = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{layout.ports['nginx']}")

    async def who(self, path: str) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        name: str = answer.json()["name"]
        return name.partition("-")[0]


@pytest_asyncio.fixture(scope="module")
async def front(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Front]:
    folder = tmp_path_factory.mktemp("with a space")
    layout = Layout.on_free_ports(
        folder, mongo_url="", amqp_url="", db_prefix="", bus_prefix="", secrets=folder
    )
    made = Front(folder, layout)
    async with standing(made, layout.upstreams()):
        yield made


@asynccontextmanager
async def standing(made: Front, ports: Mapping[str, Sequence[int]]) -> AsyncIterator[None]:
    """nginx and the stand-ins run; `ports` are those of each service's replicas."""
    configuration = render.write_local(
        made.folder / "nginx",
        listen=[f"127.0.0.1:{made.layout.ports['nginx']}"],
        upstreams=ports,
        access_log=made.folder / "access.log",
        public_timeout="1s",
    )
    for upstream in made.upstreams.values():
        await upstream.start()
    nginx = subprocess.Popen(tied_to_us(render.command(configuration)))
    try:
        await eventually(lambda: _is_up(made.client))
        yield
    finally:
        terminate(nginx)
        await made.client.aclose()
        for upstream in made.upstreams.values():
            await upstream.stop()


async def _is_up(client: httpx2.AsyncClient) -> bool:
    try:
        return (await client.get("/error-page.css")).status_code == 200
    except httpx2.HTTPError:
        return False
