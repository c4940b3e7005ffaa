"""What officials ask of somebody who reported a problem, and what that person answers (R53)."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Final

from shared.days import local_day
from shared.errors import Refusal

MAX_REPLY: Final = 2000


class NothingAsked(Refusal):
    code = "nothing_asked"
    message = (
        "Không còn câu hỏi nào chờ trả lời: đã có trả lời, đã hết hạn, hoặc phản ánh đã kết thúc."
    )


@dataclass(frozen=True, slots=True)
class Question:
    """`number` counts a report's questions from 1. What was answered is not shown again: whoever
    sent the same words at the same place opens the report too. `said` stands for the answer, keyed
    by the code of who sent it."""

    number: int
    text: str
    authority: str
    asked_at: datetime
    until: datetime
    replied_at: datetime | None = None
    said: str = ""

    @property
    def last_day(self) -> date:
        """The last one on which it can be answered."""
        return local_day(self.until - timedelta(microseconds=1))

    def is_open(self, now: datetime) -> bool:
        return self.replied_at is None and now < self.until

    def replied(self, now: datetime, said: str) -> "Question":
        """Raises NothingAsked."""
        if not self.is_open(now):
            raise NothingAsked()
        return replace(self, replied_at=now, said=said)


def digest(code: str, words: str, photo: bytes) -> str:
    """The same where the same answer is sent twice, by a second press or a page loaded anew."""
    told = "\0".join((words, sha256(photo).hexdigest()))
    return hmac.new(code.encode(), told.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def was_said(questions: Iterable[Question], number: int, said: str) -> bool:
    """Whether this very answer was given to the question, 0 for any."""
    return any(one.said == said and number in (0, one.number) for one in questions)
