"""How the recorder does long work beside people who wait: in small parts, resting after each.

The database works for the recorder at the same priority as for an order of a recall, and a write
of some thousand counts holds a core for tens of milliseconds; everybody else waits meanwhile. So
the parts are of a few milliseconds, and after each one the recorder rests for a part of the time
it took. If counting falls behind, all goes at once: that costs less in all.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from shared.mongo import Tx

T = TypeVar("T")

PART = 500
MOST_REST = 0.5
# Segments come every second; what has waited for so long waits because counting is behind.
BEHIND = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of one batch: what is rested, of the time that a part took; None: all at once."""

    rest: float | None

    @classmethod
    def of(cls, oldest: datetime, now: datetime) -> "Pace":
        """The longer the oldest segment of the batch has waited, the less rest."""
        left = 1 - (now - oldest) / BEHIND
        return cls(min(left, 1.0) * MOST_REST if left > 0 else None)

    async def parts(self, items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
        """The items part by part, with a rest after what was done with each."""
        size = max(len(items), 1) if self.rest is None else PART
        for start in range(0, len(items), size):
            began = time.perf_counter()
            yield items[start : start + size]
            if self.rest:
                await asyncio.sleep((time.perf_counter() - began) * self.rest)

    async def write(self, tx: Tx, collection: str, writes: Sequence[Any]) -> None:
        """Write in any order."""
        async for part in self.parts(writes):
            await tx.collection(collection).bulk_write(part, ordered=False)
