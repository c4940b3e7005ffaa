"""The publisher's side of healing: it says what a queue should have had, and sends it once more."""

import asyncio
from collections.abc import Iterable
from functools import cache

import msgspec
import structlog
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from prometheus_client import Counter

from shared.ids import new_id
from shared.messaging import outbox
from shared.messaging.arrivals import Inventory, Question
from shared.messaging.bus import Hosts, Publisher, Unpublished, hold, look_at
from shared.messaging.topology import Names, declare_exchanges, declare_questions
from shared.mongo import Database, is_outage

log = structlog.get_logger()

# Numbers of the outbox looked through for one question.
PAGE = 1_000
# Events sent at once; the pause after them leaves the broker to the relay.
AT_ONCE = 100
PAUSE_SECONDS = 0.05
WATCH_SECONDS = 5.0
# So often in a row the broker must say that nobody consumes the queue: see consumer.py.
LOOKS = 3

resent = Counter("txng_events_resent_total", "Events sent once more to a queue", ["queue"])


@cache
def _fits(pattern: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """AMQP's topic patterns: `*` is one word, `#` any number of them."""
    if not pattern:
        return not words
    if pattern[0] == "#":
        return any(_fits(pattern[1:], words[i:]) for i in range(len(words) + 1))
    return bool(words) and pattern[0] in ("*", words[0]) and _fits(pattern[1:], words[1:])


def hears(patterns: Iterable[str], type_: str) -> bool:
    """Whether a queue bound by these patterns is given events of this type."""
    words = tuple(type_.split("."))
    return any(_fits(tuple(pattern.split(".")), words) for pattern in patterns)


def concerns(patterns: Iterable[str], publisher: str) -> bool:
    """Whether a queue bound by these patterns may hear this publisher at all."""
    return any(pattern.split(".", 1)[0] in ("#", "*", publisher) for pattern in patterns)


class Resender:
    """Answers the questions of all consumers, one at a time, whichever process takes them.

    It needs no memory: a question says where it stands. One that fails is dropped, as its asker
    asks again.
    """

    def __init__(
        self, service: str, db: Database, hosts: Hosts, names: Names, publisher: Publisher
    ) -> None:
        self._service = service
        self._db = db
        self._hosts = hosts
        self._names = names
        self._publisher = publisher

    async def run(self) -> None:
        await hold(self._hosts, f"{self._service}.resend", self._serve)

    async def _serve(self, connection: AbstractConnection) -> None:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=1)
        await declare_exchanges(channel, self._names)
        queue = await declare_questions(channel, self._names, self._service)
        incoming: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        await queue.consume(incoming.put)
        probe = await connection.channel()
        unserved = 0
        while unserved < LOOKS and not connection.is_closed:
            try:
                message = await asyncio.wait_for(incoming.get(), WATCH_SECONDS)
            except TimeoutError:
                seen = await look_at(probe, queue.name)
                unserved = 0 if seen.declaration_result.consumer_count else unserved + 1
                continue
            await self._answer(message.body)
            await message.ack()

    async def _answer(self, body: bytes) -> None:
        try:
            await self.answer(msgspec.json.decode(body, type=Question))
        except msgspec.DecodeError:
            log.warning("a question that nobody understands", size=len(body))
        except (Unpublished, outbox.FeedGap) as error:
            log.info("a question is left for its next time", error=str(error))
        except Exception as error:
            if not is_outage(error):
                raise

    async def answer(self, question: Question) -> None:
        """Send what is wanted, then the next page of the inventory behind it."""
        if not concerns(question.patterns, self._service):
            return
        if question.wanted:
            await self._send_again(question)
        after = question.marks.get(self._service)
        if after is None:
            after = await outbox.number_before(self._db, question.since) if question.since else 0
        told = await self._inventory(question, after)
        if told.upto > after:
            await self._publisher.send(question.queue, told.encode(), new_id())

    async def _inventory(self, question: Question, after: int) -> Inventory:
        rows = await outbox.page(self._db, after, PAGE)
        upto, numbers = after, []
        for row in rows:
            if hears(question.patterns, row["body"]["type"]):
                if row["state"] != outbox.SENT:
                    break  # It is on its way, and what comes after it may be too.
                numbers.append(row["number"])
            upto = row["number"]
        return Inventory(
            publisher=self._service,
            after=after,
            upto=upto,
            numbers=numbers,
            more=upto == after + PAGE,
            again=bool(question.wanted),
        )

    async def _send_again(self, question: Question) -> None:
        rows = [
            row
            for row in await outbox.numbered(self._db, question.wanted[:PAGE])
            if hears(question.patterns, row["body"]["type"])
        ]
        log.warning("events are sent once more", queue=question.queue, events=len(rows))
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            sending = (
                self._publisher.send(question.queue, outbox.message(row), row["_id"])
                for row in part
            )
            await asyncio.gather(*sending)
            resent.labels(question.queue).inc(len(part))
            await asyncio.sleep(PAUSE_SECONDS)
