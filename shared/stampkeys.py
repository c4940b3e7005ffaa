"""The stamp keys of an installation, as they stand now: a mounted file, read anew when it changes.

A key slot is added, and later made current, by replacing the file (services/stamps/rotating.py); no
process has to start again for it, and none forgets a slot because a file was broken meanwhile.
"""

import os
import time
from pathlib import Path

import structlog

from shared.stampcode import Keyring, KeyringError

log = structlog.get_logger()

FILE = "stamp-keys.json"
LOOK_SECONDS = 1.0

_Mark = tuple[int, int, int]


class StampKeys:
    """`ring` are the slots last read. Raises KeyringError, OSError if the first reading fails."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._mark = _mark(self._path)
        self.ring = Keyring.load(self._path)
        self._looked = time.monotonic()

    def current(self) -> Keyring:
        """The slots as they stood within the last second."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self.look()
        return self.ring

    def look(self) -> bool:
        """Read the file if it is another one than last time; whether there are other slots now.

        A file that is gone or cannot be used changes nothing: stamps go on being read.
        """
        self._looked = time.monotonic()
        try:
            mark = _mark(self._path)
            if mark == self._mark:
                return False
            self._mark = mark
            self.ring = Keyring.load(self._path)
        except (KeyringError, OSError) as error:
            log.error("the stamp keys cannot be read; the ones before stay", error=str(error))
            return False
        log.info("the stamp keys were read anew", slots=repr(self.ring))
        return True


def _mark(path: Path) -> _Mark:
    """What differs when a file was replaced or written to."""
    found = os.stat(path)
    return found.st_ino, found.st_mtime_ns, found.st_size
