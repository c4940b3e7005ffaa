"""A report of a violation, written by who found it and sent to who coordinates (R56).

The plan of 2018 (III.8) has violations reported to the coordinating body "to be handled fully"; who
finds them are the units and communes that inspect, and departments. The body is the tier above: for
units and communes their department, for a department the province.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final, Literal

from services.recall.domain.complaint import Step
from shared.contracts.recall import ViolationReported
from shared.days import local_day
from shared.errors import EditConflict, Kind, Refusal
from shared.tiers import is_below

State = Literal["draft", "sent", "received", "returned"]
STATES: Final[tuple[State, ...]] = ("draft", "sent", "received", "returned")
ORIGINS: Final = ("inspection", "complaint", "suspicion", "case", "")
MAX_FILES: Final = 5


class NotWritable(Refusal):
    code = "violation_not_writable"
    message = "Báo cáo này đã gửi nên không sửa được. Chỉ sửa được bản nháp hoặc bản bị trả lại."


class NotSent(Refusal):
    code = "violation_not_sent"
    message = "Báo cáo này không chờ tiếp nhận. Hãy tải lại trang để xem."


class NotAbove(Refusal):
    code = "violation_not_above"
    kind = Kind.FORBIDDEN
    message = "Chỉ cấp trên của người báo cáo tiếp nhận hoặc trả lại được. Hãy đề nghị cấp đó."


class FoundLater(Refusal):
    code = "violation_found_later"
    kind = Kind.INVALID
    message = "Ngày phát hiện nằm trong tương lai. Hãy xem lại."


class TooManyFiles(Refusal):
    code = "violation_files_full"
    kind = Kind.LIMIT
    message = "Mỗi báo cáo kèm tối đa {limit} tệp."


@dataclass(frozen=True, slots=True)
class Wording:
    """What was found, the law that it breaks, what was done at once, the sanction proposed."""

    found: str
    found_on: date
    basis: str
    measures: str = ""
    sanction: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """Evidence; its bytes lie apart."""

    id: str
    name: str
    kind: str
    size: int


@dataclass(frozen=True, slots=True)
class Violation:
    """`by` is the account that wrote it, of a unit of `tier`; `remark` what the tier above said."""

    id: str
    version: int
    state: State
    facility_id: str
    commune: str
    sector: str
    wording: Wording
    origin: str
    origin_id: str
    by: str
    by_name: str
    unit_id: str
    authority: str
    tier: str
    made_at: datetime
    changed_at: datetime
    files: tuple[File, ...] = ()
    remark: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def writable(self) -> bool:
        return self.state in ("draft", "returned")

    def rewritten(self, wording: Wording, *, version: int, by: str, now: datetime) -> "Violation":
        """Raises NotWritable, EditConflict, FoundLater."""
        self._must_be_writable()
        self._expect(version)
        checked(wording, now)
        return self._step("written", by, now, wording=wording)

    def with_file(self, file: File, *, by: str, now: datetime) -> "Violation":
        """Raises NotWritable, TooManyFiles."""
        self._must_be_writable()
        if len(self.files) >= MAX_FILES:
            raise TooManyFiles("file", limit=MAX_FILES)
        return self._step("file_added", by, now, file.name, files=(*self.files, file))

    def sent(self, *, version: int, by: str, now: datetime) -> "Violation":
        """To the tier above. Raises NotWritable, EditConflict."""
        self._must_be_writable()
        self._expect(version)
        return self._step("sent", by, now, state="sent")

    def received(
        self, remark: str, *, version: int, by: str, tier: str, now: datetime
    ) -> "Violation":
        """Raises NotSent, NotAbove, EditConflict."""
        self._from_above(tier, version)
        return self._step("received", by, now, remark, state="received", remark=remark)

    def returned(
        self, remark: str, *, version: int, by: str, tier: str, now: datetime
    ) -> "Violation":
        """To be completed, with what is missing. Raises NotSent, NotAbove, EditConflict."""
        self._from_above(tier, version)
        return self._step("returned", by, now, remark, state="returned", remark=remark)

    def told(self) -> ViolationReported:
        return ViolationReported(
            subject=self.id,
            version=self.version,
            time=self.changed_at,
            facility_id=self.facility_id,
            commune=self.commune,
            sector=self.sector,
            state=self.state,
            tier=self.tier,
            authority=self.authority,
            origin=self.origin,
            origin_id=self.origin_id,
        )

    def _from_above(self, tier: str, version: int) -> None:
        if self.state != "sent":
            raise NotSent()
        if not is_below(self.tier, tier):
            raise NotAbove()
        self._expect(version)

    def _must_be_writable(self) -> None:
        if not self.writable:
            raise NotWritable()

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _step(
        self, act: str, by: str, now: datetime, text: str = "", **changes: Any
    ) -> "Violation":
        steps = (*self.steps, Step(now, act, by, text))[-200:]
        return replace(self, version=self.version + 1, changed_at=now, steps=steps, **changes)


def checked(wording: Wording, now: datetime) -> Wording:
    """Raises FoundLater."""
    if wording.found_on > local_day(now):
        raise FoundLater("found_on")
    return wording
