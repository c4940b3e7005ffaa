"""The figures of a drill as its pages show them: counted in the background, not at each look."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

# How soon what was said stands in them, and how soon what shipments and messages changed.
EVERY: Final = timedelta(seconds=20)
UNCHANGED: Final = timedelta(seconds=60)
# Counting takes one part in so many of the time, however large the drill is.
REST: Final = 20
# Lots and facilities that are named in them; the rest is counted.
NAMED: Final = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """As counted at a moment: `answers` is how many were in, `took` how many seconds it took,
    `minutes` after how long each facility acknowledged, `lots` the first of those to look at."""

    at: datetime
    answers: int
    took: float
    figures: dict[str, Any]
    minutes: tuple[float, ...]
    lots: tuple[dict[str, Any], ...]


def is_due(at: datetime, answers: int, took: float, *, now: datetime, said: int) -> bool:
    """Whether what was counted `at`, of so many answers, is counted again; `said` is how many there
    are now."""
    rest = max(EVERY if said != answers else UNCHANGED, timedelta(seconds=took * REST))
    return now >= at + rest
