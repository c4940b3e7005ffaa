"""What officials ask of somebody who reported a problem, and what that person answers (R53)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, Literal

from services.recall.domain.complaint import Complaint
from shared.contracts.recall import ReporterAsked
from shared.contracts.scan import ReporterReplied
from shared.days import local_day, local_midnight
from shared.errors import Kind, Refusal

Standing = Literal["waiting", "replied", "lapsed"]
STANDINGS: Final[tuple[Standing, ...]] = ("waiting", "replied", "lapsed")
MAX_QUESTION: Final = 1000
MOST_QUESTIONS: Final = 5
# Days that somebody is given at most; the system's own number, no law's.
LONGEST_DAYS: Final = 30


class StillWaiting(Refusal):
    code = "question_waiting"
    message = "Người báo chưa trả lời câu hỏi trước và chưa hết hạn. Hãy đợi rồi hỏi tiếp."


class TooManyQuestions(Refusal):
    code = "too_many_questions"
    message = "Một phản ánh hỏi lại được nhiều nhất {most} lần. Hãy trả lời theo những gì đã biết."


class DayDoesNotFit(Refusal):
    code = "question_day"
    kind = Kind.INVALID
    message = (
        "Hạn trả lời phải từ ngày mai, không quá {days} ngày và trước khi phản ánh được xóa. "
        "Hãy chọn ngày khác."
    )


@dataclass(frozen=True, slots=True)
class Question:
    """`number` counts a report's questions from 1; it can be answered until `until`. `photo` is an
    address at scan, gone from `private_until`; the words go with the report, on `kept_until`."""

    complaint_id: str
    number: int
    text: str
    by_name: str
    authority: str
    asked_at: datetime
    until: datetime
    kept_until: datetime
    replied_at: datetime | None = None
    words: str = ""
    photo: str = ""
    private_until: datetime | None = None

    @property
    def id(self) -> str:
        return f"{self.complaint_id}/{self.number}"

    @property
    def last_day(self) -> date:
        """The last one on which it can be answered."""
        return local_day(self.until - timedelta(microseconds=1))

    def standing(self, now: datetime, *, closed: bool = False) -> Standing:
        """Of a report that is `closed` nothing can be answered any more."""
        if self.replied_at is not None:
            return "replied"
        return "waiting" if now < self.until and not closed else "lapsed"

    def shows_photo(self, now: datetime) -> bool:
        return bool(self.photo and self.private_until and now < self.private_until)

    def replied(self, told: ReporterReplied) -> "Question":
        """With what was answered; the first answer stands, told twice or not."""
        if self.replied_at is not None:
            return self
        return replace(
            self,
            replied_at=told.time,
            words=told.words,
            photo=told.photo,
            private_until=told.private_until,
        )

    def told(self) -> ReporterAsked:
        return ReporterAsked(
            subject=self.id,
            version=1,
            time=self.asked_at,
            complaint_id=self.complaint_id,
            question=self.number,
            text=self.text,
            authority=self.authority,
            until=self.until,
        )


def next_number(before: Sequence[Question]) -> int:
    return max((each.number for each in before), default=0) + 1


def may_ask(one: Complaint, before: Sequence[Question], now: datetime) -> bool:
    """Whether a question could be asked now, by whoever may."""
    waits = any(each.standing(now) == "waiting" for each in before)
    return one.state != "closed" and not waits and len(before) < MOST_QUESTIONS


def ask(
    one: Complaint,
    before: Sequence[Question],
    text: str,
    until: date,
    *,
    by: str,
    authority: str,
    now: datetime,
) -> Question:
    """The next question about a report; `until` is the last day to answer. Raises StillWaiting,
    TooManyQuestions, DayDoesNotFit."""
    if any(each.standing(now) == "waiting" for each in before):
        raise StillWaiting()
    if len(before) >= MOST_QUESTIONS:
        raise TooManyQuestions(most=MOST_QUESTIONS)
    days = (until - local_day(now)).days
    if not 1 <= days <= LONGEST_DAYS:
        raise DayDoesNotFit("until", days=LONGEST_DAYS)
    ends = local_midnight(until + timedelta(days=1))
    if ends > one.kept_until:
        raise DayDoesNotFit("until", days=LONGEST_DAYS)
    return Question(one.id, next_number(before), text, by, authority, now, ends, one.kept_until)
