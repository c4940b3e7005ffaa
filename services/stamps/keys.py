"""The keys of stamp codes: from a mounted secret, never in logs, database or image."""

from functools import cache
from pathlib import Path

from shared import stampcode
from shared.settings import Settings
from shared.stampkeys import FILE, PIN_FILE, StampKeys, StampPins


@cache
def _of(folder: Path) -> StampKeys:
    """One reader of the file per process."""
    return StampKeys(folder)


@cache
def _pins_of(folder: Path) -> StampPins:
    return StampPins(folder)


def pin_path(settings: Settings) -> Path:
    return settings.secrets_dir / PIN_FILE


def current_slot(settings: Settings) -> int:
    """The slot that new codes are made with."""
    return keyring(settings).current


def makes_pins(settings: Settings) -> bool:
    """Whether the slot that new codes are made with has a key for hidden numbers."""
    return current_slot(settings) in _pins_of(settings.secrets_dir).current().slots


def path(settings: Settings) -> Path:
    return settings.secrets_dir / FILE


def keyring(settings: Settings) -> stampcode.Keyring:
    """The key slots of this installation, as they stand now."""
    return _of(settings.secrets_dir).current()


def codes(ring: stampcode.Keyring, batch: int, first: int, last: int) -> list[str]:
    """The codes of serials first…last of a batch, in order."""
    return [stampcode.encode(ring, batch, serial) for serial in range(first, last + 1)]
