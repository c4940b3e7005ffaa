"""The replica's own queue: what happened, milliseconds after it did. The feeds make it certain."""

import asyncio
from contextlib import suppress

import structlog
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage, AbstractQueue

from services.scan.envelope import open_one
from services.scan.feeds import PUBLISHERS
from services.scan.memory import Memory
from shared.contracts.event import Undecodable
from shared.messaging.bus import BUS_ERRORS, Hosts
from shared.messaging.topology import Names, declare_exchanges

log = structlog.get_logger()

WATCH_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 2.0


class Live:
    """Classic, exclusive, server-named, without acknowledgements: nothing in it is irreplaceable.

    After a lost connection a new queue is bound at once; what was missed meanwhile the next
    answer of each feed brings, and only the feeds confirm.
    """

    def __init__(self, hosts: Hosts, names: Names, memory: Memory, replica: str) -> None:
        self.connected = False
        self.bound = asyncio.Event()
        self._hosts = hosts
        self._names = names
        self._memory = memory
        self._replica = replica

    async def run(self) -> None:
        pause = 0.1
        while True:
            connection: AbstractConnection | None = None
            try:
                connection = await self._hosts.connect(f"{self._replica}.live")
                queue = await self._bind(connection)
                pause = 0.1
                await self._watch(connection, queue)
            except BUS_ERRORS as error:
                log.warning("the replica's queue is away", error=str(error))
            except Exception:
                log.exception("the replica's queue failed and is bound again")
            finally:
                self.connected = False
                if connection is not None:
                    with suppress(Exception):  # It may be broken already.
                        await asyncio.wait_for(connection.close(), 1.0)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _bind(self, connection: AbstractConnection) -> AbstractQueue:
        channel = await connection.channel(publisher_confirms=False)
        await declare_exchanges(channel, self._names)
        queue = await channel.declare_queue(
            exclusive=True, auto_delete=True, arguments={"x-queue-type": "classic"}
        )
        for publisher in PUBLISHERS:
            await queue.bind(self._names.live, routing_key=f"{publisher}.#")
        await queue.consume(self._take, no_ack=True)
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
                log.warning("nobody consumes the replica's queue")
                return

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            self._memory.apply(open_one(message.body), "bus")
        except Undecodable as error:
            log.error("a message cannot be read", error=str(error))
        except Exception:
            # The feed brings it again; an exception from here would end in the library's logs.
            log.exception("an event could not be applied")
