"""Requests for stamps: asking, listing, deciding."""

from typing import Literal

from fastapi import APIRouter, Request

from services.stamps import queries
from services.stamps.actions import choosing, withdrawing
from services.stamps.actions import requests as acts
from services.stamps.api.bodies import (
    ChoosePrinter,
    DecideRequest,
    NewRequest,
    Page,
    WithdrawRequest,
)
from services.stamps.api.views import Listing, RequestView
from services.stamps.domain.requests import State
from services.stamps.inputs import RecordId
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


@router.post("/requests", status_code=201)
async def submit(
    asked: NewRequest, request: Request, who: ApiPrincipal, key: IdempotencyKey = None
) -> RequestView:
    """Ask for stamps. The same Idempotency-Key asks once."""
    made = await acts.submit(
        **asked.model_dump(), key=key, who=who, db=request.app.state.db, now=now()
    )
    return RequestView.model_validate(made)


@router.get("/requests")
async def list_requests(
    request: Request, who: ApiPrincipal, state: State | Literal[""] = "", page: Page = 1
) -> Listing[RequestView]:
    """Requests the caller may see, newest first."""
    found, total = await queries.requests_seen_by(
        who, db=request.app.state.db, state=state, page=page
    )
    items = [RequestView.model_validate(one) for one in found]
    return Listing(items=items, total=total, page=page)


@router.get("/requests/{request_id}")
async def get_request(request_id: RecordId, request: Request, who: ApiPrincipal) -> RequestView:
    found = await queries.request_seen_by(who, request_id, db=request.app.state.db)
    return RequestView.model_validate(found)


@router.post("/requests/{request_id}/decision")
async def decide(
    request_id: RecordId,
    decided: DecideRequest,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> RequestView:
    """Approve (and thereby issue the batch) or reject a request, once.

    Whose connection broke sends the same with the same Idempotency-Key, and learns what became
    of it.
    """
    made = await acts.decide(
        request_id, **decided.model_dump(), key=key, who=who, db=request.app.state.db, now=now()
    )
    return RequestView.model_validate(made)


@router.post("/requests/{request_id}/printing")
async def choose_printer(
    request_id: RecordId, asked: ChoosePrinter, request: Request, who: ApiPrincipal
) -> RequestView:
    """Have another print the stamps: as who asked, until it is decided; then as who decides, before
    anything is printed."""
    made = await choosing.choose_printer(
        request_id, **asked.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return RequestView.model_validate(made)


@router.post("/requests/{request_id}/withdrawal")
async def withdraw(
    request_id: RecordId, asked: WithdrawRequest, request: Request, who: ApiPrincipal
) -> RequestView:
    """Take back a request that still waits: as its facility, or as who sent it on its behalf."""
    made = await withdrawing.withdraw(
        request_id, reason=asked.reason, who=who, db=request.app.state.db, now=now()
    )
    return RequestView.model_validate(made)
