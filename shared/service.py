"""Everything one service process runs beside its pages: database, relay, consumers, health."""

import asyncio
import contextlib
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared import accepted_reads, access, audit, folding, refused_reads, telemetry
from shared.accepted_reads import AcceptedReads
from shared.auth import Verifier
from shared.messaging import consumer, feed, outbox
from shared.messaging.bus import BUS_ERRORS, Hosts, Publisher
from shared.messaging.consumer import Consumer
from shared.messaging.relay import Relay
from shared.messaging.resend import Resender
from shared.messaging.topology import Names
from shared.messaging.wiring import Queue
from shared.mongo import Database
from shared.preparing import Prepare, Preparing
from shared.settings import Settings
from shared.tasks import end
from shared.web.unreadable import Protocol

log = structlog.get_logger()

Work = Callable[[], Awaitable[None]]
# How long a process that ends tries to write what was read last.
FLUSH_SECONDS = 3.0


class Service:
    """One process of a service. Any order of starting works: it waits for what is not there.

    `queues` is the wiring table; `prepare` creates the indexes of the service's stores; `jobs`
    are further loops to run; `feed_extra` and `feed_asked` see shared/messaging/feed.py,
    `reads_kept` shared/accepted_reads.py.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        *,
        queues: Sequence[Queue] = (),
        prepare: Prepare | None = None,
        publishes: bool = True,
        verifies: bool = True,
        feed_extra: feed.Extra | None = None,
        feed_asked: feed.Asked | None = None,
        reads_kept: timedelta | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.names = Names(settings.bus_prefix)
        self.db = Database(settings.mongo_url, settings.database(name), name)
        self.hosts = Hosts(settings.amqp_hosts)
        self.publisher = Publisher(self.hosts, self.names, name)
        self.numberer = outbox.Numberer(self.db)
        self.reads = AcceptedReads(self.db, reads_kept)
        self.verifier = Verifier(self.db, fresh_seconds=settings.fresh_proof_seconds)
        self.consumers = [
            Consumer(queue, self.db, Hosts(settings.amqp_hosts), self.names, self.publisher)
            for queue in queues
        ]
        self.jobs: list[Work] = []
        # What else must be there before the process does its whole work, by name.
        self.needs: dict[str, Callable[[], bool]] = {}
        self._prepare = prepare
        self._preparing = Preparing(settings, name)
        self._publishes = publishes
        self._verifies = verifies
        self._prepared = False
        self._starting: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._feed_extra = feed_extra
        self._feed_asked = feed_asked
        self.router = self._operations()

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Run while the application does. Liveness is not readiness: it never waits to start."""
        app.state.service = self
        app.state.db = self.db
        app.state.verifier = self.verifier
        app.state.reads = self.reads
        app.state.settings = self.settings
        self.start()
        try:
            yield
        finally:
            await self.stop()

    def program(self, *closing: Work) -> FastAPI:
        """The application of a process without pages: its operations alone. Each of `closing` is
        awaited once everything else of the process has ended."""

        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            async with self.lifespan(app):
                yield
            for close in closing:
                await close()

        app = FastAPI(lifespan=lifespan, openapi_url=None)
        app.include_router(self.router)
        return app

    def start(self) -> None:
        self._starting = asyncio.create_task(self._start())

    async def stop(self) -> None:
        if self._starting is not None:
            await end(self._starting)
        await end(*self._tasks)
        await self._write_reads()
        await self.publisher.drop()
        await self.db.close()
        telemetry.stop()

    async def _write_reads(self) -> None:
        """What was read within the last seconds; a database that is away is not waited for."""
        try:
            await asyncio.wait_for(self.reads.flush(), FLUSH_SECONDS)
        except Exception as error:
            log.warning("the last reads are not recorded", error=type(error).__name__)

    async def _start(self) -> None:
        """The loops begin once the database is ready; each is ended by itself."""
        while not self._prepared:
            try:
                await self._create_indexes()
            except Exception as error:
                log.warning("waiting for the database", error=str(error))
                await asyncio.sleep(0.5)
        loops: list[Work] = [c.run for c in self.consumers]
        if self._publishes:
            hosts = Hosts(self.settings.amqp_hosts)
            resender = Resender(self.name, self.db, hosts, self.names, self.publisher)
            relay = Relay(self.db, self.publisher, self.numberer)
            closings = (refused_reads.close_due, self.reads.close_due)
            loops.append(lambda: folding.keep_closing(self.db, *closings))
            loops.append(self.reads.keep_flushing)
            loops += [self._connect, relay.run, relay.hurry, resender.run]
        if self._verifies:
            loops.append(self.verifier.run)
        loops += self.jobs
        self._tasks = [asyncio.create_task(_keep(loop)) for loop in loops]

    async def _create_indexes(self) -> None:
        own = [self._prepare] if self._prepare is not None else []
        steps = [outbox.prepare, consumer.prepare, access.prepare, audit.prepare]
        steps += [refused_reads.prepare, accepted_reads.prepare]
        await self._preparing.run(*steps, *own)
        self._prepared = True

    async def _connect(self) -> None:
        """Hold a connection even while there is nothing to publish, for the readiness answer."""
        while True:
            with contextlib.suppress(*BUS_ERRORS):
                await self.publisher.open()
            await asyncio.sleep(1.0)

    async def dependencies(self) -> dict[str, bool]:
        """What the process needs to do its whole work, and whether it has it."""
        state = {"prepared": self._prepared}
        try:
            await asyncio.wait_for(self.db.ping(), 2.0)
            state["database"] = True
        except Exception:
            state["database"] = False
        if self._publishes:
            state["bus"] = self.publisher.connected
        for one in self.consumers:
            state[f"queue {one.queue.name}"] = one.connected
        if self._verifies:
            state["access keys"] = self.verifier.ready
        return state | {name: there() for name, there in self.needs.items()}

    def _operations(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)

        @router.get("/healthz")
        async def healthz() -> dict[str, str]:
            return {"status": "alive"}

        @router.get("/readyz")
        async def readyz() -> JSONResponse:
            state = await self.dependencies()
            ready = all(state.values())
            body: dict[str, Any] = {"ready": ready, "dependencies": state}
            if building := self._preparing.told():
                body["building"] = building
            return JSONResponse(body, 200 if ready else 503)

        @router.get("/metrics")
        async def metrics() -> Response:
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

        if self._publishes:
            router.include_router(
                feed.router(
                    self.name,
                    lambda: self.db,
                    lambda: self.numberer,
                    self._feed_extra,
                    self._feed_asked,
                )
            )
        return router


async def _keep(work: Work) -> None:
    """Run a loop again if it ends by an error: one broken loop must not silence the others."""
    while True:
        started = time.monotonic()
        try:
            await work()
            return
        except Exception:
            log.exception("a loop failed and starts again")
        await asyncio.sleep(0.2 if time.monotonic() - started > 5 else 2.0)


# A young collection looks at so many new objects, an old one comes after so many others: requests
# leave next to no cycles, and a process that looks for them makes everybody wait.
GARBAGE_THRESHOLDS = (50_000, 20, 100)


def serve(app: Any, settings: Settings) -> None:
    """Answer on the configured port until SIGTERM; requests under way are finished."""
    # What was loaded stays for good, so no collection need ever look at it again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    uvicorn.run(
        app,
        host=settings.bind,
        port=settings.port,
        loop="uvloop",
        http=Protocol,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
    )
