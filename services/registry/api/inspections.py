"""Inspections and violations."""

from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import BaseModel

from services.registry.actions import inspections
from services.registry.api.views import RecordId
from services.registry.domain.documents import MAX_BYTES
from services.registry.domain.inspections import Inspection
from services.registry.fields.inspections import (
    CorrectionFields,
    InspectionFields,
    PublishFields,
    SettleFields,
)
from services.registry.inputs import Version
from services.registry.store import inspections as store
from shared.auth import require
from shared.days import local_day
from shared.ids import new_id, now
from shared.once import once
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()
ViolationFilter = Literal["", "open", "overdue", "remedied", "fined"]
ResultFilter = Literal["", "passed", "conditional", "failed"]


class InspectionView(BaseModel):
    id: str
    version: int
    facility_id: str
    facility_name: str
    recorded_by: str
    at: datetime
    document: str
    public: bool
    public_reason: str
    papers: tuple[str, ...]
    corrections: list[dict[str, Any]]
    minute: dict[str, Any]

    @classmethod
    def of(cls, one: Inspection) -> "InspectionView":
        told = {name: getattr(one.it, name) for name in type(one.it).__slots__}
        return cls(
            id=one.id,
            version=one.version,
            facility_id=one.facility_id,
            facility_name=one.facility_name,
            recorded_by=one.recorded_by,
            at=one.at,
            document=one.document,
            public=one.public,
            public_reason=one.public_reason,
            papers=one.papers,
            corrections=[asdict(it) for it in one.corrections],
            minute=told,
        )


class InspectionList(BaseModel):
    items: list[InspectionView]
    total: int


class Correct(CorrectionFields):
    version: Version


class Settle(SettleFields):
    version: Version


class Publish(PublishFields):
    version: Version


@router.post("/facilities/{record_id}/inspections", status_code=201)
async def record(
    record_id: RecordId,
    body: InspectionFields,
    who: ApiPrincipal,
    request: Request,
    key: IdempotencyKey = None,
) -> InspectionView:
    one = await inspections.record(
        record_id,
        body.to_domain(),
        inspection_id=new_id(),
        data=None,
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "inspection", record_id, body),
    )
    return InspectionView.of(one)


@router.get("/inspections")
async def listed(
    who: ApiPrincipal,
    request: Request,
    facility_id: Annotated[str, Query(max_length=64)] = "",
    result: ResultFilter = "",
    violation: ViolationFilter = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> InspectionList:
    """Those in scope, newest first; a facility sees its own."""
    require(who, "inspection.read")
    query = store.wanted(
        facility_id=facility_id, result=result, violation=violation, today=local_day(now())
    )
    rows, total = await store.listed(request.app.state.db, who, query, page)
    return InspectionList(items=[InspectionView.of(one) for one in rows], total=total)


@router.get("/inspections/{inspection_id}")
async def read(inspection_id: RecordId, who: ApiPrincipal, request: Request) -> InspectionView:
    one = await store.get(request.app.state.db, inspection_id)
    require(who, "inspection.read", inspections.scope_of(one))
    return InspectionView.of(one)


@router.put("/inspections/{inspection_id}")
async def correct(
    inspection_id: RecordId, body: Correct, who: ApiPrincipal, request: Request
) -> InspectionView:
    """The whole minute as it should read; what it said before is kept with the reason."""
    one = await inspections.correct(
        inspection_id,
        body.to_domain(),
        body.numbers,
        reason=body.reason,
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return InspectionView.of(one)


@router.post("/inspections/{inspection_id}/papers", status_code=201)
async def attach(
    inspection_id: RecordId,
    file: Annotated[UploadFile, File()],
    title: Annotated[str, Form(min_length=2, max_length=200)],
    who: ApiPrincipal,
    request: Request,
    key: IdempotencyKey = None,
) -> InspectionView:
    """One more scan (PDF, JPEG or PNG, up to 8 MB); its id comes last in `papers`."""
    data = await file.read(MAX_BYTES + 1)
    one = await inspections.attach(
        inspection_id,
        data,
        title,
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "paper", inspection_id, title, sha256(data).digest()),
    )
    return InspectionView.of(one)


@router.post("/inspections/{inspection_id}/violations/{number}/settlement")
async def settle(
    inspection_id: RecordId, number: int, body: Settle, who: ApiPrincipal, request: Request
) -> InspectionView:
    """`number` counts from 0."""
    one = await inspections.settle(
        inspection_id,
        number,
        fined=body.fined,
        remedy=body.remedy,
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return InspectionView.of(one)


@router.post("/inspections/{inspection_id}/publication")
async def publish(
    inspection_id: RecordId, body: Publish, who: ApiPrincipal, request: Request
) -> InspectionView:
    one = await inspections.publish(
        inspection_id,
        public=body.public,
        reason=body.reason,
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return InspectionView.of(one)
