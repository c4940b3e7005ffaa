"""The reports of consumers that belong to a case, on its page; and one answer to all of them."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.recall.actions import answering_all
from services.recall.actions import suspicions as acts
from services.recall.actions.complaints import ANSWER
from services.recall.domain.case import Case
from services.recall.domain.terms import Kind, State
from services.recall.pages import labels
from services.recall.pages.complaint_words import words
from services.recall.pages.complaints import HOME as REPORTS
from services.recall.queries import cases, complaints
from services.recall.queries import suspicions as queries
from services.recall.queries.complaints import READ
from services.recall.suspicion_inputs import AnswerAllForm, CaseForm
from shared.auth import Principal, require
from shared.commune_places import names
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
PAGE = "/console/recall/{case_id}/complaints"
ENDED = (State.CLOSED, State.LIFTED)
# What an answer to all begins with, by how the case stands; the official goes on from there.
SUGGESTED = {
    State.CLOSED: N_(
        "Cảm ơn bạn đã phản ánh. Cơ quan quản lý đã thu hồi, xử lý hàng này. Kết luận: {finding}"
    ),
    State.LIFTED: N_(
        "Cảm ơn bạn đã phản ánh. Hàng đã được kiểm tra; thông báo về hàng này đã được dỡ bỏ."
    ),
    State.ORDERED: N_(
        "Cảm ơn bạn đã phản ánh. Cơ quan quản lý đã ra thông báo về hàng này: {title}. "
        "Hãy làm theo hướng dẫn trong thông báo."
    ),
}

# Of a warning: it takes no goods back.
WARNED = N_(
    "Cảm ơn bạn đã phản ánh. Cơ quan quản lý đã xử lý việc được cảnh báo. Kết luận: {finding}"
)


async def section(db: Database, who: Principal, case: Case) -> dict[str, Any] | None:
    """None for facilities, and where nobody reported or suspected anything of the owner's."""
    found = await queries.of_case(who, case, db=db, at=now())
    beside = await queries.beside_case(who, case, db=db)
    if not found and not beside:
        return None
    waiting = await answering_all.waiting(db, case.id, READ, who, now()) if found else []
    counted = {"count": len(found), "waiting": len(waiting)}
    return {"found": found[:20], "beside": beside, **counted, **words()}


@router.get(PAGE)
async def show(request: Request, who: PagePrincipal, case_id: str) -> Response:
    return await _page(request, who, case_id)


@router.post(PAGE)
async def answer_all(request: Request, who: PagePrincipal, _: PageForm, case_id: str) -> Response:
    async def perform(sent: AnswerAllForm) -> Response:
        db = request.app.state.db
        await answering_all.answer_all(
            case_id, sent.answer, read=sent.marks, who=who, db=db, at=now()
        )
        done = N_("Đã trả lời những người báo trong danh sách.")
        return redirect(request, f"/console/recall/{case_id}/complaints", done)

    return await answered(
        await read_form(request, AnswerAllForm),
        perform,
        lambda form, status: _page(request, who, case_id, form, status),
    )


@router.post(REPORTS + "/{complaint_id}/case")
async def link(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    """Without a page of its own: what is wrong is told on the case's page of reports."""

    async def perform(sent: CaseForm) -> Response:
        db = request.app.state.db
        await acts.link(sent.case_id, complaint_id, who=who, db=db, at=now())
        return redirect(request, f"{REPORTS}/{complaint_id}", N_("Đã gắn vào vụ việc."))

    return await answered(
        await read_form(request, CaseForm),
        perform,
        lambda form, status: _link_page(request, who, complaint_id, form, status),
    )


@router.get(REPORTS + "/{complaint_id}/case")
async def ask_link(request: Request, who: PagePrincipal, complaint_id: str) -> Response:
    require(who, acts.LINK)
    return await _link_page(request, who, complaint_id, new_form(CaseForm))


async def _link_page(
    request: Request, who: PagePrincipal, complaint_id: str, form: Form[CaseForm], status: int = 200
) -> Response:
    db = request.app.state.db
    row = await complaints.one(who, complaint_id, db=db, at=now())
    return render(
        request,
        "complaint_link.html",
        status=status,
        row=row,
        one=row.complaint,
        form=form,
        open_cases=await queries.cases_to_link(who, row.complaint.facility_id, db=db),
        recall_labels=labels,
    )


async def _page(
    request: Request,
    who: PagePrincipal,
    case_id: str,
    form: Form[AnswerAllForm] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    case = await cases.seen_by(who, case_id, db=db)
    if who.facility_id is not None:
        raise NotFound()
    at = now()
    found = await queries.of_case(who, case, db=db, at=at)
    # Reading and answering are the same officials' in the same area.
    waiting = await answering_all.waiting(db, case_id, READ, who, at)
    shown = waiting[: answering_all.MOST_SHOWN]
    read = " ".join(answering_all.mark(one) for one in shown)
    form = form or new_form(AnswerAllForm, answer=_suggested(case), read=read)
    return render(
        request,
        "case_complaints.html",
        status=status,
        case=case,
        found=found,
        waiting=len(waiting),
        shown=await complaints.named(shown, db, at),
        communes=names(),
        at=at,
        form=form.with_raw(read=read),
        may_answer=who.may(ANSWER),
        **words(),
    )


def _suggested(case: Case) -> str:
    over = case.kind is Kind.WARNING and case.state is State.CLOSED
    text = WARNED if over else SUGGESTED.get(case.state)
    if text is None:
        return ""
    finding = case.closing.finding if case.closing else ""
    return translate(text, "vi", finding=finding, title=case.wording.title)
