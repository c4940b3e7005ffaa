"""Printing: ordering sheets, watching them being made, fetching the file."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.stamps import design_queries, keys, queries, stock_queries
from services.stamps.actions import printing as acts
from services.stamps.actions import taking
from services.stamps.domain.designs import Design
from services.stamps.domain.printing import MAX_STAMPS
from services.stamps.domain.spans import next_to_print
from services.stamps.downloads import file_answer, manifest_answer
from services.stamps.inputs import BatchNumber, RecordId
from services.stamps.pages.carriers import BARCODES, barcodes_for, carriers_for, sizes_with_bars
from services.stamps.pages.forms import AgainForm, PrintForm, fresh_form
from services.stamps.pages.papers import paper_label, papers_for
from services.stamps.pages.shown import HOME, batch_for
from services.stamps.pages.sizes import (
    NAMES,
    advisable,
    label_of,
    names_with_pin,
    sizes_for,
)
from services.stamps.pages.words import FAILURES
from services.stamps.papers import sheets_of
from services.stamps.printing.formats import FORMATS
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, read_form
from shared.web.i18n import translate
from shared.web.pages import render
from shared.web.session import PagePrincipal

router = APIRouter()

# Offered at first of what has not been printed; of the usual size these are twelve sheets.
_OFFERED = 5_000
_REFRESH_SECONDS = 2


@router.get("/batches/{number}/print")
async def print_form(request: Request, who: PagePrincipal, number: BatchNumber) -> Response:
    return await _print_page(request, who, number)


@router.post("/batches/{number}/print")
async def order_print(
    request: Request, who: PagePrincipal, sent: PageForm, number: BatchNumber
) -> Response:
    async def perform(sent: PrintForm) -> Response:
        state = request.app.state
        job = await acts.order(
            number,
            size=sent.size,
            first=sent.first,
            last=sent.last,
            paper=sent.paper,
            design=sent.design,
            output=sent.output,
            pin=sent.pin,
            makes_pins=keys.makes_pins(state.settings),
            slot=keys.current_slot(state.settings),
            carrier=sent.carrier,
            barcode=sent.barcode,
            key=sent.key,
            host=state.settings.stamp_host,
            who=who,
            db=state.db,
            now=now(),
        )
        return RedirectResponse(f"{HOME}/print-jobs/{job.id}?watch=1", 303)

    return await answered(
        await read_form(request, PrintForm),
        perform,
        lambda form, status: _print_page(request, who, number, form, status),
    )


async def _print_page(
    request: Request,
    who: Principal,
    number: int,
    form: Form[PrintForm] | None = None,
    status: int = 200,
) -> Response:
    state = request.app.state
    right = await stock_queries.print_right(number, db=state.db)
    batch = await batch_for(request, who, number, right)
    product = await queries.product_of(batch, db=state.db)
    printed = await queries.printed_of(batch, db=state.db)
    host = state.settings.stamp_host
    if form is None:
        size = advisable(host, product.gtin)
        first, last = next_to_print(batch.quantity, printed, _OFFERED)
        paper = await queries.last_paper_of(batch.facility_id, db=state.db)
        form = fresh_form(
            PrintForm,
            size=size,
            first=first,
            last=last,
            format=paper.format,
            start_label=1,
            shift_x=paper.shift_x / 10,
            shift_y=paper.shift_y / 10,
        )
    sizes = sizes_for(host, product.gtin)
    designs = await design_queries.printable_by(batch.facility_id, db=state.db)
    return render(
        request,
        "print.html",
        status=status,
        batch=batch,
        form=form,
        most=MAX_STAMPS,
        printed=printed,
        carriers=carriers_for(host, product.gtin),
        barcodes=barcodes_for(product.gtin),
        with_bars=sizes_with_bars(),
        sizes=sizes,
        designs=[(one.id, _design_label(one)) for one in designs],
        papers=papers_for({key for key, _, _ in sizes}),
        with_pin=", ".join(names_with_pin({key for key, _, _ in sizes})),
        makes_pins=keys.makes_pins(state.settings),
    )


def _design_label(design: Design) -> str:
    size = translate(NAMES.get(design.printable().size, design.printable().size))
    return f"{design.name} · {size}"


@router.get("/print-jobs/{job_id}")
async def show_job(request: Request, who: PagePrincipal, job_id: RecordId) -> Response:
    """While it is being made and `?watch=1` asks for it, the page renews itself."""
    return await _job_page(request, who, job_id)


@router.post("/print-jobs/{job_id}")
async def print_again(
    request: Request, who: PagePrincipal, sent: PageForm, job_id: RecordId
) -> Response:
    """Some sheets of it once more, where paper was spoilt."""

    async def perform(sent: AgainForm) -> Response:
        again = await acts.order_again(
            job_id, **sent.model_dump(), who=who, db=request.app.state.db, now=now()
        )
        return RedirectResponse(f"{HOME}/print-jobs/{again.id}?watch=1", 303)

    return await answered(
        await read_form(request, AgainForm),
        perform,
        lambda form, status: _job_page(request, who, job_id, form, status),
    )


async def _job_page(
    request: Request,
    who: Principal,
    job_id: str,
    form: Form[AgainForm] | None = None,
    status: int = 200,
) -> Response:
    state = request.app.state
    job = await queries.job_seen_by(who, job_id, db=state.db)
    product = await queries.product_of(job, db=state.db)
    sheets = sheets_of(job)
    waits = job.central and await stock_queries.waits(job, db=state.db)
    under_way = job.state in ("queued", "running")
    watched = under_way and "watch" in request.query_params
    return render(
        request,
        "print_job.html",
        status=status,
        headers={"Refresh": str(_REFRESH_SECONDS)} if watched else None,
        job=job,
        under_way=under_way,
        watched=watched,
        product=product,
        storable=waits and job.state == "done" and job.is_of(who),
        cancellable=waits and job.may_be_cancelled_by(who),
        withheld=job.central and not await stock_queries.is_printing(job, db=state.db),
        sheets=sheets,
        failure=translate(FAILURES[job.failure]),
        design=await design_queries.name_of(job.design, db=state.db),
        barcode=translate(BARCODES[job.barcode]) if job.barcode != "none" else None,
        paper=paper_label(FORMATS[job.format]),
        form=form or fresh_form(AgainForm, first_sheet=1, last_sheet=sheets),
        size=label_of(job.size, state.settings.stamp_host, product.gtin, job.carrier),
    )


@router.get("/print-jobs/{job_id}/file")
async def download(request: Request, who: PagePrincipal, job_id: RecordId) -> Response:
    db = request.app.state.db
    job = await taking.take_file(job_id, who=who, db=db)
    return file_answer(job, queries.file_of(job, db=db))


@router.get("/print-jobs/{job_id}/manifest")
async def download_manifest(request: Request, who: PagePrincipal, job_id: RecordId) -> Response:
    return manifest_answer(await taking.take_manifest(job_id, who=who, db=request.app.state.db))
