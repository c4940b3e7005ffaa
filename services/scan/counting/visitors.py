"""Who scans, as far as it may be known: a hash that changes every day and leads back to nobody."""

import hashlib
from datetime import date
from pathlib import Path

from services.scan.domain.addresses import prefix_of
from services.scan.domain.records import SOURCE_BYTES

USER_BYTES = 8
# Addresses whose source is kept; when there are so many, all are forgotten.
MOST_KEPT = 50_000


class Visitors:
    """BLAKE2b of address and browser, keyed with the installation's secret and the date."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._today = hashlib.blake2b()
        self._sources: dict[bytes, bytes] = {}
        self.turn_day(date.min)

    @classmethod
    def load(cls, secrets: Path) -> "Visitors":
        return cls(bytes.fromhex((secrets / "user-hash.key").read_text().strip()))

    def turn_day(self, day: date) -> None:
        """From now on with the key of this day (in Vietnam)."""
        daily = hashlib.blake2b(day.isoformat().encode(), key=self._key[:32]).digest()
        self._today = hashlib.blake2b(key=daily, digest_size=USER_BYTES)
        self._sources.clear()

    def user(self, address: bytes, agent: bytes) -> bytes:
        state = self._today.copy()
        state.update(address + b"\0" + agent)
        return state.digest()

    def source(self, address: bytes) -> bytes:
        """The neighbourhood (/24, /48) that an address lies in, of whoever lives there alike."""
        found = self._sources.get(address)
        if found is None:
            if len(self._sources) >= MOST_KEPT:
                self._sources.clear()
            state = self._today.copy()
            state.update(b"source\0" + prefix_of(address))
            found = self._sources[address] = state.digest()[:SOURCE_BYTES]
        return found
