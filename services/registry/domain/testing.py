"""Laboratory results of a lot (R26): what was tested, where, by which method, against which limit.

A result above its limit stands in the way of the lot's publication until an official, who says why,
lets it pass or confirms that it does not.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.registry.domain.diary import DateInFuture, DatesOutOfOrder, local_day, spoken
from services.registry.domain.records import Author, OwnEntry, Owner, ReasonMissing
from shared.errors import Kind, Refusal

MAX_FILE_BYTES: Final = 8_000_000


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


class Standing(StrEnum):
    """What the official decided; `waiting` until then."""

    WAITING = "waiting"
    APPROVED = "approved"
    ALLOWED = "allowed"
    CONFIRMED = "confirmed"


class FailedTest(Refusal):
    code = "failed_test"
    message = (
        "Lô có kết quả kiểm nghiệm không đạt ({parameter}) chưa được cơ quan quản lý cho phép, "
        "nên chưa đăng được. Hãy xử lý kết quả này trước."
    )


class TestDecided(Refusal):
    code = "test_decided"
    message = "Kết quả này đã được quyết định. Hãy tải lại trang để xem tình trạng mới nhất."


class DecisionWrong(Refusal):
    code = "no_such_decision"
    kind = Kind.INVALID
    message = (
        "Kết quả đạt thì duyệt; kết quả không đạt thì cho phép có lý do hoặc giữ không cho đăng."
    )


@dataclass(frozen=True, slots=True)
class TestResult:
    """`value` and `limit` as the report writes them; `file` is the id of the kept PDF."""

    id: str
    lot_id: str
    owner: Owner
    version: int
    sample: str
    sampled_on: date
    laboratory: str
    parameter: str
    value: str
    verdict: Verdict
    by: Author
    entered_at: datetime
    reported_on: date | None = None
    accreditation: str = ""
    method: str = ""
    limit: str = ""
    unit: str = ""
    file: str = ""
    standing: Standing = Standing.WAITING
    decided_by: Author | None = None
    decided_at: datetime | None = None
    reason: str = ""

    @property
    def stands_in_the_way(self) -> bool:
        return self.verdict is Verdict.FAILED and self.standing is not Standing.ALLOWED

    @property
    def is_shown(self) -> bool:
        """Consumers see what an official approved or let pass."""
        return self.standing in (Standing.APPROVED, Standing.ALLOWED)

    def checked(self, now: datetime) -> "TestResult":
        for field in ("sampled_on", "reported_on"):
            day = getattr(self, field)
            if day is not None and day > local_day(now):
                raise DateInFuture(field, date=spoken(day))
        if self.reported_on is not None and self.reported_on < self.sampled_on:
            raise DatesOutOfOrder(
                "reported_on", later=spoken(self.sampled_on), earlier=spoken(self.reported_on)
            )
        return self

    def decide(self, standing: Standing, *, by: Author, reason: str, now: datetime) -> "TestResult":
        """Approve what passed; let pass or hold back what failed, which needs a reason."""
        if self.standing in (Standing.APPROVED, Standing.ALLOWED):
            raise TestDecided()
        if self.by.account_id == by.account_id:
            raise OwnEntry()
        passed = self.verdict is Verdict.PASSED
        if standing is Standing.WAITING or passed != (standing is Standing.APPROVED):
            raise DecisionWrong("decision")
        if not passed and not reason:
            raise ReasonMissing("reason")
        return replace(
            self,
            version=self.version + 1,
            standing=standing,
            decided_by=by,
            decided_at=now,
            reason=reason,
        )
