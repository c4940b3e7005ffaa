"""Whether a facility's food-safety papers held on the day a lot was made (R13, R55)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Paper:
    """A food-safety certificate or commitment that a facility claims; `until` is the last day on
    which it holds, None without an end."""

    number: str
    since: date
    until: date | None

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def run_out(papers: Sequence[Paper], day: date) -> Paper | None:
    """The paper that ran out last before this day, where none held on it; else None. Whoever never
    claimed any is none of this rule's: that is for who registers it."""
    if any(paper.holds_on(day) for paper in papers):
        return None
    over = [paper for paper in papers if paper.until is not None and paper.until < day]
    return max(over, key=lambda one: (one.until or day, one.number), default=None)
