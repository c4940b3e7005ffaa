"""Laboratory results of a lot (R26): what was tested, where, by which method, against which limit.

A result above its limit stands in the way of the lot's publication until an official, who says why,
lets it pass or confirms that it does not. Found after the publication, it holds the lot back at
once: consumers are told that it is being examined, and nobody uses, sends or sells it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from services.registry.domain.diary_refusals import DateInFuture, DatesOutOfOrder
from services.registry.domain.records import Author, Owner
from services.registry.domain.review_refusals import OwnEntry, ReasonMissing
from shared.days import local_day, spoken
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


class LotHeldBack(Refusal):
    code = "lot_held_back"
    message = (
        "Lô {lot} có kết quả kiểm nghiệm không đạt, nên không được dùng, chuyển đi hoặc bán cho "
        "đến khi cơ quan quản lý cho phép."
    )


class TestDecided(Refusal):
    code = "test_decided"
    message = "Kết quả này đã được quyết định. Hãy tải lại trang để xem tình trạng mới nhất."


class NotAReport(Refusal):
    code = "not_a_report"
    kind = Kind.INVALID
    message = "Nội dung tệp không phải PDF đọc được. Hãy gửi bản PDF của phiếu kết quả."


class ReportTooLarge(Refusal):
    code = "report_too_large"
    kind = Kind.TOO_LARGE
    message = "Phiếu kết quả lớn hơn {limit} MB. Hãy gửi tệp nhỏ hơn."


class ReportKept(Refusal):
    code = "report_kept"
    message = "Kết quả này đã có phiếu. Nếu phiếu sai, hãy ghi một kết quả mới kèm phiếu đúng."


class DecisionWrong(Refusal):
    code = "no_such_decision"
    kind = Kind.INVALID
    message = (
        "Kết quả đạt thì duyệt; kết quả không đạt thì cho phép có lý do hoặc giữ không cho đăng."
    )


@dataclass(frozen=True, slots=True)
class TestResult:
    """`value` and `limit` as the report writes them; `file` is the id of the kept PDF and
    `digest` its SHA-256."""

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
    digest: str = ""
    standing: Standing = Standing.WAITING
    decided_by: Author | None = None
    decided_at: datetime | None = None
    reason: str = ""

    @property
    def stands_in_the_way(self) -> bool:
        return self.verdict is Verdict.FAILED and self.standing is not Standing.ALLOWED

    @property
    def is_shown(self) -> bool:
        """Consumers see what an official has decided on, for good or bad."""
        return self.standing is not Standing.WAITING

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

    def with_report(self, file: str, digest: str) -> "TestResult":
        """With its report, which is handed in once; the same again changes nothing."""
        if self.file and self.digest == digest:
            return self
        if self.file:
            raise ReportKept("file")
        return replace(self, version=self.version + 1, file=file, digest=digest)

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


def checked_report(data: bytes) -> bytes:
    """The same; raises where it is no PDF or too large."""
    if len(data) > MAX_FILE_BYTES:
        raise ReportTooLarge("file", limit=MAX_FILE_BYTES // 1_000_000)
    if not data.startswith(b"%PDF-"):
        raise NotAReport("file")
    return data


def lot_status(results: Iterable[TestResult]) -> str:
    """`LotPublished.status` of a published lot: active, examining or unfit.

    An official's word that a result stands outweighs another result that still waits for one.
    """
    against = [one.standing for one in results if one.stands_in_the_way]
    if Standing.CONFIRMED in against:
        return "unfit"
    return "examining" if against else "active"
