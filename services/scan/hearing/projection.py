"""The read models follow the events of registry, stamps and recall, each in its newest version."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from services.scan.domain.aggregates import PARTS, PUBLISHERS, Part
from services.scan.hearing.envelope import Envelope
from services.scan.store import models
from shared.contracts.event import Event
from shared.messaging import progress
from shared.messaging.wiring import CUT_OFFS_OF_RECALLS, Queue, on_many
from shared.mongo import Database, Tx, transact


def _keeper(part: Part) -> Callable[[Tx, Sequence[Any]], Awaitable[None]]:
    async def keep(tx: Tx, events: Sequence[Event]) -> None:
        await models.keep_newest(tx, part, events)

    return keep


# It hears everything of the three publishers: what it does not keep, it ticks off.
PROJECTION = Queue(
    models.PROJECTION,
    *(on_many(part.event, _keeper(part)) for part in PARTS.values()),
    ticks=PUBLISHERS,
    claims=False,
    prefetch=200,
    cut_offs=CUT_OFFS_OF_RECALLS,
)


async def apply(db: Database, envelopes: Sequence[Envelope]) -> None:
    """What the queue's consumer does with a batch, for events that came by a feed.

    Raises Undecodable for an event of a kind that is kept but cannot be read.
    """
    kept: dict[str, list[Event]] = {}
    numbers: dict[str, list[int]] = {}
    for envelope in envelopes:
        numbers.setdefault(envelope.publisher, []).append(envelope.number)
        if envelope.type in PARTS:
            kept.setdefault(envelope.type, []).append(envelope.event())

    async def work(tx: Tx) -> None:
        for kind, events in kept.items():
            await models.keep_newest(tx, PARTS[kind], events)
        await progress.note(tx, models.PROJECTION, numbers)

    await transact(db, work)
