"""The consumer's side of healing: it asks what its queue should have had, and for what is missing.

Queues are deleted, brokers lose their disks, bindings are removed; a publisher that has marked an
event as sent never learns of it. So each consumer compares now and then, and nobody has to find
out which of these accidents it was.
"""

from datetime import timedelta
from typing import Any

import msgspec
import structlog

from shared.ids import first_id_at, now
from shared.messaging import arrivals
from shared.messaging.arrivals import Inventory, Question
from shared.messaging.bus import Publisher, Unpublished
from shared.mongo import Database, is_outage

log = structlog.get_logger()


class Healer:
    """Compares one queue with its publishers' outboxes.

    A queue that claims its events, but has no mark of a publisher yet, asks only for events so
    young that their claims are still remembered (`remembered`): older ones may have had their
    effect. From the first mark on everything is exact, however long ago.
    """

    def __init__(
        self,
        queue: str,
        patterns: tuple[str, ...],
        db: Database,
        publisher: Publisher,
        remembered: timedelta | None,
    ) -> None:
        self._queue = queue
        self._patterns = patterns
        self._db = db
        self._publisher = publisher
        self._remembered = remembered

    async def ask(self, publisher: str = "", wanted: list[int] | None = None) -> None:
        """Ask one publisher, or all. A question that is lost is asked again before long."""
        if not self._patterns:
            return
        since = "" if self._remembered is None else first_id_at(now() - self._remembered)
        try:
            question = Question(
                queue=self._queue,
                patterns=list(self._patterns),
                marks=await arrivals.marks(self._db, self._queue),
                since=since,
                wanted=wanted or [],
            )
            await self._publisher.ask(msgspec.json.encode(question), publisher)
        except Unpublished as error:
            log.debug("a question waits for the broker", queue=self._queue, error=str(error))
        except Exception as error:
            if not is_outage(error):
                raise

    async def take(self, envelope: dict[str, Any]) -> None:
        """Compare an inventory with what is here, and ask for the rest."""
        try:
            told = msgspec.convert(envelope.get("data"), Inventory)
            missing = await arrivals.settle(self._db, self._queue, told)
        except msgspec.ValidationError as error:
            log.warning("an inventory that nobody understands", error=str(error))
            return
        except Exception as error:
            if not is_outage(error):
                raise
            return  # The next question brings another.
        if missing is None:
            return  # Went its questions on too, a long healing would be done several times.
        if missing and told.again:
            return  # Another process of this service may be at them; the next turn will tell.
        if missing:
            await self._want(told.publisher, missing)
        elif told.more:
            await self.ask(told.publisher)

    async def _want(self, publisher: str, missing: list[int]) -> None:
        log.warning(
            "events did not arrive and are asked for once more",
            queue=self._queue,
            publisher=publisher,
            events=len(missing),
            first=missing[0],
            last=missing[-1],
        )
        await self.ask(publisher, missing)
