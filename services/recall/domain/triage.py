"""How pressing a reported problem is, and until when somebody answers it (R53): one table.

No law sets these days: they are the system's own, so that what made somebody ill is not read last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

LEVELS: Final = ("low", "normal", "high", "urgent")
# By what is reported: how pressing it is by itself.
_BY_KIND: Final[Mapping[str, str]] = {
    "made_ill": "urgent",
    "looks_fake": "high",
    "spoiled": "high",
    "wrong_information": "normal",
    "other": "low",
}
# What the stamp's page said, as far as it makes a report more pressing: goods that should be gone
# are still sold, or a copy is in hand.
_BY_VERDICT: Final[Mapping[str, str]] = {
    "recalled": "still_sold",
    "withdrawn": "still_sold",
    "revoked": "still_sold",
    "suspect_copy": "known_copy",
}
# So many of the same goods and kind within seven days are no accident.
MANY: Final = 5
SIMILAR_DAYS: Final = 7
DAYS: Final[Mapping[str, int]] = {"urgent": 1, "high": 3, "normal": 10, "low": 15}


@dataclass(frozen=True, slots=True)
class Priority:
    """`level` is one of LEVELS; `reasons` say why: the kind, still_sold, known_copy, many."""

    level: str
    reasons: tuple[str, ...]

    @property
    def rank(self) -> int:
        """Higher is more pressing."""
        return LEVELS.index(self.level)


def weigh(kind: str, verdict: str = "", *, similar: int = 0) -> Priority:
    """`similar` counts further reports of these goods and this kind within seven days.

    Each reason besides the kind lifts it by a level; nothing lowers it.
    """
    reasons = [kind]
    if verdict in _BY_VERDICT:
        reasons.append(_BY_VERDICT[verdict])
    if similar >= MANY:
        reasons.append("many")
    rank = LEVELS.index(_BY_KIND.get(kind, "low")) + len(reasons) - 1
    return Priority(LEVELS[min(rank, len(LEVELS) - 1)], tuple(reasons))


def time_to_answer(kind: str, verdict: str = "") -> timedelta:
    """From the report to its answer. What comes in later does not move a day that was set."""
    return timedelta(days=DAYS[weigh(kind, verdict).level])
