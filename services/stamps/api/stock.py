"""Central printing: stock, hand-overs, receipts."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from services.stamps import stock_inputs, stock_queries
from services.stamps.actions import handing
from services.stamps.actions import stock as acts
from services.stamps.api.bodies import Page
from services.stamps.api.views import Listing, View
from services.stamps.domain.handovers import HandOver, Side, State
from services.stamps.domain.moves import Act
from services.stamps.domain.places import Place
from services.stamps.domain.stock import Stock
from services.stamps.handover_note import note_answer
from services.stamps.inputs import BatchNumber, RecordId
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()
_STRICT = ConfigDict(strict=True)


class StoreSheets(stock_inputs.StoreFields):
    __doc__ = stock_inputs.StoreFields.__doc__
    model_config = _STRICT


class HandOverStamps(stock_inputs.HandOverFields):
    __doc__ = stock_inputs.HandOverFields.__doc__
    model_config = _STRICT


class WithdrawHandOver(stock_inputs.WithdrawalFields):
    model_config = _STRICT


class CancelPrint(stock_inputs.CancelFields):
    __doc__ = stock_inputs.CancelFields.__doc__
    model_config = _STRICT


class ReceiveStamps(stock_inputs.ReceiptFields):
    __doc__ = stock_inputs.ReceiptFields.__doc__
    model_config = _STRICT


class AnswerDifference(stock_inputs.AnswerFields):
    __doc__ = stock_inputs.AnswerFields.__doc__
    model_config = _STRICT


class LyingView(View):
    """Serials `first`…`last` lie in `place` since then: printed by the job, with the unit or under
    the hand-over, where there is one. Of what moves no more (received, spoilt, missing, damaged)
    `moves` alone tell since when, by which job and hand-over. What is unusable was taken out of use
    in the unit's stock, in which it has lain since then."""

    first: int
    last: int
    place: Place
    since: datetime | None
    unit_id: str
    job: str
    handover: str


class StockView(View):
    """`counts`: how many serials lie where; `version` rises with each act."""

    batch: int
    facility_id: str
    product_id: str
    counts: dict[Place, int]
    lying: list[LyingView]
    version: int


class PieceView(BaseModel):
    first: int
    last: int
    place: str


class MoveView(BaseModel):
    """What an act put where, and why."""

    number: int
    act: Act
    pieces: list[PieceView]
    at: datetime
    unit_id: str
    job: str
    handover: str
    reason: str
    to_unit_id: str


class StockDetail(StockView):
    moves: list[MoveView]


class SpanView(BaseModel):
    first: int
    last: int


class WordView(View):
    side: Side
    at: datetime
    text: str
    agrees: bool


class HandOverView(BaseModel):
    """`state`: handed; received in full; differs until it is settled; withdrawn. `to_unit_id`: the
    unit that takes it in its stock, "" where the facility receives it."""

    id: str
    batch: int
    facility_id: str
    product_id: str
    unit_id: str
    serials: list[SpanView]
    total: int
    recipient: str
    handed_on: str
    remark: str
    at: datetime
    state: State
    received_at: datetime | None
    missing: list[SpanView]
    damaged: list[SpanView]
    words: list[WordView]
    to_unit_id: str


@router.get("/stock")
async def list_stock(
    request: Request,
    who: ApiPrincipal,
    place: Place | Literal[""] = "",
    unit: Annotated[str, Query(max_length=64)] = "",
    page: Page = 1,
) -> Listing[StockView]:
    """Centrally printed batches that the caller may see, newest first."""
    found, total = await stock_queries.seen_by(
        who, db=request.app.state.db, place=place or None, unit=unit, page=page
    )
    items = [StockView.model_validate(one) for one in found]
    return Listing(items=items, total=total, page=page)


@router.get("/batches/{number}/stock")
async def get_stock(number: BatchNumber, request: Request, who: ApiPrincipal) -> StockDetail:
    """Where the stamps of a batch lie, and every act on them, newest first."""
    db = request.app.state.db
    _, found = await stock_queries.stock_seen_by(who, number, db=db)
    moves = await stock_queries.moves_of(number, db=db)
    told = [
        MoveView(
            **{name: getattr(one, name) for name in MoveView.model_fields if name != "pieces"},
            pieces=[PieceView(**piece._asdict()) for piece in one.pieces],
        )
        for one in moves
    ]
    return StockDetail(**StockView.model_validate(found).model_dump(), moves=told)


@router.post("/print-jobs/{job_id}/stock")
async def store(
    job_id: RecordId,
    asked: StoreSheets,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> StockView:
    """The sheets of a central print job are printed and in stock, but for what was spoilt."""
    db = request.app.state.db
    found: Stock = await acts.store(job_id, **asked.asked(), key=key, who=who, db=db, now=now())
    return StockView.model_validate(found)


@router.post("/print-jobs/{job_id}/cancellation")
async def cancel_print(
    job_id: RecordId, asked: CancelPrint, request: Request, who: ApiPrincipal
) -> StockView:
    """A central print job, not in stock yet, is not wanted: its serials can be printed anew."""
    db = request.app.state.db
    found = await acts.cancel_print(job_id, **asked.model_dump(), who=who, db=db, now=now())
    return StockView.model_validate(found)


@router.post("/batches/{number}/handovers", status_code=201)
async def hand_over(
    number: BatchNumber,
    asked: HandOverStamps,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> HandOverView:
    """Hand stamps over that are in the stock of the caller's unit, to the facility or a unit."""
    db = request.app.state.db
    made = await handing.hand_over(number, **asked.asked(), key=key, who=who, db=db, now=now())
    return _view(made)


@router.get("/handovers")
async def list_handovers(
    request: Request,
    who: ApiPrincipal,
    state: State | Literal["", "open"] = "",
    page: Page = 1,
) -> Listing[HandOverView]:
    """Hand-overs that the caller may see, newest first; open ones wait for somebody."""
    found, total = await stock_queries.handovers_seen_by(
        who, db=request.app.state.db, state=state, page=page
    )
    return Listing(items=[_view(one) for one in found], total=total, page=page)


@router.get("/handovers/{handover_id}")
async def get_handover(handover_id: RecordId, request: Request, who: ApiPrincipal) -> HandOverView:
    return _view(await stock_queries.handover_seen_by(who, handover_id, db=request.app.state.db))


@router.get("/handovers/{handover_id}/note")
async def get_note(handover_id: RecordId, request: Request, who: ApiPrincipal) -> Response:
    """The note of a hand-over (PDF, in Vietnamese), for both sides to sign."""
    db = request.app.state.db
    found = await stock_queries.handover_seen_by(who, handover_id, db=db)
    return await note_answer(found, db=db)


@router.post("/handovers/{handover_id}/withdrawal")
async def withdraw(
    handover_id: RecordId, asked: WithdrawHandOver, request: Request, who: ApiPrincipal
) -> HandOverView:
    """It did not take place: the stamps are in stock again."""
    db = request.app.state.db
    return _view(
        await handing.withdraw(handover_id, **asked.model_dump(), who=who, db=db, now=now())
    )


@router.post("/handovers/{handover_id}/receipt")
async def receive(
    handover_id: RecordId,
    asked: ReceiveStamps,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> HandOverView:
    """The facility or unit has the stamps, but for what is missing (lost at once) or damaged."""
    db = request.app.state.db
    return _view(
        await handing.receive(handover_id, **asked.asked(), key=key, who=who, db=db, now=now())
    )


@router.post("/handovers/{handover_id}/answers")
async def answer(
    handover_id: RecordId, asked: AnswerDifference, request: Request, who: ApiPrincipal
) -> HandOverView:
    """Say something of a difference, or settle it by agreeing with the other side."""
    db = request.app.state.db
    return _view(await handing.answer(handover_id, **asked.model_dump(), who=who, db=db, now=now()))


def _view(one: HandOver) -> HandOverView:
    plain = ("id", "batch", "facility_id", "product_id", "unit_id", "total", "recipient")
    more = ("handed_on", "at", "state", "received_at", "to_unit_id")
    spans = {"serials": one.spans, "missing": one.missing, "damaged": one.damaged}
    return HandOverView(
        **{name: getattr(one, name) for name in (*plain, *more)},
        remark=one.note,
        words=[WordView.model_validate(word) for word in one.words],
        **{
            name: [SpanView(first=first, last=last) for first, last in found]
            for name, found in spans.items()
        },
    )
