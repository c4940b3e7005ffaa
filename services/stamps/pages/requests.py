"""Requests for stamps: the list, asking, deciding."""

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import balancing, queries, quota_queries
from services.stamps.actions import requests as acts
from services.stamps.domain import requests as domain
from services.stamps.inputs import DecisionFields, RecordId
from services.stamps.pages.forms import RequestForm, fresh_form
from services.stamps.pages.quotas import shown
from services.stamps.pages.shown import HOME, listed, translated
from services.stamps.pages.stock_words import PRINTED_BY
from services.stamps.pages.words import REQUEST_STATES, STAMP_STATES
from services.stamps.printing.layouts import grid
from services.stamps.printing.templates import TEMPLATES
from shared.auth import Principal, require
from shared.ids import now
from shared.mongo import Database
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.filters import show_number
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, said, translate
from shared.web.pages import redirect, render
from shared.web.session import PagePrincipal

router = APIRouter()
_USUAL = "20mm"


@router.get("/requests")
async def list_requests(request: Request, who: PagePrincipal) -> Response:
    db = request.app.state.db
    asked = request.query_params.get("state", "")
    state = asked if asked in REQUEST_STATES else ""
    rows, paging = await listed(
        request, lambda page: queries.requests_seen_by(who, db=db, state=state, page=page)
    )
    return render(
        request,
        "requests.html",
        rows=rows,
        names=await queries.names_for(rows, db=db),
        paging=paging,
        state=state,
        states=list(translated(REQUEST_STATES).items()),
        without_paper=await queries.without_paper(who, now(), db=db),
        quotas=await _own_quotas(who, db),
    )


async def _own_quotas(who: Principal, db: Database) -> list[dict[str, Any]]:
    """A facility's quotas and what is left of them; officials see each beside its request."""
    bound = await quota_queries.own(who, db=db, now=now())
    if bound is None:
        return []
    return shown(bound.standings, await quota_queries.product_names([bound], db=db))


@router.get("/requests/new")
async def new_request(request: Request, who: PagePrincipal) -> Response:
    chosen = request.query_params.get("product", "")
    return await _request_form(
        request, who, fresh_form(RequestForm, product_id=chosen, printed_by="facility")
    )


@router.post("/requests/new")
async def submit(request: Request, who: PagePrincipal, sent: PageForm) -> Response:
    async def perform(sent: RequestForm) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        made = await acts.submit(**asked, who=who, db=db, now=now())
        return redirect(request, f"{HOME}/requests/{made.id}", N_("Đã gửi yêu cầu cấp tem."))

    return await answered(
        await read_form(request, RequestForm),
        perform,
        lambda form, status: _request_form(request, who, form, status),
    )


async def _request_form(
    request: Request, who: Principal, form: Form[RequestForm], status: int = 200
) -> Response:
    require(who, "stamps.request")
    db = request.app.state.db
    products = await queries.products_to_stamp(who, db=db)
    lots = await queries.lots_to_stamp(who, db=db)
    product_names = {one.id: one.name for one in products}
    without_paper = await queries.without_paper(who, now(), db=db) if who.facility_id else []
    return render(
        request,
        "request_new.html",
        status=status,
        form=form,
        without_paper=without_paper,
        quotas=await _own_quotas(who, db),
        products=list(product_names.items()),
        printed_by=[
            ("facility", translate(PRINTED_BY["facility"])),
            (
                "authority",
                translate(PRINTED_BY["authority"]),
                translate(N_("Cơ quan duyệt sẽ in, báo đến nhận; nhận xong mới kích hoạt được.")),
            ),
        ],
        lots=[
            (lot.id, f"{lot.code} · {product_names[lot.product_id]}")
            for lot in lots
            if lot.product_id in product_names
        ],
    )


@router.get("/requests/{request_id}")
async def show_request(request: Request, who: PagePrincipal, request_id: RecordId) -> Response:
    return await _request_page(request, who, request_id)


@router.post("/requests/{request_id}")
async def decide(
    request: Request, who: PagePrincipal, sent: PageForm, request_id: RecordId
) -> Response:
    async def perform(sent: DecisionFields) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        made = await acts.decide(request_id, **asked, who=who, db=db, now=now())
        done = partial(redirect, request, f"{HOME}/requests/{request_id}")
        if made.batch is None:
            return done(N_("Đã từ chối yêu cầu."))
        return done(
            N_("Đã duyệt: lô tem {batch} với {quantity} tem đã được cấp."),
            batch=made.batch,
            quantity=show_number(made.approved),
        )

    return await answered(
        await read_form(request, DecisionFields),
        perform,
        lambda form, status: _request_page(request, who, request_id, form, status),
    )


async def _request_page(
    request: Request,
    who: Principal,
    request_id: str,
    form: Form[DecisionFields] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    found: domain.Request = await queries.request_seen_by(who, request_id, db=db)
    may_decide = who.may("stamps.decide") and found.state == "submitted"
    names = await queries.names_for([found], db=db)
    standings = await quota_queries.binding(found.facility_id, found.product_id, db=db, now=now())
    return render(
        request,
        "request.html",
        status=status,
        form=form or new_form(DecisionFields, printed_by=found.printed_by),
        one=found,
        names=names,
        quotas=shown(standings, names) if may_decide else [],
        quota_refused=said(quota_queries.refused(standings, found.quantity)),
        mine=found.submitted_by == who.account_id,
        may_decide=may_decide,
        paused=said(await queries.paused(found, now(), db=db)) if may_decide else None,
        balance=await balancing.balance_of(found, db=db) if may_decide else None,
        state_names=translated(STAMP_STATES),
        printed_by=_printed_by(found),
        printers=list(translated(PRINTED_BY).items()),
        may_choose=queries.may_choose_printer(who, found),
        may_withdraw=who.may("stamps.request") and not queries.withdrawal_refused(who, found),
    )


def _printed_by(request: domain.Request) -> str:
    """Who prints, and where that is the authority, how much paper it takes in the usual size."""
    told = translate(PRINTED_BY[request.printed_by])
    if request.printed_by == "facility":
        return told
    sheets = -(-(request.approved or request.quantity) // grid(TEMPLATES[_USUAL]).count)
    paper = translate(N_("khổ 20 mm hết khoảng {sheets} tờ A4"), sheets=show_number(sheets))
    return f"{told} · {paper}"
