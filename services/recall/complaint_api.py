"""The JSON API of reported problems."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict

from services.recall.actions import asking, joining
from services.recall.actions import complaints as acts
from services.recall.complaint_inputs import AnswerBody, AskBody, HandOverBody, JoinBody, Narrowing
from services.recall.domain.complaint import Complaint
from services.recall.queries import complaints
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1/complaints", tags=["recall"])
ComplaintId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]


class ComplaintView(BaseModel):
    """A problem that a consumer reported. `verdict` is what the reporter says the stamp's page
    showed; `photo` is its address at scan, until `private_until`. `typed` is a code of no stamp of
    this system, as its reporter read it; `batch` and `serial` are 0 then. Reports with the same
    `group` are joined; `outcome` is answered, unfounded or spam once it is closed; `due_at` is when
    it should be answered at the latest. `origin` is stamp, no_stamp (the reporter chose the goods,
    `goods` is what they say of the label) or official: one of the unit `entered_by` was told on the
    day `heard_on` by `channel` (phone, in_person, letter, online). `more_photos` are addresses as
    `photo` is."""

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
    origin: str
    goods: str
    more_photos: tuple[str, ...]
    channel: str
    heard_on: str
    entered_by: str
    state: str
    version: int
    answer: str
    by_name: str
    authority: str
    changed_at: datetime | None
    group: str
    outcome: str
    unit_id: str
    unit_name: str
    due_at: datetime


class QuestionView(BaseModel):
    """What the reporter was asked, until `until`; `words` and `photo` are the answer, `replied_at`
    when it came. `photo` is an address at scan, gone from `private_until`."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    text: str
    by_name: str
    authority: str
    asked_at: datetime
    until: datetime
    replied_at: datetime | None
    words: str
    photo: str
    private_until: datetime | None


class QuestionList(BaseModel):
    """The first one first."""

    items: list[QuestionView]


class ComplaintList(BaseModel):
    """A page of 25; `total` is how many there are in this state, `numbers` in each."""

    items: list[ComplaintView]
    total: int
    numbers: dict[str, int]


@router.get("")
async def list_complaints(
    request: Request,
    who: ApiPrincipal,
    asked: Narrowing,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> ComplaintList:
    """Reports in the asker's area, newest first, or with `sort=urgent` by when they are due.

    `state` is new, seen or closed; `whose` mine, my_unit, unassigned or overdue; `question`
    waiting, replied or lapsed, of open ones whose reporter was asked; "" is any.
    """
    rows, numbers, total = await complaints.listed(
        who, asked.narrowed(), db=request.app.state.db, page=page, at=now()
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
        outcome=sent.outcome,
    )
    return _view(made)


@router.get("/{complaint_id}/questions")
async def list_questions(
    complaint_id: ComplaintId, request: Request, who: ApiPrincipal
) -> QuestionList:
    """What the reporter was asked, with the answers."""
    found = await complaints.questions(who, complaint_id, db=request.app.state.db, at=now())
    return QuestionList(items=[QuestionView.model_validate(one) for one in found])


@router.post("/{complaint_id}/questions", status_code=201)
async def ask(
    complaint_id: ComplaintId, sent: AskBody, request: Request, who: ApiPrincipal
) -> QuestionView:
    """Ask whoever holds the report's code; one at a time."""
    made = await asking.ask(
        complaint_id,
        sent.text,
        sent.until,
        version=sent.version,
        who=who,
        db=request.app.state.db,
        at=now(),
    )
    return QuestionView.model_validate(made)


@router.post("/{complaint_id}/hand-over")
async def hand_over(
    complaint_id: ComplaintId, sent: HandOverBody, request: Request, who: ApiPrincipal
) -> ComplaintView:
    """Give it, and what is joined to it, to another unit that answers for these goods."""
    made = await acts.hand_over(
        complaint_id,
        sent.unit_id,
        sent.reason,
        version=sent.version,
        who=who,
        db=request.app.state.db,
        at=now(),
    )
    return _view(made)


@router.post("/{complaint_id}/join")
async def join(
    complaint_id: ComplaintId, sent: JoinBody, request: Request, who: ApiPrincipal
) -> ComplaintView:
    """Another report of the same event joins this one: both are answered by one answer."""
    db = request.app.state.db
    return _view(await joining.join(complaint_id, sent.other, who=who, db=db, at=now()))


@router.post("/{complaint_id}/part")
async def part(complaint_id: ComplaintId, request: Request, who: ApiPrincipal) -> ComplaintView:
    """It was another event: the report is one by itself again."""
    return _view(await joining.part(complaint_id, who=who, db=request.app.state.db, at=now()))


def _view(complaint: Complaint) -> ComplaintView:
    return ComplaintView.model_validate(complaint)
