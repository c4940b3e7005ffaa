"""Who prints the stamps of a request: changed before anything is printed."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries
from services.stamps.actions import choosing
from services.stamps.inputs import PrinterFields, RecordId
from services.stamps.pages.shown import HOME, translated
from services.stamps.pages.stock_words import PRINTED_BY
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get("/requests/{request_id}/printing")
async def printer_form(request: Request, who: PagePrincipal, request_id: RecordId) -> Response:
    return await _printer_page(request, who, request_id)


@router.post("/requests/{request_id}/printing")
async def choose_printer(
    request: Request, who: PagePrincipal, sent: PageForm, request_id: RecordId
) -> Response:
    async def perform(sent: PrinterFields) -> Response:
        db = request.app.state.db
        await choosing.choose_printer(request_id, **sent.model_dump(), who=who, db=db, now=now())
        return redirect(request, f"{HOME}/requests/{request_id}", N_("Đã đổi nơi in tem."))

    return await answered(
        await read_form(request, PrinterFields),
        perform,
        lambda form, status: _printer_page(request, who, request_id, form, status),
    )


async def _printer_page(
    request: Request,
    who: Principal,
    request_id: str,
    form: Form[PrinterFields] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    found = await queries.request_to_print(who, request_id, db=db)
    return render(
        request,
        "request_printing.html",
        status=status,
        one=found,
        names=await queries.names_for([found], db=db),
        choices=list(translated(PRINTED_BY).items()),
        form=form or new_form(PrinterFields, printed_by=found.printed_by),
    )
