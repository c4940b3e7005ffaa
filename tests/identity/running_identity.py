"""identity running in the test's own process, over real servers, with a small province in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2
import pyotp
from fastapi import FastAPI

from deploy.demo.codes import DemoSeeds
from services.identity.bootstrap import Installation, load
from services.identity.consumers import FACILITIES, QUEUES
from services.identity.main import make_app
from services.identity.settings import IdentitySettings
from shared.contracts.event import Event, encode
from shared.messaging.bus import Hosts
from shared.messaging.topology import Names, declare_exchanges, declare_queue
from shared.mongo import Database
from shared.service import Service
from tests.answers import token_in
from tests.handing import hand
from tests.polling import eventually

API = "/api/identity/v1"
PASSWORD = "con trâu gặm cỏ ven sông chiều"
SEEDS = DemoSeeds("identity's officials")

DOCUMENT = {"number": "12/QĐ-UBND", "date": "2026-01-05"}
UNITS: Final[list[dict[str, Any]]] = [
    {"id": "tinh", "name": "Tỉnh Quảng Ninh", "tier": "province", "communes": ["*"]},
    {
        "id": "so-nnmt",
        "name": "Sở Nông nghiệp và Môi trường",
        "tier": "department",
        "parent_id": "tinh",
        "communes": ["*"],
        "sector": "agriculture",
    },
    {
        "id": "so-yt",
        "name": "Sở Y tế",
        "tier": "department",
        "parent_id": "tinh",
        "communes": ["*"],
        "sector": "health",
    },
    {
        "id": "chi-cuc",
        "name": "Chi cục Chất lượng, Chế biến và Phát triển thị trường",
        "tier": "unit",
        "parent_id": "so-nnmt",
        "communes": ["*"],
        "sector": "agriculture",
    },
    {
        "id": "xa-tien-yen",
        "name": "Xã Tiên Yên",
        "tier": "commune",
        "parent_id": "tinh",
        "communes": ["06862"],
    },
    {
        "id": "xa-ba-che",
        "name": "Xã Ba Chẽ",
        "tier": "commune",
        "parent_id": "tinh",
        "communes": ["06970"],
    },
]
ACCOUNTS = [
    ("tinh.hethong", "Phạm Thị Hà", ["system"], "tinh"),
    ("so.hethong", "Nguyễn Văn Bình", ["system"], "so-nnmt"),
    ("so.duyet", "Trần Thị Thu", ["approve"], "so-nnmt"),
    ("yte.hethong", "Vũ Quốc Khánh", ["system"], "so-yt"),
    ("chicuc.hethong", "Đỗ Mạnh Hùng", ["system"], "chi-cuc"),
    ("tienyen.hethong", "Lê Văn Tám", ["system"], "xa-tien-yen"),
    ("tienyen.kiemtra", "Hoàng Thị Mận", ["check"], "xa-tien-yen"),
    ("bache.hethong", "Bùi Đức Cảnh", ["system"], "xa-ba-che"),
]


def province() -> Installation:
    """Units of every tier in use, and an account or two in each."""
    return Installation.model_validate(
        {
            "units": UNITS,
            "accounts": [
                {
                    "username": username,
                    "name": name,
                    "position": "Chuyên viên",
                    "kinds": kinds,
                    "unit_id": unit,
                    "assignment": DOCUMENT,
                    "totp_seed": SEEDS.seed(username),
                }
                for username, name, kinds, unit in ACCOUNTS
            ],
        }
    )


@dataclass
class Identity:
    """The running service and the ways into it."""

    app: FastAPI
    settings: IdentitySettings
    seeds: dict[str, str] = field(default_factory=dict)

    @property
    def service(self) -> Service:
        service: Service = self.app.state.service
        return service

    @property
    def db(self) -> Database:
        return self.service.db

    def client(self, address: str = "203.0.113.7", **options: Any) -> httpx2.AsyncClient:
        """A browser or program at an address, with cookies of its own."""
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app),
            base_url=self.settings.public_origin,
            headers={"X-Real-IP": address, "Accept-Language": "vi", **options.pop("headers", {})},
            **options,
        )

    async def tokens(self, username: str, password: str = PASSWORD) -> dict[str, Any]:
        """Signs in by API."""
        async with self.client() as client:
            given = {"username": username, "password": password}
            answer = await client.post(f"{API}/tokens", json=given)
            assert answer.status_code == 200, answer.text
            if "ticket" in answer.json():
                answer = await self.second_step(client, username.casefold(), answer.json())
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def second_step(
        self, client: httpx2.AsyncClient, username: str, step: dict[str, Any]
    ) -> httpx2.Response:
        shown = {"ticket": step["ticket"]}
        if step["step"] == "code":
            shown["code"] = await self.code(username)
            return await client.post(f"{API}/tokens/code", json=shown)
        told = (await client.post(f"{API}/tokens/enrolment", json=shown)).json()
        self.seeds[username] = told["secret"]
        shown["code"] = pyotp.TOTP(told["secret"]).now()
        return await client.post(f"{API}/tokens/enrolment/confirm", json=shown)

    async def code(self, username: str) -> str:
        """The present code of an account, usable once more: tests sign in oftener than people."""
        await self.forget_steps(username)
        return pyotp.TOTP(self.seed(username)).now()

    def seed(self, username: str) -> str:
        return self.seeds.get(username) or SEEDS.seed(username)

    async def forget_steps(self, username: str) -> None:
        account = await self.db.collection("accounts").find_one({"username": username})
        assert account is not None
        await self.db.collection("factors").update_one(
            {"_id": account["_id"]}, {"$set": {"last_step": 0}}
        )

    async def enter(
        self, client: httpx2.AsyncClient, username: str, password: str, target: str
    ) -> httpx2.Response:
        """Both steps on the pages; the answer that leads to where one wanted to go."""
        form = {"username": username, "password": password, "next": target}
        answer = await send_form(client, "/sign-in", form)
        return await self.go_on(client, answer, username, target)

    async def go_on(
        self, client: httpx2.AsyncClient, answer: httpx2.Response, username: str, target: str
    ) -> httpx2.Response:
        """The second step, if the answer to the first leads there."""
        where = answer.headers.get("location", "")
        if not where.startswith("/sign-in/second-factor"):
            return answer
        shown = {"code": await self.code(username.casefold()), "next": target}
        return await send_form(client, where, shown, "/sign-in/second-factor")

    async def api(self, username: str, password: str = PASSWORD) -> httpx2.AsyncClient:
        """A client whose requests carry the account's access token; close it."""
        token = (await self.tokens(username, password))["access_token"]
        return self.client(headers={"Authorization": f"Bearer {token}"})

    @asynccontextmanager
    async def browser(
        self, username: str, password: str = PASSWORD
    ) -> AsyncIterator[httpx2.AsyncClient]:
        """A browser signed in on the page."""
        async with self.client() as client:
            answer = await self.enter(client, username, password, "/account")
            assert answer.status_code == 303, answer.text
            yield client

    async def tell(self, event: Event) -> None:
        """Publishes another service's event on the bus."""
        await self.service.publisher.publish(event.type, encode(event), event.id)

    async def hear(self, *events: Event) -> None:
        """Takes in what registry says of facilities, in this order, with no bus between."""
        await hand(self.db, FACILITIES, *events)

    async def forget_failures(self) -> None:
        """So that one test's wrong passwords do not slow the next one down."""
        await self.db.collection("throttle").delete_many({})


async def send_form(
    client: httpx2.AsyncClient, path: str, fields: dict[str, Any], action: str = ""
) -> httpx2.Response:
    """Opens a page as a browser does and posts its form with the token found there."""
    page = await client.get(path)
    assert page.status_code == 200, page.text
    return await client.post(action or path, data={**fields, "csrf": token_in(page.text)})


@asynccontextmanager
async def running(settings: IdentitySettings) -> AsyncIterator[Identity]:
    """The service with its loops; ready when its own keys have come back to it by the bus."""
    await load(province(), settings, PASSWORD)
    await _declare_queues(settings)
    app = make_app(settings)
    async with app.router.lifespan_context(app):
        identity = Identity(app, settings)

        async def ready() -> None:
            state = await identity.service.dependencies()
            assert all(state.values()), state

        await eventually(ready, 60)
        yield identity


async def _declare_queues(settings: IdentitySettings) -> None:
    """Queues come before the first event, as in every installation (deploy/topology.py).

    One hears everything, as reporting's does: without it the relay would wait for a taker.
    """
    names = Names(settings.bus_prefix)
    connection = await Hosts(settings.amqp_hosts).connect("tests")
    async with connection:
        channel = await connection.channel()
        await declare_exchanges(channel, names)
        await declare_queue(channel, names, "tests.ledger", ("#",))
        for queue in QUEUES:
            await declare_queue(channel, names, queue.name, queue.patterns)
