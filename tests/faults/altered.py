"""Runs a program of the system with one of its guards taken out: `python -m tests.faults.altered
GUARD MODULE`. The guard is patched in this process alone; no program has a switch for it.

So each checker is seen to complain where the invariant that it checks does not hold.
"""

import asyncio
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

# A program begins nothing while it is imported, so each alteration imports what it alters.


def _put(module: object, **instead: Any) -> None:
    for name, one in instead.items():
        setattr(module, name, one)


def outbox_forgets_segments() -> None:
    """I1: a batch is issued, but what its stamps are is not told with it."""
    from shared.messaging import outbox

    append = outbox.append

    async def forgetful(tx: Any, *events: Any) -> None:
        kept = [one for one in events if one.type != "stamps.segment_published.v1"]
        await append(tx, *kept)

    _put(outbox, append=forgetful)


def numbers_drawn_twice() -> None:
    """I2: the counter of batches stands still, and no unique key judges what is added."""
    from services.stamps.store import batches, segments
    from services.stamps.store.codec import to_document

    async def first(db: Any) -> int:
        counted = await db.collection("counters").find_one({"_id": "batch"})
        return int(counted["n"]) if counted else 1

    async def replace(tx: Any, batch: Any) -> None:
        document = to_document(batch, key="number")
        known = tx.collection("batches")
        await known.replace_one({"_id": document["_id"]}, document, upsert=True)

    async def replace_segments(tx: Any, added: Sequence[Any]) -> None:
        for one in added:
            document = segments._document(one)
            known = tx.collection("segments")
            await known.replace_one({"_id": document["_id"]}, document, upsert=True)

    _put(batches, next_number=first, add=replace)
    _put(segments, add=replace_segments)


def more_than_asked() -> None:
    """I3: an approval is not held against what was asked."""
    from services.stamps.domain.requests import Request

    def granted(self: Any, quantity: int | None, reason: str, **_: Any) -> int:
        return self.quantity if quantity is None else quantity

    Request.granted = granted  # type: ignore[method-assign]


def endless_confirmation() -> None:
    """I4: who was once up to date may say `genuine` for ever."""
    from services.scan.knowing import confirm

    _put(confirm, CONFIRMED_SECONDS=float("inf"))


def no_claims() -> None:
    """I5: a consumer does not look whether it took an event in before."""
    from shared.messaging.consumer import Consumer

    async def everything(self: Any, tx: Any, envelopes: list[Any]) -> list[Any]:
        return envelopes

    Consumer._claim = everything  # type: ignore[method-assign]


def last_one_wins() -> None:
    """I6: a projection keeps what came last, whichever version it is."""
    from services.scan.domain.aggregates import to_document
    from services.scan.store import models

    async def keep(tx: Any, part: Any, events: Sequence[Any]) -> None:
        for one in events:
            told = {"$set": {part.name: to_document(one)}}
            await tx.collection(part.collection).update_one({"_id": one.subject}, told, upsert=True)

    _put(models, keep_newest=keep)


def one_connection() -> None:
    """I8: a consumer that lost the broker does not come back."""
    from shared.messaging import consumer

    async def once(hosts: Any, name: str, work: Any) -> None:
        connection = await hosts.connect(name)
        try:
            await work(connection)
        except Exception:
            await asyncio.Event().wait()

    _put(consumer, hold=once)


def counted_later() -> None:
    """I9: a scan is written to the spool some time after it was answered."""
    from services.scan.counting.spool import Spool

    append = Spool.append

    def later(self: Any, record: bytes) -> None:
        asyncio.get_running_loop().call_later(30, append, self, record)

    Spool.append = later  # type: ignore[method-assign]


def clock(hours: float) -> Callable[[], None]:
    """No guard, but a wrong clock: it goes on, so many hours off. The monotonic one stays."""

    def set_it() -> None:
        import time_machine

        from shared.ids import now

        time_machine.travel(now() + timedelta(hours=hours), tick=True).start()

    return set_it


ALTERATIONS: dict[str, Callable[[], None]] = {
    one.__name__: one
    for one in (
        outbox_forgets_segments,
        numbers_drawn_twice,
        more_than_asked,
        endless_confirmation,
        no_claims,
        last_one_wins,
        one_connection,
        counted_later,
    )
} | {"an_hour_fast": clock(1), "an_hour_slow": clock(-1)}


def main() -> None:
    name, module = sys.argv[1:3]
    os.environ["TXNG_ALTERED"] = name  # For whoever looks at the process.
    ALTERATIONS[name]()
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
