"""The decision on paper behind a case: its number, day, issuing body and file."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.recall.domain.decision_refusals import (
    DecisionIncomplete,
    DecisionInFuture,
    DecisionOfAbove,
    DecisionTooOld,
)
from services.recall.domain.terms import Official
from shared.days import local_day
from shared.tiers import is_below

# No decision is so much older than the case that rests on it: its year was mistyped.
OLDEST: Final = timedelta(days=366)
# A case has no more versions of its decision; each may have a file.
MOST_VERSIONS: Final = 50


def may_supply(who: Official, ordering: Official) -> bool:
    """Whether it is theirs to say what the order rests on: of the unit that ordered, or of a
    higher tier. Of orders from before units were kept anybody who may order there does."""
    if not ordering.unit_id or not ordering.tier:
        return True
    return who.unit_id == ordering.unit_id or is_below(ordering.tier, who.tier)


def must_supply(who: Official, ordering: Official) -> None:
    """Raises DecisionOfAbove."""
    if not may_supply(who, ordering):
        raise DecisionOfAbove()


@dataclass(frozen=True, slots=True)
class Given:
    """A decision as a person types it."""

    number: str
    day: date
    issued_by: str

    @classmethod
    def of(cls, number: str, day: date | None, issued_by: str) -> "Given | None":
        """What was typed with an order; None where nothing was. Raises DecisionIncomplete."""
        if not number and not issued_by and day is None:
            return None
        if not number:
            raise DecisionIncomplete("decision_number")
        if day is None:
            raise DecisionIncomplete("decision_day")
        if not issued_by:
            raise DecisionIncomplete("decision_issued_by")
        return cls(number, day, issued_by)

    def check(self, at: datetime, asked_at: datetime, field: str = "day") -> None:
        """`asked_at`: when the case was asked for. Raises DecisionInFuture, DecisionTooOld."""
        if self.day > local_day(at):
            raise DecisionInFuture(field)
        if self.day < local_day(asked_at) - OLDEST:
            raise DecisionTooOld(field)


@dataclass(frozen=True, slots=True)
class Paper:
    """The file of a decision; `media_type` is application/pdf or image/jpeg. `version` is that of
    the decision that it came with, `digest` the SHA-256 of its bytes as kept; 0 and "" of files
    from before these were kept."""

    name: str
    media_type: str
    size: int
    version: int = 0
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One version of what is known of a case's decision; versions before it are kept."""

    case_id: str
    version: int
    given: Given
    by: Official
    at: datetime
    paper: Paper | None = None
