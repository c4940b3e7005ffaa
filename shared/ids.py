"""Ids and clock readings, taken at the edge of the system and passed inwards."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID


def new_id() -> str:
    """A UUID version 7 (RFC 9562): sorts by creation time, cannot be guessed."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = milliseconds << 80 | random
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return str(UUID(int=value))


def now() -> datetime:
    """The present instant, aware, UTC, cut to milliseconds as MongoDB stores it."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)
