"""The JSON API of reported problems."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict

from services.recall.actions import complaints as acts
from services.recall.complaint_inputs import AnswerBody
from services.recall.domain.complaint import Complaint
from services.recall.queries import complaints
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1/complaints", tags=["recall"])
ComplaintId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]


class ComplaintView(BaseModel):
    """A problem that a consumer reported. `verdict` is what the reporter says the stamp's page
    showed; `photo` is its address at scan, until `private_until`. `typed` is a code of no stamp of
    this system, as its reporter read it; `batch` and `serial` are 0 then."""

    model_config = ConfigDict(from_attributes=True)

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
    typed: str
    state: str
    version: int
    answer: str
    by_name: str
    authority: str
    changed_at: datetime | None


class ComplaintList(BaseModel):
    """A page of 25; `total` is how many there are in this state, `numbers` in each."""

    items: list[ComplaintView]
    total: int
    numbers: dict[str, int]


@router.get("")
async def list_complaints(
    request: Request,
    who: ApiPrincipal,
    state: Literal["", "new", "seen", "closed"] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> ComplaintList:
    """Reports in the asker's area, newest first."""
    rows, numbers, total = await complaints.listed(
        who, db=request.app.state.db, state=state, page=page
    )
    return ComplaintList(items=[_view(row.complaint) for row in rows], total=total, numbers=numbers)


@router.get("/{complaint_id}")
async def get_complaint(
    complaint_id: ComplaintId, request: Request, who: ApiPrincipal
) -> ComplaintView:
    db = request.app.state.db
    return _view((await complaints.one(who, complaint_id, db=db, at=now())).complaint)


@router.post("/{complaint_id}/seen")
async def take_up(complaint_id: ComplaintId, request: Request, who: ApiPrincipal) -> ComplaintView:
    """Somebody looks into it; the reporter reads that."""
    return _view(await acts.take_up(complaint_id, who=who, db=request.app.state.db, at=now()))


@router.post("/{complaint_id}/answer")
async def answer(
    complaint_id: ComplaintId, sent: AnswerBody, request: Request, who: ApiPrincipal
) -> ComplaintView:
    """Close it with an answer that the reporter reads by their code."""
    made = await acts.close(
        complaint_id,
        sent.answer,
        version=sent.version,
        who=who,
        db=request.app.state.db,
        at=now(),
    )
    return _view(made)


def _view(complaint: Complaint) -> ComplaintView:
    return ComplaintView.model_validate(complaint)
