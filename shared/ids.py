"""Ids and clock readings, taken at the edge of the system and passed inwards."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID


class _Ticks:
    """The time in 1/4096 ms, each answer later than the one before."""

    def __init__(self) -> None:
        self._latest = 0

    def next(self) -> int:
        self._latest = max(self._latest + 1, time.time_ns() * 4096 // 1_000_000)
        return self._latest


_ticks = _Ticks()


def new_id() -> str:
    """A UUID version 7 (RFC 9562): sorts by creation time, cannot be guessed.

    The twelve bits after the milliseconds are the fraction of the millisecond (section 6.2,
    method 3), and no two of a process share one: what it makes sorts as made.
    """
    milliseconds, fraction = divmod(_ticks.next(), 4096)
    random = int.from_bytes(os.urandom(8)) >> 2
    return str(UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random))


def first_id_at(instant: datetime) -> str:
    """The least id that `new_id` makes at this instant or later."""
    milliseconds = int(instant.timestamp() * 1000)
    return str(UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62))


def now() -> datetime:
    """The present instant, aware, UTC, cut to milliseconds as MongoDB stores it."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
