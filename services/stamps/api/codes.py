"""What became of one stamp, by its code or by batch and serial."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.stamps import keys, queries, tracing
from services.stamps.api.bodies import LookUp
from services.stamps.api.views import HoldView, View
from services.stamps.domain.moves import Act
from services.stamps.domain.naming import stamp_named
from services.stamps.inputs import BatchNumber, SerialNumber
from shared.errors import NotFound
from shared.web.session import ApiPrincipal

router = APIRouter()


class ChangeView(View):
    """Change `number` of the batch, by `by_tier`; `undoes` a revocation by its number, or 0."""

    number: int
    change: str
    first: int
    last: int
    lot: str
    reason: str
    public_reason: str
    public_reason_en: str
    public_reason_zh: str
    by_tier: str
    at: datetime
    undoes: int


class PrintView(View):
    id: str
    size: str
    first: int
    last: int
    state: str
    requested_at: datetime


class NoticeView(View):
    """`kind` recall, withdrawal or warning; `active` False once lifted."""

    id: str
    kind: str
    active: bool
    title: str
    authority: str
    ordered_at: datetime | None


class MoveView(BaseModel):
    """An act on stamps that the authority printed, and the place where it put this one."""

    act: Act
    place: str
    at: datetime
    handover: str


class SerialView(View):
    """One stamp: what it is now, and everything that touched it, newest first."""

    batch: int
    serial: int
    facility_id: str
    product_id: str
    lot: str
    state: str
    issued_at: datetime
    sold_at: datetime | None
    changes: list[ChangeView]
    print_jobs: list[PrintView]
    holds: list[HoldView]
    notices: list[NoticeView]
    moves: list[MoveView]


class StampView(View):
    """Where `/batches/{batch}/serials/{serial}` tells of the stamp."""

    batch: int
    serial: int


@router.post("/codes/lookup")
async def look_up(asked: LookUp, request: Request, who: ApiPrincipal) -> StampView:
    """Which stamp has this code. It is sent in the body: no address and no log holds a code."""
    state = request.app.state
    number, serial = stamp_named(keys.keyring(state.settings), asked.code)
    batch = await queries.batch_seen_by(who, number, db=state.db)
    if serial >= batch.quantity:
        raise NotFound()
    return StampView(batch=number, serial=serial)


@router.get("/batches/{number}/serials/{serial}")
async def get_serial(
    number: BatchNumber, serial: SerialNumber, request: Request, who: ApiPrincipal
) -> SerialView:
    """The history of one serial of a batch."""
    story = await tracing.story_of(who, number, serial, db=request.app.state.db)
    return SerialView(
        batch=number,
        serial=serial,
        facility_id=story.batch.facility_id,
        product_id=story.batch.product_id,
        lot=story.lot,
        state=story.state,
        issued_at=story.batch.issued_at,
        sold_at=story.sold_at,
        changes=[ChangeView.model_validate(one) for one in story.changes],
        print_jobs=[PrintView.model_validate(one) for one in story.jobs],
        holds=[HoldView.model_validate(one) for one in story.holds],
        notices=[NoticeView.model_validate(one) for one in story.notices],
        moves=[
            MoveView(act=one.act, place=place, at=one.at, handover=one.handover)
            for one, place in story.moves
        ],
    )
