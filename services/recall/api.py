"""The JSON API of recall: previews, orders and their second person, lifts, closings, receipts."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from services.recall import catalogue
from services.recall.actions import endings, orders
from services.recall.domain.terms import State
from services.recall.inputs import CloseBody, OrderBody, ReasonBody, TargetBody
from services.recall.queries import (
    cases,
    history,
    journeys,
    outside,
    propagation,
    radius,
    search_sources,
    sources,
    told,
    upstream,
)
from services.recall.views.cases import CaseDetail, CaseList, CaseRow, CaseView
from services.recall.views.inputs import InputList
from services.recall.views.radius import LOTS_TOLD, RadiusView
from services.recall.views.reasons import ReasonList, ReasonView
from services.recall.views.sources import CommonView
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1", tags=["recall"])

Page = Annotated[int, Query(ge=1, le=100_000)]
CaseId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]
Words = Annotated[str, Query(max_length=100)]
LotId = Annotated[str, Field(min_length=1, max_length=64)]
LotIds = Annotated[list[LotId], Query(min_length=1, max_length=sources.MOST_LOTS)]


@router.get("/reasons")
async def list_reasons() -> ReasonList:
    """Why something may be recalled, and who may say so; open to everybody."""
    return ReasonList(items=[ReasonView.of(one) for one in catalogue.reasons().values()])


@router.post("/previews")
async def preview(asked: TargetBody, request: Request, who: ApiPrincipal) -> RadiusView:
    """The blast radius of a target: what an order would reach now."""
    state = request.app.state
    db = state.db
    found = await radius.preview(
        asked.aim(), who=who, cap=state.settings.cap, db=db, feeds=state.settings.feeds
    )
    return RadiusView.of(
        found,
        await radius.rows(found, db, 0, LOTS_TOLD),
        await journeys.journeys(found, db, LOTS_TOLD),
        await upstream.upstream(found, who=who, db=db),
        await told.to_be_told(found, db=db),
        await outside.of_target(found.target, who, db=db),
    )


@router.get("/sources")
async def common_sources(lots: LotIds, request: Request, who: ApiPrincipal) -> CommonView:
    """What several affected lots have in common, on the way back to their origin; `lots` is given
    once for each."""
    found = await sources.common(lots, who=who, db=request.app.state.db)
    return CommonView.of(found)


@router.get("/inputs")
async def list_inputs(
    request: Request, who: ApiPrincipal, q: Words = "", page: Page = 1
) -> InputList:
    """Inputs that were used within the caller's scope, as targets of a recall."""
    found, total = await search_sources.known_inputs(
        who, q, skip=(page - 1) * search_sources.PAGE_SIZE, db=request.app.state.db
    )
    return InputList.of(found, total, page)


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
    """A case with its history and the receipts of every replica; facilities are told how many show
    it, not which."""
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    spread = await propagation.of_case(db, case_id)
    if who.facility_id is not None:
        spread = propagation.without_names(spread)
    return CaseDetail.of_all(case, spread, await history.of_case(who, case_id, db=db))


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
