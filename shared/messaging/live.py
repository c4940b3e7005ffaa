"""A process's own transient queue: what happened, milliseconds after it did; feeds make it sure."""

import asyncio
from collections.abc import Callable, Sequence

import structlog
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage, AbstractQueue

from shared.messaging.bus import Hosts, hold
from shared.messaging.topology import Names, declare_exchanges

log = structlog.get_logger()

WATCH_SECONDS = 1.0


class Live:
    """Classic, exclusive, server-named, without acknowledgements: nothing in it is irreplaceable.

    After a lost connection a new queue is bound at once; what was missed meanwhile the next
    answer of each feed brings, and only the feeds confirm. `take` is given the body of every event
    of the `publishers`; what it raises is logged, as the feed brings the event again.
    """

    def __init__(
        self,
        hosts: Hosts,
        names: Names,
        name: str,
        *,
        publishers: Sequence[str],
        take: Callable[[bytes], None],
    ) -> None:
        self.connected = False
        self.bound = asyncio.Event()
        self.queue: AbstractQueue | None = None
        self._hosts = hosts
        self._names = names
        self._name = name
        self._publishers = publishers
        self._hand_over = take

    async def run(self) -> None:
        await hold(self._hosts, f"{self._name}.live", self._serve)

    async def _serve(self, connection: AbstractConnection) -> None:
        try:
            queue = await self._bind(connection)
            await self._watch(connection, queue)
        finally:
            self.connected = False

    async def _bind(self, connection: AbstractConnection) -> AbstractQueue:
        channel = await connection.channel(publisher_confirms=False)
        await declare_exchanges(channel, self._names)
        queue = await channel.declare_queue(
            exclusive=True, auto_delete=True, arguments={"x-queue-type": "classic"}
        )
        for publisher in self._publishers:
            await queue.bind(self._names.live, routing_key=f"{publisher}.#")
        await queue.consume(self._take, no_ack=True)
        self.queue = queue
        self.connected = True
        self.bound.set()
        return queue

    async def _watch(self, connection: AbstractConnection, queue: AbstractQueue) -> None:
        """Return when the queue is gone or unserved: the library would not notice by itself."""
        probe = await connection.channel(publisher_confirms=False)
        while not connection.is_closed:
            await asyncio.sleep(WATCH_SECONDS)
            state = await asyncio.wait_for(
                probe.declare_queue(queue.name, passive=True, exclusive=True), WATCH_SECONDS * 3
            )
            if not state.declaration_result.consumer_count:
                log.warning("nobody consumes a queue of its own")
                return

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            self._hand_over(message.body)
        except Exception:
            # An exception from here would end in the library's logs.
            log.exception("a live event could not be taken in")
