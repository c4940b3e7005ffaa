"""The form of a growing or farming area."""

import json
from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import growing_areas
from services.registry.domain.catalogues import crops
from services.registry.domain.geometry import (
    Boundary,
    BoundaryInvalid,
    as_points,
    from_geojson,
    from_points,
)
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
from services.registry.pages.showing import in_language
from shared.auth import require
from shared.errors import Refusal
from shared.ids import new_id, now
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import translate
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/growing-areas", include_in_schema=False)

TEMPLATE = "console/growing_area_form.html"


async def context(_: Form[Any]) -> dict[str, Any]:
    return {
        "kinds": [(key, translate(label)) for key, label in catalogue.AREA_KINDS.items()],
        "countries": [(key, translate(label)) for key, label in catalogue.COUNTRIES.items()],
        "species": [(one.key, in_language(one)) for one in crops().values()],
    }


async def _drawn(form: Form[GrowingAreaForm]) -> tuple[Form[GrowingAreaForm], Boundary]:
    """The boundary that was typed or uploaded; what a file holds is kept in the box of points."""
    sent = form.value
    try:
        if sent is None:
            return form, ()
        if sent.geojson is None or not sent.geojson.size:
            return form, from_points(sent.points) if sent.points else ()
        boundary = from_geojson(_parsed(await sent.geojson.read()), "geojson")
    except Refusal as refusal:
        return form.refused(refusal), ()
    return replace(form, raw={**form.raw, "points": [as_points(boundary)]}), boundary


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BoundaryInvalid("geojson", problem="tệp không phải GeoJSON") from None


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
    form, boundary = await _drawn(await read_form(request, GrowingAreaForm))
    return await save(
        request,
        form,
        lambda sent: growing_areas.enter_growing_area(
            sent.area(facility.id, boundary),
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
    form = new_form(
        GrowingAreaForm,
        asdict(record.content),
        version=record.version,
        points=as_points(record.content.boundary),
    )
    return await show_form(request, form, TEMPLATE, context, record=record)


@router.post("/{record_id}/edit")
async def change(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    record = await to_edit(request, who, Aggregate.GROWING_AREA, record_id)
    form, boundary = await _drawn(await read_form(request, GrowingAreaForm))
    return await save(
        request,
        form,
        lambda sent: growing_areas.edit_growing_area(
            record_id,
            sent.area(record.owner.facility_id, boundary),
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
