"""Pages of the shared catalogues: rows, their history, proposals and decisions (R32)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from services.registry.actions import catalogues
from services.registry.domain.catalogue_fields import SPECS
from services.registry.domain.catalogue_versions import RETIRED, difference, rows_of, versions
from services.registry.domain.catalogues import (
    CLOSED,
    Catalogue,
    all_rows,
    lasts,
)
from services.registry.field_words import field_choices
from services.registry.pages.reference.catalogue_form import (
    asked_of,
    category_choices,
    key_of,
    model_of,
    opened,
    species_options,
    values_of,
)
from services.registry.pages.reference.catalogue_words import options_of, said
from services.registry.pages.showing import show
from services.registry.store import catalogues as store
from shared.auth import Principal, require
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import new_id, now
from shared.mongo import Database
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.fields import Input, Prose
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/catalogues", include_in_schema=False)


class DecisionForm(Input):
    approved: bool
    reason: Annotated[Prose, Field(max_length=1000)] = ""


def _which(name: str) -> Catalogue:
    try:
        return Catalogue(name)
    except ValueError:
        raise NotFound() from None


@router.get("")
async def overview(request: Request, who: PagePrincipal) -> Response:
    require(who, "catalogue.read")
    waiting = await store.count_open(request.app.state.db)
    return show(
        request,
        "console/catalogues.html",
        found=[(one, len(all_rows(one)), waiting.get(one.value, 0)) for one in Catalogue],
    )


@router.get("/{name}")
async def one_catalogue(request: Request, who: PagePrincipal, name: str) -> Response:
    which = _which(name)
    require(who, "catalogue.read")
    db: Database = request.app.state.db
    return show(
        request,
        "console/catalogue.html",
        which=which,
        rows=list(all_rows(which).values()),
        specs=SPECS[which],
        waiting=await store.history(db, which, state="proposed"),
        recent=await store.history(db, which, limit=30),
        may_propose=who.may("catalogue.propose"),
        closed=which in CLOSED,
        version=len(await store.approved(db, which)),
        about=all_rows(Catalogue.DATASETS).get(which.value),
        said=said,
    )


@router.get("/{name}/versions")
async def list_versions(
    request: Request,
    who: PagePrincipal,
    name: str,
    since: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    until: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
) -> Response:
    """All versions, and what differs between two of them."""
    which = _which(name)
    require(who, "catalogue.read")
    approved = await store.approved(request.app.state.db, which)
    last = len(approved) if until is None else min(until, len(approved))
    since = min(since, len(approved))
    return show(
        request,
        "console/catalogue_versions.html",
        which=which,
        versions=list(reversed(versions(approved))),
        since=since,
        until=last,
        options=[(str(number), str(number)) for number in range(len(approved), -1, -1)],
        differences=difference(rows_of(which, approved, since), rows_of(which, approved, last)),
        specs={spec.name: spec for spec in SPECS[which]},
        retired=RETIRED,
        said=said,
    )


@router.get("/{name}/change")
async def change(request: Request, who: PagePrincipal, name: str, key: str = "") -> Response:
    which = _which(name)
    row = all_rows(which).get(key)
    form = new_form(
        model_of(which),
        opened(which, row),
        row_key=key,
        valid_from=local_day(now()),
        retired=row.retired if row is not None else False,
        id=new_id(),
    )
    return await _form(request, who, which, form, key)


@router.post("/{name}/change")
async def propose(
    request: Request, who: PagePrincipal, name: str, _: PageForm, key: str = ""
) -> Response:
    which = _which(name)
    require(who, "catalogue.propose")

    async def perform(sent: Any) -> Response:
        await catalogues.propose(
            which,
            key or key_of(which, sent),
            values_of(which, sent),
            valid_from=sent.valid_from,
            retired=sent.retired,
            reason=sent.reason,
            change_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.id, "catalogue", sent),
        )
        message = N_("Đã gửi đề nghị. Một người khác sẽ duyệt.")
        return redirect(request, f"/console/registry/catalogues/{which}", message)

    return await answered(
        await read_form(request, model_of(which)),
        perform,
        lambda form, status: _form(request, who, which, form, key, status),
    )


@router.get("/{name}/changes/{change_id}")
async def read(request: Request, who: PagePrincipal, name: str, change_id: str) -> Response:
    return await _decision_page(request, who, _which(name), change_id, new_form(DecisionForm))


@router.post("/{name}/changes/{change_id}")
async def decide(
    request: Request, who: PagePrincipal, name: str, change_id: str, _: PageForm
) -> Response:
    which = _which(name)

    async def perform(sent: DecisionForm) -> Response:
        await catalogues.decide(
            change_id,
            approved=sent.approved,
            reason=sent.reason,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        approved = N_("Đã duyệt; danh mục mới dùng từ ngày có hiệu lực.")
        message = approved if sent.approved else N_("Đã trả lại đề nghị.")
        return redirect(request, f"/console/registry/catalogues/{which}", message)

    return await answered(
        await read_form(request, DecisionForm),
        perform,
        lambda form, status: _decision_page(request, who, which, change_id, form, status),
    )


async def _form(
    request: Request,
    who: Principal,
    which: Catalogue,
    form: Form[Any],
    key: str,
    status: int = 200,
) -> Response:
    require(who, "catalogue.propose")
    if (key or which in CLOSED) and key not in all_rows(which):
        raise NotFound()
    return show(
        request,
        "console/catalogue_form.html",
        status=status,
        which=which,
        key=key,
        form=form,
        specs=asked_of(which),
        field_choices=field_choices(),
        lasting=bool(key) and lasts(which, key),
        options=options_of,
        species_options=species_options(),
        category_choices=category_choices(),
        history=await store.history(request.app.state.db, which, key, limit=30) if key else [],
        said=said,
    )


async def _decision_page(
    request: Request,
    who: Principal,
    which: Catalogue,
    change_id: str,
    form: Form[Any],
    status: int = 200,
) -> Response:
    require(who, "catalogue.read")
    found = await store.get(request.app.state.db, change_id)
    if found.catalogue is not which:
        raise NotFound()
    return show(
        request,
        "console/catalogue_change.html",
        status=status,
        which=which,
        change=found,
        now_valid=all_rows(which).get(found.key),
        specs=SPECS[which],
        form=form,
        may_decide=who.may("catalogue.approve") and found.state == "proposed",
        mine=found.proposed_by.account_id == who.account_id,
        said=said,
    )
