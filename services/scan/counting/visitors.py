"""Who scans, as far as it may be known: a hash that changes every day and leads back to nobody."""

import hashlib
from datetime import date
from pathlib import Path

USER_BYTES = 8


class Visitors:
    """BLAKE2b of address and browser, keyed with the installation's secret and the date."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._today = hashlib.blake2b()
        self.turn_day(date.min)

    @classmethod
    def load(cls, secrets: Path) -> "Visitors":
        return cls(bytes.fromhex((secrets / "user-hash.key").read_text().strip()))

    def turn_day(self, day: date) -> None:
        """From now on with the key of this day (in Vietnam)."""
        daily = hashlib.blake2b(day.isoformat().encode(), key=self._key[:32]).digest()
        self._today = hashlib.blake2b(key=daily, digest_size=USER_BYTES)

    def user(self, address: bytes, agent: bytes) -> bytes:
        state = self._today.copy()
        state.update(address + b"\0" + agent)
        return state.digest()
