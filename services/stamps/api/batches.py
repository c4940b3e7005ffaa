"""Batches: their serials, their codes, activation and changes of state."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.stamps import keys, queries
from services.stamps.actions import serials, taking
from services.stamps.api.bodies import ActivateSerials, ChangeSerials, Page
from services.stamps.api.views import (
    BatchDetail,
    BatchView,
    CodesView,
    DecidedView,
    HoldView,
    IntervalView,
    Listing,
    TouchedView,
)
from services.stamps.domain.requests import MAX_QUANTITY
from services.stamps.domain.touched import recalled
from services.stamps.inputs import BatchNumber
from shared.errors import InvalidInput
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter()

# Codes told in one call; a print job makes more.
CODES_AT_ONCE = 1_000
Serial = Annotated[int, Query(ge=0, le=MAX_QUANTITY - 1)]


@router.get("/batches")
async def list_batches(request: Request, who: ApiPrincipal, page: Page = 1) -> Listing[BatchView]:
    """Batches the caller may see, newest first."""
    found, total = await queries.batches_seen_by(who, db=request.app.state.db, page=page)
    items = [BatchView.model_validate(one) for one in found]
    return Listing(items=items, total=total, page=page)


@router.get("/batches/{number}")
async def get_batch(number: BatchNumber, request: Request, who: ApiPrincipal) -> BatchDetail:
    """A batch with its intervals, how many serials are in each state, what holds them, and the
    recalls and warnings that touch them."""
    db = request.app.state.db
    batch = await queries.batch_seen_by(who, number, db=db)
    life = await queries.life_of(batch, db=db)
    held = await queries.holds_on(batch, db=db)
    decided = await queries.decided_on(batch, life.intervals, db=db)
    noticed = await queries.notices_on(batch, life.intervals, db=db)
    return BatchDetail(
        **BatchView.model_validate(batch).model_dump(),
        counts=life.counts,
        intervals=[IntervalView.model_validate(one) for one in life.intervals],
        holds=[HoldView.model_validate(hold) for hold in held],
        decided=[
            DecidedView(first=one.first, last=one.last, tier=one.by.by_tier)
            for one in decided
            if one.by.by_tier
        ],
        notices=[TouchedView.of(one) for one in noticed],
        recalled=recalled(noticed),
    )


@router.get("/batches/{number}/codes")
async def get_codes(
    number: BatchNumber, request: Request, who: ApiPrincipal, first: Serial, last: Serial
) -> CodesView:
    """The codes of serials first…last (at most 1,000 a call), for who may print them."""
    if not first <= last < first + CODES_AT_ONCE:
        raise InvalidInput("last")
    db, settings = request.app.state.db, request.app.state.settings
    await taking.take_codes(number, first=first, last=last, who=who, db=db)
    codes = keys.codes(keys.keyring(settings), number, first, last)
    return CodesView(batch=number, first=first, codes=codes)


@router.post("/batches/{number}/activations")
async def activate(
    number: BatchNumber, asked: ActivateSerials, request: Request, who: ApiPrincipal
) -> BatchView:
    """Give never-activated serials to a lot, all or none of them."""
    batch = await serials.activate(
        number, **asked.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return BatchView.model_validate(batch)


@router.post("/batches/{number}/changes")
async def change(
    number: BatchNumber, asked: ChangeSerials, request: Request, who: ApiPrincipal
) -> BatchView:
    """Change the state of serials, with a reason."""
    batch = await serials.change_state(
        number, **asked.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return BatchView.model_validate(batch)
