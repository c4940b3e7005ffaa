"""The console's work list of applications for accounts, and the decision on each (R5)."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.identity import labels
from services.identity.actions import applications as actions
from services.identity.application_inputs import (
    AcceptNewForm,
    AcceptReissueForm,
    AskForMore,
    RejectForm,
)
from services.identity.domain.applications import Application, State, Wish, is_personal_number
from services.identity.request import Db, Id, OriginOf
from services.identity.store import accounts, facilities
from services.identity.store import applications as store
from services.identity.tiers import tiers
from shared.auth import Principal, require
from shared.errors import Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, form_status, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.pages import redirect, render
from shared.web.paging import Paging
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/identity/applications")

OFFERED = 50


@router.get("")
async def work_list(request: Request, who: PagePrincipal, db: Db) -> Response:
    require(who, actions.DECIDE)
    asked = request.query_params.get("state", State.WAITING.value)
    state = asked if asked in labels.APPLICATION_STATES else State.WAITING.value
    counts = {name: await store.count(db, who, name) for name in labels.APPLICATION_STATES}
    paging = Paging.of(request, counts[state])
    return render(
        request,
        "applications.html",
        found=await store.page(db, who, state, skip=paging.skip, limit=paging.size),
        paging=paging,
        state=state,
        counts=counts,
        labels=labels,
    )


@router.get("/{application_id}")
async def one(request: Request, application_id: Id, who: PagePrincipal, db: Db) -> Response:
    return await _page(request, application_id, who, db, {})


@router.post("/{application_id}/ask")
async def ask(
    request: Request, application_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    form = await read_form(request, AskForMore)
    if form.value is None:
        return await _page(request, application_id, who, db, {"ask": form}, 422)
    try:
        await actions.ask_for_more(application_id, form.value.what, who=who, db=db, now=now())
    except Refusal as refusal:
        return await _refused(request, application_id, who, db, "ask", form, refusal)
    return redirect(request, str(router.prefix), N_("Đã yêu cầu cơ sở bổ sung."))


@router.post("/{application_id}/reject")
async def reject(
    request: Request, application_id: Id, who: PagePrincipal, sent: PageForm, db: Db
) -> Response:
    form = await read_form(request, RejectForm)
    if form.value is None:
        return await _page(request, application_id, who, db, {"reject": form}, 422)
    try:
        await actions.reject(application_id, form.value.reason, who=who, db=db, now=now())
    except Refusal as refusal:
        return await _refused(request, application_id, who, db, "reject", form, refusal)
    return redirect(request, str(router.prefix), N_("Đã trả lời không chấp nhận."))


@router.post("/{application_id}/accept")
async def accept(
    request: Request,
    application_id: Id,
    who: PagePrincipal,
    sent: PageForm,
    db: Db,
    origin: OriginOf,
) -> Response:
    form = await read_form(request, AcceptNewForm)
    if form.value is None:
        return await _page(request, application_id, who, db, {"accept": form}, 422)
    given = form.value
    try:
        issued = await actions.accept(
            application_id,
            given.order(),
            who=who,
            origin=origin,
            db=db,
            now=now(),
            repeat_key=given.repeat_key,
        )
    except Refusal as refusal:
        return await _refused(request, application_id, who, db, "accept", form, refusal)
    return render(request, "issued.html", status=201, issued=issued, again=False)


@router.post("/{application_id}/accept-reissue")
async def accept_reissue(
    request: Request,
    application_id: Id,
    who: PagePrincipal,
    sent: PageForm,
    db: Db,
    origin: OriginOf,
) -> Response:
    form = await read_form(request, AcceptReissueForm)
    if form.value is None:
        return await _page(request, application_id, who, db, {"reissue": form}, 422)
    given = form.value
    try:
        issued = await actions.accept_reissue(
            application_id,
            given.account_id,
            who=who,
            origin=origin,
            db=db,
            now=now(),
            repeat_key=given.repeat_key,
        )
    except Refusal as refusal:
        return await _refused(request, application_id, who, db, "reissue", form, refusal)
    return render(request, "issued.html", status=201, issued=issued, again=True)


async def _refused(
    request: Request,
    application_id: str,
    who: Principal,
    db: Database,
    name: str,
    form: Form[Any],
    refusal: Refusal,
) -> Response:
    forms = {name: form.refused(refusal)}
    return await _page(request, application_id, who, db, forms, form_status(refusal))


async def _page(
    request: Request,
    application_id: str,
    who: Principal,
    db: Database,
    forms: dict[str, Form[Any]],
    status: int = 200,
) -> Response:
    """One application; `forms` holds what comes back with errors, by the name of its act."""
    found = await store.get(db, application_id)
    require(who, actions.DECIDE, found.scope)
    search = request.query_params.get("q", "").strip()[:100]
    known = await facilities.by_code(db, who, found.newest.facility_code)
    offered = await facilities.search(db, who, search or found.newest.facility_name, limit=OFFERED)
    if known is not None:
        offered = [known, *(one for one in offered if one.id != known.id)]
    owned = await accounts.of_facility(db, known.id) if known else []
    kinds = tiers()["facility"].kinds
    shown = {
        "ask": new_form(AskForMore),
        "reject": new_form(RejectForm),
        "accept": new_form(
            AcceptNewForm,
            facility_id=known.id if known else "",
            name=found.newest.representative,
            position=found.newest.position,
            kinds=["operate"],
            repeat_key=new_id(),
        ),
        "reissue": new_form(AcceptReissueForm, repeat_key=new_id()),
        **forms,
    }
    return render(
        request,
        "application_one.html",
        status=status,
        found=found,
        forms=shown,
        opened=next(iter(forms), ""),
        search=search,
        offered=[(one.id, _label(one.name, one.code)) for one in offered if not one.stopped],
        owned=[(one.id, f"{one.name} · {one.username}") for one in owned if not one.revoked],
        reissue=found.newest.wish is Wish.REISSUE,
        entry=entry_address(found),
        enters=who.may("facility.enter"),
        names=await accounts.names(db, {found.decided_by}),
        kinds_options=[(kind, translate(labels.KINDS[kind])) for kind in kinds],
        labels=labels,
    )


def entry_address(found: Application) -> str:
    """Registry's entry form, filled in with what is not personal: addresses are kept in logs."""
    told = found.newest
    tax_number = "" if is_personal_number(told.tax_number) else told.tax_number
    given = {
        "name": told.facility_name,
        "tax_number": tax_number,
        "address": told.address,
        "commune": told.commune,
        "sector": told.sector,
    }
    pairs = [(name, value) for name, value in given.items() if value]
    pairs += [("kinds", kind) for kind in told.kinds]
    return f"/console/registry/facilities/new?{urlencode(pairs)}"


def _label(name: str, code: str) -> str:
    return f"{name} · {code}" if code else name
