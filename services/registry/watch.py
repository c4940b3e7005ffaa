"""Looks after the certificates at the start and every hour, as long as the process runs."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from services.registry.actions.expiry import sweep
from shared.ids import now
from shared.mongo import Database

SECONDS = 3600.0


class Watch:
    """`clock` says what time it is; tests give their own."""

    def __init__(
        self, db: Database, *, clock: Callable[[], datetime] = now, every: float = SECONDS
    ) -> None:
        self._db = db
        self._clock = clock
        self._every = every

    async def run(self) -> None:
        """Until cancelled. A sweep that fails is begun anew by whoever runs this."""
        while True:
            await sweep(self._db, now=self._clock())
            await asyncio.sleep(self._every)
