"""Undoing a mistaken revocation, and reporting stamps as sold."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries, tracing
from services.stamps.actions import selling, undoing
from services.stamps.domain.selling import TAKE_BACK_WITHIN
from services.stamps.domain.undoing import UNDO_WITHIN
from services.stamps.inputs import BatchNumber, ChangeNumber, SaleFields, TakeBackFields, UndoFields
from services.stamps.pages.shown import HOME, batch_for
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.filters import show_number
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get("/batches/{number}/changes/{change}/undo")
async def undo_form(
    request: Request, who: PagePrincipal, number: BatchNumber, change: ChangeNumber
) -> Response:
    return await _undo_page(request, who, number, change)


@router.post("/batches/{number}/changes/{change}/undo")
async def undo(
    request: Request,
    who: PagePrincipal,
    sent: PageForm,
    number: BatchNumber,
    change: ChangeNumber,
) -> Response:
    async def perform(sent: UndoFields) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await undoing.undo(number, change, **asked, who=who, db=db, now=now())
        there = f"{HOME}/batches/{number}"
        return redirect(request, there, N_("Đã hoàn tác: tem trở về trạng thái trước thu hồi."))

    return await answered(
        await read_form(request, UndoFields),
        perform,
        lambda form, status: _undo_page(request, who, number, change, form, status),
    )


async def _undo_page(
    request: Request,
    who: Principal,
    number: int,
    change: int,
    form: Form[UndoFields] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    batch = await batch_for(request, who, number, "stamps.undo")
    made = await tracing.revocation_of(batch, change, db=db)
    form = form or new_form(UndoFields, first=made.first, last=made.last)
    refused = tracing.undo_refused(made, who=who, now=now())
    return render(
        request,
        "undo.html",
        status=status,
        batch=batch,
        made=made,
        until=made.at + UNDO_WITHIN,
        refused=translate(refused.message, **refused.params) if refused else "",
        form=form,
    )


@router.get("/batches/{number}/sold")
async def sale_form(request: Request, who: PagePrincipal, number: BatchNumber) -> Response:
    return await _sale_page(request, who, number, new_form(SaleFields))


@router.post("/batches/{number}/sold")
async def report_sold(
    request: Request, who: PagePrincipal, sent: PageForm, number: BatchNumber
) -> Response:
    async def perform(sent: SaleFields) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        await selling.report_sold(number, **asked, who=who, db=db, now=now())
        return redirect(
            request,
            f"{HOME}/batches/{number}",
            N_("Đã báo bán tem {first}–{last}."),
            first=show_number(sent.first),
            last=show_number(sent.last),
        )

    return await answered(
        await read_form(request, SaleFields),
        perform,
        lambda form, status: _sale_page(request, who, number, form, status),
    )


async def _sale_page(
    request: Request, who: Principal, number: int, form: Form[SaleFields], status: int = 200
) -> Response:
    batch = await batch_for(request, who, number, "stamps.sell")
    life = await queries.life_of(batch, db=request.app.state.db)
    active = life.counts.get("active", 0)
    on_sale, known = await tracing.on_sale(batch, life, db=request.app.state.db)
    return render(
        request,
        "sold.html",
        status=status,
        batch=batch,
        active=active,
        on_sale=on_sale,
        may_be_on_sale=on_sale is not None or (active > 0 and not known),
        form=form,
    )


@router.get("/batches/{number}/sales/{change}/take-back")
async def take_back_form(
    request: Request, who: PagePrincipal, number: BatchNumber, change: ChangeNumber
) -> Response:
    return await _take_back_page(request, who, number, change, new_form(TakeBackFields))


@router.post("/batches/{number}/sales/{change}/take-back")
async def take_back(
    request: Request,
    who: PagePrincipal,
    sent: PageForm,
    number: BatchNumber,
    change: ChangeNumber,
) -> Response:
    async def perform(sent: TakeBackFields) -> Response:
        db = request.app.state.db
        await selling.take_back(number, change, reason=sent.reason, who=who, db=db, now=now())
        return redirect(request, f"{HOME}/batches/{number}", N_("Đã rút lại lần báo bán."))

    return await answered(
        await read_form(request, TakeBackFields),
        perform,
        lambda form, status: _take_back_page(request, who, number, change, form, status),
    )


async def _take_back_page(
    request: Request,
    who: Principal,
    number: int,
    change: int,
    form: Form[TakeBackFields],
    status: int = 200,
) -> Response:
    batch = await batch_for(request, who, number, "stamps.sell")
    db = request.app.state.db
    sale = await tracing.sale_of(batch, change, db=db)
    refused = await tracing.take_back_refused(sale, db=db, now=now())
    return render(
        request,
        "take_back.html",
        status=status,
        batch=batch,
        made=sale,
        until=sale.at + TAKE_BACK_WITHIN,
        refused=translate(refused.message, **refused.params) if refused else "",
        form=form,
    )
