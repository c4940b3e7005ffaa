"""What everybody sees without signing in: recalls and warnings as a list, and each as a page."""

from fastapi import APIRouter, Request, Response

from services.recall.domain.case import Case
from services.recall.domain.decision import Decision
from services.recall.domain.terms import LegalBasis
from services.recall.pages import labels
from services.recall.pages.correction_section import with_rows
from services.recall.queries import cases
from services.recall.store import corrections, decisions
from shared.mongo import Database
from shared.web.pages import render
from shared.web.paging import Paging
from shared.web.session import VisitorPrincipal

router = APIRouter(include_in_schema=False)

PATH = "/recalls"
LOTS_A_PAGE = 50
# Readers ask again each time, and are told quickly that nothing is new.
FRESH = {"Cache-Control": "no-cache"}


@router.get(PATH)
async def list_recalls(request: Request, who: VisitorPrincipal) -> Response:
    db = request.app.state.db
    text = request.query_params.get("q", "")[:100]
    standing = request.query_params.get("all") != "1"
    _, total = await cases.listed_publicly(db=db, text=text, standing=standing, size=1)
    paging = Paging.of(request, total, size=20)
    found, _ = await cases.listed_publicly(
        db=db, text=text, standing=standing, skip=paging.skip, size=paging.size
    )
    return render(
        request,
        "public_list.html",
        headers=FRESH,
        rows=found,
        paging=paging,
        text=text,
        standing=standing,
        labels=labels,
    )


async def _decision(db: Database, case: Case) -> Decision | None:
    """An authority's alone: what a facility wrote of its own order is not published in its name."""
    if case.legal_basis is not LegalBasis.COMPULSORY:
        return None
    return await decisions.of_case(db, case.id)


@router.get(PATH + "/{case_id}")
async def show_recall(case_id: str, request: Request, who: VisitorPrincipal) -> Response:
    db = request.app.state.db
    case = await cases.seen_publicly(case_id, db=db)
    paging = Paging.of(request, len(case.lots), size=LOTS_A_PAGE)
    shown = case.lots[paging.skip : paging.skip + paging.size]
    return render(
        request,
        "public_case.html",
        headers=FRESH,
        case=case,
        words=labels.in_language(case.wording),
        lots=await cases.lots_of(db, shown),
        decision=await _decision(db, case),
        corrections=await with_rows(db, await corrections.of_case(db, case.id)),
        paging=paging,
        labels=labels,
    )
