"""What memory lacks is read from scan's own database: once at a time, briefly, and never older."""

import asyncio
import time
from contextlib import ExitStack
from enum import Enum

import structlog

from services.scan.domain.aggregates import SEGMENTS
from services.scan.knowing.confirm import Clock, Confirmer
from services.scan.knowing.memory import Key, Memory
from services.scan.store import models
from shared.mongo import Database, Document, is_outage

log = structlog.get_logger()

READ_SECONDS = 1.0
# After a failed read the database is left alone this long: a crowd waiting for it helps nobody.
REST_SECONDS = 0.5
# A code that is valid but not here yet waits this long for the feeds to say whether it exists.
WAIT_SECONDS = 1.5
# As many as the database sends in one answer.
MOST_TOGETHER = 100


class Found(Enum):
    """How a read ended. OLD: the database does not hold the newest version heard of yet."""

    HERE = "here"
    ABSENT = "absent"
    OLD = "old"
    AWAY = "away"


class Lookup:
    """Reads by key, one flight a key however many wait for it; what is asked for in one turn of the
    loop is read together, for a read costs several times what a further document does."""

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
        self._flights: dict[Key, asyncio.Future[Found]] = {}
        self._wanted: dict[str, list[str]] = {}
        self._reading: set[asyncio.Task[None]] = set()

    async def load(self, key: Key) -> Found:
        """Bring a document into memory."""
        flight = self._flights.get(key)
        if flight is None:
            loop = asyncio.get_running_loop()
            flight = self._flights[key] = loop.create_future()
            if not self._wanted:
                loop.call_soon(self._set_out)
            self._wanted.setdefault(key[0], []).append(key[1])
        return await asyncio.shield(flight)

    def _set_out(self) -> None:
        """Read what is wanted by now, each collection by itself."""
        wanted, self._wanted = self._wanted, {}
        for collection, ids in wanted.items():
            for start in range(0, len(ids), MOST_TOGETHER):
                part = ids[start : start + MOST_TOGETHER]
                task = asyncio.create_task(self._land(collection, part))
                self._reading.add(task)
                task.add_done_callback(self._reading.discard)

    async def _land(self, collection: str, ids: list[str]) -> None:
        found: dict[str, Found] = {}
        try:
            found = await self._load(collection, ids)
        finally:  # Whatever happens, nobody waits for ever.
            for identity in ids:
                flight = self._flights.pop((collection, identity))
                flight.set_result(found.get(identity, Found.AWAY))

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
                found = (await self._load(SEGMENTS, [key]))[key]
        except Exception as error:
            self._note_failure(error)
            return None
        if found is Found.ABSENT:
            return self._confirmer.confirmed or None
        return False if found is Found.HERE else None

    async def _load(self, collection: str, ids: list[str]) -> dict[str, Found]:
        if self._clock() < self._resting_until:
            return dict.fromkeys(ids, Found.AWAY)
        self.reads += 1
        with ExitStack() as reading:
            for identity in ids:
                reading.enter_context(self._memory.reading((collection, identity)))
            try:
                async with asyncio.timeout(READ_SECONDS):
                    documents = await models.find_many(self._db, collection, ids)
                # Nothing is awaited from here on, so what was told meanwhile is still known.
                return {one: self._admit(collection, one, documents.get(one)) for one in ids}
            except Exception as error:
                self._note_failure(error)
                return dict.fromkeys(ids, Found.AWAY)

    def _admit(self, collection: str, identity: str, document: Document | None) -> Found:
        try:
            admitted = self._memory.admit(collection, identity, document)
        except Exception:
            # Its own fault: what was read together with it is as good as ever.
            self.failures += 1
            log.exception("a document cannot be read", collection=collection, id=identity)
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
