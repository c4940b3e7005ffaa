"""The stamp keys of an installation, as they stand now: a mounted file, read anew when it changes.

A key slot is added, and later made current, by replacing the file (services/stamps/rotating.py); no
process has to start again for it, and none forgets a slot because a file was broken meanwhile.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

from shared.stampcode import Keyring, KeyringError
from shared.stamppins import PinKeys

log = structlog.get_logger()

FILE = "stamp-keys.json"
PIN_FILE = "stamp-pin-keys.json"
LOOK_SECONDS = 1.0

_Mark = tuple[int, int, int]
R = TypeVar("R")
_ABSENT: _Mark = (0, 0, 0)


class _Mounted(Generic[R]):
    """`ring` are the slots last read. Raises KeyringError, OSError if the first reading fails."""

    def __init__(self, path: Path, load: Callable[[Path], R], mark: _Mark) -> None:
        self._path = path
        self._load = load
        self._mark = mark
        self.ring: R = load(path)
        self._looked = time.monotonic()

    def current(self) -> R:
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
            mark = self._marked()
            if mark == self._mark:
                return False
            self._mark = mark
            self.ring = self._load(self._path)
        except (KeyringError, OSError) as error:
            log.error("the stamp keys cannot be read; the ones before stay", error=str(error))
            return False
        log.info("the stamp keys were read anew", slots=repr(self.ring))
        return True

    def _marked(self) -> _Mark:
        return _mark(self._path)


class StampKeys(_Mounted[Keyring]):
    """The keys of codes."""

    def __init__(self, folder: Path) -> None:
        path = folder / FILE
        super().__init__(path, Keyring.load, _mark(path))


class StampPins(_Mounted[PinKeys]):
    """The keys of hidden numbers: a file that need not be there, and may come at any time."""

    def __init__(self, folder: Path) -> None:
        path = folder / PIN_FILE
        super().__init__(path, PinKeys.load, _mark(path) if path.exists() else _ABSENT)

    def _marked(self) -> _Mark:
        try:
            return super()._marked()
        except FileNotFoundError:
            return self._mark  # Never there, or gone: what was read stays.


def _mark(path: Path) -> _Mark:
    """What differs when a file was replaced or written to."""
    found = os.stat(path)
    return found.st_ino, found.st_mtime_ns, found.st_size
