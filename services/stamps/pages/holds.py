"""Holding a batch by an officer's order, and lifting the hold."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries
from services.stamps.actions import holds as acts
from services.stamps.inputs import BatchNumber, HoldFields, RecordId
from services.stamps.pages.forms import HoldForm, fresh_form
from services.stamps.pages.shown import HOME, batch_for
from shared.auth import Principal
from shared.ids import now
from shared.tiers import AUTHORITIES
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get("/batches/{number}/hold")
async def hold_form(request: Request, who: PagePrincipal, number: BatchNumber) -> Response:
    return await _hold_page(request, who, number, fresh_form(HoldForm))


@router.post("/batches/{number}/hold")
async def hold(
    request: Request, who: PagePrincipal, sent: PageForm, number: BatchNumber
) -> Response:
    async def perform(sent: HoldForm) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await acts.place(batch=number, **asked, who=who, db=db, now=now())
        return redirect(request, f"{HOME}/batches/{number}", N_("Đã tạm giữ lô tem."))

    return await answered(
        await read_form(request, HoldForm),
        perform,
        lambda form, status: _hold_page(request, who, number, form, status),
    )


async def _hold_page(
    request: Request, who: Principal, number: int, form: Form[HoldForm], status: int = 200
) -> Response:
    batch = await batch_for(request, who, number, "stamps.hold")
    return render(request, "hold.html", status=status, batch=batch, form=form)


@router.get("/batches/{number}/holds/{hold_id}/lift")
async def lift_form(
    request: Request, who: PagePrincipal, number: BatchNumber, hold_id: RecordId
) -> Response:
    return await _lift_page(request, who, number, hold_id, new_form(HoldFields))


@router.post("/batches/{number}/holds/{hold_id}/lift")
async def lift(
    request: Request, who: PagePrincipal, sent: PageForm, number: BatchNumber, hold_id: RecordId
) -> Response:
    async def perform(sent: HoldFields) -> Response:
        db = request.app.state.db
        await acts.lift(hold_id, reason=sent.reason, who=who, db=db, now=now())
        return redirect(request, f"{HOME}/batches/{number}", N_("Đã gỡ tạm giữ."))

    return await answered(
        await read_form(request, HoldFields),
        perform,
        lambda form, status: _lift_page(request, who, number, hold_id, form, status),
    )


async def _lift_page(
    request: Request,
    who: Principal,
    number: int,
    hold_id: str,
    form: Form[HoldFields],
    status: int = 200,
) -> Response:
    """The hold must be one of this batch; the address is otherwise of nothing."""
    batch = await batch_for(request, who, number, "stamps.hold")
    held = await queries.hold_of(batch, hold_id, who=who, db=request.app.state.db)
    return render(
        request,
        "lift.html",
        status=status,
        batch=batch,
        hold=held,
        form=form,
        authorities=AUTHORITIES,
    )
