"""Inquiries in the console: the facility's own, and those reported to officials (R29)."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from services.registry.actions import inquiries as acts
from services.registry.catalogue import INQUIRY_STATES, INQUIRY_TONES, INQUIRY_TOPICS
from services.registry.fields.inquiries import AnswerForm, ModerationForm, ReportForm
from services.registry.pages.forms import StepForm
from services.registry.pages.showing import show
from services.registry.store import inquiries as store
from services.registry.store.lists import PAGE_SIZE
from shared.auth import Principal, require
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
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
    return await _page(request, who, inquiry_id)


@router.post("/{inquiry_id}/answer")
async def answer(request: Request, who: PagePrincipal, inquiry_id: str, _: PageForm) -> Response:
    async def perform(sent: AnswerForm) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await acts.answer(inquiry_id, **asked, who=who, now=now(), db=db)
        return redirect(request, f"{HOME}/{inquiry_id}", N_("Đã gửi trả lời."))

    return await answered(
        await read_form(request, AnswerForm),
        perform,
        lambda form, status: _page(request, who, inquiry_id, answer=form, status=status),
    )


@router.post("/{inquiry_id}/close")
async def close(request: Request, who: PagePrincipal, inquiry_id: str, _: PageForm) -> Response:
    async def perform(sent: StepForm) -> Response:
        db: Database = request.app.state.db
        await acts.close(inquiry_id, version=sent.version, who=who, now=now(), db=db)
        return redirect(request, f"{HOME}/{inquiry_id}", N_("Đã kết thúc."))

    return await answered(
        await read_form(request, StepForm),
        perform,
        lambda form, status: _page(request, who, inquiry_id, closing=form, status=status),
    )


@router.post("/{inquiry_id}/report")
async def report(request: Request, who: PagePrincipal, inquiry_id: str, _: PageForm) -> Response:
    async def perform(sent: ReportForm) -> Response:
        db: Database = request.app.state.db
        await acts.report(inquiry_id, sent.reason, who=who, now=now(), db=db)
        return redirect(request, f"{HOME}/{inquiry_id}", N_("Đã báo cho cơ quan quản lý."))

    return await answered(
        await read_form(request, ReportForm),
        perform,
        lambda form, status: _page(request, who, inquiry_id, complaint=form, status=status),
    )


@router.post("/{inquiry_id}/moderation")
async def moderate(request: Request, who: PagePrincipal, inquiry_id: str, _: PageForm) -> Response:
    async def perform(sent: ModerationForm) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await acts.moderate(inquiry_id, **asked, who=who, now=now(), db=db)
        removed = sent.decision == "remove"
        done = N_("Đã xóa lời nhắn.") if removed else N_("Đã bỏ báo cáo lạm dụng.")
        return redirect(request, HOME, done)

    return await answered(
        await read_form(request, ModerationForm),
        perform,
        lambda form, status: _page(request, who, inquiry_id, judgement=form, status=status),
    )


def _words() -> dict[str, Any]:
    return {"states": INQUIRY_STATES, "tones": INQUIRY_TONES, "topics": INQUIRY_TOPICS}


async def _page(
    request: Request,
    who: Principal,
    inquiry_id: str,
    *,
    answer: Form[Any] | None = None,
    complaint: Form[Any] | None = None,
    judgement: Form[Any] | None = None,
    closing: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    """The inquiry as it stands now, with whichever form comes back."""
    one = await acts.read(inquiry_id, who=who, db=request.app.state.db)
    if answer is not None:
        answer = answer.caught_up(one.version)
    may_answer = who.may("inquiry.answer") and who.covers("inquiry.answer", one.scope())
    return show(
        request,
        "console/inquiry.html",
        status=status,
        one=one,
        answer=answer or new_form(AnswerForm, version=one.version),
        complaint=complaint or new_form(ReportForm),
        judgement=judgement or new_form(ModerationForm),
        closing=closing or new_form(StepForm),
        may_answer=may_answer,
        may_judge=who.facility_id is None and one.report is not None,
        **_words(),
    )
