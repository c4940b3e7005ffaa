"""The console's list of reported problems, and the page of each with its answer."""

from typing import Any

from fastapi import APIRouter, Request, Response

from services.recall.actions import complaints as acts
from services.recall.complaint_inputs import AnswerBody
from services.recall.domain.complaint import STATES
from services.recall.queries import complaints
from services.recall.store.complaints import PAGE_SIZE
from shared.commune_places import names
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
HOME = "/console/recall/complaints"
_EVER_SO_MANY = 10**9

LABELS = {"new": N_("Mới"), "seen": N_("Đang xem xét"), "closed": N_("Đã trả lời")}
TONES = {"new": "bad", "seen": "caution", "closed": "good"}
PROBLEMS = {
    "looks_fake": N_("Nghi hàng giả, tem giả"),
    "spoiled": N_("Hàng hỏng, không an toàn"),
    "made_ill": N_("Ăn vào bị ốm"),
    "wrong_information": N_("Thông tin sai"),
    "other": N_("Việc khác"),
}
VERDICTS = {
    "unknown": N_("Không có trong hệ thống"),
    "recalled": N_("Thu hồi"),
    "withdrawn": N_("Rút khỏi thị trường"),
    "revoked": N_("Tem bị hủy"),
    "suspect_copy": N_("Nghi tem sao chép"),
    "suspended": N_("Tạm ngừng"),
    "not_activated": N_("Tem chưa kích hoạt"),
    "expired": N_("Hết hạn"),
    "warning": N_("Cảnh báo"),
    "unconfirmed": N_("Chưa xác nhận được"),
    "genuine": N_("Tem thật"),
}


@router.get(HOME)
async def show_list(request: Request, who: PagePrincipal) -> Response:
    db, asked = request.app.state.db, request.query_params.get("state", "")
    state = asked if asked in STATES else ""
    page = Paging.of(request, _EVER_SO_MANY, size=PAGE_SIZE).number
    rows, numbers, total = await complaints.listed(who, db=db, state=state, page=page)
    paging = Paging.of(request, total, size=PAGE_SIZE)
    if paging.number != page:
        rows, numbers, _ = await complaints.listed(who, db=db, state=state, page=paging.number)
    tabs = [("", translate(N_("Tất cả")), HOME, sum(numbers.values()))]
    tabs += [(one, translate(LABELS[one]), f"{HOME}?state={one}", numbers[one]) for one in STATES]
    return render(
        request, "complaints.html", rows=rows, paging=paging, state=state, tabs=tabs, **_words()
    )


@router.get(HOME + "/{complaint_id}")
async def show_one(request: Request, who: PagePrincipal, complaint_id: str) -> Response:
    return await _page(request, who, complaint_id)


@router.post(HOME + "/{complaint_id}/seen")
async def take_up(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    await acts.take_up(complaint_id, who=who, db=request.app.state.db, at=now())
    done = N_("Đã nhận xem xét. Người báo đọc được điều đó.")
    return redirect(request, f"{HOME}/{complaint_id}", done)


@router.post(HOME + "/{complaint_id}/answer")
async def answer(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    async def perform(sent: AnswerBody) -> Response:
        db = request.app.state.db
        await acts.close(complaint_id, sent.answer, version=sent.version, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{complaint_id}", N_("Đã trả lời người báo."))

    return await answered(
        await read_form(request, AnswerBody),
        perform,
        lambda form, status: _page(request, who, complaint_id, form, status),
    )


async def _page(
    request: Request,
    who: PagePrincipal,
    complaint_id: str,
    form: Form[AnswerBody] | None = None,
    status: int = 200,
) -> Response:
    row = await complaints.one(who, complaint_id, db=request.app.state.db, at=now())
    one = row.complaint
    if form is not None:
        form = form.caught_up(one.version)
    return render(
        request,
        "complaint.html",
        status=status,
        row=row,
        one=one,
        form=form or new_form(AnswerBody, version=one.version),
        commune=names().get(one.commune, one.commune),
        private=one.private_until > now(),
        may_answer=who.may(acts.ANSWER) and one.state != "closed",
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {"labels": LABELS, "tones": TONES, "problems": PROBLEMS, "verdicts": VERDICTS}
