"""The form of a growing or farming area."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import growing_areas
from services.registry.domain.records import Aggregate
from services.registry.pages.editing import (
    choose_facility,
    facility_for,
    once_of,
    save,
    show_form,
    to_edit,
)
from services.registry.pages.forms import GrowingAreaForm
from shared.auth import require
from shared.ids import new_id, now
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/growing-areas", include_in_schema=False)

TEMPLATE = "console/growing_area_form.html"


async def context(_: Form[Any]) -> dict[str, Any]:
    return {}


@router.get("/new")
async def new(request: Request, who: PagePrincipal, facility_id: str = "", q: str = "") -> Response:
    require(who, "growing_area.enter")
    facility = await facility_for(request, who, Aggregate.GROWING_AREA, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.GROWING_AREA, q)
    form = new_form(
        GrowingAreaForm, key=new_id(), facility_id=facility.id, commune=facility.owner.commune
    )
    return await show_form(request, form, TEMPLATE, context)


@router.post("/new")
async def create(
    request: Request, who: PagePrincipal, _: PageForm, facility_id: str = ""
) -> Response:
    facility = await facility_for(request, who, Aggregate.GROWING_AREA, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.GROWING_AREA)
    return await save(
        request,
        await read_form(request, GrowingAreaForm),
        lambda sent: growing_areas.enter_growing_area(
            sent.area(facility.id),
            record_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once_of(who, Aggregate.GROWING_AREA, sent),
        ),
        aggregate=Aggregate.GROWING_AREA,
        template=TEMPLATE,
        context=context,
    )


@router.get("/{record_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await to_edit(request, who, Aggregate.GROWING_AREA, record_id)
    form = new_form(GrowingAreaForm, asdict(record.content), version=record.version)
    return await show_form(request, form, TEMPLATE, context, record=record)


@router.post("/{record_id}/edit")
async def change(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    record = await to_edit(request, who, Aggregate.GROWING_AREA, record_id)
    return await save(
        request,
        await read_form(request, GrowingAreaForm),
        lambda sent: growing_areas.edit_growing_area(
            record_id,
            sent.area(record.owner.facility_id),
            version=sent.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        ),
        aggregate=Aggregate.GROWING_AREA,
        template=TEMPLATE,
        context=context,
        record=record,
    )
