"""Printing: ordering sheets, watching them being made, fetching the file."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.stamps import queries
from services.stamps.actions import printing as print_acts
from services.stamps.downloads import pdf_answer
from services.stamps.forms import SIZES, PrintForm
from services.stamps.pages.shown import batch_for, translated
from shared.auth import Principal
from shared.errors import Refusal
from shared.ids import now
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.pages import render
from shared.web.session import PagePrincipal

router = APIRouter()


@router.get("/batches/{number}/print")
async def print_form(request: Request, who: PagePrincipal, number: int) -> Response:
    return await _print_page(request, who, number)


@router.post("/batches/{number}/print")
async def order_print(
    request: Request, who: PagePrincipal, sent: PageForm, number: int
) -> Response:
    form = await read_form(request, PrintForm)
    if form.value is None:
        return await _print_page(request, who, number, form, 422)
    try:
        job = await print_acts.order(
            number, **form.value.model_dump(), who=who, db=request.app.state.db, now=now()
        )
    except Refusal as refusal:
        return await _print_page(request, who, number, form.refused(refusal), form_status(refusal))
    return RedirectResponse(f"/console/stamps/print-jobs/{job.id}", 303)


async def _print_page(
    request: Request,
    who: Principal,
    number: int,
    form: Form[PrintForm] | None = None,
    status: int = 200,
) -> Response:
    batch, view = await batch_for(request, who, number, "stamps.print")
    last = min(batch.quantity, 5_000) - 1
    return render(
        request,
        "print.html",
        status=status,
        batch=batch,
        form=form or new_form(PrintForm, size="6mm", first=0, last=last),
        sizes=translated(SIZES),
        jobs=view.jobs,
    )


@router.get("/print-jobs/{job_id}")
async def show_job(request: Request, who: PagePrincipal, job_id: str) -> Response:
    job = await queries.job_seen_by(who, job_id, db=request.app.state.db)
    return render(
        request, "print_job.html", job=job, sizes={size: label for size, label, _ in SIZES}
    )


@router.get("/print-jobs/{job_id}/file")
async def download(request: Request, who: PagePrincipal, job_id: str) -> Response:
    job = await queries.finished_job(who, job_id, db=request.app.state.db)
    return pdf_answer(job.file_name, job.bytes, queries.file_of(job, db=request.app.state.db))
