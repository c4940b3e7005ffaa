"""Events handed straight to the handlers of a queue, with no bus between."""

from shared.contracts.event import Event
from shared.messaging.wiring import Queue
from shared.mongo import Database, Tx, transact


async def hand(db: Database, queue: Queue, *events: Event) -> None:
    """In this order, each in a transaction of its own."""
    for event in events:
        await _one(db, queue, event)


async def _one(db: Database, queue: Queue, event: Event) -> None:
    async def work(tx: Tx) -> None:
        await queue.subscriptions[event.type].handle(tx, [event])

    await transact(db, work)
