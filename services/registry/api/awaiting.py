"""What waits for the caller, as the console's first page has it: counts, and the oldest records."""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.registry import work_list
from services.registry.api.views import AGGREGATES, Kind
from services.registry.domain.records import Aggregate, Record
from services.registry.store.search.seen import Seen
from services.registry.work_list import Task, WorkList
from shared.days import local_day
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter()
KINDS = {aggregate: word for word, aggregate in AGGREGATES.items()}


class WaitingRecord(BaseModel):
    """`version` is what a decision or a correction has to name; a lot is called by its code."""

    id: str
    code: str
    name: str
    version: int
    facility_id: str
    facility_name: str
    updated_at: datetime

    @classmethod
    def of(cls, record: Record[Any]) -> "WaitingRecord":
        is_lot = record.aggregate is Aggregate.LOT
        return cls(
            id=record.id,
            code=record.code,
            name=record.content.code if is_lot else record.content.name,
            version=record.version,
            facility_id=record.owner.facility_id,
            facility_name=record.owner.name,
            updated_at=record.updated_at,
        )


class TaskView(BaseModel):
    """Records of one kind that wait for one act: to be checked, published, sent in once more
    (`back`) or for the first time (`draft`). `oldest` are the first five."""

    waiting: Literal["check", "publish", "back", "draft"]
    kind: Kind
    count: int
    oldest: list[WaitingRecord]

    @classmethod
    def of(cls, task: Task) -> "TaskView":
        found: dict[str, Any] = {"waiting": task.waiting, "kind": KINDS[task.aggregate]}
        oldest = [WaitingRecord.of(record) for record in task.oldest]
        return cls(**found, count=task.count, oldest=oldest)


class AwaitingView(BaseModel):
    """`records` leaves out what nothing waits of; all else are counts within the caller's scope."""

    records: list[TaskView]
    certificates: dict[str, int] = Field(description="Giấy theo tình trạng hiệu lực")
    market_codes: dict[str, int] = Field(description="Mã nước nhập khẩu công nhận, theo hiệu lực")
    failed_tests: int = Field(description="Kết quả không đạt đang giữ lô lại")
    lots_to_examine: int
    shipments_arriving: int
    receipts_to_answer: int
    violations_overdue: int
    inquiries_unread: int
    articles_to_publish: int

    @classmethod
    def of(cls, found: WorkList) -> "AwaitingView":
        return cls(
            records=[TaskView.of(task) for task in found.tasks],
            certificates={str(standing): n for standing, n in found.ending.items()},
            market_codes={str(standing): n for standing, n in found.codes.items()},
            failed_tests=found.failures,
            lots_to_examine=found.to_examine,
            shipments_arriving=found.arriving,
            receipts_to_answer=found.to_answer,
            violations_overdue=found.overdue,
            inquiries_unread=found.unread,
            articles_to_publish=found.articles,
        )


@router.get("/awaiting")
async def awaiting(request: Request, who: ApiPrincipal) -> AwaitingView:
    """Each act on each kind that the caller may do: how much waits for it, the oldest first."""
    state = request.app.state
    seen = await Seen.if_loaded(state.catalogue)
    return AwaitingView.of(await work_list.of(state.db, seen, who, local_day(now())))
