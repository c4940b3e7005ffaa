"""Inspections (kiểm tra) of facilities and the violations found by them (R35)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self

from services.registry.domain.records import Author
from shared.days import local_day
from shared.errors import EditConflict, Kind, Refusal

KINDS: Final = ("planned", "unannounced", "complaint", "follow_up")
RESULTS: Final = ("passed", "conditional", "failed")
MAX_VIOLATIONS: Final = 20
MAX_CORRECTIONS: Final = 50
MAX_PAPERS: Final = 20


class ViolationState(StrEnum):
    OPEN = "open"
    REMEDIED = "remedied"
    FINED = "fined"


class InspectionDate(Refusal):
    code = "inspection_date"
    kind = Kind.INVALID
    message = "Ngày kiểm tra hoặc ngày quyết định nằm trong tương lai. Hãy xem lại."


class DeadlineBefore(Refusal):
    code = "deadline_before_inspection"
    kind = Kind.INVALID
    message = "Hạn khắc phục phải sau ngày kiểm tra. Hãy xem lại."


class RemedyMissing(Refusal):
    code = "remedy_missing"
    kind = Kind.INVALID
    message = "Hãy ghi đã khắc phục thế nào, hoặc số quyết định xử phạt."


class PublicReasonMissing(Refusal):
    code = "public_reason_missing"
    kind = Kind.INVALID
    message = "Hãy ghi căn cứ công bố (điều luật, số quyết định), vì kết quả sẽ hiện cho mọi người."


class OwnMinute(Refusal):
    code = "own_minute"
    kind = Kind.FORBIDDEN
    message = (
        "Bạn đã lập hoặc sửa biên bản này nên không được tự công bố. Hãy để người khác công bố."
    )


class CorrectionReasonMissing(Refusal):
    code = "correction_reason_missing"
    kind = Kind.INVALID
    message = "Hãy ghi vì sao sửa biên bản: lý do được lưu cùng nội dung cũ."


class SettledViolationKept(Refusal):
    code = "settled_violation_kept"
    message = (
        "Vi phạm “{what}” đã ghi kết quả khắc phục hoặc xử phạt nên không bỏ được. "
        "Hãy giữ lại, hoặc ghi lại kết quả của nó."
    )


class TooManyCorrections(Refusal):
    code = "too_many_corrections"
    kind = Kind.LIMIT
    message = "Biên bản này đã sửa {limit} lần. Hãy lập biên bản mới."


class TooManyInspectionPapers(Refusal):
    code = "too_many_inspection_papers"
    kind = Kind.LIMIT
    message = "Mỗi biên bản lưu tối đa {limit} bản quét."


class NoSuchViolation(Refusal):
    code = "no_such_violation"
    kind = Kind.NOT_FOUND
    message = "Không có vi phạm này trong biên bản. Hãy tải lại trang."


@dataclass(frozen=True, slots=True)
class Violation:
    """`basis` is the article broken; `remedy` how it was set right, or the fine's decision."""

    what: str
    basis: str = ""
    deadline: date | None = None
    state: ViolationState = ViolationState.OPEN
    remedy: str = ""
    settled_on: date | None = None

    def overdue(self, today: date) -> bool:
        open_still = self.state is ViolationState.OPEN
        return open_still and self.deadline is not None and self.deadline < today


@dataclass(frozen=True, slots=True)
class Minute:
    """What an inspection recorded; `decision` is the number of the decision that ordered it."""

    on: date
    kind: str
    team: str
    result: str
    findings: str
    decision: str = ""
    decision_on: date | None = None
    violations: tuple[Violation, ...] = ()

    def checked(self, today: date) -> "Minute":
        """Raises InspectionDate, DeadlineBefore."""
        if self.on > today:
            raise InspectionDate("on")
        if self.decision_on is not None and self.decision_on > today:
            raise InspectionDate("decision_on")
        for index, one in enumerate(self.violations):
            if one.deadline is not None and one.deadline < self.on:
                raise DeadlineBefore(f"violations.{index}.deadline")
        return self


@dataclass(frozen=True, slots=True)
class Correction:
    """What a minute said before it was corrected, who corrected it, and why."""

    at: datetime
    by: str
    reason: str
    before: Minute


@dataclass(frozen=True, slots=True)
class Inspection:
    """Seen by the facility and by authorities; by the public only where `public_reason` says why.

    `document` is the id of the scan that came with the minute; `papers` are those of later scans:
    the minute as it was signed, the decision on a fine, proof of a remedy. `writers` are the
    accounts that recorded or corrected it: none of them may show it to everybody.
    """

    id: str
    facility_id: str
    facility_name: str
    commune: str
    sector: str
    it: Minute
    version: int
    recorded_by: str
    at: datetime
    document: str = ""
    public: bool = False
    public_reason: str = ""
    papers: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()
    writers: tuple[str, ...] = ()

    def correct(
        self,
        it: Minute,
        numbers: Sequence[int | None],
        *,
        reason: str,
        by: Author,
        version: int,
        now: datetime,
    ) -> Self:
        """The minute was written down wrongly. What it said is kept, with the reason.

        `numbers` says of each violation which one it was, from 0; None for one that was left out.
        How a violation was settled stays with it, so that one that was settled stays.
        """
        self._expect(version)
        if not reason:
            raise CorrectionReasonMissing("reason")
        if len(self.corrections) >= MAX_CORRECTIONS:
            raise TooManyCorrections(limit=MAX_CORRECTIONS)
        after = replace(it, violations=_carried(self.it.violations, it.violations, numbers))
        if after == self.it:
            return self
        correction = Correction(now, by.name, reason, self.it)
        writers = tuple(dict.fromkeys((*self.writers, by.account_id)))
        return self._step(it=after, corrections=(*self.corrections, correction), writers=writers)

    def with_paper(self, document_id: str) -> Self:
        """One more scan; it takes nothing of another's away."""
        if len(self.papers) >= MAX_PAPERS:
            raise TooManyInspectionPapers("file", limit=MAX_PAPERS)
        return self._step(papers=(*self.papers, document_id))

    def settle(self, number: int, *, fined: bool, remedy: str, version: int, now: datetime) -> Self:
        """A violation was set right, or fined. Settling it anew corrects what was written."""
        self._expect(version)
        if not 0 <= number < len(self.it.violations):
            raise NoSuchViolation()
        if not remedy:
            raise RemedyMissing("remedy")
        state = ViolationState.FINED if fined else ViolationState.REMEDIED
        kept = list(self.it.violations)
        kept[number] = replace(kept[number], state=state, remedy=remedy, settled_on=local_day(now))
        return self._step(it=replace(self.it, violations=tuple(kept)))

    def publish(self, *, public: bool, reason: str, by: Author, version: int) -> Self:
        """Shown to everybody because a decision or the law says so; or taken back."""
        self._expect(version)
        if public and by.account_id in self.writers:
            raise OwnMinute()
        if not reason:
            raise PublicReasonMissing("reason")
        return self._step(public=public, public_reason=reason)

    def resettled(self, commune: str) -> Self:
        """Its facility's commune was merged into this one; the minute says what it said."""
        return self._step(commune=commune)

    def with_document(self, document_id: str) -> Self:
        """As it is first kept, with its scanned decision."""
        return replace(self, document=document_id)

    @property
    def open_violations(self) -> int:
        return sum(1 for one in self.it.violations if one.state is ViolationState.OPEN)

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _step(self, **changes: object) -> Self:
        stepped: Self = replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]
        return stepped


def _carried(
    before: Sequence[Violation], after: Sequence[Violation], numbers: Sequence[int | None]
) -> tuple[Violation, ...]:
    """The violations as corrected, each with what became of it."""
    kept = [number for number in numbers if number is not None]
    if len(set(kept)) != len(kept) or any(not 0 <= number < len(before) for number in kept):
        raise NoSuchViolation()
    for number, one in enumerate(before):
        if number not in kept and one.state is not ViolationState.OPEN:
            raise SettledViolationKept("violations", what=one.what)
    return tuple(
        one
        if number is None
        else replace(
            one,
            state=before[number].state,
            remedy=before[number].remedy,
            settled_on=before[number].settled_on,
        )
        for one, number in zip(after, numbers, strict=True)
    )
