"""Inquiries in the console: the facility's own, and those reported to officials (R29)."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.actions import inquiries as acts
from services.registry.catalogue import INQUIRY_STATES, INQUIRY_TONES, INQUIRY_TOPICS
from services.registry.domain.inquiry import Inquiry
from services.registry.inquiry_fields import AnswerForm, ModerationForm, ReportForm
from services.registry.pages.forms import StepForm
from services.registry.pages.showing import show
from services.registry.store import inquiries as store
from services.registry.store.lists import PAGE_SIZE
from shared.auth import Principal, require
from shared.errors import NotFound, Refusal
from shared.ids import now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

HOME: Final = "/console/registry/inquiries"
router = APIRouter(prefix=HOME, include_in_schema=False)


@router.get("")
async def listed(
    request: Request, who: PagePrincipal, state: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """A facility's own; for officials only what was reported to them."""
    reported = who.facility_id is None
    require(who, "inquiry.moderate" if reported else "inquiry.read")
    db: Database = request.app.state.db
    state = state if state in INQUIRY_STATES else ""
    number = Paging.of(request, 10**9, size=PAGE_SIZE).number
    rows, total = await store.listed(db, who, state=state, reported=reported, page=number)
    return show(
        request,
        "console/inquiries.html",
        rows=rows,
        paging=Paging.of(request, total, size=PAGE_SIZE),
        counts=await store.counts(db, who, reported=reported),
        state=state,
        reported=reported,
        **_words(),
    )


@router.get("/{inquiry_id}")
async def read(request: Request, who: PagePrincipal, inquiry_id: str) -> Response:
    one = await acts.read(inquiry_id, who=who, db=request.app.state.db)
    return _page(request, who, one)


@router.post("/{inquiry_id}/answer")
async def answer(request: Request, who: PagePrincipal, inquiry_id: str, _: PageForm) -> Response:
    one = await acts.read(inquiry_id, who=who, db=request.app.state.db)
    form = await read_form(request, AnswerForm)
    if form.value is None:
        return _page(request, who, one, answer=form, status=422)
    try:
        await acts.answer(
            inquiry_id,
            form.value.text,
            version=form.value.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
    except Refusal as refusal:
        one = await acts.read(inquiry_id, who=who, db=request.app.state.db)
        again = form.refused(refusal)
        return _page(request, who, one, answer=again, status=form_status(refusal))
    return redirect(request, f"{HOME}/{inquiry_id}", N_("Đã gửi trả lời."))


@router.post("/{inquiry_id}/close")
async def close(request: Request, who: PagePrincipal, inquiry_id: str, _: PageForm) -> Response:
    form = await read_form(request, StepForm)
    if form.value is None:
        raise NotFound()
    await acts.close(
        inquiry_id, version=form.value.version, who=who, now=now(), db=request.app.state.db
    )
    return redirect(request, f"{HOME}/{inquiry_id}", N_("Đã kết thúc."))


@router.post("/{inquiry_id}/report")
async def report(request: Request, who: PagePrincipal, inquiry_id: str, _: PageForm) -> Response:
    one = await acts.read(inquiry_id, who=who, db=request.app.state.db)
    form = await read_form(request, ReportForm)
    if form.value is None:
        return _page(request, who, one, complaint=form, status=422)
    try:
        await acts.report(
            inquiry_id, form.value.reason, who=who, now=now(), db=request.app.state.db
        )
    except Refusal as refusal:
        again = form.refused(refusal)
        return _page(request, who, one, complaint=again, status=form_status(refusal))
    return redirect(request, f"{HOME}/{inquiry_id}", N_("Đã báo cho cơ quan quản lý."))


@router.post("/{inquiry_id}/moderation")
async def moderate(request: Request, who: PagePrincipal, inquiry_id: str, _: PageForm) -> Response:
    one = await acts.read(inquiry_id, who=who, db=request.app.state.db)
    form = await read_form(request, ModerationForm)
    if form.value is None:
        return _page(request, who, one, judgement=form, status=422)
    await acts.moderate(
        inquiry_id, **form.value.model_dump(), who=who, now=now(), db=request.app.state.db
    )
    removed = form.value.decision == "remove"
    done = N_("Đã xóa lời nhắn.") if removed else N_("Đã bỏ báo cáo lạm dụng.")
    return redirect(request, HOME, done)


def _words() -> dict[str, Any]:
    return {"states": INQUIRY_STATES, "tones": INQUIRY_TONES, "topics": INQUIRY_TOPICS}


def _page(
    request: Request,
    who: Principal,
    one: Inquiry,
    *,
    answer: Form[Any] | None = None,
    complaint: Form[Any] | None = None,
    judgement: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    may_answer = who.may("inquiry.answer") and who.covers("inquiry.answer", one.scope())
    return show(
        request,
        "console/inquiry.html",
        status=status,
        one=one,
        answer=answer or new_form(AnswerForm, version=one.version),
        complaint=complaint or new_form(ReportForm),
        judgement=judgement or new_form(ModerationForm),
        may_answer=may_answer,
        may_judge=who.facility_id is None and one.report is not None,
        **_words(),
    )
