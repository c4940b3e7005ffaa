"""The receipt for each notice: this replica shows it from now on. Kept until the bus has it."""

import asyncio
from collections import deque
from datetime import timedelta

import structlog
from opentelemetry.trace import SpanKind

from shared.contracts.event import encode
from shared.contracts.recall import NoticePublished
from shared.contracts.scan import NoticeApplied
from shared.ids import now
from shared.messaging.bus import Publisher, Unpublished
from shared.telemetry import current_traceparent, span

log = structlog.get_logger()

# A replica that starts meets every old notice again; nobody waits for a receipt of those.
RECENT = timedelta(minutes=10)
MOST_KEPT = 10_000
LONGEST_PAUSE_SECONDS = 2.0


class Receipts:
    """Noted at the moment a notice takes effect in memory, sent as soon as the broker takes it."""

    def __init__(self, publisher: Publisher, replica: str, incarnation: str) -> None:
        self._publisher = publisher
        self._replica = replica
        self._incarnation = incarnation
        self.waiting: deque[NoticeApplied] = deque(maxlen=MOST_KEPT)
        self._noted = asyncio.Event()

    def note(self, notice: NoticePublished, by: str) -> None:
        applied_at = now()
        if applied_at - notice.time > RECENT:
            return
        name = f"apply {notice.type}"
        with span(name, traceparent=notice.traceparent, kind=SpanKind.CONSUMER, by=by):
            self.waiting.append(
                NoticeApplied(
                    subject=self._replica,
                    version=notice.version,
                    time=applied_at,
                    traceparent=current_traceparent(),
                    notice=notice.subject,
                    case_id=notice.case_id,
                    notice_version=notice.version,
                    replica=self._replica,
                    incarnation=self._incarnation,
                    applied_at=applied_at,
                    by=by,
                )
            )
        self._noted.set()

    async def run(self) -> None:
        pause = 0.1
        while True:
            await self._noted.wait()
            self._noted.clear()
            try:
                await self._send()
                pause = 0.1
            except Unpublished as error:
                log.warning("receipts wait for the broker", error=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                self._noted.set()

    async def _send(self) -> None:
        while self.waiting:
            receipt = self.waiting[0]
            await self._publisher.publish(receipt.type, encode(receipt), receipt.id)
            if self.waiting and self.waiting[0] is receipt:
                self.waiting.popleft()
