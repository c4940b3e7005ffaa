"""What memory lacks is read from scan's own database: once at a time, briefly, and never older."""

import asyncio
import time
from enum import Enum

import structlog

from services.scan.domain.aggregates import SEGMENTS
from services.scan.knowing.confirm import Clock, Confirmer
from services.scan.knowing.memory import Key, Memory
from services.scan.store import models
from shared.mongo import Database, is_outage

log = structlog.get_logger()

READ_SECONDS = 1.0
# After a failed read the database is left alone this long: a crowd waiting for it helps nobody.
REST_SECONDS = 0.5
# A code that is valid but not here yet waits this long for the feeds to say whether it exists.
WAIT_SECONDS = 1.5


class Found(Enum):
    """How a read ended. OLD: the database does not hold the newest version heard of yet."""

    HERE = "here"
    ABSENT = "absent"
    OLD = "old"
    AWAY = "away"


class Lookup:
    """Reads by key, one flight a key however many wait for it."""

    def __init__(
        self, memory: Memory, confirmer: Confirmer, db: Database, clock: Clock = time.monotonic
    ) -> None:
        self.reads = 0
        self.failures = 0
        self._memory = memory
        self._confirmer = confirmer
        self._db = db
        self._clock = clock
        self._resting_until = float("-inf")
        self._flights: dict[Key, asyncio.Task[Found]] = {}

    async def load(self, key: Key) -> Found:
        """Bring a document into memory."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(self._load(key))
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        return await asyncio.shield(flight)

    async def was_never_issued(self, key: str, since: float) -> bool | None:
        """Whether no segment of this key had been issued when the scan began, at `since`.

        None if that cannot be told now. Only a head asked for after the scan began, with a
        projection that has passed it, proves it.
        """
        if self._memory.is_told(SEGMENTS, key):
            return None
        if not await self._confirmer.asked_after("stamps", since, WAIT_SECONDS):
            return None
        head = self._confirmer.heads["stamps"]
        try:
            async with asyncio.timeout(READ_SECONDS):
                if (await models.projected(self._db)).get("stamps", 0) < head:
                    return None
                found = await self._load((SEGMENTS, key))
        except Exception as error:
            self._note_failure(error)
            return None
        if found is Found.ABSENT:
            return self._confirmer.confirmed or None
        return False if found is Found.HERE else None

    async def _load(self, key: Key) -> Found:
        if self._clock() < self._resting_until:
            return Found.AWAY
        collection, identity = key
        self.reads += 1
        with self._memory.reading(key):
            try:
                async with asyncio.timeout(READ_SECONDS):
                    document = await models.find(self._db, collection, identity)
                # Nothing is awaited from here on, so what was told meanwhile is still known.
                admitted = self._memory.admit(collection, identity, document)
            except Exception as error:
                self._note_failure(error)
                return Found.AWAY
        if admitted:
            return Found.HERE
        return Found.OLD if self._memory.is_told(collection, identity) else Found.ABSENT

    def _note_failure(self, error: Exception) -> None:
        self.failures += 1
        self._resting_until = self._clock() + REST_SECONDS
        if isinstance(error, TimeoutError) or is_outage(error):
            log.warning("the database is away", error=type(error).__name__)
        else:
            log.exception("a read failed")
