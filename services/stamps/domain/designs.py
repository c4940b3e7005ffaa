"""Designs of stamps (mẫu tem): written by one, approved by another, kept by revision (R38)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from shared.errors import Kind, Refusal

State = Literal["draft", "submitted", "approved", "returned"]
Decision = Literal["approve", "return"]
MAX_NAME, MAX_CAPTION = 80, 60


class OwnDesign(Refusal):
    code = "own_design"
    kind = Kind.FORBIDDEN
    message = (
        "Bạn đã soạn hoặc gửi mẫu tem này, nên người khác phải duyệt. "
        "Hãy đề nghị một cán bộ khác có quyền duyệt."
    )


class DesignNotSubmitted(Refusal):
    code = "design_not_submitted"
    message = "Mẫu tem này không chờ duyệt. Hãy tải lại trang để xem tình trạng mới nhất."


class DesignWaits(Refusal):
    code = "design_waits"
    message = "Mẫu tem đang chờ duyệt nên chưa sửa được. Hãy đợi quyết định, hoặc nhờ trả lại."


class NothingToSubmit(Refusal):
    code = "nothing_to_submit"
    message = "Mẫu tem này không có gì mới để gửi duyệt. Hãy sửa mẫu trước."


class ReturnReasonNeeded(Refusal):
    code = "return_reason_needed"
    kind = Kind.INVALID
    message = "Hãy ghi lý do trả lại để người soạn biết cần sửa gì."


class DesignNotApproved(Refusal):
    code = "design_not_approved"
    kind = Kind.INVALID
    message = "Mẫu tem này chưa được duyệt. Hãy chọn mẫu khác, hoặc đợi duyệt."


class UnknownChoice(Refusal):
    code = "unknown_choice"
    kind = Kind.INVALID
    message = "“{choice}” không có trong danh sách. Hãy chọn một giá trị trong danh sách."


@dataclass(frozen=True, slots=True)
class Face:
    """What a design shows: a base size, background, colours, a caption, a logo by its id."""

    size: str
    pattern: str
    tint: str
    ink: str
    caption: str = ""
    logo: str = ""


@dataclass(frozen=True, slots=True)
class Design:
    """`facility_id` is "" for a design of an authority for all facilities.

    `draft` is what is written and decided; `approved` what may be printed, `revision` how many
    times something was approved. `hands` are the accounts, and the hashes of the persons behind
    them, that wrote or handed in the present draft.
    """

    id: str
    facility_id: str
    sector: str
    name: str
    draft: Face
    state: State
    created_at: datetime
    updated_at: datetime
    hands: tuple[str, ...] = ()
    approved: Face | None = None
    revision: int = 0
    reason: str = ""
    submitted_by: str = ""
    decided_by: str = ""
    version: int = 1

    def edit(self, name: str, face: Face, *, by: Iterable[str], now: datetime) -> "Design":
        """Raises DesignWaits."""
        if self.state == "submitted":
            raise DesignWaits()
        # A draft begun after a decision is written by its own authors alone.
        before = self.hands if self.state != "approved" else ()
        return self._next(
            now, name=name, draft=face, state="draft", hands=tuple(sorted({*before, *by}))
        )

    def submit(self, *, by: Iterable[str], account: str, now: datetime) -> "Design":
        """Raises NothingToSubmit."""
        if self.state not in ("draft", "returned"):
            raise NothingToSubmit()
        hands = tuple(sorted({*self.hands, *by}))
        return self._next(now, state="submitted", submitted_by=account, hands=hands, reason="")

    def decide(
        self, decision: Decision, reason: str, *, by: Iterable[str], account: str, now: datetime
    ) -> "Design":
        """Raises DesignNotSubmitted, OwnDesign, ReturnReasonNeeded."""
        if self.state != "submitted":
            raise DesignNotSubmitted()
        if not set(self.hands).isdisjoint(by):
            raise OwnDesign()
        if decision == "return":
            if not reason:
                raise ReturnReasonNeeded("reason")
            return self._next(now, state="returned", reason=reason, decided_by=account)
        return self._next(
            now,
            state="approved",
            reason=reason,
            decided_by=account,
            approved=self.draft,
            revision=self.revision + 1,
        )

    def printable(self) -> Face:
        """What may be printed with; raises DesignNotApproved."""
        if self.approved is None:
            raise DesignNotApproved("design")
        return self.approved

    def _next(self, now: datetime, **changes: object) -> "Design":
        return replace(self, updated_at=now, version=self.version + 1, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Revision:
    """What was once approved, by whom and when."""

    id: str  # <design>/<revision>
    design: str
    revision: int
    face: Face
    decided_by: str
    decided_at: datetime
    reason: str = ""
    hands: tuple[str, ...] = field(default=())
