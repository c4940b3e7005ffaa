"""An import: a kept file whose rows are judged first, then applied as one reviewable act (R33).

reading → judging → ready → applying → done → (accepting | publishing → done)        or failed
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from services.registry.domain.records import Aggregate
from shared.auth import Principal
from shared.errors import EditConflict, Kind, Refusal


class Listed(StrEnum):
    """Lists beside the reviewed records that are imported too; what they hold is not reviewed."""

    KNOWN = "known_facility"


# What the rows of a file may be.
Sort = Aggregate | Listed


class Stage(StrEnum):
    """Where an import stands; in those of `WORKING` a worker is busy with it or will be."""

    READING = "reading"
    JUDGING = "judging"
    READY = "ready"
    APPLYING = "applying"
    DONE = "done"
    ACCEPTING = "accepting"
    PUBLISHING = "publishing"
    FAILED = "failed"


WORKING = frozenset(
    {Stage.READING, Stage.JUDGING, Stage.APPLYING, Stage.ACCEPTING, Stage.PUBLISHING}
)


class Verdict(StrEnum):
    """What applying would do with a row; a `duplicate` waits for a person's word."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    DUPLICATE = "duplicate"
    ERROR = "error"
    SKIPPED = "skipped"


class Outcome(StrEnum):
    """What applying did with a row. `conflict`: somebody changed the record after the dry run."""

    ENTERED = "entered"
    EDITED = "edited"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSED = "refused"


class ImportNotReady(Refusal):
    code = "import_not_ready"
    message = "Bản nhập này không ở bước chờ xác nhận. Hãy tải lại trang để xem tình trạng."


class ImportUnresolved(Refusal):
    code = "import_unresolved"
    message = "Còn {count} dòng nghi trùng chưa được trả lời. Hãy trả lời từng dòng trước."


class ImportEmpty(Refusal):
    code = "import_empty"
    message = "Không có dòng nào mới hoặc thay đổi để ghi vào hệ thống."


class ImportNotDone(Refusal):
    code = "import_not_done"
    message = "Bản nhập này chưa ghi xong nên chưa thể kiểm tra hoặc duyệt."


class ImportNotReviewed(Refusal):
    code = "import_not_reviewed"
    message = "Danh sách này không qua kiểm tra, duyệt đăng: ghi xong là dùng được."


class NotADuplicate(Refusal):
    code = "not_a_duplicate"
    message = "Dòng này không chờ trả lời nghi trùng. Hãy tải lại trang."


class ChoiceUnknown(Refusal):
    code = "choice_unknown"
    kind = Kind.INVALID
    message = "Hãy chọn một bản ghi trong danh sách nghi trùng, hoặc chọn là bản ghi khác."


class OfficialsOnly(Refusal):
    code = "officials_only"
    kind = Kind.FORBIDDEN
    message = "Nhập hàng loạt dành cho cán bộ của cơ quan quản lý. Cơ sở nhập từng bản ghi."


class EnteredMeanwhile(Refusal):
    code = "entered_meanwhile"
    message = (
        "Sau khi kiểm tra tệp, đã có người nhập bản ghi {code} cùng tên và địa chỉ. "
        "Hãy tải tệp lên lại để so sánh với bản ghi đó."
    )


class ChangedMeanwhile(Refusal):
    code = "changed_meanwhile"
    message = (
        "Sau khi kiểm tra tệp, người khác đã sửa bản ghi này nên dòng này không ghi đè. "
        "Hãy tải tệp lên lại để so sánh với bản mới nhất."
    )


@dataclass(frozen=True, slots=True)
class Import:
    """`done` of `total` rows in the present stage; `actor` is the account whose act it is now.

    `scopes` are the (commune, sector) pairs of its rows: who may see the whole must answer for all.
    """

    id: str
    kind: Sort
    file_name: str
    file_id: str
    digest: str
    size: int
    uploader: Principal
    actor: Principal
    stage: Stage
    version: int
    at: datetime
    updated_at: datetime
    total: int = 0
    done: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    decided: Mapping[str, int] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    scopes: tuple[tuple[str, str], ...] = ()
    failure: Mapping[str, Any] | None = None

    @property
    def aggregate(self) -> Aggregate:
        """The kind of record that its rows are; raises ImportNotReviewed where they are none."""
        if isinstance(self.kind, Listed):
            raise ImportNotReviewed()
        return self.kind

    @property
    def working(self) -> bool:
        return self.stage in WORKING

    @property
    def to_write(self) -> int:
        """How many rows applying will write."""
        return self.counts.get(Verdict.NEW, 0) + self.counts.get(Verdict.CHANGED, 0)

    def apply(self, *, version: int, by: Principal, now: datetime) -> Self:
        """A person has seen the verdicts and confirms them; rows with errors stay out."""
        self._expect(version)
        if self.stage is not Stage.READY:
            raise ImportNotReady()
        if self.counts.get(Verdict.DUPLICATE, 0):
            raise ImportUnresolved(count=self.counts[Verdict.DUPLICATE])
        if not self.to_write:
            raise ImportEmpty()
        return self._step(now, stage=Stage.APPLYING, actor=by, done=0)

    def decide(self, stage: Stage, *, version: int, by: Principal, now: datetime) -> Self:
        """The check or the approval of everything it wrote, record by record."""
        if isinstance(self.kind, Listed):
            raise ImportNotReviewed()
        self._expect(version)
        if self.stage is not Stage.DONE:
            raise ImportNotDone()
        return self._step(now, stage=stage, actor=by, done=0, decided={})

    def resolvable(self) -> None:
        if self.stage is not Stage.READY:
            raise ImportNotReady()

    def _expect(self, version: int) -> None:
        if version != self.version:
            raise EditConflict()

    def _step(self, now: datetime, **changes: Any) -> Self:
        return replace(self, version=self.version + 1, updated_at=now, **changes)
