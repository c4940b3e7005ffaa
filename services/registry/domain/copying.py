"""Marks of diary entries by which a copied one is known among many (R21, R55)."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from services.registry.domain.diary import Entry, Step

# Shorter notes are alike by chance: "Phun sáng sớm" is written in many villages.
LONG: Final = 30
# One carrier's words stand in the diaries of all whose goods it takes.
_HANDLING: Final = frozenset({Step.TRANSPORTING, Step.STORING})


def tells(entry: Entry) -> bool:
    """Whether an entry has words of its own: bare ones are alike without being copied."""
    return bool(entry.note or entry.dose or entry.method)


def words(entry: Entry) -> tuple[str, ...]:
    """What a copy keeps: the step, the hour and every word, but not the day."""
    return (
        entry.step.value,
        f"{entry.at:%H:%M}",
        entry.name.casefold(),
        entry.dose.casefold(),
        entry.method.casefold(),
        entry.note.casefold(),
    )


def prints(entries: Iterable[Entry]) -> list[str]:
    """Marks of the entries with notes long enough to be somebody's own, for a search among all."""
    told = sorted(
        {words(one) for one in entries if len(one.note) >= LONG and one.step not in _HANDLING}
    )
    return [sha256("\n".join(one).encode()).hexdigest()[:24] for one in told]
