"""A problem that a consumer reported, as officials handle it (R36, R53)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from services.recall.domain.triage import Priority, time_to_answer, weigh
from shared.contracts.recall import ComplaintAnswered
from shared.days import local_day
from shared.errors import EditConflict, Kind, Refusal

State = Literal["new", "seen", "closed"]
STATES: Final[tuple[State, ...]] = ("new", "seen", "closed")
Outcome = Literal["answered", "unfounded", "spam"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("answered", "unfounded", "spam")
MAX_ANSWER: Final = 2000
# The oldest steps go when there are more.
MOST_STEPS: Final = 200


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


class SameUnit(Refusal):
    code = "complaint_same_unit"
    kind = Kind.INVALID
    message = "Đơn vị này đang phụ trách phản ánh rồi. Hãy chọn đơn vị khác."


class NotTheirGoods(Refusal):
    code = "complaint_unit_elsewhere"
    kind = Kind.INVALID
    message = (
        "Đơn vị này không phụ trách địa bàn hoặc ngành của hàng bị phản ánh. "
        "Hãy chọn đơn vị trong danh sách."
    )


@dataclass(frozen=True, slots=True)
class Step:
    """What an official did with a report. `act` is seen, closed, handed_over, joined, parted,
    asked; `text` the reason, or the number of the other report or of the question."""

    at: datetime
    act: str
    by: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Complaint:
    """As scan told it, and what officials made of it; `version` counts only their acts. `typed` is
    a code of no stamp of this system, as its reporter read it; then the rest names no goods.
    Of `origin` no_stamp, the reporter chose the goods, and `goods` is what they say of the label;
    of official, one of the unit `entered_by` entered what they were told on the day `heard_on` by
    `channel`.
    `group` is the label of the reports of one event, by itself its own id; `unit_id` the unit that
    it was handed to, `assignee` the account that took it up."""

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
    origin: str = "stamp"
    goods: str = ""
    channel: str = ""
    heard_on: str = ""
    entered_by: str = ""
    more_photos: tuple[str, ...] = ()
    state: State = "new"
    version: int = 0
    answer: str = ""
    by_name: str = ""
    authority: str = ""
    changed_at: datetime | None = None
    group: str = ""
    outcome: Outcome | Literal[""] = ""
    unit_id: str = ""
    unit_name: str = ""
    assignee: str = ""
    assignee_name: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def told_at(self) -> datetime:
        """Since when an authority has known of it: what an official entered days after they were
        told is no younger for that."""
        return told_at(self.filed_at, self.heard_day)

    @property
    def due_at(self) -> datetime:
        return due(self.kind, self.verdict, self.told_at)

    def overdue(self, now: datetime) -> bool:
        return self.state != "closed" and self.due_at < now

    def priority(self, similar: int = 0) -> Priority:
        return weigh(self.kind, self.verdict, similar=similar)

    @property
    def heard_day(self) -> date | None:
        """When an official was told it; None for what its reporter sent."""
        return date.fromisoformat(self.heard_on) if self.heard_on else None

    @property
    def is_by_words(self) -> bool:
        """About goods that were found by their names or told in words, not by a code."""
        return self.origin != "stamp" and not self.batch and not self.typed

    @property
    def is_free(self) -> bool:
        """Open, and nobody looks into it: also where it was handed over by who did."""
        return self.state == "new" or (self.state == "seen" and not self.assignee)

    def taken_up(self, *, by: str, authority: str, now: datetime, account: str = "") -> "Complaint":
        """Somebody looks into it. Raises AlreadySeen, ComplaintClosed."""
        self._must_be_open()
        if not self.is_free:
            raise AlreadySeen()
        taken = {"state": "seen", "assignee": account, "assignee_name": by}
        return self._step("seen", by, now, authority=authority, **taken)

    def closed(
        self,
        answer: str,
        *,
        version: int,
        by: str,
        authority: str,
        now: datetime,
        outcome: Outcome = "answered",
    ) -> "Complaint":
        """Answered, or set aside as unfounded or spam with the reason as its answer; `version` is
        that which was read. Raises AnswerNeeded, ComplaintClosed, EditConflict."""
        if not answer.strip():
            raise AnswerNeeded("answer")
        self._must_be_open()
        self._expect(version)
        given = answer.strip()
        changes = {"state": "closed", "answer": given, "outcome": outcome, "authority": authority}
        return self._step("closed", by, now, **changes)

    def asked(self, number: int, *, version: int, by: str, now: datetime) -> "Complaint":
        """Its reporter is asked question `number`. Raises ComplaintClosed, EditConflict."""
        self._must_be_open()
        self._expect(version)
        return self._step("asked", by, now, text=str(number))

    def handed_over(
        self, unit_id: str, unit_name: str, reason: str, *, version: int, by: str, now: datetime
    ) -> "Complaint":
        """To another unit, where somebody else takes it up. Raises SameUnit, ComplaintClosed,
        EditConflict. Nothing of it is told to the reporter, for whom nothing changed."""
        self._must_be_open()
        self._expect(version)
        if unit_id == self.unit_id:
            raise SameUnit("unit_id")
        given = {"unit_id": unit_id, "unit_name": unit_name, "assignee": "", "assignee_name": ""}
        return self._step("handed_over", by, now, text=f"{unit_name}: {reason}", **given)

    def regrouped(
        self,
        label: str,
        *,
        by: str,
        now: datetime,
        act: str,
        text: str = "",
        like: "Complaint | None" = None,
    ) -> "Complaint":
        """Under another label; `act` joined or parted. A new one is looked into from now on if
        that which it is joined to, `like`, is, and goes to the unit that that was handed to. Raises
        ComplaintClosed: what was answered stays answered as it was."""
        self._must_be_open()
        taken: dict[str, Any] = {}
        if like is not None and self.state == "new" and like.state == "seen":
            taken = {"state": "seen", "authority": like.authority, "assignee": like.assignee}
            taken["assignee_name"] = like.assignee_name
        if like is not None and like.unit_id not in ("", self.unit_id):
            taken |= {"unit_id": like.unit_id, "unit_name": like.unit_name}
            taken |= {"assignee": like.assignee, "assignee_name": like.assignee_name}
        return self._step(act, by, now, text=text, group=label, **taken)

    def reads_like(self, other: "Complaint") -> bool:
        """Whether the reporter reads the same of both."""
        return (self.state, self.answer, self.authority) == (
            other.state,
            other.answer,
            other.authority,
        )

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

    def _must_be_open(self) -> None:
        if self.state == "closed":
            raise ComplaintClosed()

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _step(
        self, act: str, by: str, now: datetime, *, text: str = "", **changes: Any
    ) -> "Complaint":
        steps = (*self.steps, Step(now, act, by, text))[-MOST_STEPS:]
        changed = {"by_name": by, "changed_at": now, "version": self.version + 1, "steps": steps}
        return replace(self, **{**changed, **changes})


def told_at(filed_at: datetime, heard: date | None) -> datetime:
    """At the same hour of the day on which it was heard, where an official entered it later; never
    after that."""
    return min(filed_at, filed_at - (local_day(filed_at) - heard)) if heard else filed_at


def due(kind: str, verdict: str, told: datetime) -> datetime:
    """Until when a report is to be answered that an authority was told at `told`."""
    return told + time_to_answer(kind, verdict)
