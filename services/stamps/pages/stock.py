"""Stamps that the authority prints: where they lie, putting them in stock, handing them over."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries, stock_queries
from services.stamps.actions import handing
from services.stamps.actions import stock as acts
from services.stamps.domain.places import PLACES as ALL
from services.stamps.domain.printing import LISTS
from services.stamps.domain.spans import written
from services.stamps.inputs import BatchNumber, RecordId
from services.stamps.pages.forms import fresh_form
from services.stamps.pages.shown import HOME, listed, translated
from services.stamps.pages.stock_shown import handover_rows, move_events, ranges
from services.stamps.pages.stock_words import PLACES
from services.stamps.papers import sheets_of
from services.stamps.stock_inputs import CancelFields, HandOverForm, StoreForm
from shared.auth import Principal
from shared.days import local_day
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.filters import show_number
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()
MINE = "mine"


@router.get("/stock")
async def list_stock(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    asked = request.query_params
    place = next((one for one in ALL if one == asked.get("place")), None)
    mine = asked.get("unit") == MINE and who.facility_id is None
    rows, paging = await listed(
        request,
        lambda page: stock_queries.seen_by(
            who, db=db, place=place, unit=who.unit_id if mine else "", page=page
        ),
    )
    units = {lying.unit_id for row in rows for lying in row.lying if lying.place == "stock"}
    return render(
        request,
        "stock.html",
        rows=rows,
        names=await queries.names_for(rows, db=db),
        unit_names=await stock_queries.unit_names(units, db=db),
        places=translated(PLACES),
        place=place or "",
        unit=MINE if mine else "",
        paging=paging,
    )


@router.get("/batches/{number}/stock")
async def show_stock(request: Request, who: PagePrincipal, number: BatchNumber) -> Response:
    db = request.app.state.db
    batch, stock = await stock_queries.stock_seen_by(who, number, db=db)
    jobs = {one.id: one for one in await queries.jobs_of(batch, db=db)}
    moves = await stock_queries.moves_of(number, db=db)
    given = handover_rows(await stock_queries.handovers_of(who, number, db=db))
    return render(
        request,
        "stock_batch.html",
        batch=batch,
        stock=stock,
        storable={
            key
            for key, job in jobs.items()
            if job.state == "done" and job.is_of(who) and stock.of_job(key)
        },
        mine=stock.at("stock", unit=who.unit_id),
        names=await queries.names_for([batch], db=db),
        unit_names=await stock_queries.unit_names({one.unit_id for one in stock.lying}, db=db),
        places=translated(PLACES),
        handovers=given,
        # Moves between units are no affair of facilities.
        linked={one.it.id for one in given} if who.facility_id else None,
        history=move_events(moves, who),
    )


@router.get("/print-jobs/{job_id}/stock")
async def store_form(request: Request, who: PagePrincipal, job_id: RecordId) -> Response:
    return await _store_page(request, who, job_id, fresh_form(StoreForm))


@router.post("/print-jobs/{job_id}/stock")
async def store(request: Request, who: PagePrincipal, sent: PageForm, job_id: RecordId) -> Response:
    async def perform(sent: StoreForm) -> Response:
        db = request.app.state.db
        stock = await acts.store(job_id, **sent.asked(), key=sent.key, who=who, db=db, now=now())
        return redirect(
            request, f"{HOME}/batches/{stock.batch}/stock", N_("Đã nhập kho các tem in xong.")
        )

    return await answered(
        await read_form(request, StoreForm),
        perform,
        lambda form, status: _store_page(request, who, job_id, form, status),
    )


async def _store_page(
    request: Request, who: Principal, job_id: str, form: Form[StoreForm], status: int = 200
) -> Response:
    db = request.app.state.db
    job = await queries.job_seen_by(who, job_id, db=db)
    job.must_be_of(who)
    batch, stock = await stock_queries.stock_seen_by(
        who, job.batch, db=db, action="stamps.print_centrally"
    )
    return render(
        request,
        "stock_store.html",
        status=status,
        batch=batch,
        job=job,
        waiting=stock.of_job(job_id),
        sheets=0 if job.output in LISTS else sheets_of(job),
        form=form,
    )


@router.get("/print-jobs/{job_id}/cancel")
async def cancel_form(request: Request, who: PagePrincipal, job_id: RecordId) -> Response:
    return await _cancel_page(request, who, job_id, new_form(CancelFields))


@router.post("/print-jobs/{job_id}/cancel")
async def cancel_print(
    request: Request, who: PagePrincipal, sent: PageForm, job_id: RecordId
) -> Response:
    async def perform(sent: CancelFields) -> Response:
        db = request.app.state.db
        stock = await acts.cancel_print(job_id, **sent.model_dump(), who=who, db=db, now=now())
        there = f"{HOME}/batches/{stock.batch}/stock"
        return redirect(request, there, N_("Đã hủy lần in; các tem này chờ in lại."))

    return await answered(
        await read_form(request, CancelFields),
        perform,
        lambda form, status: _cancel_page(request, who, job_id, form, status),
    )


async def _cancel_page(
    request: Request, who: Principal, job_id: str, form: Form[CancelFields], status: int = 200
) -> Response:
    db = request.app.state.db
    job = await queries.job_seen_by(who, job_id, db=db)
    batch, _ = await stock_queries.stock_seen_by(
        who, job.batch, db=db, action="stamps.print_centrally"
    )
    job.must_be_cancelled_by(who)
    return render(request, "print_cancel.html", status=status, batch=batch, job=job, form=form)


@router.get("/batches/{number}/hand-over")
async def hand_over_form(request: Request, who: PagePrincipal, number: BatchNumber) -> Response:
    return await _hand_over_page(request, who, number)


@router.post("/batches/{number}/hand-over")
async def hand_over(
    request: Request, who: PagePrincipal, sent: PageForm, number: BatchNumber
) -> Response:
    async def perform(sent: HandOverForm) -> Response:
        db = request.app.state.db
        made = await handing.hand_over(
            number, **sent.asked(), key=sent.key, who=who, db=db, now=now()
        )
        return redirect(
            request,
            f"{HOME}/handovers/{made.id}",
            N_("Đã ghi giao {quantity} tem. Hãy in biên bản để hai bên ký."),
            quantity=show_number(made.total),
        )

    return await answered(
        await read_form(request, HandOverForm),
        perform,
        lambda form, status: _hand_over_page(request, who, number, form, status),
    )


async def _hand_over_page(
    request: Request,
    who: Principal,
    number: int,
    form: Form[HandOverForm] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    batch, stock = await stock_queries.stock_seen_by(who, number, db=db, action="stamps.hand_over")
    mine = stock.at("stock", unit=who.unit_id)
    if form is None:
        form = fresh_form(HandOverForm, serials=written(mine), handed_on=local_day(now()))
    names = await queries.names_for([batch], db=db)
    others = await stock_queries.units_to_stock(who, batch, db=db)
    facility = names.get(batch.facility_id, batch.facility_id)
    return render(
        request,
        "hand_over.html",
        status=status,
        batch=batch,
        mine=mine,
        mine_told=ranges(mine),
        names=names,
        facility=facility,
        receivers=[(one.id, one.name or one.id) for one in others],
        form=form,
    )
