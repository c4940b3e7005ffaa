"""The relay: takes what is committed to the broker, at least once, at once."""

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from opentelemetry.trace import SpanKind

from shared.crashpoints import crash_point
from shared.messaging import outbox
from shared.messaging.bus import Publisher, Unpublished, Unroutable
from shared.mongo import Database, is_outage
from shared.telemetry import span

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
# Confirmations wait for the broker's disk and marks for the database's, so what has piled up goes
# many at a time.
AT_ONCE = 1_000
LONGEST_PAUSE_SECONDS = 2.0


class Relay:
    """Woken by a commit in this process, and every second for what a crash left behind."""

    def __init__(self, db: Database, publisher: Publisher, numberer: outbox.Numberer) -> None:
        self._db = db
        self._publisher = publisher
        self._numberer = numberer

    async def run(self) -> None:
        """Work until cancelled. A broker or database that is away only makes it wait."""
        pause = 0.1
        while True:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._db.appended.wait(), SWEEP_SECONDS)
            self._db.appended.clear()
            try:
                await self._numberer.head()
                await self._publish_all()
                pause = 0.1
            except Unpublished as error:
                log.warning("events wait for the broker", error=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            except Exception as error:
                if not is_outage(error):
                    log.exception("the relay failed and goes on")
                else:
                    log.warning("events wait for the database", error=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def hurry(self) -> None:
        """Send urgent events ahead of their numbers, until cancelled: whoever is live hears of them
        within one step of the commit. They come again in their turn, so a loss is no matter.
        """
        while True:
            event = await self._db.urgent.get()
            name, traceparent = f"hurry {event['type']}", event.get("traceparent")
            with (
                suppress(Unpublished),
                span(name, traceparent=traceparent, kind=SpanKind.PRODUCER),
            ):
                await self._publisher.tell(event["type"], msgspec.json.encode(event), event["id"])

    async def _publish_all(self) -> None:
        """Publish what waits; what no queue takes does not keep back what comes after it."""
        after, unroutable = 0, None
        while rows := await outbox.unsent(self._db, after, AT_ONCE):
            after = rows[-1]["number"]
            crash_point("relay.numbered")
            answers = await asyncio.gather(
                *(self._publish(row) for row in rows), return_exceptions=True
            )
            sent = [r["_id"] for r, a in zip(rows, answers, strict=True) if a is None]
            crash_point("relay.confirmed")
            if sent:
                await outbox.mark_sent(self._db, sent)
            for failed in (answer for answer in answers if answer is not None):
                if not isinstance(failed, Unroutable):
                    raise failed
                unroutable = failed
        if unroutable is not None:
            raise unroutable

    async def _publish(self, row: dict[str, Any]) -> None:
        event = row["body"]
        name, traceparent = f"publish {event['type']}", event.get("traceparent")
        with span(name, traceparent=traceparent, kind=SpanKind.PRODUCER):
            await self._publisher.publish(event["type"], outbox.message(row), row["_id"])
