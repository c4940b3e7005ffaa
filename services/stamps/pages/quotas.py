"""Quotas of stamps: the facilities that are bound, and one with its changes."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.stamps import queries, quota_queries
from services.stamps.actions import quotas as acts
from services.stamps.domain.quotas import QuotaChange, Standing, named
from services.stamps.inputs import RecordId
from services.stamps.pages.forms import QuotaForm, fresh_form
from services.stamps.pages.shown import HOME, listed
from services.stamps.store.lists import PAGE
from shared.auth import Principal
from shared.ids import now
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.filters import show_number
from shared.web.forms import Form, read_form
from shared.web.i18n import N_, said, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter()
_EACH = {"year": N_("mỗi năm"), "month": N_("mỗi tháng")}


def shown(standings: Sequence[Standing], names: dict[str, str]) -> list[dict[str, Any]]:
    """Quotas as templates show them; `names` of products."""
    return [
        {
            "product": names.get(one.quota.product_id, one.quota.product_id),
            "period": said(named(one.quota.period, one.begins)),
            "limit": one.quota.limit,
            "issued": one.issued,
            "left": one.left,
            "waiting": one.waiting,
            "open": one.open,
            "ends": one.ends,
            "beyond": one.beyond,
        }
        for one in standings
    ]


@router.get("/quotas")
async def list_quotas(request: Request, who: PagePrincipal) -> Response:
    db, text = request.app.state.db, request.query_params.get("q", "").strip()[:100]
    bound, paging = await listed(
        request, lambda page: quota_queries.seen_by(who, db=db, now=now(), page=page)
    )
    names = await quota_queries.product_names(bound, db=db)
    rows = [
        {"facility": each.facility_id, **row}
        for each in bound
        for row in shown(each.standings, names)
    ]
    return render(
        request,
        "quotas.html",
        rows=rows,
        names=await queries.facility_names({one.facility_id for one in bound}, db=db),
        paging=paging,
        text=text,
        found=await quota_queries.named(who, text, db=db),
    )


@router.get("/quotas/{facility_id}")
async def show_quotas(request: Request, who: PagePrincipal, facility_id: RecordId) -> Response:
    form = fresh_form(QuotaForm, act="set", period="year")
    return await _quota_page(request, who, facility_id, form)


@router.post("/quotas/{facility_id}")
async def change_quota(
    request: Request, who: PagePrincipal, sent: PageForm, facility_id: RecordId
) -> Response:
    async def perform(sent: QuotaForm) -> Response:
        asked, db = sent.model_dump(), request.app.state.db
        made = await acts.change(facility_id=facility_id, **asked, who=who, db=db, now=now())
        there = f"{HOME}/quotas/{facility_id}"
        if made.limit is None:
            return redirect(request, there, N_("Đã bỏ hạn mức."))
        return redirect(
            request, there, N_("Đã đặt hạn mức {limit} tem."), limit=show_number(made.limit)
        )

    return await answered(
        await read_form(request, QuotaForm),
        perform,
        lambda form, status: _quota_page(request, who, facility_id, form, status),
    )


async def _quota_page(
    request: Request,
    who: Principal,
    facility_id: str,
    form: Form[QuotaForm],
    status: int = 200,
) -> Response:
    db = request.app.state.db
    facility = await quota_queries.facility_seen_by(who, facility_id, db=db)
    bound = await quota_queries.of_facility(facility_id, db=db, now=now())
    changes, total = await quota_queries.changes_of(
        facility_id, db=db, page=Paging.of(request, 10**9, size=PAGE).number
    )
    products = await quota_queries.products_of(facility_id, db=db)
    names = {one.id: one.name for one in products}
    names |= await quota_queries.product_names([bound], db=db)
    return render(
        request,
        "quota.html",
        status=status,
        facility=facility,
        quotas=shown(bound.standings, names),
        history=[_told(one, names) for one in changes],
        paging=Paging.of(request, total, size=PAGE),
        products=[(one.id, one.name) for one in products],
        may_set=who.may("stamps.quota") and who.covers("stamps.quota", facility.scope),
        form=form,
    )


def _told(one: QuotaChange, names: dict[str, str]) -> dict[str, Any]:
    """A change as the time line shows it."""
    what = names.get(one.product_id, one.product_id) or translate(N_("mọi sản phẩm"))
    each = translate(_EACH[one.period])
    if one.limit is None:
        title = translate(N_("Bỏ hạn mức {each}, {what}"), each=each, what=what)
    else:
        title = translate(
            N_("Hạn mức {limit} tem {each}, {what}"),
            limit=show_number(one.limit),
            each=each,
            what=what,
        )
    return {"title": title, "time": one.at, "who": one.by_name, "text": one.reason}
