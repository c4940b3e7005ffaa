"""Names and arguments of everything declared on the broker.

One durable topic exchange carries every event, persistent and confirmed. The same events go, as
transient copies, over a second exchange that only the scan replicas' own queues are bound to:
a persistent message in a classic queue waits for the disk, which made a recall visible in 230 ms
instead of 3 ms at the 99th percentile. The feed makes up for a lost copy.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from aio_pika import ExchangeType
from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue

EXCHANGE = "traceability"
LIVE_EXCHANGE = "traceability.live"
PARKED_EXCHANGE = "traceability.parked"
QUESTIONS_EXCHANGE = "traceability.questions"

# A message that keeps killing its consumer's process is parked by the broker after this many
# deliveries. It is high because innocents delivered beside it are counted too; a failing handler
# is parked by the consumer itself, long before.
DELIVERY_LIMIT = 100

# A question is asked again before long, so an old one need not be answered.
QUESTION_MS = 60_000

# How long a queue may say nothing before it is taken for lost. A cluster that waits for a majority
# of its nodes is silent too, and should be given the time to find it.
MUTE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Names:
    """Exchange and queue names; the prefix lets several systems share one broker."""

    prefix: str = ""

    @property
    def exchange(self) -> str:
        return self.prefix + EXCHANGE

    @property
    def live(self) -> str:
        return self.prefix + LIVE_EXCHANGE

    @property
    def parked_exchange(self) -> str:
        return self.prefix + PARKED_EXCHANGE

    @property
    def questions(self) -> str:
        return self.prefix + QUESTIONS_EXCHANGE

    def questions_to(self, publisher: str) -> str:
        return f"{self.prefix}{publisher}.resend"

    def queue(self, name: str) -> str:
        return self.prefix + name

    def parked(self, name: str) -> str:
        return self.prefix + name + ".parked"


async def declare_exchanges(channel: AbstractChannel, names: Names) -> AbstractExchange:
    """Declare the four exchanges; returns the main one."""
    exchange = await channel.declare_exchange(names.exchange, ExchangeType.TOPIC, durable=True)
    await channel.declare_exchange(names.live, ExchangeType.TOPIC, durable=True)
    await channel.declare_exchange(names.parked_exchange, ExchangeType.DIRECT, durable=True)
    await channel.declare_exchange(names.questions, ExchangeType.FANOUT, durable=True)
    return exchange


async def declare_queue(
    channel: AbstractChannel, names: Names, name: str, patterns: tuple[str, ...]
) -> AbstractQueue:
    """Declare a quorum queue, its bindings and its parking place.

    At-least-once dead-lettering needs overflow=reject-publish; without a length limit that
    setting rejects nothing.
    """
    parked = await _declare(channel, names.parked(name), {})
    await parked.bind(names.parked_exchange, routing_key=names.queue(name))
    queue = await _declare(
        channel,
        names.queue(name),
        {
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": names.parked_exchange,
            "x-dead-letter-routing-key": names.queue(name),
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )
    await bind(queue, names, patterns)
    return queue


async def bind(queue: AbstractQueue, names: Names, patterns: tuple[str, ...]) -> None:
    """Bind a queue to the events that it hears; bindings that are there stay as they are."""
    for pattern in patterns:
        await queue.bind(names.exchange, routing_key=pattern)


async def declare_questions(
    channel: AbstractChannel, names: Names, publisher: str
) -> AbstractQueue:
    """Declare the queue of the questions to a publisher: those to all, and those to it alone."""
    queue = await _declare(
        channel,
        names.questions_to(publisher),
        {"x-message-ttl": QUESTION_MS, "x-delivery-limit": 3},
    )
    await queue.bind(names.questions)
    return queue


class Mute(Exception):
    """A queue is there by name, but nobody answers for it: delete it, and it is made anew."""

    def __init__(self, queue: str) -> None:
        super().__init__(f"the queue {queue} has lost its data")
        self.queue = queue


async def _declare(channel: AbstractChannel, name: str, arguments: dict[str, Any]) -> AbstractQueue:
    """Declare a quorum queue; raises Mute if it is not to be had.

    A broker that dies within a second of making a queue may afterwards know it by name only. It
    is declared, counted (as empty) and bound like any other, while whoever publishes to it or
    consumes waits for ever; hence one question that only a living queue answers.
    """
    queue = await channel.declare_queue(
        name, durable=True, arguments={"x-queue-type": "quorum", **arguments}
    )
    if not queue.declaration_result.message_count:
        try:
            message = await asyncio.wait_for(queue.get(fail=False), MUTE_SECONDS)
        except TimeoutError:
            raise Mute(name) from None
        if message is not None:  # It came just now.
            await message.nack(requeue=True)
    return queue
