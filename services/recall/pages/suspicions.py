"""Suspicions of unsafe goods: their list, and the page of each from report to recall."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from services.recall.actions import orders
from services.recall.actions import suspicions as acts
from services.recall.domain.suspicion import State, Suspicion
from services.recall.pages import labels
from services.recall.pages.complaints import HOME as REPORTS
from services.recall.pages.suspicion_words import GOODS, STATES, words
from services.recall.queries import complaints
from services.recall.queries import suspicions as queries
from services.recall.store import signals
from services.recall.store.suspicions import PAGE_SIZE
from services.recall.suspicion_inputs import (
    CaseForm,
    DismissForm,
    EvidenceForm,
    SuspectForm,
    WantForm,
)
from shared.auth import require
from shared.ids import new_id, now
from shared.once import once
from shared.web.answering import answered, answered_among
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(include_in_schema=False)
HOME = "/console/recall/suspicions"
ONE = HOME + "/{suspicion_id}"
NEW = REPORTS + "/{complaint_id}/suspicion"


@router.get(HOME)
async def listed(request: Request, who: PagePrincipal) -> Response:
    asked = request.query_params.get("state", "")
    state = asked if asked in set(State) else ""
    page = Paging.of(request, 10**9, size=PAGE_SIZE).number
    rows, total = await queries.listed(who, db=request.app.state.db, state=state, page=page)
    every = [("", translate(N_("Tất cả")), HOME)]
    tabs = every + [(key, translate(label), f"{HOME}?state={key}") for key, label in STATES.items()]
    return render(
        request,
        "suspicions.html",
        rows=rows,
        paging=Paging.of(request, total, size=PAGE_SIZE),
        state=state,
        tabs=tabs,
        **words(),
    )


@router.get(NEW)
async def begin(request: Request, who: PagePrincipal, complaint_id: str) -> Response:
    require(who, acts.SUSPECT)
    row = await complaints.one(who, complaint_id, db=request.app.state.db, at=now())
    goods = "lot" if row.complaint.lot_id else "product"
    form = new_form(SuspectForm, key=new_id(), goods=goods)
    return await _begin_page(request, who, complaint_id, form)


@router.post(NEW)
async def suspect(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    async def perform(sent: SuspectForm) -> Response:
        made = await acts.suspect(
            complaint_id,
            sent.what,
            sent.goods,
            who=who,
            db=request.app.state.db,
            at=now(),
            asked=once(who, sent.key, "suspicion", complaint_id, sent.what, sent.goods),
        )
        return redirect(request, f"{HOME}/{made.id}", N_("Đã lập hồ sơ nghi ngờ."))

    return await answered(
        await read_form(request, SuspectForm),
        perform,
        lambda form, status: _begin_page(request, who, complaint_id, form, status),
    )


@router.get(ONE)
async def show(request: Request, who: PagePrincipal, suspicion_id: str) -> Response:
    return await _page(request, who, suspicion_id)


@router.post(REPORTS + "/{complaint_id}/evidence")
async def add(request: Request, who: PagePrincipal, _: PageForm, complaint_id: str) -> Response:
    async def perform(sent: EvidenceForm) -> Response:
        db = request.app.state.db
        await acts.add_evidence(sent.suspicion, complaint_id, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{sent.suspicion}", N_("Đã thêm phản ánh làm căn cứ."))

    form = await read_form(request, EvidenceForm)
    return await answered(
        form,
        perform,
        lambda sent, status: _begin_page(request, who, complaint_id, None, status, sent),
    )


@router.post(ONE + "/inspection")
async def want(request: Request, who: PagePrincipal, _: PageForm, suspicion_id: str) -> Response:
    async def perform(sent: WantForm) -> Response:
        given = sent.model_dump()
        await acts.want_inspection(
            suspicion_id, **given, who=who, db=request.app.state.db, at=now()
        )
        done = N_(
            "Đã đề nghị kiểm tra. Đoàn kiểm tra trong địa bàn thấy việc này ở trang Kiểm tra."
        )
        return redirect(request, f"{HOME}/{suspicion_id}", done)

    return await answered_among(request, "want", WantForm, perform, _page, who, suspicion_id)


@router.post(ONE + "/dismissal")
async def dismiss(request: Request, who: PagePrincipal, _: PageForm, suspicion_id: str) -> Response:
    async def perform(sent: DismissForm) -> Response:
        db, version = request.app.state.db, sent.version
        await acts.dismiss(suspicion_id, sent.why, version=version, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{suspicion_id}", N_("Đã bỏ nghi ngờ này."))

    return await answered_among(request, "dismiss", DismissForm, perform, _page, who, suspicion_id)


@router.post(ONE + "/case")
async def link(request: Request, who: PagePrincipal, _: PageForm, suspicion_id: str) -> Response:
    async def perform(sent: CaseForm) -> Response:
        db = request.app.state.db
        await acts.link_suspicion(suspicion_id, sent.case_id, who=who, db=db, at=now())
        return redirect(request, f"{HOME}/{suspicion_id}", N_("Đã gắn vào vụ việc."))

    return await answered_among(request, "case", CaseForm, perform, _page, who, suspicion_id)


async def _page(
    request: Request,
    who: PagePrincipal,
    suspicion_id: str,
    sent: dict[str, Form[Any]] | None = None,
    status: int = 200,
) -> Response:
    db = request.app.state.db
    row = await queries.one(who, suspicion_id, db=db)
    one = row.suspicion
    forms: dict[str, Form[Any]] = {
        "want": new_form(WantForm, version=one.version, reason=one.what[:500]),
        "dismiss": new_form(DismissForm, version=one.version),
        "case": new_form(CaseForm),
    }
    for name, form in (sent or {}).items():
        forms[name] = form.caught_up(one.version) if name != "case" else form
    return render(
        request,
        "suspicion.html",
        status=status,
        row=row,
        one=one,
        forms=forms,
        evidence=await queries.evidence(one, db=db, at=now()),
        signal_id=await signals.behind(db, one.id) if who.may("signal.read") else "",
        order_href=_order_href(one),
        open_cases=await queries.cases_to_link(who, one.facility_id, db=db),
        may_act=who.may(acts.SUSPECT) and not one.is_over,
        may_ask=who.may(acts.INSPECT) and not one.is_over,
        may_order=who.may(orders.ORDER) and not one.is_over,
        recall_labels=labels,
        **words(),
    )


def _order_href(one: Suspicion) -> str:
    """The order form with the target, and the reason as a beginning."""
    told = {"target_kind": one.target.kind, "target": one.target.id}
    serials = {"first": one.target.first, "last": one.target.last}
    given = {name: value for name, value in serials.items() if value is not None}
    return "/console/recall/radius?" + urlencode({**told, **given, "suspicion": one.id})


async def _begin_page(
    request: Request,
    who: PagePrincipal,
    complaint_id: str,
    form: Form[SuspectForm] | None,
    status: int = 200,
    adding: Form[EvidenceForm] | None = None,
) -> Response:
    db = request.app.state.db
    row = await complaints.one(who, complaint_id, db=db, at=now())
    _, further, _ = await queries.around(who, row.complaint, db=db)
    known = {"stamp": row.complaint.batch, "lot": row.complaint.lot_id}
    return render(
        request,
        "suspicion_new.html",
        status=status,
        row=row,
        one=row.complaint,
        form=form or new_form(SuspectForm, key=new_id()),
        adding=adding or new_form(EvidenceForm),
        further=[(each.id, each.what[:80]) for each in further],
        goods=[(key, translate(label)) for key, label in GOODS.items() if known.get(key, True)],
        **words(),
    )
