"""What the queue lost is read from the feeds: the projection mends its own gaps."""

import asyncio
import time

import structlog

from services.scan.domain.aggregates import PUBLISHERS
from services.scan.hearing import projection
from services.scan.hearing.envelope import Envelope
from services.scan.hearing.feeds import Feeds, Unanswered
from services.scan.store import models
from shared.mongo import Database, is_outage

log = structlog.get_logger()

LOOK_SECONDS = 0.5
# A mark that moves is left to the queue; one that stood still for this long is behind.
PATIENCE_SECONDS = 2.0
LONGEST_SECONDS = 10.0


class Healer:
    """Looks whether the mark of each publisher moves on to its feed's head, and moves it if not."""

    def __init__(self, db: Database, feeds: Feeds) -> None:
        self._db = db
        self._feeds = feeds

    async def run(self) -> None:
        await asyncio.gather(*(self._watch(publisher) for publisher in PUBLISHERS))

    async def _watch(self, publisher: str) -> None:
        seen, since, patience = -1, time.monotonic(), PATIENCE_SECONDS
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                mark = (await models.projected(self._db)).get(publisher, 0)
                if mark != seen:
                    seen, since, patience = mark, time.monotonic(), PATIENCE_SECONDS
                elif time.monotonic() - since > patience:
                    failing = await self.mend(publisher, mark) > 0
                    # What fails is tried again and again, but ever more seldom.
                    patience = min(patience * 2, LONGEST_SECONDS) if failing else PATIENCE_SECONDS
                    since = time.monotonic()
            except Unanswered as error:
                log.debug("a feed is away", error=str(error))
            except Exception as error:
                if not is_outage(error):
                    log.exception("mending failed and goes on", publisher=publisher)

    async def mend(self, publisher: str, mark: int) -> int:
        """Apply everything after `mark`, a page at a time; how many events failed."""
        failed = 0
        while True:
            answer = await self._feeds.ask(publisher, mark)
            if not answer.events:
                return failed
            log.warning(
                "the projection reads what its queue did not bring",
                publisher=publisher,
                after=mark,
                events=len(answer.events),
            )
            failed += await self._apply(answer.events)
            mark = answer.events[-1].number
            if not answer.more:
                return failed

    async def _apply(self, envelopes: list[Envelope]) -> int:
        try:
            await projection.apply(self._db, envelopes)
        except Exception as error:
            if is_outage(error):
                raise
            return sum([await self._apply_alone(envelope) for envelope in envelopes])
        return 0

    async def _apply_alone(self, envelope: Envelope) -> int:
        """One that fails keeps the mark back, as it does when the queue parks it."""
        try:
            await projection.apply(self._db, [envelope])
        except Exception as error:
            if is_outage(error):
                raise
            log.error("an event cannot be applied", id=envelope.id, error=repr(error))
            return 1
        return 0
