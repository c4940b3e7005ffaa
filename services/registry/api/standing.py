"""Stopping and resuming facilities, withdrawing products."""

from fastapi import APIRouter, Request

from services.registry.actions import facilities, products
from services.registry.api.bodies import Because
from services.registry.api.views import RecordId, RecordView
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter()


@router.post("/facilities/{record_id}/stop")
async def stop(
    record_id: RecordId, body: Because, who: ApiPrincipal, request: Request
) -> RecordView:
    record = await facilities.stop_facility(
        record_id, reason=body.reason, who=who, now=now(), db=request.app.state.db
    )
    return RecordView.of(record)


@router.post("/facilities/{record_id}/resume")
async def resume(
    record_id: RecordId, body: Because, who: ApiPrincipal, request: Request
) -> RecordView:
    record = await facilities.resume_facility(
        record_id, reason=body.reason, who=who, now=now(), db=request.app.state.db
    )
    return RecordView.of(record)


@router.post("/products/{record_id}/withdraw")
async def withdraw(
    record_id: RecordId, body: Because, who: ApiPrincipal, request: Request
) -> RecordView:
    record = await products.withdraw_product(
        record_id, reason=body.reason, who=who, now=now(), db=request.app.state.db
    )
    return RecordView.of(record)
