"""The JSON API of files of rows: sent, looked through, counted."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, File, Path, Request, UploadFile
from pydantic import BaseModel

from services.recall.actions import rows_files as acts
from services.recall.actions.judging_files import Judged
from services.recall.domain.rows_file import MAX_BYTES, RowsFile
from services.recall.evidence import MAX_BYTES as PROOF_BYTES
from services.recall.evidence import File as Given
from services.recall.queries import cases
from shared.auth import Principal
from shared.ids import now
from shared.web.fields import Input
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1/recalls/{case_id}/recovery/tables", tags=["recall"])
Id = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]
# Of a file in which everything is wrong, the first so many are told.
WRONG_TOLD = 500


class WrongView(BaseModel):
    """What is wrong in a line of the file; `column` is a header, "" for the line as a whole."""

    line: int
    column: str
    code: str
    message: str


class SumView(BaseModel):
    """What the rows come to: `counts_as` is a fate, `recovered.<handling>` for recovered goods."""

    lot: str
    counts_as: str
    quantity: Decimal
    unit: str


class RowsFileView(BaseModel):
    """`counted_at` is None while nothing of it counts; then `wrong` and `sums` say how it would be
    counted now. `errors` is how many there are, of which `wrong` tells the first 500."""

    id: str
    name: str
    rows: int
    counted_at: datetime | None
    unknown_columns: list[str]
    ignored_sheets: list[str] = []
    rows_passed_over: int = 0
    errors: int = 0
    wrong: list[WrongView] = []
    sums: list[SumView] = []


@router.post("", status_code=201)
async def send(
    case_id: Id,
    file: Annotated[UploadFile, File()],
    request: Request,
    who: ApiPrincipal,
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> RowsFileView:
    """Send a file (XLSX, CSV) of up to 1,000 rows, with up to six photos or PDFs that its rows call
    by name. Nothing counts yet; the same file sent again is the one sent before."""
    db = request.app.state.db
    given = Given(file.filename or "", await file.read(MAX_BYTES + 1))
    proofs = [Given(one.filename or "", await one.read(PROOF_BYTES + 1)) for one in files or ()]
    one = await acts.send(case_id, given, proofs, who=who, db=db, at=now())
    return await _view(request, who, case_id, one.id)


@router.get("/{file_id}")
async def read(case_id: Id, file_id: Id, request: Request, who: ApiPrincipal) -> RowsFileView:
    return await _view(request, who, case_id, file_id)


@router.post("/{file_id}/count")
async def count(
    case_id: Id, file_id: Id, asked: Input, request: Request, who: ApiPrincipal
) -> RowsFileView:
    """Count all rows, or none where one is wrong. Asked again, nothing counts twice."""
    await acts.count(case_id, file_id, who=who, db=request.app.state.db, at=now())
    return await _view(request, who, case_id, file_id)


async def _view(request: Request, who: Principal, case_id: str, file_id: str) -> RowsFileView:
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    one = await acts.seen_by(db, case, file_id, who)
    found = await acts.judged(case, one, who=who, db=db, at=now()) if one.waits else None
    return _told(one, found)


def _told(one: RowsFile, found: Judged | None) -> RowsFileView:
    wrong = found.wrong if found else []
    return RowsFileView(
        id=one.id,
        name=one.name,
        rows=one.rows,
        counted_at=one.counted_at,
        unknown_columns=list(one.unknown),
        ignored_sheets=list(one.ignored),
        rows_passed_over=one.passed,
        errors=len(wrong),
        wrong=[
            WrongView(line=it.line, column=it.column, code=it.code, message=it.text)
            for it in wrong[:WRONG_TOLD]
        ],
        sums=[
            SumView(lot=lot, counts_as=key, quantity=quantity, unit=unit)
            for lot, key, quantity, unit in (found.sums if found else ())
        ],
    )
