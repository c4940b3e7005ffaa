"""The newest snapshot as a process hands it out: read once from the database, squeezed once."""

import asyncio
import gzip
from dataclasses import dataclass

from services.scan.store import offline as store
from shared.errors import Kind, Refusal
from shared.mongo import Database


class NoSnapshotYet(Refusal):
    code = "no_snapshot_yet"
    kind = Kind.UNAVAILABLE
    message = "Chưa có dữ liệu để kiểm tra ngoại tuyến. Hãy thử lại sau một phút."


@dataclass(frozen=True, slots=True)
class Ready:
    """One snapshot; `etag` is weak, for it names both spellings of the same content."""

    number: int
    file: bytes
    squeezed: bytes

    @property
    def etag(self) -> str:
        return f'W/"{self.number}"'


class Shelf:
    """Holds the last snapshot read. Every process serves the newest that is stored."""

    def __init__(self) -> None:
        self._ready: Ready | None = None
        self._reading = asyncio.Lock()

    async def newest(self, db: Database) -> Ready:
        """Raises NoSnapshotYet before the first was made."""
        found = await store.newest(db)
        if found is None:
            raise NoSnapshotYet()
        if self._ready is None or self._ready.number < found[0]:
            # A crowd reads it from the database once.
            async with self._reading:
                if self._ready is None or self._ready.number < found[0]:
                    await self._read(db, found[0])
        if self._ready is None:
            raise NoSnapshotYet()
        return self._ready

    async def _read(self, db: Database, number: int) -> None:
        file = await store.file_of(db, number)
        if file is not None:
            squeezed = await asyncio.to_thread(gzip.compress, file, 6)
            self._ready = Ready(number, file, squeezed)
