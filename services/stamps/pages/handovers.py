"""Hand-overs of centrally printed stamps: the list, one with its receipt and what differs."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries, stock_queries
from services.stamps.actions import handing
from services.stamps.domain.handovers import HandOver
from services.stamps.handover_note import note_answer
from services.stamps.inputs import RecordId
from services.stamps.pages.forms import fresh_form
from services.stamps.pages.shown import HOME, listed, translated
from services.stamps.pages.stock_shown import handover_rows, ranges
from services.stamps.pages.stock_words import HANDOVER_STATES, SIDES
from services.stamps.stock_inputs import AnswerFields, ReceiptForm, WithdrawalFields
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()
OPEN = "open"
_RECEIPT = "handover_receive.html"


@router.get("/handovers")
async def list_handovers(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    asked = request.query_params.get("state", "")
    state = asked if asked in (OPEN, *HANDOVER_STATES) else ""
    found, paging = await listed(
        request,
        lambda page: stock_queries.handovers_seen_by(who, db=db, state=state, page=page),
    )
    return render(
        request,
        "handovers.html",
        rows=handover_rows(found),
        names=await queries.names_for(found, db=db),
        unit_names=await stock_queries.unit_names({one.to_unit_id for one in found}, db=db),
        state=state,
        states=[(OPEN, translate(N_("Còn phải làm"))), *translated(HANDOVER_STATES).items()],
        paging=paging,
    )


@router.get("/handovers/{handover_id}")
async def show_handover(request: Request, who: PagePrincipal, handover_id: RecordId) -> Response:
    db = request.app.state.db
    found = await stock_queries.handover_seen_by(who, handover_id, db=db)
    (row,) = handover_rows([found])
    side = found.side_of(who)
    act = "stamps.receive" if side == "facility" else "stamps.hand_over"
    may_act = who.may(act) and found.is_of(who)
    return render(
        request,
        "handover.html",
        row=row,
        one=found,
        good=ranges(found.good),
        missing=ranges(found.missing),
        damaged=ranges(found.damaged),
        names=await queries.names_for([found], db=db),
        unit_names=await stock_queries.unit_names({found.unit_id, found.to_unit_id}, db=db),
        mine=found.waits_for(side) and may_act,
        may_act=may_act,
        side=side,
        words=_words(found),
    )


@router.get("/handovers/{handover_id}/note")
async def show_note(request: Request, who: PagePrincipal, handover_id: RecordId) -> Response:
    """The note to be signed, as a PDF."""
    db = request.app.state.db
    found = await stock_queries.handover_seen_by(who, handover_id, db=db)
    return await note_answer(found, db=db)


def _words(found: HandOver) -> list[dict[str, object]]:
    sides = translated(SIDES)
    return [
        {
            "title": sides[one.side]
            if not one.agrees
            else translate(N_("{side} đồng ý"), side=sides[one.side]),
            "time": one.at,
            "who": one.by_name,
            "text": one.text,
            "tone": "good" if one.agrees else "caution",
        }
        for one in found.words
    ]


@router.get("/handovers/{handover_id}/receive")
async def receipt_form(request: Request, who: PagePrincipal, handover_id: RecordId) -> Response:
    return await _receipt_page(request, who, handover_id, fresh_form(ReceiptForm))


@router.post("/handovers/{handover_id}/receive")
async def receive(
    request: Request, who: PagePrincipal, sent: PageForm, handover_id: RecordId
) -> Response:
    async def perform(sent: ReceiptForm) -> Response:
        db = request.app.state.db
        made = await handing.receive(
            handover_id, **sent.asked(), key=sent.key, who=who, db=db, now=now()
        )
        told = N_("Đã xác nhận nhận đủ tem. Tem này kích hoạt được ngay.")
        if made.to_unit_id:
            told = N_("Đã xác nhận nhận đủ tem; tem nằm trong kho của đơn vị bạn.")
        if made.state == "differs":
            told = N_(
                "Đã xác nhận. Tem thiếu và tem hỏng không dùng được nữa; bên giao sẽ trả lời."
            )
        return redirect(request, f"{HOME}/handovers/{handover_id}", told)

    return await answered(
        await read_form(request, ReceiptForm),
        perform,
        lambda form, status: _receipt_page(request, who, handover_id, form, status),
    )


async def _receipt_page(
    request: Request, who: Principal, handover_id: str, form: Form[ReceiptForm], status: int = 200
) -> Response:
    found = await stock_queries.handover_seen_by(who, handover_id, db=request.app.state.db)
    right = found.receipt_right
    return await _form_page(request, who, handover_id, right, _RECEIPT, form, status)


@router.get("/handovers/{handover_id}/answer")
async def answer_form(request: Request, who: PagePrincipal, handover_id: RecordId) -> Response:
    return await _answer_page(request, who, handover_id, new_form(AnswerFields))


@router.post("/handovers/{handover_id}/answer")
async def answer(
    request: Request, who: PagePrincipal, sent: PageForm, handover_id: RecordId
) -> Response:
    async def perform(sent: AnswerFields) -> Response:
        db = request.app.state.db
        await handing.answer(handover_id, **sent.model_dump(), who=who, db=db, now=now())
        told = N_("Đã thống nhất số tem giao nhận.") if sent.agrees else N_("Đã gửi trả lời.")
        return redirect(request, f"{HOME}/handovers/{handover_id}", told)

    return await answered(
        await read_form(request, AnswerFields),
        perform,
        lambda form, status: _answer_page(request, who, handover_id, form, status),
    )


async def _answer_page(
    request: Request, who: Principal, handover_id: str, form: Form[AnswerFields], status: int = 200
) -> Response:
    action = "stamps.receive" if who.facility_id is not None else "stamps.hand_over"
    return await _form_page(request, who, handover_id, action, "handover_answer.html", form, status)


@router.get("/handovers/{handover_id}/withdraw")
async def withdrawal_form(request: Request, who: PagePrincipal, handover_id: RecordId) -> Response:
    return await _withdrawal_page(request, who, handover_id, new_form(WithdrawalFields))


@router.post("/handovers/{handover_id}/withdraw")
async def withdraw(
    request: Request, who: PagePrincipal, sent: PageForm, handover_id: RecordId
) -> Response:
    async def perform(sent: WithdrawalFields) -> Response:
        db = request.app.state.db
        await handing.withdraw(handover_id, reason=sent.reason, who=who, db=db, now=now())
        there = f"{HOME}/handovers/{handover_id}"
        return redirect(request, there, N_("Đã hủy lần giao; tem về lại kho."))

    return await answered(
        await read_form(request, WithdrawalFields),
        perform,
        lambda form, status: _withdrawal_page(request, who, handover_id, form, status),
    )


async def _withdrawal_page(
    request: Request,
    who: Principal,
    handover_id: str,
    form: Form[WithdrawalFields],
    status: int = 200,
) -> Response:
    return await _form_page(
        request, who, handover_id, "stamps.hand_over", "handover_withdraw.html", form, status
    )


async def _form_page(
    request: Request,
    who: Principal,
    handover_id: str,
    action: str,
    template: str,
    form: Form[ReceiptForm] | Form[AnswerFields] | Form[WithdrawalFields],
    status: int,
) -> Response:
    """A form that belongs to a hand-over with which the person may do `action`."""
    db = request.app.state.db
    found = await stock_queries.handover_seen_by(who, handover_id, db=db, action=action)
    found.must_be_of(who)
    if template == _RECEIPT:
        found.must_be_received_by(who)
    (row,) = handover_rows([found])
    return render(
        request,
        template,
        status=status,
        one=found,
        row=row,
        missing=ranges(found.missing),
        damaged=ranges(found.damaged),
        last=found.words[-1] if found.words else None,
        side=found.side_of(who),
        form=form,
    )
