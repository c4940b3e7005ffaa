"""The JSON API of the decision that a case rests on."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, File, Path, Request, Response, UploadFile
from pydantic import BaseModel

from services.recall.actions import decisions as acts
from services.recall.decision_inputs import DecisionBody
from services.recall.domain.decision import Decision, Paper
from services.recall.evidence import MAX_BYTES
from services.recall.evidence import File as Given
from services.recall.queries import cases
from services.recall.queries import decisions as reading
from services.recall.store import decisions
from shared.errors import NotFound
from shared.ids import now
from shared.web.session import ApiPrincipal
from shared.web.table_file import attachment

router = APIRouter(prefix="/api/recall/v1/recalls/{case_id}", tags=["recall"])
CaseId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]


class DecisionView(BaseModel):
    """`file_name` is "" while the paper itself is missing."""

    version: int
    number: str
    day: date
    issued_by: str
    supplied_by: str
    supplied_at: datetime
    file_name: str

    @classmethod
    def of(cls, one: Decision) -> "DecisionView":
        return cls(
            version=one.version,
            number=one.given.number,
            day=one.given.day,
            issued_by=one.given.issued_by,
            supplied_by=one.by.name,
            supplied_at=one.at,
            file_name=one.paper.name if one.paper else "",
        )


@router.get("/decision")
async def read(case_id: CaseId, request: Request, who: ApiPrincipal) -> DecisionView:
    """The newest version."""
    db = request.app.state.db
    await cases.seen_by(who, case_id, db=db)
    found = await decisions.of_case(db, case_id)
    if found is None:
        raise NotFound()
    return DecisionView.of(found)


@router.post("/decision")
async def supply(
    case_id: CaseId, asked: DecisionBody, request: Request, who: ApiPrincipal
) -> DecisionView:
    """Number, day and issuing body of the decision; versions before are kept."""
    db = request.app.state.db
    one = await acts.supply(
        case_id, asked.given(), None, version=asked.version, who=who, db=db, at=now()
    )
    return DecisionView.of(one)


@router.post("/decision/file")
async def supply_file(
    case_id: CaseId, file: Annotated[UploadFile, File()], request: Request, who: ApiPrincipal
) -> DecisionView:
    """The paper as PDF, or a picture of it, up to 5 MB; once its number and day are known."""
    given = Given(file.filename or "", await file.read(MAX_BYTES + 1))
    db = request.app.state.db
    one = await acts.supply(case_id, None, given, version=None, who=who, db=db, at=now())
    return DecisionView.of(one)


@router.get("/decision/file", response_class=Response)
async def read_file(case_id: CaseId, request: Request, who: ApiPrincipal) -> Response:
    """For officials who see the case, and the facility that ordered it."""
    return paper_response(
        case_id, *await reading.paper_seen_by(who, case_id, db=request.app.state.db)
    )


def paper_response(case_id: str, paper: Paper, data: bytes) -> Response:
    ending = "pdf" if paper.media_type.endswith("pdf") else "jpg"
    headers = attachment(f"quyet-dinh-{case_id}.{ending}")
    headers["X-Content-Type-Options"] = "nosniff"
    return Response(data, media_type=paper.media_type, headers=headers)
