"""Requests for stamps: the list, asking, deciding."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from services.stamps import queries
from services.stamps.actions import requests as request_acts
from services.stamps.forms import DecisionForm, RequestForm
from services.stamps.pages.shown import translated
from services.stamps.store import requests as request_store
from shared.auth import Principal, require
from shared.errors import Refusal
from shared.ids import now
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter()

STATES = [
    ("submitted", N_("Chờ duyệt")),
    ("approved", N_("Đã cấp tem")),
    ("rejected", N_("Bị từ chối")),
]


@router.get("/requests")
async def list_requests(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    state = request.query_params.get("state", "")
    page = Paging.of(request, 10**9, size=request_store.PAGE).number
    found, total = await queries.requests_seen_by(who, db=db, state=state, page=page)
    return render(
        request,
        "requests.html",
        rows=found,
        names=await queries.names_for(found, db=db),
        paging=Paging.of(request, total, size=request_store.PAGE),
        state=state,
        states=translated(STATES),
    )


@router.get("/requests/new")
async def new_request(request: Request, who: PagePrincipal) -> Response:
    chosen = request.query_params.get("product", "")
    return await _request_form(request, who, new_form(RequestForm, product_id=chosen))


@router.post("/requests/new")
async def submit(request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    form = await read_form(request, RequestForm)
    if form.value is None:
        return await _request_form(request, who, form, 422)
    try:
        made = await request_acts.submit(
            **form.value.model_dump(), who=who, db=request.app.state.db, now=now()
        )
    except Refusal as refusal:
        return await _request_form(request, who, form.refused(refusal), form_status(refusal))
    return redirect(request, f"/console/stamps/requests/{made.id}", N_("Đã gửi yêu cầu cấp tem."))


async def _request_form(
    request: Request, who: Principal, form: Form[RequestForm], status: int = 200
) -> Response:
    require(who, "stamps.request")
    db = request.app.state.db
    products = await queries.products_to_stamp(who, db=db)
    lots = await queries.lots_to_stamp(who, db=db)
    return render(
        request,
        "request_new.html",
        status=status,
        form=form,
        products=[(one["_id"], one["name"]) for one in products],
        lots=[(one["_id"], one["code"]) for one in lots],
    )


@router.get("/requests/{request_id}")
async def show_request(request: Request, who: PagePrincipal, request_id: str) -> Response:
    return await _request_page(request, who, request_id, new_form(DecisionForm))


@router.post("/requests/{request_id}")
async def decide(request: Request, who: PagePrincipal, sent: PageForm, request_id: str) -> Response:
    form = await read_form(request, DecisionForm)
    if form.value is None:
        return await _request_page(request, who, request_id, form, 422)
    decided, db = form.value, request.app.state.db
    try:
        if decided.decision == "reject":
            await request_acts.reject(request_id, reason=decided.reason, who=who, db=db, now=now())
            return redirect(
                request, f"/console/stamps/requests/{request_id}", N_("Đã từ chối yêu cầu.")
            )
        made = await request_acts.approve(
            request_id,
            quantity=decided.quantity,
            reason=decided.reason,
            who=who,
            db=db,
            now=now(),
        )
    except Refusal as refusal:
        return await _request_page(
            request, who, request_id, form.refused(refusal), form_status(refusal)
        )
    return redirect(
        request,
        f"/console/stamps/requests/{request_id}",
        N_("Đã duyệt: lô tem {batch} với {quantity} tem đã được cấp."),
        batch=made.batch,
        quantity=made.approved,
    )


async def _request_page(
    request: Request,
    who: Principal,
    request_id: str,
    form: Form[DecisionForm],
    status: int = 200,
) -> Response:
    db = request.app.state.db
    found = await queries.request_seen_by(who, request_id, db=db)
    return render(
        request,
        "request.html",
        status=status,
        form=form,
        one=found,
        names=await queries.names_for([found], db=db),
        may_decide=who.may("stamps.decide") and found.state == "submitted",
    )
