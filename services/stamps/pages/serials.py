"""Activating the stamps of a batch for a lot, and changing their state."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries, stock_queries
from services.stamps.actions import serials as acts
from services.stamps.inputs import ActivationFields, BatchNumber, ChangeFields
from services.stamps.pages.shown import HOME, batch_for, told_apart, translated
from services.stamps.pages.words import CHANGES, MEANINGS
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.filters import show_number
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get("/batches/{number}/activate")
async def activation_form(request: Request, who: PagePrincipal, number: BatchNumber) -> Response:
    return await _activation_page(request, who, number)


@router.post("/batches/{number}/activate")
async def activate(
    request: Request, who: PagePrincipal, sent: PageForm, number: BatchNumber
) -> Response:
    async def perform(sent: ActivationFields) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await acts.activate(number, **asked, who=who, db=db, now=now())
        return redirect(
            request,
            f"{HOME}/batches/{number}",
            N_("Đã kích hoạt tem {first}–{last}."),
            first=show_number(sent.first),
            last=show_number(sent.last),
        )

    return await answered(
        await read_form(request, ActivationFields),
        perform,
        lambda form, status: _activation_page(request, who, number, form, status),
    )


async def _activation_page(
    request: Request,
    who: Principal,
    number: int,
    form: Form[ActivationFields] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    batch = await batch_for(request, who, number, "stamps.activate")
    stock = await stock_queries.stock_of(batch, db=db)
    unused = stock_queries.next_usable(await queries.life_of(batch, db=db), stock)
    if form is None:
        first, last = unused or (None, None)
        form = new_form(ActivationFields, first=first, last=last)
    return render(
        request,
        "activate.html",
        status=status,
        batch=batch,
        form=form,
        unused=unused,
        names=await queries.names_for([batch], db=db),
        lots=await queries.lots_for(batch, db=db),
    )


@router.get("/batches/{number}/change")
async def change_form(request: Request, who: PagePrincipal, number: BatchNumber) -> Response:
    return await _change_page(request, who, number, new_form(ChangeFields))


@router.post("/batches/{number}/change")
async def change(
    request: Request, who: PagePrincipal, sent: PageForm, number: BatchNumber
) -> Response:
    async def perform(sent: ChangeFields) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await acts.change_state(number, **asked, who=who, db=db, now=now())
        return redirect(request, f"{HOME}/batches/{number}", N_("Đã đổi trạng thái tem."))

    return await answered(
        await read_form(request, ChangeFields),
        perform,
        lambda form, status: _change_page(request, who, number, form, status),
    )


async def _change_page(
    request: Request, who: Principal, number: int, form: Form[ChangeFields], status: int = 200
) -> Response:
    batch = await batch_for(request, who, number, "stamps.revoke")
    db = request.app.state.db
    offered = await queries.changes_offered(who, batch, await queries.life_of(batch, db=db), db=db)
    words, meanings = translated(CHANGES), translated(MEANINGS)
    # What was sent stays to be seen, though it cannot be chosen any more.
    shown = {*offered.changes, form.text("change")}
    return render(
        request,
        "change.html",
        status=status,
        batch=batch,
        form=form,
        changes=[(key, words[key], one) for key, one in meanings.items() if key in shown],
        possible=bool(offered.changes),
        above=told_apart(offered.above),
    )
