"""Activating the stamps of a batch for a lot, and changing their state."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from services.stamps import queries, stock_queries
from services.stamps.actions import serials as acts
from services.stamps.balancing import Beyond, beyond
from services.stamps.inputs import ActivationFields, BatchNumber, ChangeFields
from services.stamps.pages.shown import HOME, batch_for, told_apart, translated
from services.stamps.pages.words import CHANGES, MEANINGS
from shared.auth import Principal
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.filters import show_number
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()


class ActivationForm(ActivationFields):
    """`sure` is what was asked for when somebody was told that it is more than there are packages:
    asked for once more, it is done."""

    sure: Annotated[str, Field(max_length=120)] = ""

    @property
    def asked(self) -> str:
        return f"{self.first}-{self.last}-{self.lot_id}"

    async def beyond(self, who: Principal, db: Database) -> Beyond | None:
        return await beyond(self.lot_id, self.last - self.first + 1, who=who, db=db)


@router.get("/batches/{number}/activate")
async def activation_form(request: Request, who: PagePrincipal, number: BatchNumber) -> Response:
    return await _activation_page(request, who, number)


@router.post("/batches/{number}/activate")
async def activate(
    request: Request, who: PagePrincipal, sent: PageForm, number: BatchNumber
) -> Response:
    db = request.app.state.db
    form = await read_form(request, ActivationForm)

    async def perform(sent: ActivationForm) -> Response:
        if sent.sure != sent.asked and (found := await sent.beyond(who, db)):
            shown = form.with_raw(sure=sent.asked)
            return await _activation_page(request, who, number, shown, beyond=found)
        asked = sent.model_dump(exclude={"sure"})
        await acts.activate(number, **asked, who=who, db=db, now=now())
        return redirect(
            request,
            f"{HOME}/batches/{number}",
            N_("Đã kích hoạt tem {first}–{last}."),
            first=show_number(sent.first),
            last=show_number(sent.last),
        )

    return await answered(
        form,
        perform,
        lambda form, status: _activation_page(request, who, number, form, status),
    )


async def _activation_page(
    request: Request,
    who: Principal,
    number: int,
    form: Form[ActivationForm] | None = None,
    status: int = 200,
    beyond: Beyond | None = None,
) -> Response:
    """`beyond` asks to look again before more stamps are activated than there are packages."""
    db = request.app.state.db
    batch = await batch_for(request, who, number, "stamps.activate")
    stock = await stock_queries.stock_of(batch, db=db)
    unused = stock_queries.next_usable(await queries.life_of(batch, db=db), stock)
    if form is None:
        first, last = unused or (None, None)
        form = new_form(ActivationForm, first=first, last=last)
    return render(
        request,
        "activate.html",
        status=status,
        batch=batch,
        form=form,
        unused=unused,
        beyond=beyond,
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
