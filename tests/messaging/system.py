"""A publisher and its readers, whose queues a test may spoil."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from aio_pika.abc import AbstractChannel, AbstractConnection

from shared.messaging import arrivals, outbox
from shared.messaging.topology import declare_exchanges, declare_queue
from shared.messaging.wiring import Queue
from shared.mongo import Database
from shared.service import Service
from shared.settings import Settings
from tests.messaging.test_outbox_and_consumers import append, closed, running
from tests.polling import eventually

_systems = count(1)


def give_up(connection: AbstractConnection) -> None:
    """As the library does in a moment once no frame came for longer than its patience."""
    assert connection.transport is not None
    lower: Any = connection.transport.connection
    asyncio.get_running_loop().call_soon(lower._reader_task.cancel)


class System:
    """A publisher, readers, and a queue that takes everything, so that nothing is unroutable."""

    def __init__(self, settings: Settings, *queues: Queue) -> None:
        mark = f"heal{next(_systems)}"
        self.settings = settings.model_copy(
            update={
                "bus_prefix": f"{settings.bus_prefix}{mark}.",
                "db_prefix": f"{settings.db_prefix}_{mark}",
            }
        )
        self.publisher = Service("recall", self.settings, verifies=False)
        self.queues = queues
        self.readers: list[Service] = []
        self.renew()

    def renew(self) -> None:
        """The readers as processes that start anew."""
        self.readers = [
            Service("reporting", self.settings, publishes=False, verifies=False, queues=[queue])
            for queue in self.queues
        ]

    @property
    def db(self) -> Database:
        return self.readers[0].db

    @asynccontextmanager
    async def channel(self) -> AsyncIterator[AbstractChannel]:
        connection = await self.publisher.hosts.connect("test")
        yield await connection.channel()
        await connection.close()

    @asynccontextmanager
    async def publishing(self) -> AsyncIterator[None]:
        async with self.channel() as channel:
            await declare_exchanges(channel, self.publisher.names)
            await declare_queue(channel, self.publisher.names, "witness", ("#",))
        async with running(self.publisher):
            yield

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        self.renew()
        async with running(*self.readers):
            await eventually(lambda: all(r.consumers[0].connected for r in self.readers), 30)
            yield

    async def tell(self, *subjects: str) -> None:
        """Append events and wait until the broker has confirmed them all."""
        await append(self.publisher.db, *(closed(subject) for subject in subjects))

        async def sent() -> bool:
            waiting = {"state": {"$ne": "sent"}}
            return await self.publisher.db.collection("outbox").count_documents(waiting) == 0

        await eventually(sent, 30)

    async def delete(self, queue: Queue) -> None:
        async with self.channel() as channel:
            await channel.queue_delete(self.publisher.names.queue(queue.name))

    async def effects(self) -> dict[str, int]:
        return {d["_id"]: d["times"] async for d in self.db.collection("seen").find()}

    async def until_each_once(self, *subjects: str, times: int = 1) -> None:
        async def once() -> None:
            assert await self.effects() == dict.fromkeys(subjects, times)

        await eventually(once, 40)

    async def until_complete(self, queue: Queue) -> None:
        head = await outbox.number_committed(self.publisher.db)

        async def marked() -> bool:
            return (await arrivals.marks(self.db, queue.name)).get("recall") == head

        await eventually(marked, 30)


def names(kind: str, many: int) -> list[str]:
    return [f"{kind} {n}" for n in range(many)]
