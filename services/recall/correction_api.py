"""The JSON API of corrections: asked for, confirmed by a second person, listed with what was said
before."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from services.recall.actions import corrections as acts
from services.recall.correction_inputs import CorrectionBody
from services.recall.domain.terms import Kind, Level, Said
from services.recall.inputs import ReasonBody
from services.recall.queries import cases
from services.recall.store import corrections
from services.recall.store.corrections import Corrected
from services.recall.views.cases import CaseView
from services.recall.views.radius import TargetView
from shared.ids import now
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter(prefix="/api/recall/v1/recalls/{case_id}/corrections", tags=["recall"])
CaseId = Annotated[str, Path(max_length=64, pattern="^[0-9A-Za-z-]+$")]


class SaidView(BaseModel):
    """What a case said."""

    kind: Kind
    level: Level
    reason_key: str
    target: TargetView
    title: str
    reason: str
    instruction: str
    title_en: str
    reason_en: str
    instruction_en: str
    title_zh: str
    reason_zh: str
    instruction_zh: str

    @classmethod
    def of(cls, said: Said) -> "SaidView":
        wording = {name: getattr(said.wording, name) for name in said.wording.__slots__}
        return cls(
            kind=said.kind,
            level=said.level,
            reason_key=said.reason_key,
            target=TargetView.of(said.target),
            **wording,
        )


class CorrectedView(BaseModel):
    """One correction. `changed`: of kind, level, reason, words, target, lots; `added` and
    `removed` are ids of lots."""

    at: datetime
    by: str
    confirmed_by: str
    why: str
    changed: list[str]
    before: SaidView
    after: SaidView
    added: list[str]
    removed: list[str]

    @classmethod
    def of(cls, one: Corrected) -> "CorrectedView":
        return cls(
            at=one.at,
            by=one.by.name,
            confirmed_by=one.confirmed_by.name if one.confirmed_by else "",
            why=one.why,
            changed=list(one.changed),
            before=SaidView.of(one.before),
            after=SaidView.of(one.after),
            added=list(one.added),
            removed=list(one.removed),
        )


class CorrectedList(BaseModel):
    items: list[CorrectedView]


@router.get("")
async def list_corrections(case_id: CaseId, request: Request, who: ApiPrincipal) -> CorrectedList:
    """What the case said before, oldest first."""
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    found = await corrections.of_case(db, case.id)
    return CorrectedList(items=[CorrectedView.of(one) for one in found])


@router.post("")
async def correct(
    case_id: CaseId,
    asked: CorrectionBody,
    request: Request,
    who: ApiPrincipal,
    key: IdempotencyKey = None,
) -> CaseView:
    """Correct the case. Where consumers are told less it waits for a second person
    (`correction_requested_by`). The same Idempotency-Key corrects once."""
    state = request.app.state
    case = await acts.correct(
        case_id,
        asked.asked(),
        who=who,
        cap=state.settings.cap,
        key=key,
        db=state.db,
        at=now(),
    )
    return CaseView.of(case)


@router.post("/confirm")
async def confirm(case_id: CaseId, request: Request, who: ApiPrincipal) -> CaseView:
    """A second person agrees; only then the notices change."""
    case = await acts.confirm(case_id, who=who, db=request.app.state.db, at=now())
    return CaseView.of(case)


@router.post("/decline")
async def decline(
    case_id: CaseId, asked: ReasonBody, request: Request, who: ApiPrincipal
) -> CaseView:
    """The case goes on saying what it says."""
    db = request.app.state.db
    case = await acts.decline(case_id, asked.reason, who=who, db=db, at=now())
    return CaseView.of(case)
