"""A suspicion that goods are unsafe: from what people report over an inspection to a recall (R53).

One line of work: nothing is typed twice, and each step says who took it and when.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from services.recall.domain.complaint import Step
from services.recall.domain.target import Target, TargetKind
from shared.contracts.recall import InspectionWanted
from shared.days import local_day
from shared.errors import EditConflict, Kind, NotFound, Refusal

MOST_COMPLAINTS: Final = 500


class State(StrEnum):
    OPEN = "open"
    WANTED = "inspection_wanted"
    ACTED = "acted"
    DISMISSED = "dismissed"


class SuspicionOver(Refusal):
    code = "suspicion_over"
    message = "Việc này đã kết thúc: đã có vụ thu hồi hoặc đã bỏ. Hãy tải lại trang để xem."


class CaseNotStanding(Refusal):
    code = "case_declined"
    message = (
        "Lệnh của vụ việc này đã bị từ chối nên không gắn gì vào được. "
        "Hãy gắn vào vụ việc khác, hoặc ra lệnh mới."
    )


class CaseNotNamed(NotFound):
    """One that is not there, and one that is not theirs to see: the same words."""

    code = "case_not_named"
    message = (
        "Địa chỉ này không dẫn tới vụ việc nào mà bạn xem được. Hãy mở vụ việc ở trang Thu hồi và "
        "cảnh báo, sao chép địa chỉ trang rồi dán vào đây. Ví dụ: …/console/recall/mã-vụ-việc."
    )


class DayGone(Refusal):
    code = "inspection_day_gone"
    kind = Kind.INVALID
    message = "Ngày cần kiểm tra xong đã qua. Hãy chọn hôm nay hoặc ngày sau."


class NoGoods(Refusal):
    code = "suspicion_without_goods"
    message = (
        "Chưa biết phản ánh này về hàng của cơ sở nào nên chưa lập được hồ sơ nghi ngờ. "
        "Hãy tìm hàng ở trang Ra lệnh thu hồi."
    )


class OtherGoods(Refusal):
    code = "suspicion_of_other_goods"
    message = "Phản ánh này về hàng của cơ sở khác. Hãy lập hồ sơ nghi ngờ khác."


class TooManyComplaints(Refusal):
    code = "suspicion_complaints_full"
    kind = Kind.LIMIT
    message = "Một hồ sơ gắn tối đa {limit} phản ánh."


@dataclass(frozen=True, slots=True)
class Suspicion:
    """`target` is what a recall would be aimed at; `what` is suspected, in an official's words.
    `complaints` are the ids of reports that bear it out, `case_id` the case that came of it."""

    id: str
    version: int
    state: State
    target: Target
    facility_id: str
    product_id: str
    lot_id: str
    commune: str
    sector: str
    what: str
    complaints: tuple[str, ...]
    opened_by: str
    authority: str
    opened_at: datetime
    changed_at: datetime
    asked_at: datetime | None = None
    until: date | None = None
    reason: str = ""
    case_id: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.state in (State.ACTED, State.DISMISSED)

    def with_complaints(self, ids: Iterable[str], *, by: str, now: datetime) -> "Suspicion":
        """More that bears it out. Raises SuspicionOver, TooManyComplaints."""
        if self.state is State.DISMISSED:
            raise SuspicionOver()
        together = tuple(dict.fromkeys((*self.complaints, *ids)))
        if len(together) > MOST_COMPLAINTS:
            raise TooManyComplaints(limit=MOST_COMPLAINTS)
        if together == self.complaints:
            return self
        return self._step("evidence", by, now, complaints=together)

    def want_inspection(
        self, reason: str, until: date, *, version: int, by: str, now: datetime
    ) -> "Suspicion":
        """Asked for again, it waits for an inspection from then on, by another day. Raises
        SuspicionOver, DayGone, EditConflict."""
        self._must_go_on()
        self._expect(version)
        if until < local_day(now):
            raise DayGone("until")
        asked = {"state": State.WANTED, "reason": reason, "until": until, "asked_at": now}
        return self._step("wanted", by, now, reason, **asked)

    def dismissed(self, reason: str, *, version: int, by: str, now: datetime) -> "Suspicion":
        """There is nothing to it. Raises SuspicionOver, EditConflict."""
        self._must_go_on()
        self._expect(version)
        return self._step("dismissed", by, now, reason, state=State.DISMISSED)

    def acted(self, case_id: str, *, by: str, now: datetime) -> "Suspicion":
        """A case came of it, ordered or there already. Raises SuspicionOver."""
        self._must_go_on()
        return self._step("acted", by, now, state=State.ACTED, case_id=case_id)

    def reopened(self, *, by: str, now: datetime) -> "Suspicion":
        """The case that it led to came to nothing."""
        state = State.OPEN if self.asked_at is None else State.WANTED
        return self._step("reopened", by, now, state=state, case_id="")

    def told(self) -> InspectionWanted:
        """What those who inspect are told, whenever it changes."""
        assert self.asked_at is not None
        assert self.until is not None
        return InspectionWanted(
            subject=self.id,
            version=self.version,
            time=self.changed_at,
            facility_id=self.facility_id,
            product_id=self.product_id,
            lot_id=self.lot_id,
            commune=self.commune,
            sector=self.sector,
            reason=self.reason,
            authority=self.authority,
            asked_at=self.asked_at,
            until=self.until,
            wanted=self.state is not State.DISMISSED,
        )

    def _must_go_on(self) -> None:
        if self.is_over:
            raise SuspicionOver()

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _step(
        self, act: str, by: str, now: datetime, text: str = "", **changes: Any
    ) -> "Suspicion":
        steps = (*self.steps, Step(now, act, by, text))
        return replace(self, version=self.version + 1, changed_at=now, steps=steps, **changes)


def target_of(goods: str, *, batch: int, serial: int, lot: str, product: str) -> Target:
    """What a recall of the reported goods would be aimed at; `goods` is stamp, lot or product.
    Raises NoGoods where the report does not know such."""
    if goods == "stamp" and batch:
        return Target(TargetKind.STAMPS, str(batch), serial, serial)
    if goods == "lot" and lot:
        return Target(TargetKind.LOT, lot)
    if goods == "product" and product:
        return Target(TargetKind.PRODUCT, product)
    raise NoGoods("goods")


def led_to(suspected: Target, recalled: Target) -> bool:
    """Whether a recall aims at what is suspected, or at stamps among which these are."""
    if suspected.is_of_stamps and recalled.is_of_stamps:
        return suspected.id == recalled.id and _within(suspected, recalled)
    return (suspected.kind, suspected.id) == (recalled.kind, recalled.id)


def _within(some: Target, others: Target) -> bool:
    if others.first is None or others.last is None:
        return True
    if some.first is None or some.last is None:
        return False
    return others.first <= some.first and some.last <= others.last
