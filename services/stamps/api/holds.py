"""Holds by an officer's order."""

from fastapi import APIRouter, Request

from services.stamps.actions import holds as acts
from services.stamps.api.bodies import LiftHold, PlaceHold
from services.stamps.api.views import HoldView
from services.stamps.inputs import RecordId
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


@router.post("/holds", status_code=201)
async def place_hold(
    asked: PlaceHold, request: Request, who: ApiPrincipal, key: IdempotencyKey = None
) -> HoldView:
    """Hold all stamps of a batch until the hold is lifted."""
    hold = await acts.place(
        **asked.model_dump(), key=key, who=who, db=request.app.state.db, now=now()
    )
    return HoldView.model_validate(hold)


@router.post("/holds/{hold_id}/lift")
async def lift_hold(
    hold_id: RecordId, asked: LiftHold, request: Request, who: ApiPrincipal
) -> HoldView:
    hold = await acts.lift(
        hold_id, reason=asked.reason, who=who, db=request.app.state.db, now=now()
    )
    return HoldView.model_validate(hold)
