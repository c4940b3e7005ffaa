"""What stands against a stamp at this moment, at the desk: judged as every replica judges.

The desk hears no events; whenever it is asked, it asks the feeds for what is new. Without their
answer it says nothing mild or good, as a replica does that lost them.
"""

import asyncio
import time
from typing import Final

import structlog

from services.scan.domain.aggregates import PUBLISHERS
from services.scan.domain.verdict import Judgement
from services.scan.hearing.envelope import FeedAnswer
from services.scan.hearing.feeds import Feeds, Unanswered
from services.scan.knowing.confirm import NEVER, Clock, Confirmer
from services.scan.knowing.lookup import Lookup
from services.scan.knowing.memory import Memory
from services.scan.knowing.scanner import Scanner
from services.scan.settings import ScanSettings
from services.scan.store import models
from shared.mongo import Database

log = structlog.get_logger()

# What was asked so lately is not asked again, whether it was answered or not.
ASK_SECONDS: Final = 1.0
# After so long, reading the database anew costs less than all that the feeds told since.
READ_SECONDS: Final = 60.0


class _NoFeeds(Feeds):
    """Where the settings name no feeds: nobody is asked, so nothing is ever confirmed."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(PUBLISHERS, ""))

    async def ask(self, publisher: str, after: int) -> FeedAnswer:
        raise Unanswered(f"{publisher}: TXNG_FEEDS names no address")


class Standing:
    """Seldom asked, it holds little. One asks the feeds for all who wait meanwhile."""

    def __init__(self, settings: ScanSettings, clock: Clock = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._feeds = Feeds(settings.feeds) if settings.feeds else _NoFeeds()
        self._alone = asyncio.Lock()
        self._read = self._asked = NEVER
        self._memory: Memory
        self._confirmer: Confirmer
        self._scanner: Scanner

    async def of(self, batch: int, serial: int, db: Database) -> Judgement:
        """The verdict as of now."""
        async with self._alone:
            if self._clock() - self._read > READ_SECONDS:
                await self._read_all(db)
            if self._clock() - self._asked > ASK_SECONDS:
                await self._ask(db)
            scanner, confirmer = self._scanner, self._confirmer
        # A code that is nobody's is waited for; that must not keep the others waiting.
        known = await scanner.find(batch, serial)
        return known.confirmed if confirmer.confirmed else known.unconfirmed

    async def close(self) -> None:
        await self._feeds.close()

    async def _read_all(self, db: Database) -> None:
        memory = Memory(self._settings)
        await memory.suspects.load(db)
        projected, standing = await models.snapshot(db)
        memory.start_from(projected, standing)
        confirmer = Confirmer(memory, self._feeds, self._clock)
        lookup = Lookup(memory, confirmer, db, self._clock)
        self._scanner = Scanner(memory, confirmer, lookup, clock=self._clock)
        self._memory, self._confirmer = memory, confirmer
        self._read, self._asked = self._clock(), NEVER

    async def _ask(self, db: Database) -> None:
        self._scanner.turn_day()
        try:
            asked = await asyncio.gather(
                *(self._confirmer.ask(publisher) for publisher in PUBLISHERS),
                return_exceptions=True,
            )
        finally:
            # A feed that is away takes longer to fail than an answer holds: counted from its end,
            # those who waited for it need not ask it again, one after another.
            self._asked = self._clock()
        for error in asked:
            if isinstance(error, Unanswered):
                log.warning("a feed does not confirm", error=str(error))
            elif isinstance(error, BaseException):
                raise error
        self._memory.projection_reached(await models.projected(db))
        if await self._memory.suspects.follow(db):
            self._memory.generation += 1
