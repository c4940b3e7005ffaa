"""Every answered scan lies in a local file before its answer leaves; sealed files are sent off.

A file is named `<incarnation>-<sequence>`; open, it is locked by its writer, so that what a killed
process left behind can be told apart, sealed and sent by the next one. A sealed file never
changes, so it is one message however often it is sent.
"""

import asyncio
import base64
import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

import msgspec
import structlog

from shared.ids import new_id, now
from shared.messaging.bus import Publisher, Unpublished

log = structlog.get_logger()

QUEUE = "scan.recorder"
TYPE = "scan.segment.v1"
# A file is sealed when it holds so many scans, or after so long.
MOST_RECORDS = 10_000
SEAL_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0
OPEN, SEALED = ".open", ".sealed"


class Spool:
    """The files of one replica, in a folder of its own."""

    def __init__(self, folder: Path, replica: str) -> None:
        self.folder = folder / replica
        self.replica = replica
        self.incarnation = new_id()
        self.uncounted = 0
        self.sent = 0
        self._sequence = 0
        self.file = -1
        self._path = Path()
        self._count = 0
        self.sealed = asyncio.Event()

    def append(self, record: bytes) -> None:
        """Write one scan. If it cannot be, the count is lost and noted, never the answer."""
        try:
            written = os.write(self.file, record)
        except OSError as error:
            self._lose(error)
            return
        if written != len(record):
            self._take_back(written)
            return
        self._count += 1
        if self._count >= MOST_RECORDS:
            self.seal()

    def open(self) -> None:
        """Begin a file; without one, scans are answered uncounted and it is tried again."""
        self._sequence += 1
        self._path = self.folder / f"{self.incarnation}-{self._sequence:08d}{OPEN}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.file = os.open(
                self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600
            )
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lose(error, scans=0)
            self._close()

    def seal(self) -> None:
        """Close the file for good and begin the next; an empty one stays open."""
        if self.file >= 0 and self._count == 0:
            return
        if self.file >= 0:
            with suppress(OSError):
                self._path.rename(self._path.with_suffix(SEALED))
            self._close()
            self.sealed.set()
        self.open()

    def seal_left(self) -> None:
        """Seal what processes that are gone have left open."""
        for path in self._listed(OPEN):
            if path == self._path:
                continue
            with suppress(OSError):
                file = os.open(path, os.O_RDWR)
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if os.fstat(file).st_size:
                        path.rename(path.with_suffix(SEALED))
                    else:
                        path.unlink()
                finally:
                    os.close(file)

    def finish(self) -> None:
        """Seal the last file and begin no other."""
        if self.file >= 0 and self._count:
            with suppress(OSError):
                self._path.rename(self._path.with_suffix(SEALED))
        elif self.file >= 0:
            self._path.unlink(missing_ok=True)
        self._close()

    def waiting(self) -> list[Path]:
        """Sealed files, oldest first."""
        return self._listed(SEALED)

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
            "data_base64": base64.b64encode(path.read_bytes()).decode(),
        }
        return name, msgspec.json.encode(event)

    def _listed(self, suffix: str) -> list[Path]:
        with suppress(OSError):
            return sorted(self.folder.glob(f"*{suffix}"))
        return []

    def _close(self) -> None:
        if self.file >= 0:
            os.close(self.file)
        self.file, self._count = -1, 0

    def _take_back(self, written: int) -> None:
        """Half a record was written, as the last bytes of a full disk: cut it off again."""
        with suppress(OSError):
            os.ftruncate(self.file, os.fstat(self.file).st_size - written)
        self._lose(OSError(errno.ENOSPC, "half a record"))

    def _lose(self, error: OSError, scans: int = 1) -> None:
        if self.uncounted == 0:
            log.error("scans are answered uncounted", error=str(error))
        self.uncounted += scans


class Sender:
    """Seals every second and sends what is sealed, each file once confirmed then deleted."""

    def __init__(self, spool: Spool, publisher: Publisher) -> None:
        self._spool = spool
        self._publisher = publisher

    async def run(self) -> None:
        pause = 0.2
        self._spool.seal_left()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SEAL_SECONDS):
                    await self._spool.sealed.wait()
            self._spool.sealed.clear()
            self._spool.seal()
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
            path.unlink(missing_ok=True)
            self._spool.sent += 1

    async def drain(self, seconds: float) -> None:
        """On the way out: seal the last file, and send what can be sent in the time given."""
        self._spool.finish()
        with suppress(Unpublished, TimeoutError, OSError):
            async with asyncio.timeout(seconds):
                await self.send()
