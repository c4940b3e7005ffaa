"""The keys of stamp codes: from a mounted secret, never in logs, database or image."""

from functools import cache
from pathlib import Path

from shared import stampcode
from shared.settings import Settings


@cache
def load(path: Path) -> stampcode.Keyring:
    """The key slots in a file, read once per process."""
    return stampcode.Keyring.load(path)


def path(settings: Settings) -> Path:
    return settings.secrets_dir / "stamp-keys.json"


def keyring(settings: Settings) -> stampcode.Keyring:
    """The key slots of this installation."""
    return load(path(settings))


def codes(ring: stampcode.Keyring, batch: int, first: int, last: int) -> list[str]:
    """The codes of serials first…last of a batch, in order."""
    return [stampcode.encode(ring, batch, serial) for serial in range(first, last + 1)]
