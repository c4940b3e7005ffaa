"""The desk's JSON API."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict

from services.scan.desk import actions, queries
from services.scan.desk.inputs import BatchNumber, JudgementFields, SerialNumber
from services.scan.domain.suspicion import Suspicion
from services.scan.store.suspicions import PAGE
from shared.contracts.scan import Finding
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/scan/v1/suspicions", tags=["scan"])
State = Literal["suspected", "held_back", "confirmed", "cleared"]


class SuspicionView(BaseModel):
    """A stamp that may have been copied. `points` are those of `findings`, of scans on `day`
    (Vietnam); `cleared` counts how often an official found nothing in it."""

    model_config = ConfigDict(from_attributes=True)

    batch: int
    serial: int
    facility_id: str
    product_id: str
    lot_id: str
    state: State
    day: str
    points: int
    findings: tuple[Finding, ...]
    first_at: datetime
    changed_at: datetime
    version: int
    cleared: int
    reason: str
    by_name: str


class SuspicionList(BaseModel):
    """A page of 30; `total` is how many there are in this state, `numbers` in each."""

    items: list[SuspicionView]
    total: int
    numbers: dict[str, int]


@router.get("")
async def list_suspicions(
    request: Request,
    who: ApiPrincipal,
    state: State = "suspected",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> SuspicionList:
    """Suspicions in the asker's scope, the last changed first."""
    rows, numbers, total = await queries.listed(
        who, db=request.app.state.db, state=state, page=page
    )
    items = [_view(row.suspicion) for row in rows[:PAGE]]
    return SuspicionList(items=items, total=total, numbers=numbers)


@router.get("/{batch}/{serial}")
async def get_suspicion(
    request: Request, who: ApiPrincipal, batch: BatchNumber, serial: SerialNumber
) -> SuspicionView:
    return _view((await queries.one(who, batch, serial, db=request.app.state.db)).suspicion)


@router.post("/{batch}/{serial}/judgement")
async def judge_suspicion(
    request: Request,
    who: ApiPrincipal,
    batch: BatchNumber,
    serial: SerialNumber,
    asked: JudgementFields,
) -> SuspicionView:
    """Confirm that a stamp was copied, or clear it; every replica follows within seconds."""
    made = await actions.judge(
        batch, serial, **asked.model_dump(), who=who, db=request.app.state.db, now=now()
    )
    return _view(made)


def _view(suspicion: Suspicion) -> SuspicionView:
    return SuspicionView.model_validate(suspicion)
