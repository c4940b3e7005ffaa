"""A minute that was written down wrongly is corrected; scans are added to it later (R34, R35)."""

from dataclasses import asdict
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import inspections as acts
from services.registry.domain.inspections import Inspection
from services.registry.domain.records import Aggregate
from services.registry.fields.inspections import CorrectionFields
from services.registry.inputs import Version
from services.registry.pages.oversight.inspections import HOME, inspection_page, words
from services.registry.pages.oversight.paper_forms import SignedForm, bytes_of
from services.registry.pages.showing import show
from services.registry.store import inspections as store
from services.registry.store import records
from shared.auth import Principal, require
from shared.ids import now
from shared.once import once
from shared.web.answering import answered
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_
from shared.web.pages import redirect
from shared.web.session import PagePrincipal

router = APIRouter(prefix=f"{HOME}/{{inspection_id}}", include_in_schema=False)


class CorrectForm(CorrectionFields):
    version: Version


@router.get("/edit")
async def edit(request: Request, who: PagePrincipal, inspection_id: str) -> Response:
    one = await _to_correct(request, who, inspection_id)
    told = asdict(one.it)
    for number, violation in enumerate(told["violations"]):
        violation["number"] = number
    return await _form(request, one, new_form(CorrectForm, told, version=one.version))


@router.post("/edit")
async def correct(
    request: Request, who: PagePrincipal, inspection_id: str, _: PageForm
) -> Response:
    one = await _to_correct(request, who, inspection_id)

    async def perform(sent: CorrectForm) -> Response:
        await acts.correct(
            inspection_id,
            sent.to_domain(),
            sent.numbers,
            reason=sent.reason,
            version=sent.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        )
        return redirect(request, f"{HOME}/{inspection_id}", N_("Đã sửa biên bản."))

    return await answered(
        await read_form(request, CorrectForm),
        perform,
        lambda form, status: _form(request, one, form.caught_up(one.version), status),
    )


@router.post("/papers")
async def attach(request: Request, who: PagePrincipal, inspection_id: str, _: PageForm) -> Response:
    await _to_correct(request, who, inspection_id)

    async def perform(sent: SignedForm) -> Response:
        data = await bytes_of(sent.file) or b""
        await acts.attach(
            inspection_id,
            data,
            sent.title,
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, sent.key, "paper", inspection_id, sent.title, sha256(data).digest()),
        )
        return redirect(request, f"{HOME}/{inspection_id}", N_("Đã lưu bản quét."))

    return await answered(
        await read_form(request, SignedForm),
        perform,
        lambda form, status: inspection_page(
            request, who, inspection_id, form, status, attaching=True
        ),
    )


async def _to_correct(request: Request, who: Principal, inspection_id: str) -> Inspection:
    one = await store.get(request.app.state.db, inspection_id)
    require(who, "inspection.read", acts.scope_of(one))
    require(who, "inspection.record", acts.scope_of(one))
    return one


async def _form(request: Request, one: Inspection, form: Form[Any], status: int = 200) -> Response:
    return show(
        request,
        "console/inspection_form.html",
        status=status,
        record=await records.get(request.app.state.db, Aggregate.FACILITY, one.facility_id),
        one=one,
        form=form,
        **words(),
    )
