"""The decision that a case rests on: its page, its file, and what the case itself says of it."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.recall.actions import decision_drafts as drafts
from services.recall.actions import decisions as acts
from services.recall.actions.acting import official
from services.recall.decision_api import paper_response
from services.recall.decision_inputs import DecisionForm
from services.recall.domain.case import Case
from services.recall.domain.decision import may_supply
from services.recall.domain.terms import PUBLIC, Kind, LegalBasis, State
from services.recall.pages import labels
from services.recall.pages.console import HOME
from services.recall.queries import cases
from services.recall.queries import decisions as reading
from services.recall.store import decision_drafts, decisions
from services.recall.store.cases import scope_of
from shared.auth import Principal
from shared.errors import ProofNeeded
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
PATH = HOME + "/{case_id}/decision"


@router.get(PATH)
async def show(case_id: str, request: Request, who: PagePrincipal) -> Response:
    return await _page(request, who, case_id)


@router.post(PATH)
async def supply(case_id: str, request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    db, submitted = request.app.state.db, sent

    async def perform(sent: DecisionForm) -> Response:
        chosen = await sent.paper()
        asking: dict[str, Any] = {"who": who, "db": db, "at": now()}
        paper = chosen or await drafts.find(case_id, sent.kept, **asking)
        try:
            await acts.supply(case_id, sent.given(), paper, version=sent.version, **asking)
        except ProofNeeded:
            if chosen is not None:
                kept = await drafts.keep(case_id, chosen, **asking)
                await submitted.kept("file", {"kept": kept})
            raise
        await decision_drafts.remove(db, sent.kept, who.account_id)
        return redirect(request, f"{HOME}/{case_id}/decision", N_("Đã ghi quyết định."))

    async def again(form: Form[DecisionForm], status: int) -> Response:
        return await _page(request, who, case_id, form, status)

    return await answered(await read_form(request, DecisionForm), perform, again)


@router.get(PATH + "/file")
async def read_file(case_id: str, request: Request, who: PagePrincipal) -> Response:
    found = await reading.paper_seen_by(who, case_id, db=request.app.state.db)
    return paper_response(case_id, *found)


async def _page(
    request: Request,
    who: Principal,
    case_id: str,
    form: Form[DecisionForm] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    found = await decisions.versions(db, case_id)
    version = found[0].version if found else 0
    may = _may(who, case)
    shown = form.caught_up(version) if form is not None else _as_it_is(case, found)
    draft = await decision_drafts.get(db, shown.text("kept"), case_id, who.account_id, now())
    return render(
        request,
        "decision.html",
        status=status,
        case=case,
        words=labels.in_language(case.wording),
        found=found,
        form=shown if draft else shown.with_raw(kept=""),
        draft=draft,
        moot=form if not may else None,
        may=may,
        readable=reading.may_read_paper(who, case),
        labels=labels,
    )


def _as_it_is(case: Case, found: list[Any]) -> Form[DecisionForm]:
    """The newest, to be completed; of an authority's order its name at least is known."""
    if not found:
        issued_by = case.authority if case.legal_basis is LegalBasis.COMPULSORY else ""
        return new_form(DecisionForm, version=0, issued_by=issued_by)
    given = found[0].given
    return new_form(
        DecisionForm,
        version=found[0].version,
        number=given.number,
        day=given.day,
        issued_by=given.issued_by,
    )


def _may(who: Principal, case: Case) -> bool:
    if case.state is State.DECLINED or not who.may(acts.ORDER):
        return False
    if who.facility_id is None:
        own = may_supply(official(who), case.ordering)
    else:
        own = who.facility_id == case.ordered_by.facility_id
    return own and who.covers(acts.ORDER, scope_of(case.owner))


async def load(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """Number, day and body on the case, for everybody who sees it; what is missing, for whoever
    supplies it."""
    found = await decisions.of_case(db, case.id)
    may = _may(who, case)
    wanted = case.legal_basis is LegalBasis.COMPULSORY and case.kind is not Kind.WARNING
    if found is None and not (may and wanted and case.state in PUBLIC):
        return None
    return {
        "case": case,
        "found": found,
        "may": may,
        "readable": reading.may_read_paper(who, case),
    }
