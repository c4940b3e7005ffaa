"""What the owner of recalled goods asks of the authority, and the authority's answer.

How the goods are to be handled is proposed and agreed to (Circular 17/2021, Art. 13); that the
recall is carried out is reported, and then the case is closed, or the report sent back.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from services.recall.domain.recovery_refusals import (
    AnswerWithoutWords,
    ClosingIsTheAnswer,
    RequestAnswered,
)
from services.recall.domain.terms import Handling, Official


class About(StrEnum):
    HANDLING = "handling"
    CLOSING = "closing"


class Answer(StrEnum):
    """`ended`: nobody answers any more, since the case ended, or became a warning, meanwhile."""

    WAITING = "waiting"
    AGREED = "agreed"
    RETURNED = "returned"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class OwnerRequest:
    """`number` counts those about the same in a case, from 1; `handling` is what is proposed, None
    of a closing. `answer` are the authority's words, which a return must have."""

    id: str
    case_id: str
    about: About
    number: int
    words: str
    by: Official
    at: datetime
    handling: Handling | None = None
    state: Answer = Answer.WAITING
    answer: str = ""
    answered_by: Official | None = None
    answered_at: datetime | None = None

    @property
    def waits(self) -> bool:
        return self.state is Answer.WAITING

    def answered(self, *, agreed: bool, words: str, by: Official, now: datetime) -> "OwnerRequest":
        """Raises RequestAnswered, AnswerWithoutWords of a return, and ClosingIsTheAnswer: to agree
        to a closing is to close."""
        if not self.waits:
            raise RequestAnswered()
        if agreed and self.about is About.CLOSING:
            raise ClosingIsTheAnswer()
        if not agreed and not words:
            raise AnswerWithoutWords("words")
        state = Answer.AGREED if agreed else Answer.RETURNED
        return replace(self, state=state, answer=words, answered_by=by, answered_at=now)

    def closed(self, *, by: Official, now: datetime) -> "OwnerRequest":
        """The case was closed while it waited."""
        state = Answer.AGREED if self.about is About.CLOSING else Answer.ENDED
        return replace(self, state=state, answered_by=by, answered_at=now)

    def ended(self, *, now: datetime) -> "OwnerRequest":
        """The case was lifted, or asks nothing of the owner any more, while it waited."""
        return replace(self, state=Answer.ENDED, answered_at=now)
