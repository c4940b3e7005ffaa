"""A problem that a consumer reported, as officials handle it (R36)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from shared.contracts.recall import ComplaintAnswered
from shared.errors import EditConflict, Kind, Refusal

State = Literal["new", "seen", "closed"]
STATES: Final[tuple[State, ...]] = ("new", "seen", "closed")
MAX_ANSWER: Final = 2000


class AnswerNeeded(Refusal):
    code = "answer_needed"
    kind = Kind.INVALID
    message = "Hãy viết trả lời: người báo đọc nó bằng mã tra cứu."


class ComplaintClosed(Refusal):
    code = "complaint_closed"
    message = "Phản ánh này đã được trả lời. Hãy tải lại trang để xem."


class AlreadySeen(Refusal):
    code = "complaint_already_seen"
    message = "Phản ánh này đã có người nhận xem xét. Hãy tải lại trang để xem."


@dataclass(frozen=True, slots=True)
class Complaint:
    """As scan told it, and what officials made of it; `version` counts only their acts. `typed` is
    a code of no stamp of this system, as its reporter read it; then the rest names no goods."""

    id: str
    number: str
    batch: int
    serial: int
    facility_id: str
    product_id: str
    lot_id: str
    verdict: str
    kind: str
    words: str
    commune: str
    place: str
    photo: str
    has_phone: bool
    filed_at: datetime
    private_until: datetime
    kept_until: datetime
    typed: str = ""
    state: State = "new"
    version: int = 0
    answer: str = ""
    by_name: str = ""
    authority: str = ""
    changed_at: datetime | None = None

    def taken_up(self, *, by: str, authority: str, now: datetime) -> "Complaint":
        """Somebody looks into it. Raises AlreadySeen, ComplaintClosed."""
        if self.state == "closed":
            raise ComplaintClosed()
        if self.state == "seen":
            raise AlreadySeen()
        return self._step("seen", "", by, authority, now)

    def closed(
        self, answer: str, *, version: int, by: str, authority: str, now: datetime
    ) -> "Complaint":
        """Answered; `version` is that which was read. Raises AnswerNeeded, ComplaintClosed,
        EditConflict."""
        if not answer.strip():
            raise AnswerNeeded("answer")
        if self.state == "closed":
            raise ComplaintClosed()
        if version != self.version:
            raise EditConflict()
        return self._step("closed", answer.strip(), by, authority, now)

    def told(self) -> ComplaintAnswered:
        assert self.changed_at is not None
        return ComplaintAnswered(
            subject=self.id,
            version=self.version,
            time=self.changed_at,
            state=self.state,
            answer=self.answer,
            authority=self.authority,
        )

    def _step(
        self, state: State, answer: str, by: str, authority: str, now: datetime
    ) -> "Complaint":
        return replace(
            self,
            state=state,
            answer=answer,
            by_name=by,
            authority=authority,
            changed_at=now,
            version=self.version + 1,
        )
