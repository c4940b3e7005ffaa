"""Every answered scan lies in a local file before its answer leaves; sealed files are sent off.

The file is mapped into memory: writing a record is a copy, and what is copied is the kernel's at
once, so that it survives the death of the process as any write does. Its room is taken when it is
begun, so that a full disk is met there and not while answering. A file that was sent is kept for
reuse, blank: to delete one and make another costs the file system more than all the scans in it.

A file is named `<incarnation>-<sequence>`; open, it is locked by its writer, so that what a killed
process left behind can be told apart, sealed and sent by the next one. A sealed file never
changes, so it is one message however often it is sent.
"""

import asyncio
import base64
import fcntl
import mmap
import os
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from services.scan.domain.records import SIZE, written
from shared.ids import new_id, now
from shared.messaging.bus import Publisher, Unpublished

log = structlog.get_logger()

QUEUE = "scan.recorder"
TYPE = "scan.segment.v1"
# A file is sealed when it holds so many scans, or after so long. One file is counted in one
# transaction, at the least, and that must end within the server's limit of eight seconds on a
# machine that hardly gets to anything: else it would be tried for ever.
MOST_RECORDS = 2_500
CAPACITY = MOST_RECORDS * SIZE
SEAL_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0
OPEN, SEALED, SPARE = ".open", ".sealed", ".spare"
# As many files as are under way at full load; more are only left behind by a broker that was away.
MOST_SPARE = 8


class Spool:
    """The files of one replica, in a folder of its own."""

    def __init__(self, folder: Path, replica: str) -> None:
        self.folder = folder / replica
        self.replica = replica
        self.incarnation = new_id()
        self.uncounted = 0
        self.sent = 0
        self._sequence = 0
        self._path = Path()
        self._file = -1
        self._map: mmap.mmap | None = None
        self._end = 0
        self._spares: list[Path] = []
        self.sealed = asyncio.Event()

    def append(self, record: bytes) -> None:
        """Write one scan. If it cannot be, the count is lost and noted, never the answer."""
        if self._map is None:
            self.uncounted += 1
            return
        start = self._end
        self._end = end = start + SIZE
        self._map[start:end] = record
        if end == CAPACITY:
            self.seal()

    def open(self) -> None:
        """Begin a file; without one, scans are answered uncounted and it is tried again."""
        self._sequence += 1
        self._path = self.folder / f"{self.incarnation}-{self._sequence:08d}{OPEN}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            begun = self._begin()
            os.posix_fallocate(self._file, 0, CAPACITY)
            self._map = mmap.mmap(self._file, CAPACITY)
            begun.rename(self._path)
        except OSError as error:
            log.error("scans are answered uncounted", error=str(error))
            self._close()
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _begin(self) -> Path:
        """Lock a spare file, or a new one; another process may have tidied the spare ones away."""
        while self._spares:
            spare = self._spares.pop()
            with suppress(OSError):
                self._lock(spare, os.O_RDWR)
                return spare
        self._lock(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        return self._path

    def _lock(self, path: Path, flags: int) -> None:
        self._file = os.open(path, flags, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._close()
            raise

    def seal(self) -> None:
        """Close the file for good and begin the next; an empty one stays open."""
        if self._map is not None and self._end == 0:
            return
        self.finish()
        self.open()

    def finish(self) -> None:
        """Seal the file, if it holds anything, and begin no other."""
        if self._map is None:
            return
        with suppress(OSError):
            if self._end:
                if self._end < CAPACITY:
                    os.ftruncate(self._file, self._end)
                self._path.rename(self._path.with_suffix(SEALED))
                self.sealed.set()
            else:
                self._path.unlink()
        self._close()

    def seal_left(self) -> None:
        """Seal what processes that are gone have left open; their spare files are deleted."""
        for path in self._listed(SPARE):
            if path not in self._spares:
                path.unlink(missing_ok=True)
        for path in self._listed(OPEN):
            with suppress(OSError), path.open("rb") as file:
                # Raises where a living process, this one too, holds the file.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if written(file.read()):
                    path.rename(path.with_suffix(SEALED))
                else:
                    path.unlink()

    def waiting(self) -> list[Path]:
        """Sealed files, oldest first."""
        return self._listed(SEALED)

    def release(self, path: Path) -> None:
        """A sealed file was sent: its scans are deleted at once, its room may serve again."""
        if len(self._spares) >= MOST_SPARE:
            path.unlink(missing_ok=True)
            return
        # Renamed first: a sealed file that is blank would be sent as a segment without scans.
        spare = path.with_suffix(SPARE)
        path.rename(spare)
        try:
            with spare.open("r+b") as file:
                file.write(bytes(os.fstat(file.fileno()).st_size))
        except OSError:
            spare.unlink(missing_ok=True)
            return
        self._spares.append(spare)

    def forget_spares(self) -> None:
        """Leave no file without a scan behind."""
        while self._spares:
            self._spares.pop().unlink(missing_ok=True)

    def message(self, path: Path) -> tuple[str, bytes]:
        """The name and the message of a sealed file: a CloudEvent with the records as they are."""
        incarnation, _, sequence = path.stem.rpartition("-")
        name = f"{self.replica}/{incarnation}/{int(sequence)}"
        event = {
            "specversion": "1.0",
            "id": name,
            "source": "/scan",
            "type": TYPE,
            "subject": name,
            "time": now().isoformat(),
            "replica": self.replica,
            "sequence": int(sequence),
            "data_base64": base64.b64encode(written(path.read_bytes())).decode(),
        }
        return name, msgspec.json.encode(event)

    def _listed(self, suffix: str) -> list[Path]:
        with suppress(OSError):
            return sorted(self.folder.glob(f"*{suffix}"))
        return []

    def _close(self) -> None:
        if self._map is not None:
            self._map.close()
        if self._file >= 0:
            os.close(self._file)
        self._map, self._file, self._end = None, -1, 0


class Sender:
    """Sends each file when it is full or a second old, and lets go of it once that is confirmed."""

    def __init__(self, spool: Spool, publisher: Publisher) -> None:
        self._spool = spool
        self._publisher = publisher

    async def run(self) -> None:
        pause = 0.2
        self._spool.seal_left()
        while True:
            try:
                async with asyncio.timeout(SEAL_SECONDS):
                    await self._spool.sealed.wait()
            except TimeoutError:
                self._spool.seal()
            self._spool.sealed.clear()
            try:
                await self.send()
                pause = 0.2
            except Unpublished as error:
                log.warning("counts wait for the broker", error=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            except OSError as error:
                log.warning("counts wait for the disk", error=str(error))
                await asyncio.sleep(pause)

    async def send(self) -> None:
        """Send every sealed file; raises Unpublished if the broker keeps one from leaving."""
        for path in self._spool.waiting():
            name, body = await asyncio.to_thread(self._spool.message, path)
            await self._publisher.send(QUEUE, body, name)
            await asyncio.to_thread(self._spool.release, path)
            self._spool.sent += 1

    async def drain(self, seconds: float) -> None:
        """On the way out: seal the last file, and send what can be sent in the time given."""
        self._spool.finish()
        with suppress(Unpublished, TimeoutError, OSError):
            async with asyncio.timeout(seconds):
                await self.send()
        self._spool.forget_spares()
