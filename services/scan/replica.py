"""One replica: its memory, what keeps it fresh, and what it counts. It runs without any of them."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date

import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp

from services.scan.answering.forms import Forms
from services.scan.answering.hot import HotRoute
from services.scan.answering.limits import InvalidLimit
from services.scan.counting.spool import Sender, Spool
from services.scan.counting.visitors import Visitors
from services.scan.domain.aggregates import PUBLISHERS
from services.scan.hearing.envelope import open_one
from services.scan.hearing.feeds import Feeds
from services.scan.hearing.receipts import Receipts
from services.scan.knowing.confirm import Clock, Confirmer
from services.scan.knowing.lookup import Lookup
from services.scan.knowing.memory import Memory
from services.scan.knowing.often import OftenScanned
from services.scan.knowing.scanner import Scanner
from services.scan.resolving.found import Finder
from services.scan.resolving.resolver import Resolver
from services.scan.settings import ScanSettings
from services.scan.store import models
from shared import days
from shared.messaging.bus import Hosts, Publisher
from shared.messaging.live import Live
from shared.service import Service
from shared.stampkeys import StampKeys
from shared.tasks import end

log = structlog.get_logger()

TICK_SECONDS = 1.0
# The queue is bound before the database is read; with the broker away the feeds must do.
BIND_SECONDS = 3.0
DRAIN_SECONDS = 5.0


class Replica(Service):
    """Wires one replica together. `clock` and `today` are injected by tests."""

    def __init__(
        self,
        settings: ScanSettings,
        *,
        clock: Clock = time.monotonic,
        today: Callable[[], date] = days.today,
    ) -> None:
        super().__init__("scan", settings, publishes=False, verifies=False)
        self.loaded = False
        self._clock = clock
        self._today = today
        self._scan_settings = settings
        self.spool = Spool(settings.spool_dir, settings.replica)
        # A connection of its own each: a long message of counts must not delay a receipt.
        self._counts_bus = Publisher(self.hosts, self.names, f"{settings.replica}.counts")
        self._receipts_bus = Publisher(self.hosts, self.names, f"{settings.replica}.receipts")
        self.receipts = Receipts(self._receipts_bus, settings.replica, self.spool.incarnation)
        self.memory = Memory(settings, self.receipts.note)
        self.feeds = Feeds(settings.feeds, settings.replica)
        self.confirmer = Confirmer(self.memory, self.feeds, clock)
        self.lookup = Lookup(self.memory, self.confirmer, self.db, clock)
        self.scanner = Scanner(self.memory, self.confirmer, self.lookup, clock=clock, today=today)
        self.often = OftenScanned()
        self.forms = Forms(settings.scan_pages)
        self.visitors = Visitors.load(settings.secrets_dir)
        self.keys = StampKeys(settings.secrets_dir)
        self.live = Live(
            Hosts(settings.amqp_hosts),
            self.names,
            settings.replica,
            publishers=PUBLISHERS,
            take=lambda body: self.memory.apply(open_one(body), "bus"),
        )
        self.sender = Sender(self.spool, self._counts_bus)

    def hot_route(self, app: ASGIApp) -> HotRoute:
        """The whole application: the hot route, then the resolver, before `app`."""
        settings = self._scan_settings
        self.resolver = self._resolver(app)
        hot = HotRoute(
            self.resolver,
            memory=self.memory,
            confirmer=self.confirmer,
            scanner=self.scanner,
            often=self.often,
            forms=self.forms,
            keys=self.keys,
            spool=self.spool,
            visitors=self.visitors,
            limit=self._limit(),
            clock=self._clock,
            trust_proxy=settings.trust_proxy,
        )
        self.resolver.front = hot
        return hot

    def _resolver(self, app: ASGIApp) -> Resolver:
        finder = Finder(
            *(self.memory, self.confirmer, self.lookup, self.scanner, self.db, self.keys),
            clock=self._clock,
        )
        return Resolver(
            app,
            finder=finder,
            confirmer=self.confirmer,
            forms=self.forms,
            limit=self._limit(),
            origin=self.settings.public_origin,
            trust_proxy=self.settings.trust_proxy,
        )

    def _limit(self) -> InvalidLimit:
        settings = self._scan_settings
        return InvalidLimit(
            self._clock, settings.scan_invalid_per_prefix, settings.scan_invalid_in_all
        )

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Answers from the first moment on, `unconfirmed` until everything is here."""
        self.visitors.turn_day(self._today())
        self.spool.open()
        app.state.service = self
        app.state.db = self.db
        app.state.verifier = self.verifier
        app.state.settings = self.settings
        self._tasks = [
            asyncio.create_task(_keep(work))
            for work in (
                self.live.run,
                self._follow,
                self._tick,
                lambda: self.often.run(self.db),
                self.sender.run,
                self.receipts.run,
            )
        ]
        try:
            yield
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Every scan that was answered is sent, or stays in a sealed file for the next start."""
        await end(*self._tasks)
        self._tasks = []
        await self.sender.drain(DRAIN_SECONDS)
        await self._counts_bus.drop()
        await self._receipts_bus.drop()
        await self.feeds.close()
        await super().stop()

    async def dependencies(self) -> dict[str, bool]:
        """Ready is who may say `genuine`; who is not still answers every scan, honestly."""
        state = {"loaded": self.loaded, "confirmed": self.confirmer.confirmed}
        try:
            await asyncio.wait_for(self.db.ping(), 1.0)
            state["database"] = True
        except Exception:
            state["database"] = False
        return {**state, "bus": self.live.connected}

    async def _follow(self) -> None:
        """The order that makes a start sound: queue, database, feeds; only then confirmed."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.live.bound.wait(), BIND_SECONDS)
        await _until_done(self._load)
        self.loaded = True
        await self.confirmer.run()

    async def _load(self) -> None:
        await self.memory.suspects.load(self.db)
        projected, standing = await models.snapshot(self.db)
        self.memory.start_from(projected, standing)

    async def _tick(self) -> None:
        """Once a second: stamp keys, date, how far the projection has come, suspicions, speech."""
        while True:
            self.keys.look()
            self.scanner.turn_day()
            self.visitors.turn_day(self._today())
            if self.loaded:
                try:
                    reached = await asyncio.wait_for(models.projected(self.db), TICK_SECONDS)
                    self.memory.projection_reached(reached)
                    for followed in (self.memory.suspects, self.memory.speeches):
                        if await asyncio.wait_for(followed.follow(self.db), TICK_SECONDS):
                            self.memory.generation += 1
                except Exception as error:
                    log.debug("the database does not tell what is new", error=str(error))
            await asyncio.sleep(TICK_SECONDS)


async def _keep(work: Callable[[], Awaitable[None]]) -> None:
    """A loop that fails by something nobody thought of begins again."""
    while True:
        try:
            return await work()
        except Exception:
            log.exception("a loop failed and starts again")
        await asyncio.sleep(0.5)


async def _until_done(work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await work()
        except Exception as error:
            log.warning("starting waits for the database", error=str(error))
            await asyncio.sleep(0.5)
