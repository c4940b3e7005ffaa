"""Undoing a mistaken revocation, and reports of sales."""

from fastapi import APIRouter, Request

from services.stamps.actions import selling, undoing
from services.stamps.api.bodies import ReportSale, TakeBackSale, UndoRevocation
from services.stamps.api.views import BatchView
from services.stamps.inputs import BatchNumber, ChangeNumber
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter()


@router.post("/batches/{number}/changes/{change}/undo")
async def undo(
    number: BatchNumber,
    change: ChangeNumber,
    asked: UndoRevocation,
    request: Request,
    who: ApiPrincipal,
) -> BatchView:
    """Give revoked serials back what they were, within 10 days, by another person."""
    batch = await undoing.undo(
        number, change, **asked.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return BatchView.model_validate(batch)


@router.post("/batches/{number}/sales")
async def report_sold(
    number: BatchNumber, asked: ReportSale, request: Request, who: ApiPrincipal
) -> BatchView:
    """Report serials in use as sold; their state stays."""
    batch = await selling.report_sold(
        number, **asked.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return BatchView.model_validate(batch)


@router.post("/batches/{number}/sales/{change}/take-back")
async def take_back_sale(
    number: BatchNumber,
    change: ChangeNumber,
    asked: TakeBackSale,
    request: Request,
    who: ApiPrincipal,
) -> BatchView:
    """Take back a mistaken report of a sale within 3 days, by the number of its change."""
    batch = await selling.take_back(
        number, change, reason=asked.reason, who=who, db=request.app.state.db, now=now()
    )
    return BatchView.model_validate(batch)
