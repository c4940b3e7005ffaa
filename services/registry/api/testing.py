"""Laboratory results of lots, and the officials' decisions on them."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, File, Query, Request, UploadFile
from pydantic import BaseModel
from starlette.responses import Response

from services.registry.actions import testing
from services.registry.actions.rights import require_for
from services.registry.api.views import RecordId
from services.registry.domain.records import Aggregate
from services.registry.domain.testing import MAX_FILE_BYTES, Standing, TestResult
from services.registry.fields.laboratory import TestDecision, TestFields
from services.registry.store import records
from services.registry.store import testing as store
from shared.auth import require
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.once import once
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


class TestView(BaseModel):
    """`decision` is waiting, approved, allowed or confirmed."""

    id: str
    lot_id: str
    sample: str
    sampled_on: date
    reported_on: date | None
    laboratory: str
    accreditation: str
    parameter: str
    method: str
    value: str
    unit: str
    limit: str
    verdict: str
    decision: str
    decided_at: datetime | None
    reason: str
    has_report: bool

    @classmethod
    def of(cls, one: TestResult) -> "TestView":
        names = set(cls.model_fields) - {"verdict", "decision", "has_report"}
        fields = {name: getattr(one, name) for name in names}
        return cls(
            **fields,
            verdict=one.verdict.value,
            decision=one.standing.value,
            has_report=bool(one.file),
        )


class TestList(BaseModel):
    items: list[TestView]
    total: int


@router.post("/lots/{record_id}/tests", status_code=201)
async def enter(
    record_id: RecordId,
    body: TestFields,
    who: ApiPrincipal,
    request: Request,
    key: IdempotencyKey = None,
) -> TestView:
    """A result; its report is handed in after it."""
    result = await testing.enter(
        body.result(new_id(), record_id),
        report=b"",
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "test", record_id, body),
    )
    return TestView.of(result)


@router.get("/lots/{record_id}/tests")
async def read(record_id: RecordId, who: ApiPrincipal, request: Request) -> list[TestView]:
    db = request.app.state.db
    lot = await records.get(db, Aggregate.LOT, record_id)
    require_for(who, "lot.read", lot)
    return [TestView.of(one) for one in await store.of_lot(db, record_id)]


@router.get("/tests")
async def read_all(
    who: ApiPrincipal,
    request: Request,
    waiting: bool = False,
    verdict: Literal["", "passed", "failed"] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> TestList:
    """Results in scope, failed ones that wait for a decision first; 20 a page."""
    require(who, "lot.read")
    db = request.app.state.db
    wanted = store.narrowed(waiting=waiting, verdict=verdict)
    rows = await store.in_scope(db, who, wanted, page=page)
    total = await store.count(db, who, wanted)
    return TestList(items=[TestView.of(one) for one in rows], total=total)


@router.post("/tests/{test_id}/report")
async def attach(
    test_id: RecordId, file: Annotated[UploadFile, File()], who: ApiPrincipal, request: Request
) -> TestView:
    """The laboratory's report as a PDF of up to 8 MB, once; the same again changes nothing."""
    data = await file.read(MAX_FILE_BYTES + 1)
    db = request.app.state.db
    return TestView.of(await testing.attach(test_id, data, who=who, now=now(), db=db))


@router.get("/tests/{test_id}/report")
async def read_report(test_id: RecordId, who: ApiPrincipal, request: Request) -> Response:
    db = request.app.state.db
    result = await store.get(db, test_id)
    require_for(who, "lot.read", await records.get(db, Aggregate.LOT, result.lot_id))
    if not result.file:
        raise NotFound()
    headers = {"Content-Disposition": f'attachment; filename="{result.id}.pdf"'}
    body = await store.read_file(db, result.file)
    return Response(body, media_type="application/pdf", headers=headers)


@router.post("/tests/{test_id}/decisions")
async def decide(
    test_id: RecordId, body: TestDecision, who: ApiPrincipal, request: Request
) -> TestView:
    """By an official who did not enter it."""
    result = await testing.decide(
        test_id,
        Standing(body.decision),
        reason=body.reason,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return TestView.of(result)
