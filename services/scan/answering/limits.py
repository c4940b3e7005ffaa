"""Who asks for too many codes that do not exist is put off; a real stamp is always answered."""

from services.scan.domain.addresses import prefix_of
from services.scan.knowing.confirm import Clock

WINDOW_SECONDS = 60.0
MOST_PREFIXES = 100_000


class InvalidLimit:
    """Fixed windows: so many invalid codes a minute per neighbourhood of addresses, and in all.

    A carrier puts many phones behind few addresses, so a neighbourhood is a /24 (IPv4) or a /48,
    and its share is generous: people mistype now and then, guessing takes thousands of millions.
    """

    def __init__(self, clock: Clock, per_prefix: int, in_all: int) -> None:
        self._clock = clock
        self._per_prefix = per_prefix
        self._in_all = in_all
        self._window_ends = 0.0
        self._counts: dict[bytes, int] = {}
        self._total = 0
        self.refused = 0

    def allows(self, address: bytes) -> bool:
        """Count one invalid code; False if it is one too many."""
        self._turn()
        prefix = prefix_of(address)
        count = self._counts[prefix] = self._counts.get(prefix, 0) + 1
        self._total += 1
        if count > self._per_prefix or self._total > self._in_all:
            self.refused += 1
            return False
        return True

    def is_spent(self, address: bytes) -> bool:
        """Whether the next one would be one too many; counts nothing but the refusal."""
        self._turn()
        spent = self._counts.get(prefix_of(address), 0) >= self._per_prefix
        if spent or self._total >= self._in_all:
            self.refused += 1
            return True
        return False

    def _turn(self) -> None:
        now = self._clock()
        if now >= self._window_ends or len(self._counts) > MOST_PREFIXES:
            self._window_ends = now + WINDOW_SECONDS
            self._counts.clear()
            self._total = 0
