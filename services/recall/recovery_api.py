"""The JSON API of carrying out a recall: who was told, and what became of the goods."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, File, Path, Query, Request, Response, UploadFile
from pydantic import BaseModel

from services.recall.actions import explaining
from services.recall.actions import recoveries as acts
from services.recall.domain.explaining import Explanation
from services.recall.domain.recovery import Fate, Row
from services.recall.domain.terms import Handling
from services.recall.evidence import MAX_BYTES
from services.recall.evidence import File as Given
from services.recall.queries import cases, recovery
from services.recall.recovery_inputs import DecideBody, ExplainBody, RecoveredBody
from shared.ids import now
from shared.web.fields import Input
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal
from shared.web.table_file import attachment

router = APIRouter(prefix="/api/recall/v1/recalls/{case_id}", tags=["recall"])
CaseId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]
FileId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]
Page = Annotated[int, Query(ge=1, le=100_000)]
LotId = Annotated[str, Query(max_length=64)]


class ToldView(BaseModel):
    """`acknowledged_at` is None while the facility has not said that it was told."""

    facility_id: str
    name: str
    acknowledged_by: str
    acknowledged_at: datetime | None


class SumsView(BaseModel):
    """Lots of one unit together (kg where every weight is known). `accounted` by `fate`, recovered
    goods by `recovered.<handling>`. `effectiveness` is recovered ÷ what could be recovered."""

    unit: str
    lots: int
    made: Decimal
    accounted: dict[str, Decimal]
    explained: Decimal
    difference: Decimal
    unexplained_lots: int
    effectiveness: Decimal | None


class RecoveryView(BaseModel):
    told: list[ToldView]
    sums: list[SumsView]


class RowView(BaseModel):
    """`amount` is the quantity in the unit that the lot had then (`amount_unit`, "" for rows before
    that was kept); a row that `corrected_by` names is replaced by that one and counts no longer.
    """

    id: str
    lot_id: str
    fate: Fate
    handling: Handling | None
    quantity: Decimal
    unit: str
    amount: Decimal
    amount_unit: str
    day: date
    facility_id: str
    commune: str
    where: str
    words: str
    corrects: str
    reason: str
    corrected_by: str
    evidence: list[str]
    by: str
    at: datetime

    @classmethod
    def of(cls, row: Row) -> "RowView":
        stated = row.stated
        return cls(
            id=row.id,
            lot_id=stated.lot_id,
            fate=stated.fate,
            handling=stated.handling,
            quantity=stated.quantity,
            unit=stated.unit,
            amount=row.amount,
            amount_unit=row.unit,
            day=stated.day,
            facility_id=stated.spot.facility_id,
            commune=stated.spot.commune,
            where=stated.spot.words,
            words=stated.words,
            corrects=stated.corrects,
            reason=stated.reason,
            corrected_by=row.corrected_by,
            evidence=list(row.evidence),
            by=row.by.name,
            at=row.at,
        )


class RowsView(BaseModel):
    items: list[RowView]
    total: int
    page: int


class ReportedView(BaseModel):
    id: str


class FileView(BaseModel):
    id: str
    name: str
    media_type: str
    size: int


@router.get("/recovery")
async def read(case_id: CaseId, request: Request, who: ApiPrincipal) -> RecoveryView:
    """Who was told, and what the rows come to; a facility reads of itself who was told."""
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    told = await recovery.told(db, case)
    return RecoveryView(
        told=[
            ToldView(
                facility_id=one.facility_id,
                name=one.name,
                acknowledged_by=one.acknowledged.by if one.acknowledged else "",
                acknowledged_at=one.acknowledged.at if one.acknowledged else None,
            )
            for one in told
            if who.facility_id in (None, one.facility_id)
        ],
        sums=[
            SumsView(
                unit=one.unit,
                lots=one.lots,
                made=one.made,
                accounted=dict(one.by_key),
                explained=one.explained,
                difference=one.difference,
                unexplained_lots=one.unexplained_lots,
                effectiveness=one.effectiveness,
            )
            for one in await recovery.sums_for(db, case, who)
        ],
    )


@router.post("/acknowledge")
async def acknowledge(
    case_id: CaseId, asked: Input, request: Request, who: ApiPrincipal
) -> RecoveryView:
    """A facility of the case says that it was told; said again, the first word stands."""
    await acts.acknowledge(case_id, who=who, db=request.app.state.db, at=now())
    return await read(case_id, request, who)


@router.post("/recovery", status_code=201)
async def report(
    case_id: CaseId,
    asked: RecoveredBody,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> ReportedView:
    """What became of some goods of a lot. The same Idempotency-Key keeps one row."""
    db = request.app.state.db
    [row_id] = await acts.report(case_id, [asked.report()], who=who, key=key, db=db, at=now())
    return ReportedView(id=row_id)


@router.get("/recovery/rows")
async def list_rows(
    case_id: CaseId, request: Request, who: ApiPrincipal, lot_id: LotId = "", page: Page = 1
) -> RowsView:
    """Rows as they were reported, newest first, corrected ones among them."""
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    size = recovery.ROWS_A_PAGE
    found, total = await recovery.rows(
        db, case, who, lot_id=lot_id, skip=(page - 1) * size, size=size
    )
    return RowsView(items=[RowView.of(row) for row in found], total=total, page=page)


@router.post("/evidence", status_code=201)
async def keep_evidence(
    case_id: CaseId, file: Annotated[UploadFile, File()], request: Request, who: ApiPrincipal
) -> FileView:
    """A photo (JPEG, PNG, WebP, HEIC) or a PDF by content, up to 5 MB; rows name its id."""
    given = Given(file.filename or "", await file.read(MAX_BYTES + 1))
    kept = await acts.keep_evidence(case_id, given, who=who, db=request.app.state.db, at=now())
    return FileView(id=kept.id, name=kept.name, media_type=kept.media_type, size=kept.size)


@router.get("/evidence/{file_id}", response_class=Response)
async def read_evidence(
    case_id: CaseId, file_id: FileId, request: Request, who: ApiPrincipal
) -> Response:
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    kept, data = await recovery.file_seen_by(db, case, who, file_id)
    ending = "pdf" if kept.media_type.endswith("pdf") else "jpg"
    headers = {**attachment(f"{kept.id}.{ending}"), "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type=kept.media_type, headers=headers)


class ExplanationView(BaseModel):
    """`waits` for a second person: a difference above five per cent of what was made."""

    id: str
    lots: int
    waits: bool
    counts: bool


@router.post("/explanations", status_code=201)
async def explain(
    case_id: CaseId,
    asked: ExplainBody,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> ExplanationView:
    """Explain what no row accounts for, so that the case can be closed."""
    db = request.app.state.db
    one = await explaining.explain(
        case_id, asked.lots, asked.reason, who=who, key=key, db=db, at=now()
    )
    return _explanation(one)


@router.post("/explanations/{explanation_id}/decision")
async def decide(
    case_id: CaseId, explanation_id: FileId, asked: DecideBody, request: Request, who: ApiPrincipal
) -> ExplanationView:
    """The second person's word."""
    db = request.app.state.db
    one = await explaining.decide(
        case_id, explanation_id, agreed=asked.agreed, who=who, db=db, at=now()
    )
    return _explanation(one)


def _explanation(one: Explanation) -> ExplanationView:
    return ExplanationView(id=one.id, lots=len(one.amounts), waits=one.waits, counts=one.counts)
