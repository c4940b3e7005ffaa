"""What was told and what waits, with the reasons; retried and paused from here."""

from typing import Final, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from services.recall.actions import deliveries as acts
from services.recall.courier.errors import ERRORS
from services.recall.domain.delivery import DRILLS
from services.recall.pages.contacts import CHANNELS
from services.recall.queries import deliveries
from services.recall.store.deliveries import PAGE_SIZE, STATES
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input
from shared.web.forms import read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
HOME: Final = "/console/recall/deliveries"
_EVER_SO_MANY: Final = 10**9

LABELS: Final = {
    "queued": N_("Đang chờ gửi"),
    "sending": N_("Đang gửi"),
    "sent": N_("Đã gửi"),
    "failed": N_("Gửi hỏng, sẽ thử lại"),
    "given_up": N_("Đã thôi thử"),
}
TONES: Final = {
    "queued": "neutral",
    "sending": "info",
    "sent": "good",
    "failed": "caution",
    "given_up": "bad",
}
MESSAGES: Final = {
    "ordered": N_("Báo có vụ việc"),
    "scope_changed": N_("Báo phạm vi rộng thêm"),
    "corrected": N_("Báo đã đính chính"),
    "lifted": N_("Báo đã dỡ bỏ"),
    "closed": N_("Báo đã kết thúc"),
    "running": N_("Báo số vụ việc đang chạy"),
    "deadline_near": N_("Báo thời hạn sắp hết"),
    "deadline_missed": N_("Báo đã quá thời hạn"),
    "drill_started": N_("Diễn tập: báo bắt đầu"),
    "drill_ended": N_("Diễn tập: báo kết thúc"),
    "confirm": N_("Thư xác nhận địa chỉ"),
    "challenge": N_("Thử webhook"),
    "unknown": N_("Tin của phiên bản mới hơn"),
}


class AllForm(Input):
    state: Literal["failed", "given_up"] = "failed"
    case: str = Field("", max_length=64, pattern="^[0-9A-Za-z-]*$")


@router.get(HOME)
async def show(request: Request, who: PagePrincipal) -> Response:
    return await _page(request, who)


async def _page(request: Request, who: Principal, status: int = 200) -> Response:
    db, asked = request.app.state.db, request.query_params.get("state", "")
    state = asked if asked in STATES else ""
    case_id = request.query_params.get("case", "")[:64]
    page = Paging.of(request, _EVER_SO_MANY, size=PAGE_SIZE).number
    rows, numbers, total = await deliveries.listed(
        who, db=db, state=state, case_id=case_id, page=page
    )
    paging = Paging.of(request, total, size=PAGE_SIZE, most=deliveries.COUNTED)
    if paging.number != page:
        rows, numbers, _ = await deliveries.listed(
            who, db=db, state=state, case_id=case_id, page=paging.number
        )
    of_case = f"&case={case_id}" if case_id else ""
    every = (
        "",
        translate(N_("Tất cả")),
        f"{HOME}?state={of_case}",
        _counted(sum(numbers.values())),
    )
    tabs = [
        every,
        *(
            (one, translate(LABELS[one]), f"{HOME}?state={one}{of_case}", _counted(numbers[one]))
            for one in STATES
        ),
    ]
    return render(
        request,
        "deliveries.html",
        status=status,
        rows=rows,
        paging=paging,
        state=state,
        case_id=case_id,
        about=await deliveries.about(case_id, db=db),
        drills=DRILLS,
        tabs=tabs,
        courier=await deliveries.courier(db, now()),
        may_retell=who.may(deliveries.RETELL),
        labels=LABELS,
        tones=TONES,
        messages=MESSAGES,
        channels=CHANNELS,
        why=why,
    )


@router.post(HOME + "/retry")
async def retry_all(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    """All of a state, perhaps of one case alone: once our own mail server works again."""

    async def perform(sent: AllForm) -> Response:
        db = request.app.state.db
        retried = await acts.retry_all(sent.state, sent.case, who=who, db=db, at=now())
        more = f"&case={sent.case}" if sent.case else ""
        done = N_("{count} tin được gửi lại ngay.")
        left = N_("{count} tin được gửi lại ngay. Còn nữa: bấm Gửi lại tất cả lần nữa.")
        words = done if retried.is_all else left
        to = f"{HOME}?state={'queued' if retried.is_all else sent.state}{more}"
        return redirect(request, to, words, count=retried.number)

    return await answered(
        await read_form(request, AllForm), perform, lambda _, status: _page(request, who, status)
    )


@router.post(HOME + "/{delivery_id}/retry")
async def retry(request: Request, who: PagePrincipal, _: PageForm, delivery_id: str) -> Response:
    await acts.retry(delivery_id, who=who, db=request.app.state.db, at=now())
    return redirect(request, HOME, N_("Tin được gửi lại ngay."))


@router.post(HOME + "/{delivery_id}/pause")
async def pause(request: Request, who: PagePrincipal, _: PageForm, delivery_id: str) -> Response:
    await acts.pause(delivery_id, who=who, db=request.app.state.db)
    return redirect(request, HOME, N_("Đã tạm ngừng gửi tới địa chỉ này."))


@router.post(HOME + "/{delivery_id}/resume")
async def resume(request: Request, who: PagePrincipal, _: PageForm, delivery_id: str) -> Response:
    await acts.resume(delivery_id, who=who, db=request.app.state.db, at=now())
    return redirect(request, HOME, N_("Địa chỉ này lại nhận tin; tin đang giữ được gửi ngay."))


def _counted(number: int) -> int | None:
    return number if number <= deliveries.COUNTED else None


def why(error: str, detail: str) -> str:
    """Why it failed last, in plain words."""
    return translate(ERRORS.get(error, ERRORS["unexpected"]), detail=detail) if error else ""
