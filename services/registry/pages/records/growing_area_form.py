"""The form of a growing or farming area."""

import json
from dataclasses import asdict
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import growing_areas
from services.registry.domain.catalogues import crops
from services.registry.domain.facility import Facility
from services.registry.domain.geometry import (
    LATITUDES,
    LONGITUDES,
    Boundary,
    BoundaryInvalid,
    as_points,
    box,
    from_geojson,
    from_points,
    simplified,
)
from services.registry.domain.records import Aggregate, Record
from services.registry.naming import country_options, row_name
from services.registry.pages.forms import GrowingAreaForm, more_rows
from services.registry.pages.records.editing import (
    Context,
    choose_facility,
    facility_for,
    once_of,
    save,
    show_form,
    to_edit,
)
from services.registry.store import areas, records
from shared.auth import require
from shared.errors import Phrase, Refusal
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import N_, translate
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/growing-areas", include_in_schema=False)

TEMPLATE = "console/growing_area_form.html"
# So many areas of the commune are sketched around the one that is drawn.
AROUND: Final = 40
# Degrees around the facility that the drawing begins with: about a kilometre.
NEARBY: Final = 0.01
# What the drawing says; `{names}` are filled by its script.
DRAWING: Final = {
    "state": N_("{corners} góc, khoảng {hectares} ha. Hệ thống đo lại chính xác khi lưu."),
    "broken": N_("Dòng {number} bên dưới chưa phải một cặp tọa độ. Hãy sửa dòng đó trước."),
    "asking": N_("Đang tìm vị trí của bạn…"),
    "placed": N_("Đã thêm góc ở chỗ bạn đứng, sai số khoảng {metres} m."),
    "coarse": N_("Đã thêm góc, nhưng sai số tới {metres} m. Hãy ra chỗ thoáng rồi thêm lại."),
    "no_place": N_("Máy không cho biết vị trí. Hãy bật định vị, hoặc chạm lên hình để thêm góc."),
}


def _context(request: Request, facility_id: str, record_id: str = "") -> Context:
    """What the form offers, and what the drawing begins from."""

    async def context(form: Form[Any]) -> dict[str, Any]:
        db: Database = request.app.state.db
        facility = await records.get(db, Aggregate.FACILITY, facility_id)
        commune = form.text("commune") or facility.owner.commune
        around = await areas.of_commune(db, commune, but=record_id, limit=AROUND)
        drawn = [one.published.boundary for one in around if one.published is not None]
        return {**_choices(), **_drawing(facility, drawn)}

    return context


def _choices() -> dict[str, Any]:
    return {
        "kinds": [(key, translate(label)) for key, label in catalogue.AREA_KINDS.items()],
        "countries": country_options(),
        "species": [(one.key, row_name(one)) for one in crops().values()],
    }


def _drawing(facility: Record[Any], around: list[Boundary]) -> dict[str, Any]:
    """The areas around it in few corners, and the frame to begin with: west, south, east, north."""
    it: Facility = facility.content
    frame = (LONGITUDES[0], LATITUDES[0], LONGITUDES[1], LATITUDES[1])
    if it.latitude is not None and it.longitude is not None:
        west, south = it.longitude - NEARBY, it.latitude - NEARBY
        frame = (west, south, it.longitude + NEARBY, it.latitude + NEARBY)
    elif around:
        frame = box(tuple(ring for boundary in around for ring in boundary))
    return {
        "around": json.dumps([{"rings": simplified(one)} for one in around]),
        "frame": json.dumps(frame),
        "drawing_words": json.dumps({key: translate(text) for key, text in DRAWING.items()}),
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
    return form.kept_files("geojson").with_raw(points=as_points(boundary)), boundary


def _going_on(form: Form[GrowingAreaForm]) -> Form[GrowingAreaForm]:
    """A form that is not finished yet; only a file that was lost is told of."""
    return form if form.files else form.without_errors()


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BoundaryInvalid("geojson", problem=Phrase("tệp không phải GeoJSON")) from None


@router.get("/new")
async def new(request: Request, who: PagePrincipal, facility_id: str = "", q: str = "") -> Response:
    require(who, "growing_area.enter")
    facility = await facility_for(request, who, Aggregate.GROWING_AREA, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.GROWING_AREA, q)
    form = new_form(
        GrowingAreaForm, key=new_id(), facility_id=facility.id, commune=facility.owner.commune
    )
    return await show_form(request, form, TEMPLATE, _context(request, facility.id))


@router.post("/new")
async def create(
    request: Request, who: PagePrincipal, _: PageForm, facility_id: str = ""
) -> Response:
    facility = await facility_for(request, who, Aggregate.GROWING_AREA, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.GROWING_AREA)
    form, boundary = await _drawn(await read_form(request, GrowingAreaForm))
    if more_rows(form):
        return await show_form(request, _going_on(form), TEMPLATE, _context(request, facility.id))
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
        context=_context(request, facility.id),
    )


@router.get("/{record_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await to_edit(request, who, Aggregate.GROWING_AREA, record_id)
    return await show_form(
        request,
        await _opened(record),
        TEMPLATE,
        _context(request, record.owner.facility_id, record_id),
        record=record,
    )


async def _opened(record: Record[Any]) -> Form[GrowingAreaForm]:
    return new_form(
        GrowingAreaForm,
        asdict(record.content),
        version=record.version,
        points=as_points(record.content.boundary),
    )


@router.post("/{record_id}/edit")
async def change(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    record = await to_edit(request, who, Aggregate.GROWING_AREA, record_id)
    form, boundary = await _drawn(await read_form(request, GrowingAreaForm))
    context = _context(request, record.owner.facility_id, record_id)
    if more_rows(form):
        return await show_form(request, _going_on(form), TEMPLATE, context, record=record)
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
        opened=_opened,
    )
