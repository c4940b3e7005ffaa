"""The JSON API of recall: previews, orders and their second person, lifts, closings, receipts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request

from services.recall.actions import endings, orders
from services.recall.domain.terms import State
from services.recall.inputs import CloseBody, OrderBody, ReasonBody, TargetBody
from services.recall.queries import cases, propagation, radius
from services.recall.store import entries
from services.recall.views.cases import CaseDetail, CaseList, CaseRow, CaseView
from services.recall.views.radius import RadiusView
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1", tags=["recall"])

Page = Annotated[int, Query(ge=1, le=100_000)]
CaseId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]
Words = Annotated[str, Query(max_length=100)]


@router.post("/previews")
async def preview(asked: TargetBody, request: Request, who: ApiPrincipal) -> RadiusView:
    """The blast radius of a target: what an order would reach now."""
    state = request.app.state
    found = await radius.preview(asked.aim(), who=who, cap=state.settings.cap, db=state.db)
    return RadiusView.of(found)


@router.post("/recalls", status_code=201)
async def order_recall(
    order: OrderBody, request: Request, who: ApiPrincipal, key: IdempotencyKey = None
) -> CaseView:
    """Order a recall, withdrawal or warning. The same Idempotency-Key orders once."""
    state = request.app.state
    case = await orders.order_recall(
        order.asked(order.aim()), who=who, cap=state.settings.cap, key=key, db=state.db, at=now()
    )
    return CaseView.of(case)


@router.get("/recalls")
async def list_recalls(
    request: Request,
    who: ApiPrincipal,
    state: State | Literal[""] = "",
    q: Words = "",
    page: Page = 1,
) -> CaseList:
    """Cases the caller may see, newest first."""
    found, total = await cases.listed(
        who,
        db=request.app.state.db,
        state=state,
        text=q,
        skip=(page - 1) * cases.PAGE_SIZE,
        size=cases.PAGE_SIZE,
    )
    return CaseList(items=[CaseRow.of_summary(row) for row in found], total=total, page=page)


@router.get("/recalls/{case_id}")
async def get_recall(case_id: CaseId, request: Request, who: ApiPrincipal) -> CaseDetail:
    """A case with its history and the receipts of every replica."""
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    spread = await propagation.of_case(db, case_id)
    return CaseDetail.of_all(case, spread, await entries.of_case(db, case_id))


@router.post("/recalls/{case_id}/confirm")
async def confirm(case_id: CaseId, request: Request, who: ApiPrincipal) -> CaseView:
    """A second person confirms an order above the cap; only then is anything published."""
    case = await orders.confirm_order(case_id, who=who, db=request.app.state.db, at=now())
    return CaseView.of(case)


@router.post("/recalls/{case_id}/decline")
async def decline(
    case_id: CaseId, asked: ReasonBody, request: Request, who: ApiPrincipal
) -> CaseView:
    """A waiting order comes to nothing."""
    db = request.app.state.db
    case = await orders.decline_order(case_id, asked.reason, who=who, db=db, at=now())
    return CaseView.of(case)


@router.post("/recalls/{case_id}/lift")
async def request_lift(
    case_id: CaseId, asked: ReasonBody, request: Request, who: ApiPrincipal
) -> CaseView:
    """Ask for the notices to be cleared; a second person must confirm."""
    db = request.app.state.db
    case = await endings.request_lift(case_id, asked.reason, who=who, db=db, at=now())
    return CaseView.of(case)


@router.post("/recalls/{case_id}/lift/confirm")
async def confirm_lift(case_id: CaseId, request: Request, who: ApiPrincipal) -> CaseView:
    """A second person clears the notices."""
    case = await endings.confirm_lift(case_id, who=who, db=request.app.state.db, at=now())
    return CaseView.of(case)


@router.post("/recalls/{case_id}/lift/decline")
async def decline_lift(
    case_id: CaseId, asked: ReasonBody, request: Request, who: ApiPrincipal
) -> CaseView:
    """The notices stay."""
    db = request.app.state.db
    case = await endings.decline_lift(case_id, asked.reason, who=who, db=db, at=now())
    return CaseView.of(case)


@router.post("/recalls/{case_id}/close")
async def close(case_id: CaseId, asked: CloseBody, request: Request, who: ApiPrincipal) -> CaseView:
    """End the case; its notices stay until they are lifted."""
    db = request.app.state.db
    case = await endings.close_case(case_id, asked.outcome(), who=who, db=db, at=now())
    return CaseView.of(case)
