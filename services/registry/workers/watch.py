"""Looks after what runs out, at the start and every hour, as long as the process runs."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from services.registry.actions import expiry, inspections_told, market_expiry
from shared.ids import now as present
from shared.mongo import Database

SECONDS = 3600.0


class Watch:
    """`clock` says what time it is; tests give their own."""

    def __init__(
        self, db: Database, *, clock: Callable[[], datetime] = present, every: float = SECONDS
    ) -> None:
        self._db = db
        self._clock = clock
        self._every = every

    async def run(self) -> None:
        """Until cancelled. A sweep that fails is begun anew by whoever runs this."""
        while True:
            now = self._clock()
            await expiry.tell_unended(self._db, now=now)
            await expiry.sweep(self._db, now=now)
            await market_expiry.sweep(self._db, now=now)
            await inspections_told.tell_older(self._db, now=now)
            await asyncio.sleep(self._every)
