"""Lots to be examined because what they came from failed a laboratory test."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.registry.actions import examining
from services.registry.api.views import RecordId
from services.registry.domain.examining import Examination, Standing
from services.registry.fields.examinations import ExaminationDecision
from services.registry.store import examinations as store
from shared.auth import require
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter()


class ExaminationView(BaseModel):
    """`decision` is open, cleared, confirmed or lifted; `holds_back`: its stamps are suspended.

    `made_from_it`: the lot of the result went into this one; else it was only used on it.
    """

    id: str
    lot_id: str
    lot_code: str
    facility_id: str
    result_id: str
    source_id: str
    source: str
    parameter: str
    made_from_it: bool
    holds_back: bool
    decision: str
    reason: str
    opened_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, one: Examination) -> "ExaminationView":
        names = set(cls.model_fields) - {"facility_id", "decision"}
        fields = {name: getattr(one, name) for name in names}
        return cls(**fields, facility_id=one.owner.facility_id, decision=one.standing.value)


class ExaminationList(BaseModel):
    items: list[ExaminationView]
    total: int


@router.get("/examinations")
async def read_all(
    who: ApiPrincipal,
    request: Request,
    waiting: bool = True,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> ExaminationList:
    """Those of lots in scope, the ones that hold a lot back first; 20 a page."""
    require(who, "lot.read")
    db = request.app.state.db
    found = await store.in_scope(db, who, waiting=waiting, page=page)
    total = await store.count(db, who, waiting=waiting)
    return ExaminationList(items=[ExaminationView.of(one) for one in found], total=total)


@router.get("/examinations/{examination_id}")
async def read(examination_id: RecordId, who: ApiPrincipal, request: Request) -> ExaminationView:
    one = await store.get(request.app.state.db, examination_id)
    require(who, "lot.read", one.owner.scope())
    return ExaminationView.of(one)


@router.post("/examinations/{examination_id}/decisions")
async def decide(
    examination_id: RecordId, body: ExaminationDecision, who: ApiPrincipal, request: Request
) -> ExaminationView:
    """An official's word on one lot; its passport is told anew with it."""
    one = await examining.decide(
        examination_id,
        Standing(body.decision),
        reason=body.reason,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return ExaminationView.of(one)
