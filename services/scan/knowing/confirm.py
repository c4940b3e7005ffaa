"""Whether a replica is up to date is asked of the feeds, every second, and holds five seconds."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import structlog

from services.scan.domain.aggregates import PUBLISHERS
from services.scan.hearing.envelope import FeedAnswer
from services.scan.hearing.feeds import Feeds, Unanswered
from services.scan.knowing.memory import Memory
from shared.contracts.event import Undecodable
from shared.ids import now

log = structlog.get_logger()

ASK_SECONDS = 1.0
CONFIRMED_SECONDS = 5.0
NEVER = float("-inf")

Clock = Callable[[], float]


class Confirmer:
    """Until when all three publishers confirm that memory holds everything they committed.

    The clock is read before the question, so whatever was committed by then is in the answer,
    and no clocks of different machines need to agree.
    """

    def __init__(self, memory: Memory, feeds: Feeds, clock: Clock = time.monotonic) -> None:
        self.until = NEVER
        self.as_of: datetime | None = None
        self.heads = dict.fromkeys(PUBLISHERS, 0)
        self.genealogy_to = 0
        self._memory = memory
        self._feeds = feeds
        self._clock = clock
        self.asked = dict.fromkeys(PUBLISHERS, NEVER)
        self.asked_at: dict[str, datetime] = {}
        self._news = asyncio.Event()

    @property
    def confirmed(self) -> bool:
        return self._clock() < self.until

    async def run(self) -> None:
        """Ask all three, each at its own pace: a slow one does not keep the others waiting."""
        await asyncio.gather(*(self._keep_asking(publisher) for publisher in PUBLISHERS))

    async def ask(self, publisher: str) -> None:
        """Take in everything committed before now, and note that; raises Unanswered."""
        taken = self._memory.taken[publisher]
        while True:
            asked, asked_at, before = self._clock(), now(), taken.complete_to
            answer = await self._feeds.ask(publisher, before)
            for envelope in answer.events:
                try:
                    self._memory.apply(envelope, "feed")
                except Undecodable as error:
                    # The ones after it count all the same, but there is no confirming past it.
                    log.error("an event cannot be read", id=envelope.id, error=str(error))
            if taken.complete_to >= answer.head:
                self._confirm(publisher, asked, asked_at, answer)
                return
            if taken.complete_to == before:
                raise Unanswered(f"{publisher}: stuck at {before} of {answer.head}")

    async def asked_after(self, publisher: str, moment: float, seconds: float) -> bool:
        """Wait for a confirmation whose question was put after `moment`; False if none comes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.asked[publisher] < moment:
                    await self._news.wait()
        return self.asked[publisher] >= moment

    def _confirm(
        self, publisher: str, asked: float, asked_at: datetime, answer: FeedAnswer
    ) -> None:
        self.asked[publisher] = asked
        self.asked_at[publisher] = asked_at
        self.heads[publisher] = answer.head
        genealogy_to = answer.taken_in.get("registry", 0)
        if genealogy_to > self.genealogy_to:
            self.genealogy_to = genealogy_to
            self._memory.generation += 1
        self.until = min(self.asked.values()) + CONFIRMED_SECONDS
        if len(self.asked_at) == len(PUBLISHERS):
            self.as_of = min(self.asked_at.values())
        self._news.set()
        self._news = asyncio.Event()

    async def _keep_asking(self, publisher: str) -> None:
        silent = False
        while True:
            started = time.monotonic()
            try:
                await self.ask(publisher)
                silent = False
            except Unanswered as error:
                if not silent:
                    log.warning("a feed does not confirm", error=str(error))
                silent = True
            except Exception:
                log.exception("asking a feed failed and goes on", publisher=publisher)
            await asyncio.sleep(max(0.05, ASK_SECONDS - (time.monotonic() - started)))
