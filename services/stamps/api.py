"""The JSON API of stamps: requests, batches, serials, codes, holds."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field

from services.stamps import keys, queries
from services.stamps.actions import holds as hold_acts
from services.stamps.actions import printing as print_acts
from services.stamps.actions import requests as request_acts
from services.stamps.actions import serials
from services.stamps.domain import requests as domain
from services.stamps.domain.holds import Hold
from services.stamps.domain.printing import PrintJob
from services.stamps.downloads import pdf_answer
from shared.errors import InvalidInput
from shared.ids import now
from shared.web.fields import Input, Prose
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/stamps/v1", tags=["stamps"])

Serial = Annotated[int, Field(ge=0, lt=domain.MAX_QUANTITY)]
BatchNumber = Annotated[int, Field(ge=1, lt=1 << 26)]
IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=100)]
Page = Annotated[int, Query(ge=1, le=100_000)]

# Codes told in one call; a print job makes more.
CODES_AT_ONCE = 1_000


class NewRequest(Input):
    """`quantity` stamps for a published product; `lot_id` if they are meant for one lot."""

    product_id: Annotated[str, Field(min_length=1, max_length=64)]
    lot_id: Annotated[str, Field(max_length=64)] = ""
    quantity: Annotated[int, Field(ge=1, le=domain.MAX_QUANTITY)]
    purpose: Annotated[Prose, Field(max_length=500)] = ""


class RequestView(BaseModel):
    id: str
    facility_id: str
    product_id: str
    lot_id: str
    quantity: int
    purpose: str
    state: Literal["submitted", "approved", "rejected"]
    approved: int
    batch: int | None
    reason: str
    submitted_at: datetime
    decided_at: datetime | None
    version: int


class DecideRequest(Input):
    """`quantity` below what was asked grants in part and needs a reason, as does a rejection."""

    decision: domain.Decision
    quantity: Annotated[int, Field(ge=1, le=domain.MAX_QUANTITY)] | None = None
    reason: Annotated[Prose, Field(max_length=1000)] = ""


class ActivateSerials(Input):
    first: Serial
    last: Serial
    lot_id: Annotated[str, Field(min_length=1, max_length=64)]


class ChangeSerials(Input):
    first: Serial
    last: Serial
    change: Literal["return", "damaged", "lost", "destroyed", "suspend", "unsuspend", "revoke"]
    reason: Annotated[Prose, Field(min_length=1, max_length=1000)]


class OrderPrint(Input):
    """`size` is one of 6mm, 6mm-fine, 12mm, 20mm, 30mm, 40mm."""

    size: Annotated[str, Field(min_length=1, max_length=20)]
    first: Serial
    last: Serial


class PlaceHold(Input):
    batch: BatchNumber
    reason: Annotated[Prose, Field(min_length=1, max_length=1000)]


class LiftHold(Input):
    reason: Annotated[Prose, Field(min_length=1, max_length=1000)]


class IntervalView(BaseModel):
    first: int
    last: int
    lot: str
    state: str


class BatchView(BaseModel):
    number: int
    request_id: str
    facility_id: str
    product_id: str
    quantity: int
    issued_at: datetime


class BatchDetail(BatchView):
    counts: dict[str, int]
    intervals: list[IntervalView]


class CodesView(BaseModel):
    batch: int
    first: int
    codes: list[str]


class HoldView(BaseModel):
    id: str
    scope: str
    target: str
    reason: str
    active: bool


class PrintJobView(BaseModel):
    id: str
    batch: int
    size: str
    first: int
    last: int
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    bytes: int


class Listing(BaseModel):
    items: list[Any]
    total: int
    page: int


@router.post("/requests", status_code=201)
async def submit(
    asked: NewRequest, request: Request, who: ApiPrincipal, key: IdempotencyKey = ""
) -> RequestView:
    """Ask for stamps. The same Idempotency-Key asks once."""
    made = await request_acts.submit(
        **asked.model_dump(), key=key, who=who, db=request.app.state.db, now=now()
    )
    return _request_view(made)


@router.get("/requests")
async def list_requests(
    request: Request, who: ApiPrincipal, state: str = "", page: Page = 1
) -> Listing:
    """Requests the caller may see, newest first."""
    found, total = await queries.requests_seen_by(
        who, db=request.app.state.db, state=state, page=page
    )
    return Listing(items=[_request_view(one) for one in found], total=total, page=page)


@router.get("/requests/{request_id}")
async def get_request(request_id: str, request: Request, who: ApiPrincipal) -> RequestView:
    return _request_view(await queries.request_seen_by(who, request_id, db=request.app.state.db))


@router.post("/requests/{request_id}/decision")
async def decide(
    request_id: str, decided: DecideRequest, request: Request, who: ApiPrincipal
) -> RequestView:
    """Approve (and thereby issue the batch) or reject a request, once."""
    db = request.app.state.db
    if decided.decision == "approve":
        made = await request_acts.approve(
            request_id,
            quantity=decided.quantity,
            reason=decided.reason,
            who=who,
            db=db,
            now=now(),
        )
    else:
        made = await request_acts.reject(
            request_id, reason=decided.reason, who=who, db=db, now=now()
        )
    return _request_view(made)


@router.get("/batches")
async def list_batches(request: Request, who: ApiPrincipal, page: Page = 1) -> Listing:
    """Batches the caller may see, newest first."""
    found, total = await queries.batches_seen_by(who, db=request.app.state.db, page=page)
    return Listing(items=[_batch_view(one) for one in found], total=total, page=page)


@router.get("/batches/{number}")
async def get_batch(number: BatchNumber, request: Request, who: ApiPrincipal) -> BatchDetail:
    """A batch with its intervals and how many serials are in each state."""
    db = request.app.state.db
    batch = await queries.batch_seen_by(who, number, db=db)
    life = await queries.life_of(batch, db=db)
    return BatchDetail(
        **_batch_view(batch).model_dump(),
        counts=life.counts,
        intervals=[IntervalView(**interval._asdict()) for interval in life.intervals],
    )


@router.get("/batches/{number}/codes")
async def get_codes(
    number: BatchNumber,
    request: Request,
    who: ApiPrincipal,
    first: Annotated[int, Query(ge=0)] = 0,
    last: Annotated[int, Query(ge=0)] = 0,
) -> CodesView:
    """The codes of serials first…last (at most 1,000 a call), for who may print them."""
    if not first <= last < first + CODES_AT_ONCE:
        raise InvalidInput("last")
    batch = await queries.printable_batch(
        who, number, first=first, last=last, db=request.app.state.db, now=now()
    )
    codes = keys.codes(keys.keyring(request.app.state.settings), batch.number, first, last)
    return CodesView(batch=number, first=first, codes=codes)


@router.post("/batches/{number}/activations")
async def activate(
    number: BatchNumber, asked: ActivateSerials, request: Request, who: ApiPrincipal
) -> BatchView:
    """Give never-activated serials to a lot, all or none of them."""
    batch = await serials.activate(
        number, **asked.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return _batch_view(batch)


@router.post("/batches/{number}/changes")
async def change(
    number: BatchNumber, asked: ChangeSerials, request: Request, who: ApiPrincipal
) -> BatchView:
    """Change the state of serials, with a reason."""
    batch = await serials.change_state(
        number, **asked.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return _batch_view(batch)


@router.post("/batches/{number}/print-jobs", status_code=202)
async def order_print(
    number: BatchNumber, asked: OrderPrint, request: Request, who: ApiPrincipal
) -> PrintJobView:
    """Have sheets drawn; poll the job until its state is done, then fetch its file."""
    job = await print_acts.order(
        number, **asked.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return _job_view(job)


@router.get("/print-jobs/{job_id}")
async def get_print_job(job_id: str, request: Request, who: ApiPrincipal) -> PrintJobView:
    return _job_view(await queries.job_seen_by(who, job_id, db=request.app.state.db))


@router.get("/print-jobs/{job_id}/file")
async def get_print_file(job_id: str, request: Request, who: ApiPrincipal) -> Response:
    """The PDF of a job that is done."""
    job = await queries.finished_job(who, job_id, db=request.app.state.db)
    return pdf_answer(job.file_name, job.bytes, queries.file_of(job, db=request.app.state.db))


@router.post("/holds", status_code=201)
async def place_hold(asked: PlaceHold, request: Request, who: ApiPrincipal) -> HoldView:
    """Hold all stamps of a batch until the hold is lifted."""
    hold = await hold_acts.place(**asked.model_dump(), who=who, db=request.app.state.db, now=now())
    return _hold_view(hold)


@router.post("/holds/{hold_id}/lift")
async def lift_hold(hold_id: str, asked: LiftHold, request: Request, who: ApiPrincipal) -> HoldView:
    hold = await hold_acts.lift(
        hold_id, reason=asked.reason, who=who, db=request.app.state.db, now=now()
    )
    return _hold_view(hold)


def _request_view(made: domain.Request) -> RequestView:
    return RequestView.model_validate(made, from_attributes=True)


def _batch_view(batch: domain.Batch) -> BatchView:
    return BatchView.model_validate(batch, from_attributes=True)


def _job_view(job: PrintJob) -> PrintJobView:
    return PrintJobView.model_validate(job, from_attributes=True)


def _hold_view(hold: Hold) -> HoldView:
    return HoldView.model_validate(hold, from_attributes=True)
