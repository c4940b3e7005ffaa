"""What memory lacks is read from scan's own database: once at a time, briefly, and never older."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from enum import Enum

import structlog

from services.scan.domain.aggregates import AREAS, SEGMENTS
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
# Reads of one collection under way; what is wanted meanwhile waits and is then read together.
MOST_READS = 2


class Found(Enum):
    """How a read ended. OLD: the database does not hold the newest version heard of yet."""

    HERE = "here"
    ABSENT = "absent"
    OLD = "old"
    AWAY = "away"


class Waiter:
    """Somebody who waits for several keys: `done` when the last of them has landed.

    Each has a future of their own, so that one who goes away takes nothing from the others.
    """

    __slots__ = ("done", "found", "left")

    def __init__(self, done: asyncio.Future[None], left: int) -> None:
        self.done = done
        self.left = left
        self.found: dict[Key, Found] = {}

    def note(self, key: Key, how: Found) -> None:
        self.found[key] = how
        self.left -= 1
        if not self.left and not self.done.done():
            self.done.set_result(None)


class Lookup:
    """Reads by key, one flight a key however many wait for it.

    What is asked for in one turn of the loop, or while other reads of its collection are under way,
    is read together: a read costs several times what a further document does.
    """

    def __init__(
        self, memory: Memory, confirmer: Confirmer, db: Database, clock: Clock = time.monotonic
    ) -> None:
        self.reads = 0
        self.documents = 0
        self.failures = 0
        self._memory = memory
        self._confirmer = confirmer
        self._db = db
        self._clock = clock
        self._resting_until = float("-inf")
        self._flights: dict[Key, list[Waiter]] = {}
        self._wanted: dict[str, list[str]] = {}
        self._under_way: Counter[str] = Counter()
        self._reading: set[asyncio.Task[None]] = set()

    async def load(self, key: Key) -> Found:
        """Bring a document into memory."""
        return (await self.load_all((key,)))[key]

    async def load_all(self, keys: Sequence[Key]) -> dict[Key, Found]:
        """Bring documents into memory, each named once; how the read of each ended.

        Nobody waits longer than a read may take: what is read after that is for those who come
        later, and an answer without it says that it is not confirmed.
        """
        loop = asyncio.get_running_loop()
        waiter = Waiter(loop.create_future(), len(keys))
        for key in keys:
            flight = self._flights.get(key)
            if flight is None:
                flight = self._flights[key] = []
                wanted = self._wanted.setdefault(key[0], [])
                if not wanted:
                    loop.call_soon(self._set_out, key[0])
                wanted.append(key[1])
            flight.append(waiter)
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_SECONDS):
                await waiter.done
        return {key: waiter.found.get(key, Found.AWAY) for key in keys}

    def _set_out(self, collection: str) -> None:
        """Read what is wanted of a collection by now, as far as it may be read at once."""
        wanted = self._wanted[collection]
        while wanted and self._under_way[collection] < MOST_READS:
            part, wanted = wanted[:MOST_TOGETHER], wanted[MOST_TOGETHER:]
            self._wanted[collection] = wanted
            self._under_way[collection] += 1
            task = asyncio.create_task(self._land(collection, part))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _land(self, collection: str, ids: list[str]) -> None:
        found: dict[str, Found] = {}
        try:
            found = await self._load(collection, ids)
        finally:  # Whatever happens, nobody waits for ever.
            for identity in ids:
                key = (collection, identity)
                for waiter in self._flights.pop(key):
                    waiter.note(key, found.get(identity, Found.AWAY))
            self._under_way[collection] -= 1
            self._set_out(collection)

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
        self.documents += len(ids)
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
        if self._memory.is_told(collection, identity):
            return Found.OLD
        if collection == AREAS:
            # At once: were it told while other reads are waited for, nobody would look again.
            self._memory.note_absent((collection, identity))
        return Found.ABSENT

    def _note_failure(self, error: Exception) -> None:
        self.failures += 1
        self._resting_until = self._clock() + REST_SECONDS
        if isinstance(error, TimeoutError) or is_outage(error):
            log.warning("the database is away", error=type(error).__name__)
        else:
            log.exception("a read failed")
