"""The three publishers, the projection and replicas, all real and in this process."""

import asyncio
import itertools
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import uvicorn
from aio_pika.abc import AbstractIncomingMessage
from fastapi import FastAPI

from services.scan.answering.hot import HotRoute
from services.scan.counting.judging import USES
from services.scan.counting.recording import RECORDER
from services.scan.domain.aggregates import PUBLISHERS
from services.scan.hearing.feeds import Feeds
from services.scan.hearing.heal import Healer
from services.scan.hearing.projection import PROJECTION
from services.scan.knowing.confirm import Clock
from services.scan.recorder import prepare
from services.scan.replica import Replica
from services.scan.settings import ScanSettings
from services.scan.speech import worker
from services.scan.store import keys
from shared import days
from shared.contracts.event import Event
from shared.contracts.recall import NoticePublished, StampRange
from shared.contracts.registry import (
    Certificate,
    FacilityPublished,
    GrowingAreaPublished,
    LotPublished,
    ProductPublished,
    Stage,
)
from shared.contracts.stamps import HoldPublished, Interval, SegmentPublished
from shared.ids import now
from shared.messaging import outbox
from shared.messaging.bus import Hosts
from shared.messaging.topology import Names, declare_exchanges
from shared.messaging.wiring import Queue
from shared.mongo import Tx, transact
from shared.service import Service
from shared.settings import Settings
from shared.stampcode import Keyring, encode
from tests.polling import eventually

_names = itertools.count(1)
_batches = itertools.count(1000)


def name(kind: str) -> str:
    """An id nobody else in this run uses."""
    return f"{kind}-{next(_names)}"


def new_batch() -> int:
    return next(_batches)


def facility(subject: str, version: int = 1, **changes: Any) -> FacilityPublished:
    given: dict[str, Any] = {
        "code": "QN-0001",
        "name": "Hợp tác xã Cây ăn quả Đồi Nắng",
        "name_en": "Sunny Hill Fruit Cooperative",
        "address": "Thôn Đồi Nắng, phường An Sinh",
        "commune": "07090",
        "commune_name": "Phường An Sinh",
        "sector": "agriculture",
        "kinds": ("grower", "packing"),
        "facility_class": "certificate",
        "representative": "Nguyễn Văn Khởi",
        "phone": "0203 000 1007",
        "gln": "9520101900012",
        "certificates": (
            Certificate(
                kind="attp",
                number="0014/2025/NNMT-QN",
                issuer="Chi cục Chất lượng tỉnh Quảng Ninh",
                issued_on=date(2025, 4, 1),
                expires_on=date(2028, 4, 1),
            ),
        ),
    }
    return FacilityPublished(subject=subject, version=version, time=now(), **{**given, **changes})


def product(subject: str, facility_id: str, version: int = 1, **changes: Any) -> ProductPublished:
    given: dict[str, Any] = {
        "code": "9520101000118",
        "gtin": "9520101000118",
        "name": "Na dai Đông Triều",
        "name_en": "Đông Triều custard apple",
        "brand": "Đồi Nắng",
        "category": "Quả tươi",
        "description": "Na dai trồng trên đất đồi An Sinh, thịt dai và ngọt.",
        "net_content": "2 kg",
        "shelf_life_days": 6,
        "storage": "Nơi thoáng mát, tránh nắng",
        "standards": ("VietGAP trồng trọt (TCVN 11892-1:2017)", "TCCS 01/DN"),
        "ocop_stars": 4,
        "origin": "Xã An Sinh, Quảng Ninh",
        "capacity": "120 tấn mỗi năm",
        "price": 65_000,
    }
    return ProductPublished(
        subject=subject,
        version=version,
        time=now(),
        facility_id=facility_id,
        **{**given, **changes},
    )


def lot(
    subject: str, product_id: str, facility_id: str, version: int = 1, **changes: Any
) -> LotPublished:
    given: dict[str, Any] = {
        "code": "NA-261118",
        "quantity": "1200",
        "unit": "kg",
        "produced_on": date(2026, 11, 18),
        "expires_on": date(2099, 11, 24),
        "stages": (
            Stage(
                step="harvesting",
                title="Thu hoạch",
                title_en="Harvesting",
                at=datetime(2026, 11, 18, 0, 30, tzinfo=UTC),
                place="Vườn số 3, Đồi Nắng",
                place_code="VN-QNOR-0001",
                facility_name="Hợp tác xã Cây ăn quả Đồi Nắng",
            ),
            Stage(
                step="packing",
                title="Đóng gói",
                title_en="Packing",
                at=datetime(2026, 11, 18, 6, 0, tzinfo=UTC),
                place="Xưởng sơ chế An Sinh",
                place_code="VNQNPH-0001",
                details={"quantity": "1200 kg"},
            ),
        ),
    }
    return LotPublished(
        subject=subject,
        version=version,
        time=now(),
        facility_id=facility_id,
        product_id=product_id,
        **{**given, **changes},
    )


def area(subject: str, facility_id: str, version: int = 1) -> GrowingAreaPublished:
    return GrowingAreaPublished(
        subject=subject,
        version=version,
        time=now(),
        facility_id=facility_id,
        code="VN-QNOR-0001",
        name="Vùng na dai Đồi Nắng",
        crop="Na dai",
        commune="07090",
        commune_name="Phường An Sinh",
    )


def segment(
    batch: int,
    facility_id: str,
    product_id: str,
    intervals: list[tuple[int, int, str, str]],
    version: int = 1,
    number: int = 0,
) -> SegmentPublished:
    return SegmentPublished(
        subject=f"{batch}/{number}",
        version=version,
        time=now(),
        batch=batch,
        segment=number,
        facility_id=facility_id,
        product_id=product_id,
        intervals=tuple(Interval(*one) for one in intervals),
    )


def notice(
    case: str, version: int = 1, *, active: bool = True, kind: str = "recall", **reach: Any
) -> NoticePublished:
    return NoticePublished(
        subject=f"{case}/1",
        version=version,
        time=now(),
        case_id=case,
        part=1,
        kind=kind,
        active=active,
        title="Thu hồi na dai lô NA-261118",
        title_en="Recall of custard apples, lot NA-261118",
        reason="Dư lượng thuốc bảo vệ thực vật vượt mức cho phép",
        reason_en="Pesticide residue above the limit",
        instruction="Ngừng sử dụng và trả lại nơi đã mua.",
        instruction_en="Stop using it and return it to the shop.",
        ordered_at=now(),
        authority="Chi cục Chất lượng tỉnh Quảng Ninh",
        **reach,
    )


def stamps_of(batch: int, first: int, last: int) -> StampRange:
    return StampRange(batch=batch, first=first, last=last)


def hold(
    subject: str, scope: str, target: str, version: int = 1, *, active: bool = True
) -> HoldPublished:
    return HoldPublished(
        subject=subject,
        version=version,
        time=now(),
        scope=scope,
        target=target,
        reason_kind="officer_order",
        reason="Chờ kết quả kiểm nghiệm",
        active=active,
    )


class Goods:
    """One facility, product, lot and batch: serials 0…499 active, 500…999 only issued."""

    def __init__(self, **lot_changes: Any) -> None:
        self.facility, self.product = name("facility"), name("product")
        self.lot, self.batch = name("lot"), new_batch()
        self.lot_changes = lot_changes

    def passports(self) -> list[Event]:
        return [
            facility(self.facility),
            product(self.product, self.facility),
            lot(self.lot, self.product, self.facility, **self.lot_changes),
        ]

    def segment(self, version: int = 1, state: str = "active") -> SegmentPublished:
        return segment(
            self.batch,
            self.facility,
            self.product,
            [(0, 499, self.lot, state), (500, 999, "", "issued")],
            version,
        )

    def events(self) -> list[Event]:
        return [*self.passports(), self.segment()]


class AsServed:
    """The hot route as the server asks it: first for an answer at once, then as ASGI has it."""

    def __init__(self, hot: HotRoute) -> None:
        self._hot = hot
        self.at_once: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        url = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        whole = None
        if scope["method"] == "GET":
            whole = self._hot.at_once(url, scope["headers"], scope["client"])
        if whole is None:
            await self._hot(scope, receive, send)
            return
        self.at_once.append(whole)
        status, headers, body = apart(whole)
        assert dict(headers)[b"content-length"] == b"%d" % len(body)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def apart(whole: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of an answer as it is sent."""
    head, _, body = whole.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    headers = [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
    return int(first.split()[1]), headers, body


class Scans:
    """A replica as its clients meet it."""

    def __init__(self, replica: Replica, hot: HotRoute, keyring: Keyring) -> None:
        self.replica = replica
        self.hot = hot
        self.keyring = keyring
        transport = httpx2.ASGITransport(app=AsServed(hot))
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://scan")

    def code(self, batch: int, serial: int) -> str:
        return encode(self.keyring, batch, serial)

    async def verdict(self, batch: int, serial: int) -> dict[str, Any]:
        answer = await self.http.get(f"/v1/verdicts/{self.code(batch, serial)}")
        assert answer.status_code == 200
        told: dict[str, Any] = answer.json()
        return told

    async def page(self, batch: int, serial: int, **headers: str) -> str:
        answer = await self.http.get(f"/{self.code(batch, serial)}", headers=headers)
        assert answer.status_code == 200
        return answer.text


class World:
    """Publishers with real outboxes, relays and feeds; scan's own processes as parts."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.folder = folder
        self.taken_in = {"registry": 10**9}
        self.ports = {publisher: free_port() for publisher in PUBLISHERS}
        feeds = {p: f"http://127.0.0.1:{port}" for p, port in self.ports.items()}
        self.settings = ScanSettings(**{**settings.model_dump(), "feeds": feeds})
        self.keyring = Keyring.load(settings.secrets_dir / "stamp-keys.json")
        self.services: dict[str, Service] = {}
        self._running: dict[str, AsyncExitStack] = {}

    async def _promise(self) -> dict[str, Any]:
        return {"taken_in": self.taken_in}

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[None]:
        """All three services run and answer on their ports."""
        for publisher in PUBLISHERS:
            await self.start(publisher)
        try:
            yield
        finally:
            for publisher in list(self._running):
                await self.stop(publisher)

    async def start(self, publisher: str) -> None:
        promise = self._promise if publisher == "recall" else None
        service = Service(publisher, self.settings, verifies=False, feed_extra=promise)
        app = FastAPI(lifespan=service.lifespan)
        app.include_router(service.router)
        stack = AsyncExitStack()
        await stack.enter_async_context(serving(app, self.ports[publisher]))
        self.services[publisher] = service
        self._running[publisher] = stack

    async def stop(self, publisher: str) -> None:
        """The whole service ends: its relay, and the port its feed answers on."""
        await self._running.pop(publisher).aclose()

    @asynccontextmanager
    async def projecting(self, *, healing: bool = True) -> AsyncIterator[Service]:
        """What `services.scan.projector` runs."""
        service = Service(
            "scan",
            self.settings,
            queues=[PROJECTION],
            prepare=keys.prepare,
            publishes=False,
            verifies=False,
        )
        feeds = Feeds(self.settings.feeds)
        if healing:
            service.jobs.append(Healer(service.db, feeds).run)
        async with service.lifespan(FastAPI()):
            await eventually(lambda: service.consumers[0].connected)
            yield service
        await feeds.close()

    @asynccontextmanager
    async def recording(self, recorder: Queue = RECORDER) -> AsyncIterator[Service]:
        """What `services.scan.recorder` runs."""
        service = Service(
            "scan", self.settings, queues=[recorder, USES], prepare=prepare, verifies=False
        )
        async with service.lifespan(FastAPI()):
            await eventually(lambda: all(one.connected for one in service.consumers))
            yield service

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator[Service]:
        """What `services.scan.speech.worker` runs."""
        app = worker.make(self.settings)
        async with app.router.lifespan_context(app):
            service: Service = app.state.service
            await eventually(lambda: service.consumers[0].connected)
            yield service

    @asynccontextmanager
    async def replica(
        self,
        replica_name: str = "",
        *,
        clock: Clock = time.monotonic,
        today: Callable[[], date] = days.today,
        **changes: Any,
    ) -> AsyncIterator[Scans]:
        settings = self.settings.model_copy(
            update={
                "replica": replica_name or name("replica"),
                "spool_dir": self.folder,
                **changes,
            }
        )
        replica = Replica(settings, clock=clock, today=today)
        app = FastAPI(lifespan=replica.lifespan)
        app.include_router(replica.router)
        scans = Scans(replica, replica.hot_route(app), self.keyring)
        async with replica.lifespan(app):
            yield scans
        await scans.http.aclose()

    @asynccontextmanager
    async def hearing(self) -> AsyncIterator[list[dict[str, Any]]]:
        """Everything scan tells on the bus, as a list that grows; some queue must take it."""
        heard: list[dict[str, Any]] = []
        connection = await Hosts(self.settings.amqp_hosts).connect("test")
        names = Names(self.settings.bus_prefix)
        channel = await connection.channel()
        await declare_exchanges(channel, names)
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(names.exchange, routing_key="scan.#")

        async def take(message: AbstractIncomingMessage) -> None:
            heard.append(msgspec.json.decode(message.body))

        await queue.consume(take, no_ack=True)
        yield heard
        await connection.close()

    async def tell(self, *events: Event) -> None:
        """Commit events to their publishers' outboxes, as the services' acts do."""
        for publisher in PUBLISHERS:
            own = [event for event in events if event.publisher == publisher]
            if own:
                await self._append(self.services[publisher], own)

    async def _append(self, service: Service, events: list[Event]) -> None:
        async def work(tx: Tx) -> None:
            await outbox.append(tx, *events)

        await transact(service.db, work)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def serving(app: Any, port: int) -> AsyncIterator[None]:
    """A real HTTP server in this event loop; requests under way are dropped at its end."""
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    # Not `serve`, which would take the signals of the test run.
    task = asyncio.create_task(server._serve())
    while not server.started:
        assert not task.done(), task
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


class Wire:
    """A TCP proxy before a server, to cut and mend the connection to it."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_read, to_write = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, to_write}
        await asyncio.gather(_pour(reader, to_write), _pour(to_read, writer))
        self._open -= {writer, to_write}


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
