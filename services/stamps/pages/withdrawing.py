"""Taking back a request for stamps that still waits."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries
from services.stamps.actions import withdrawing
from services.stamps.inputs import RecordId, WithdrawFields
from services.stamps.pages.shown import HOME
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get("/requests/{request_id}/withdraw")
async def withdraw_form(request: Request, who: PagePrincipal, request_id: RecordId) -> Response:
    return await _withdraw_page(request, who, request_id, new_form(WithdrawFields))


@router.post("/requests/{request_id}/withdraw")
async def withdraw(
    request: Request, who: PagePrincipal, sent: PageForm, request_id: RecordId
) -> Response:
    async def perform(sent: WithdrawFields) -> Response:
        db = request.app.state.db
        await withdrawing.withdraw(request_id, reason=sent.reason, who=who, db=db, now=now())
        return redirect(request, f"{HOME}/requests/{request_id}", N_("Đã rút lại yêu cầu."))

    return await answered(
        await read_form(request, WithdrawFields),
        perform,
        lambda form, status: _withdraw_page(request, who, request_id, form, status),
    )


async def _withdraw_page(
    request: Request,
    who: Principal,
    request_id: str,
    form: Form[WithdrawFields],
    status: int = 200,
) -> Response:
    db = request.app.state.db
    found = await queries.request_to_withdraw(who, request_id, db=db)
    refused = queries.withdrawal_refused(who, found)
    return render(
        request,
        "request_withdraw.html",
        status=status,
        one=found,
        names=await queries.names_for([found], db=db),
        refused=translate(refused.message, **refused.params) if refused else "",
        form=form,
    )
