"""Batches of stamps: their life, activation, changes of state, holds."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries
from services.stamps.actions import holds as hold_acts
from services.stamps.actions import serials
from services.stamps.domain.holds import HoldAlreadyLifted
from services.stamps.forms import CHANGES, ActivationForm, ChangeForm, HoldForm
from services.stamps.pages.shown import batch_for, translated
from services.stamps.store import requests as request_store
from shared.auth import Principal
from shared.errors import Refusal
from shared.ids import now
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get("/batches")
async def list_batches(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    page = Paging.of(request, 10**9, size=request_store.PAGE).number
    found, total = await queries.batches_seen_by(who, db=db, page=page)
    return render(
        request,
        "batches.html",
        rows=found,
        names=await queries.names_for(found, db=db),
        paging=Paging.of(request, total, size=request_store.PAGE),
    )


@router.get("/batches/{number}")
async def show_batch(request: Request, who: PagePrincipal, number: int) -> Response:
    db = request.app.state.db
    batch = await queries.batch_seen_by(who, number, db=db)
    view = await queries.batch_view(batch, db=db)
    return render(
        request,
        "batch.html",
        batch=batch,
        view=view,
        history=_history(view.history, view.lot_codes),
        names=await queries.names_for([batch], db=db),
    )


@router.get("/batches/{number}/activate")
async def activation_form(request: Request, who: PagePrincipal, number: int) -> Response:
    return await _activation_page(request, who, number)


@router.post("/batches/{number}/activate")
async def activate(request: Request, who: PagePrincipal, sent: PageForm, number: int) -> Response:
    form = await read_form(request, ActivationForm)
    if form.value is None:
        return await _activation_page(request, who, number, form, 422)
    try:
        await serials.activate(
            number, **form.value.model_dump(), who=who, db=request.app.state.db, now=now()
        )
    except Refusal as refusal:
        return await _activation_page(
            request, who, number, form.refused(refusal), form_status(refusal)
        )
    return redirect(
        request,
        f"/console/stamps/batches/{number}",
        N_("Đã kích hoạt tem {first}–{last}."),
        first=form.value.first,
        last=form.value.last,
    )


async def _activation_page(
    request: Request,
    who: Principal,
    number: int,
    form: Form[ActivationForm] | None = None,
    status: int = 200,
) -> Response:
    batch, view = await batch_for(request, who, number, "stamps.activate")
    first, last = view.next_unused or (0, batch.quantity - 1)
    return render(
        request,
        "activate.html",
        status=status,
        batch=batch,
        form=form or new_form(ActivationForm, first=first, last=last),
        lots=[(lot["_id"], lot["code"]) for lot in view.lots],
    )


@router.get("/batches/{number}/change")
async def change_form(request: Request, who: PagePrincipal, number: int) -> Response:
    return await _change_page(request, who, number, new_form(ChangeForm))


@router.post("/batches/{number}/change")
async def change(request: Request, who: PagePrincipal, sent: PageForm, number: int) -> Response:
    form = await read_form(request, ChangeForm)
    if form.value is None:
        return await _change_page(request, who, number, form, 422)
    try:
        await serials.change_state(
            number, **form.value.model_dump(), who=who, db=request.app.state.db, now=now()
        )
    except Refusal as refusal:
        return await _change_page(request, who, number, form.refused(refusal), form_status(refusal))
    return redirect(request, f"/console/stamps/batches/{number}", N_("Đã đổi trạng thái tem."))


async def _change_page(
    request: Request, who: Principal, number: int, form: Form[ChangeForm], status: int = 200
) -> Response:
    batch, _ = await batch_for(request, who, number, "stamps.revoke")
    return render(
        request,
        "change.html",
        status=status,
        batch=batch,
        form=form,
        changes=translated(CHANGES),
    )


@router.get("/batches/{number}/hold")
async def hold_form(request: Request, who: PagePrincipal, number: int) -> Response:
    return await _hold_page(request, who, number, new_form(HoldForm))


@router.post("/batches/{number}/hold")
async def hold(request: Request, who: PagePrincipal, sent: PageForm, number: int) -> Response:
    form = await read_form(request, HoldForm)
    if form.value is None:
        return await _hold_page(request, who, number, form, 422)
    await hold_acts.place(
        batch=number, reason=form.value.reason, who=who, db=request.app.state.db, now=now()
    )
    return redirect(request, f"/console/stamps/batches/{number}", N_("Đã tạm giữ lô tem."))


@router.get("/batches/{number}/holds/{hold_id}/lift")
async def lift_form(request: Request, who: PagePrincipal, number: int, hold_id: str) -> Response:
    return await _hold_page(request, who, number, new_form(HoldForm), lifting=hold_id)


@router.post("/batches/{number}/holds/{hold_id}/lift")
async def lift(
    request: Request, who: PagePrincipal, sent: PageForm, number: int, hold_id: str
) -> Response:
    form = await read_form(request, HoldForm)
    if form.value is None:
        return await _hold_page(request, who, number, form, 422, lifting=hold_id)
    try:
        await hold_acts.lift(
            hold_id, reason=form.value.reason, who=who, db=request.app.state.db, now=now()
        )
    except HoldAlreadyLifted as refusal:
        return await _hold_page(
            request, who, number, form.refused(refusal), form_status(refusal), lifting=hold_id
        )
    return redirect(request, f"/console/stamps/batches/{number}", N_("Đã gỡ tạm giữ."))


async def _hold_page(
    request: Request,
    who: Principal,
    number: int,
    form: Form[HoldForm],
    status: int = 200,
    lifting: str = "",
) -> Response:
    batch, _ = await batch_for(request, who, number, "stamps.hold")
    return render(
        request, "hold.html", status=status, batch=batch, form=form, lifting=bool(lifting)
    )


def _history(changes: list[dict[str, Any]], lots: dict[str, str]) -> list[dict[str, Any]]:
    """The changes of a batch as the time line shows them."""
    names = {**dict(CHANGES), "activate": N_("Kích hoạt")}
    return [
        {
            "title": f"{translate(names[one['change']])}: {one['first']}–{one['last']}",
            "time": one["at"],
            "who": one["by_name"],
            "text": one["reason"] or lots.get(one["lot"], ""),
        }
        for one in changes
    ]
