"""How a copied diary entry is known among many: its marks, and the checks of truth (R21, R55)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Final

from services.registry.domain.diary import Entry, Step
from services.registry.domain.finding import Finding, limit_of
from services.registry.domain.lot import Lot
from services.registry.domain.words import N_

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


def copied(entries: Sequence[Entry], others: Iterable[Lot]) -> list[Finding]:
    """Entries with the same words, hour and dose as in many other lots were hardly written anew."""
    limit = int(limit_of("copied") or 3)
    mine = {words(e) for e in entries if tells(e)}
    seen: Counter[tuple[str, ...]] = Counter()
    for lot in others:
        seen.update(mine & {words(e) for e in lot.entries if tells(e)})
    many = [one for one, number in seen.items() if number >= limit]
    if not many:
        return []
    return [
        Finding(
            "copied",
            N_("{number} công đoạn trùng từng chữ, giờ và liều lượng với {lots} lô khác."),
            N_("Hỏi người nhập đã làm gì trong lô này; nhật ký chép lại không chứng minh được gì."),
            {"number": len(many), "lots": max(seen[one] for one in many)},
        )
    ]


def copied_from_strangers(alike: Mapping[str, int]) -> list[Finding]:
    """Several long notes with the same words and hour elsewhere were written by one hand."""
    limit = int(limit_of("copied") or 3)
    facilities = sum(number >= limit for number in alike.values())
    found = Finding(
        "copied",
        N_("Nhiều công đoạn trùng từng chữ và giờ với nhật ký của {facilities} cơ sở khác."),
        N_("Hỏi người nhập đã làm gì trong lô này; nhật ký chép lại không chứng minh được gì."),
        {"facilities": facilities},
    )
    return [found] if facilities else []
