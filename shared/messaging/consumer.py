"""Consumers: a durable queue's events, each with its effect exactly once, none lost or stuck.

Messages are taken in small batches, one transaction a batch; the claim of each event id is part
of that transaction. If a batch fails its events go one by one, and the one that keeps failing is
parked. An outage of the database is waited for, never counted against an event; a transaction that
is too long whenever it is tried is none.
"""

import asyncio
import itertools
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import structlog
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from prometheus_client import Counter
from pymongo.errors import DuplicateKeyError

from shared.contracts.event import Event, Undecodable, from_envelope, open_envelope
from shared.crashpoints import crash_point
from shared.ids import now
from shared.messaging import arrivals, progress
from shared.messaging.bus import PUBLISH_TIMEOUT_SECONDS, Hosts, Publisher, hold, look_at
from shared.messaging.healing import Healer
from shared.messaging.topology import Names, bind, declare_exchanges, declare_queue
from shared.messaging.wiring import Queue
from shared.mongo import Database, Tx, Unasked, is_cut_off, is_outage, transact
from shared.tasks import end

log = structlog.get_logger()

INBOX: Final = Unasked("inbox")
PROBES: Final = Unasked("probes")
INBOX_DAYS = 90
ATTEMPTS = 5
# A transaction that the server ends since it takes too long looks like an outage. If that comes
# again and again (`Queue.cut_offs`) though a small one commits in this time, it is the event's own.
ANSWERS_SECONDS = 2.0
WATCH_SECONDS = 5.0
# A busy broker says of a quorum queue after a quarter of a second that it is empty and that nobody
# consumes it, so that has to be said so many times in a row. Were it believed at once, consumers
# would give up their connections when there is most to do, and begin anew with what keeps failing.
LOOKS = 3
# It is looked for lost events at each of so many first turns, and then at every so many-th.
TURNS = 3
# What is urgent has gone to whom it concerns at once, by queues of their own, and is on its way
# through every process there; what is kept of it here can wait until it has arrived. What is older
# than that takes has arrived: many are told again where a queue is filled anew.
MAKE_WAY_SECONDS = 0.2
ON_ITS_WAY = timedelta(seconds=10)

handled = Counter("txng_events_handled_total", "Events taken in", ["queue", "outcome"])


async def prepare(db: Database) -> None:
    await db.collection(INBOX).create_index("at", expireAfterSeconds=INBOX_DAYS * 86_400)


class Consumer:
    """Runs one queue: connects, consumes, watches that it is served and complete, reconnects."""

    def __init__(
        self, queue: Queue, db: Database, hosts: Hosts, names: Names, publisher: Publisher
    ) -> None:
        self.queue = queue
        self._db = db
        self._hosts = hosts
        self._names = names
        remembered = timedelta(days=INBOX_DAYS - 10) if queue.claims else None
        self._healer = Healer(queue.name, queue.patterns, db, publisher, remembered)
        self.connected = False

    async def run(self) -> None:
        await hold(self._hosts, self.queue.name, self._consume)

    async def _consume(self, connection: AbstractConnection) -> None:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=self.queue.prefetch)
        await declare_exchanges(channel, self._names)
        queue = await declare_queue(channel, self._names, self.queue.name, self.queue.patterns)
        incoming: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        cancelled = asyncio.Event()
        underlying = await channel.get_underlay_channel()
        underlying.on_consumer_cancel_callbacks.add(lambda _: cancelled.set())
        await queue.consume(incoming.put)
        self.connected = True
        # Parking must be confirmed before the original is acknowledged: a channel of its own.
        parking = await connection.channel(publisher_confirms=True, on_return_raises=True)
        worker = asyncio.create_task(self._work(incoming, channel, parking))
        watcher = asyncio.create_task(self._watch(connection, queue.name, cancelled))
        try:
            done, _ = await asyncio.wait({worker, watcher}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self.connected = False
            await end(worker, watcher)

    async def _watch(
        self, connection: AbstractConnection, name: str, cancelled: asyncio.Event
    ) -> None:
        """Return when the queue is no longer served: the library never restores a consumer that
        the server cancelled. Now and then look whether it lost anything."""
        probe = await connection.channel()
        unserved = 0
        for turn in itertools.count():
            queue = await look_at(probe, name)
            unserved = 0 if queue.declaration_result.consumer_count else unserved + 1
            if unserved == LOOKS:
                log.warning("nobody consumes a queue", queue=name)
                return
            if turn < TURNS or turn % TURNS == 0:
                await bind(queue, self._names, self.queue.patterns)
                # While many wait in the queue, there is no telling yet.
                if (queue.declaration_result.message_count or 0) <= self.queue.prefetch:
                    await self._healer.ask()
            with suppress(TimeoutError):
                await asyncio.wait_for(cancelled.wait(), WATCH_SECONDS)
                log.warning("the broker no longer serves a queue", queue=name)
                return

    async def _work(
        self,
        incoming: "asyncio.Queue[AbstractIncomingMessage]",
        channel: AbstractChannel,
        parking: AbstractChannel,
    ) -> None:
        while True:
            messages = [await incoming.get()]
            while not incoming.empty() and len(messages) < self.queue.prefetch:
                messages.append(incoming.get_nowait())
            await self._handle(messages, parking)
            crash_point(f"consumer.{self.queue.name}.before_ack")
            await _acknowledge(messages, channel)

    async def _handle(
        self, messages: list[AbstractIncomingMessage], parking: AbstractChannel
    ) -> None:
        envelopes, inventories = [], []
        for message in messages:
            try:
                opened = self._open(message.body)
            except Undecodable as error:
                await self._park(parking, message, str(error))
                continue
            if opened["type"] == arrivals.TYPE:
                inventories.append(opened)
            else:
                envelopes.append((message, opened))
        if any(_is_on_its_way(opened.get("event")) for _, opened in envelopes):
            await asyncio.sleep(MAKE_WAY_SECONDS)
        if envelopes:
            await self._apply_or_park(envelopes, parking)
        for inventory in inventories:
            await self._healer.take(inventory)

    async def _apply_or_park(
        self,
        envelopes: list[tuple[AbstractIncomingMessage, dict[str, Any]]],
        parking: AbstractChannel,
    ) -> None:
        try:
            await self._apply([opened for _, opened in envelopes])
        except Exception as error:
            if len(envelopes) > 1:
                log.warning("a batch goes one by one", queue=self.queue.name, error=repr(error))
            for message, opened in envelopes:
                await self._insist(message, opened, parking)
                # The next may take long, and what is not acknowledged for so long comes again.
                await message.ack()

    def _open(self, body: bytes) -> dict[str, Any]:
        """The envelope, its event read too, so that what cannot be read is found out here."""
        opened = open_envelope(body)
        if self.queue.raw is None and opened["type"] in self.queue.subscriptions:
            opened["event"] = from_envelope(opened)
        return opened

    async def _insist(
        self, message: AbstractIncomingMessage, opened: dict[str, Any], parking: AbstractChannel
    ) -> None:
        """Apply one event alone, parking it after several failures that are its own."""
        attempt = cut_off = 0
        while True:
            try:
                await self._apply([opened])
                return
            except Exception as error:
                if not is_outage(error):
                    attempt += 1
                is_its_own = is_cut_off(error) and await self._answers()
                cut_off = cut_off + 1 if is_its_own else 0
                if attempt >= ATTEMPTS or cut_off >= self.queue.cut_offs:
                    log.exception("an event is parked", queue=self.queue.name, id=opened["id"])
                    await self._park(parking, message, repr(error))
                    return
                await asyncio.sleep(min(0.05 * 2**attempt, 1.0))

    async def _answers(self) -> bool:
        """Whether the database takes something small now: one that is overloaded ends what is of
        ordinary size too, and that is nobody's fault."""

        async def work(tx: Tx) -> None:
            await tx.collection(PROBES).update_one(
                {"_id": self.queue.name}, {"$set": {"at": now()}}, upsert=True
            )

        try:
            await asyncio.wait_for(transact(self._db, work), ANSWERS_SECONDS)
        except Exception:
            return False
        return True

    async def _apply(self, envelopes: list[dict[str, Any]]) -> None:
        unique = list({opened["id"]: opened for opened in envelopes}.values())

        async def work(tx: Tx) -> None:
            fresh = await self._claim(tx, unique) if self.queue.claims else unique
            if self.queue.raw is not None:
                await self.queue.raw(tx, fresh)
            for kind, subscription in self.queue.subscriptions.items():
                events = [o["event"] for o in fresh if o["type"] == kind]
                if events:
                    await subscription.handle(tx, events)
            await self._tick(tx, unique)
            await arrivals.note(tx, self.queue.name, unique)

        try:
            await transact(self._db, work)
        except DuplicateKeyError:
            # Another process claimed one of them at the same moment; a second look sees that.
            await transact(self._db, work)
        handled.labels(self.queue.name, "applied").inc(len(unique))
        crash_point(f"consumer.{self.queue.name}.applied")

    async def _claim(self, tx: Tx, envelopes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        keys = {f"{self.queue.name}:{opened['id']}": opened for opened in envelopes}
        inbox = tx.collection(INBOX)
        known = {row["_id"] async for row in inbox.find({"_id": {"$in": list(keys)}}, {"_id": 1})}
        fresh = {key: opened for key, opened in keys.items() if key not in known}
        if fresh:
            await inbox.insert_many([{"_id": key, "at": now()} for key in fresh])
        return list(fresh.values())

    async def _tick(self, tx: Tx, envelopes: list[dict[str, Any]]) -> None:
        numbers: dict[str, list[int]] = {}
        for opened in envelopes:
            publisher = opened["type"].split(".", 1)[0]
            if publisher in self.queue.ticks and isinstance(opened.get("number"), int):
                numbers.setdefault(publisher, []).append(opened["number"])
        if numbers:
            await progress.note(tx, self.queue.name, numbers)

    async def _park(
        self, parking: AbstractChannel, message: AbstractIncomingMessage, reason: str
    ) -> None:
        exchange = await parking.get_exchange(self._names.parked_exchange, ensure=False)
        parked = Message(
            message.body,
            headers={**message.headers, "txng-reason": reason[:500], "txng-parked": str(now())},
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=message.message_id,
        )
        await asyncio.wait_for(
            exchange.publish(parked, self._names.queue(self.queue.name), mandatory=True),
            PUBLISH_TIMEOUT_SECONDS,
        )
        await arrivals.note_parked(self._db, self.queue.name, message.body)
        handled.labels(self.queue.name, "parked").inc()


async def _acknowledge(messages: list[AbstractIncomingMessage], channel: AbstractChannel) -> None:
    """All of them have been dealt with, in order, and those before them; where some were
    acknowledged alone, the others are too."""
    left = [message for message in messages if not message.processed]
    if len(left) < len(messages):
        for message in left:
            await message.ack()
        return
    underlying = await channel.get_underlay_channel()
    assert messages[-1].delivery_tag is not None
    await underlying.basic_ack(messages[-1].delivery_tag, multiple=True)


def _is_on_its_way(event: Event | None) -> bool:
    return event is not None and event.urgent and now() - event.time < ON_ITS_WAY
