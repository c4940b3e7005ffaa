"""Wiring tables: what a service hears, on which queue, and what it does then."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from opentelemetry.trace import SpanKind

from shared.contracts.event import Event
from shared.mongo import Tx
from shared.telemetry import span

E = TypeVar("E", bound=Event)
Handler = Callable[[Tx, Sequence[Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One event class and what is done with a batch of them."""

    event: type[Event]
    handle: Handler


def on(event: type[E], handler: Callable[[Tx, E], Awaitable[None]]) -> Subscription:
    """Do `handler(tx, event)` for each event of this class."""

    async def each(tx: Tx, events: Sequence[E]) -> None:
        for one in events:
            with span(f"handle {one.type}", traceparent=one.traceparent, kind=SpanKind.CONSUMER):
                await handler(tx, one)

    return Subscription(event, each)


def on_many(event: type[E], handler: Callable[[Tx, Sequence[E]], Awaitable[None]]) -> Subscription:
    """Do `handler(tx, events)` once for all events of this class in a batch."""

    async def all_at_once(tx: Tx, events: Sequence[E]) -> None:
        first, *others = (one.traceparent for one in events)
        with span(f"handle {event.type}", traceparent=first, links=others, kind=SpanKind.CONSUMER):
            await handler(tx, events)

    return Subscription(event, all_at_once)


# Each after twenty seconds of tries.
CUT_OFFS: Final = 3
# Of queues by which a recall goes on its way.
CUT_OFFS_OF_RECALLS: Final = 30


class Queue:
    """A durable queue and its wiring: what it hears and what is done with it.

    `ticks` names publishers all of whose events are heard, so that `progress` knows up to which
    number everything is here. `claims=False` is for projections that compare versions and need
    no claim. `raw` handles whole envelopes (the audit ledger). `cut_offs`: so many times in a row
    the server may end the transaction of an event, as too long, before that is taken for a fault
    of the event: more where what is not taken in leaves goods looking safe.
    """

    def __init__(
        self,
        name: str,
        *subscriptions: Subscription,
        ticks: tuple[str, ...] = (),
        claims: bool = True,
        prefetch: int = 50,
        raw: Callable[[Tx, Sequence[dict[str, Any]]], Awaitable[None]] | None = None,
        patterns: tuple[str, ...] = (),
        cut_offs: int = CUT_OFFS,
    ) -> None:
        self.name = name
        self.cut_offs = cut_offs
        self.subscriptions = {s.event.type: s for s in subscriptions}
        self.ticks = ticks
        self.claims = claims
        self.prefetch = prefetch
        self.raw = raw
        types = [t for t in self.subscriptions if t.split(".", 1)[0] not in ticks]
        self.patterns = (*patterns, *types, *(f"{publisher}.#" for publisher in ticks))
