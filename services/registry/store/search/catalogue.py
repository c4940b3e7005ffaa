"""The tables of all kinds, kept up with the database: whoever asks sees what is committed by then.

A table is read once at the start. What any process writes afterwards is told by the database's own
change stream: before each answer it is asked for what has come since, in one round trip that serves
all who wait, and the records that have changed are read again.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from typing import Final

import structlog

from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from services.registry.store.following import Following, Lost
from services.registry.store.search.deriving import derive, is_complete
from services.registry.store.search.table import FIELDS, Table
from shared.errors import Kind, Refusal
from shared.mongo import Database, Document, is_outage
from shared.tasks import end

log = structlog.get_logger()

KINDS: Final = (Aggregate.FACILITY, Aggregate.PRODUCT, Aggregate.GROWING_AREA)
_KIND_OF: Final = {COLLECTIONS[kind]: kind for kind in KINDS}
# How often it is asked for changes while nobody searches, so that the first who does waits little.
IDLE_SECONDS: Final = 0.5
# How long a search waits for the tables to be read after a start: whoever waits longer is told so,
# and comes back by itself.
LOADING_SECONDS: Final = 2.0
COME_BACK_SECONDS: Final = 3
_BATCH: Final = 500
_PAUSE: Final = 0.2


class StillLoading(Refusal):
    code = "catalogue_loading"
    kind = Kind.UNAVAILABLE
    message = "Danh mục đang được nạp sau khi khởi động. Hãy thử lại sau ít giây."


Tables = Mapping[Aggregate, Table]


class Catalogue:
    """One process's tables; `run` keeps them, `tables` gives them as of the time of asking."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._tables: dict[Aggregate, Table] = {}
        self._following = Following(db, *_KIND_OF)
        self._ready = asyncio.Event()
        # Whether all was read once. That a process reads all again later does not make it unfit for
        # everything else that it does, and all processes do so at once.
        self.loaded = False
        self._turn = asyncio.Lock()
        self._begun = 0
        self._settling: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Read all, then follow what changes, until cancelled."""
        try:
            while True:
                try:
                    await self._load()
                    await self._follow()
                except Exception as error:
                    self._ready.clear()
                    if not isinstance(error, Lost) and not is_outage(error):
                        log.exception("the catalogue could not be kept up")
                    await asyncio.sleep(_PAUSE)
        finally:
            self._ready.clear()
            await end(*self._settling)
            await self._following.close()

    async def tables(self) -> Tables:
        """All that is committed now, whoever wrote it; raises StillLoading soon after a start."""
        until = time.monotonic() + LOADING_SECONDS
        while True:
            if not self._ready.is_set():
                await self._loaded(until - time.monotonic())
            try:
                # A reader who goes away must not take along what the stream told meanwhile.
                return await asyncio.shield(asyncio.create_task(self._as_of(self._begun)))
            except Lost:
                continue

    async def _loaded(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._ready.wait(), seconds)
        except TimeoutError as error:
            raise StillLoading(retry_after=COME_BACK_SECONDS) from error

    async def _as_of(self, begun: int) -> Tables:
        """The tables after a catching up that began after `begun` others had."""
        async with self._turn:
            if self._begun == begun:
                await self._catch_up()
            return self._tables

    async def _load(self) -> None:
        async with self._turn:
            # What is written from here on, while the tables are read, is read once more.
            await self._following.begin()
            tables = {kind: Table(kind) for kind in KINDS}
            for kind, table in tables.items():
                rows = self.db.collection(COLLECTIONS[kind]).find({}, FIELDS)
                incomplete = []
                async for row in rows.batch_size(_BATCH):
                    if is_complete(kind, row):
                        table.put(row)
                    else:
                        incomplete.append(row["_id"])
                await asyncio.to_thread(table.fill)
                # What is written there comes by the stream.
                await derive(self.db, kind, incomplete)
            self._tables = tables
            await self._catch_up()
            self._ready.set()
            self.loaded = True

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(IDLE_SECONDS)
            await self._as_of(self._begun)

    async def _catch_up(self) -> None:
        self._begun += 1
        try:
            await self._following.listen()
            for name, ids in self._following.written.items():
                if ids:
                    await self._read_again(_KIND_OF[name], ids)
                    ids.clear()
        except Lost:
            self._ready.clear()
            await self._following.close()
            raise

    async def _read_again(self, kind: Aggregate, ids: Iterable[str]) -> None:
        table, left = self._tables[kind], set(ids)
        wanted: Document = {"_id": {"$in": list(left)}}
        rows = self.db.collection(COLLECTIONS[kind]).find(wanted, FIELDS)
        async for row in rows.batch_size(_BATCH):
            table.put(row)
            left.discard(row["_id"])
        for gone in left:
            table.drop(gone)
        if table.words.crowded and not self._settling:
            task = asyncio.create_task(_settle(table))
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)


async def _settle(table: Table) -> None:
    """Merge what has changed into the rest, beside the searches that go on."""
    changed = table.words.changed()
    table.words.install(await asyncio.to_thread(table.words.settle, changed), changed)
