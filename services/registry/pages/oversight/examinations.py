"""Lots to be examined because what they came from failed a test: the list, and the decision."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from services.registry.actions import examining
from services.registry.domain.examining import Standing
from services.registry.domain.records import Aggregate
from services.registry.fields.examinations import ExaminationDecision
from services.registry.inputs import Id
from services.registry.pages.showing import show
from services.registry.store import examinations, records
from shared.auth import Principal, require
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Prose
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/examinations", include_in_schema=False)
STANDINGS = {
    Standing.OPEN: N_("Cần xem xét"),
    Standing.CLEARED: N_("Dùng được"),
    Standing.CONFIRMED: N_("Không đạt"),
    Standing.LIFTED: N_("Kết quả đã được bỏ"),
}
TONES = {
    Standing.OPEN: "caution",
    Standing.CLEARED: "good",
    Standing.CONFIRMED: "bad",
    Standing.LIFTED: "neutral",
}


class DecisionForm(ExaminationDecision):
    """On a page the reason is asked for at once."""

    reason: Annotated[Prose, Field(min_length=3, max_length=1000)]


@router.get("")
async def read_all(
    request: Request, who: PagePrincipal, all: Annotated[str, Query(max_length=1)] = ""
) -> Response:
    require(who, "lot.read")
    db: Database = request.app.state.db
    waiting = not all
    total = await examinations.count(db, who, waiting=waiting)
    paging = Paging.of(request, total, size=examinations.PAGE_SIZE)
    return show(
        request,
        "console/examinations.html",
        examinations=await examinations.in_scope(db, who, waiting=waiting, page=paging.number),
        paging=paging,
        waiting=waiting,
        standings=STANDINGS,
        tones=TONES,
    )


@router.get("/{examination_id}")
async def read(request: Request, who: PagePrincipal, examination_id: Id) -> Response:
    return await _page(request, who, examination_id, new_form(DecisionForm))


@router.post("/{examination_id}/decide")
async def decide(request: Request, who: PagePrincipal, examination_id: Id, _: PageForm) -> Response:
    async def perform(sent: DecisionForm) -> Response:
        await examining.decide(
            examination_id,
            Standing(sent.decision),
            reason=sent.reason,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        return redirect(request, "/console/registry/examinations", N_("Đã ghi quyết định về lô."))

    return await answered(
        await read_form(request, DecisionForm),
        perform,
        lambda form, status: _page(request, who, examination_id, form, status),
    )


async def _page(
    request: Request,
    who: Principal,
    examination_id: str,
    form: Form[DecisionForm],
    status: int = 200,
) -> Response:
    db: Database = request.app.state.db
    one = await examinations.get(db, examination_id)
    require(who, "lot.read", one.owner.scope())
    lots = await records.find_many(db, Aggregate.LOT, (one.lot_id, one.source_id))
    source = lots.get(one.source_id)
    return show(
        request,
        "console/examination.html",
        status=status,
        one=one,
        standings=STANDINGS,
        tones=TONES,
        sees_source=source is not None and who.covers("lot.read", source.owner.scope()),
        decides=who.may("lot.check")
        and who.covers("lot.check", one.owner.scope())
        and one.standing is not Standing.LIFTED,
        form=form,
    )
