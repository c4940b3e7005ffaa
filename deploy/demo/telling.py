"""Progress of the load: how much of each kind is in, and when; what the time went into."""

import sys
import time
from collections import Counter
from collections.abc import Mapping


class Telling:
    """Prints a line for each kind that is complete, and now and then where it stands."""

    def __init__(self, totals: Mapping[str, int]) -> None:
        self._totals = dict(totals)
        self._there: Counter[str] = Counter()
        self._had: Counter[str] = Counter()
        self._began = time.monotonic()
        self._told_at = self._began

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def had(self, kind: str) -> None:
        """One that an earlier run has brought in."""
        self._had[kind] += 1
        self._count(kind)

    def made(self, kind: str) -> None:
        self._count(kind)
        if time.monotonic() - self._told_at > 5:
            left = [k for k, total in self._totals.items() if self._there[k] < total]
            say(" · ".join(f"{k} {self._there[k]}/{self._totals[k]}" for k in left))
            self._told_at = time.monotonic()

    def _count(self, kind: str) -> None:
        self._there[kind] += 1
        total = self._totals[kind]
        if self._there[kind] == total:
            before = f", {self._had[kind]} of them there already" if self._had[kind] else ""
            say(f"{total:4} {kind}{before} ({self.seconds:.1f} s)")
            self._told_at = time.monotonic()


def say(line: str) -> None:
    sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()
