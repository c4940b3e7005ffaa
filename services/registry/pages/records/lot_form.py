"""The form of a lot."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import lots
from services.registry.domain import lot_codes
from services.registry.domain.records import Aggregate, Record
from services.registry.domain.using import uncounted
from services.registry.naming import unit_options
from services.registry.pages.forms import LotForm
from services.registry.pages.movement import goods
from services.registry.pages.records.editing import (
    Context,
    choose_facility,
    facility_for,
    once_of,
    save,
    show_form,
    to_edit,
)
from services.registry.store import lists, records
from services.registry.store import lots as lots_store
from shared.auth import require
from shared.days import local_day
from shared.ids import new_id, now
from shared.mongo import Database
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/lots", include_in_schema=False)

TEMPLATE = "console/lot_form.html"
OFFERED = 300
ROWS = 2


def _context(request: Request, facility_id: str) -> Context:
    """Products and areas to choose from are those that are published; inputs, what is held."""

    async def context(form: Form[Any]) -> dict[str, Any]:
        db: Database = request.app.state.db
        sources = [(one.lot.id, one.label) for one in await goods.sources(db, facility_id)]
        of_it = {"owner.facility_id": facility_id}
        products = await lists.public_list(db, Aggregate.PRODUCT, wanted=of_it, size=OFFERED)
        areas = await lists.public_list(db, Aggregate.GROWING_AREA, wanted=of_it, size=OFFERED)
        return {
            "facility_id": facility_id,
            "products": [(one.id, one.published.name) for one in products if one.published],
            "areas": [(one.id, one.published.name) for one in areas if one.published],
            "units": unit_options(),
            "sources": [*sources, *await _others(db, form, dict(sources))],
            "rows": ROWS,
        }

    return context


@router.get("/new")
async def new(
    request: Request,
    who: PagePrincipal,
    facility_id: str = "",
    product_id: str = "",
    q: str = "",
) -> Response:
    require(who, "lot.enter")
    facility = await facility_for(request, who, Aggregate.LOT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.LOT, q)
    db, today = request.app.state.db, local_day(now())
    form = new_form(
        LotForm,
        key=new_id(),
        facility_id=facility.id,
        product_id=product_id,
        code=lot_codes.proposed(await lots_store.codes_of(db, facility.id), today),
        produced_on=today,
        unit="kg",
    )
    return await show_form(request, form, TEMPLATE, _context(request, facility.id))


@router.post("/new")
async def create(
    request: Request, who: PagePrincipal, _: PageForm, facility_id: str = ""
) -> Response:
    facility = await facility_for(request, who, Aggregate.LOT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.LOT)
    return await save(
        request,
        await read_form(request, LotForm),
        lambda sent: lots.enter_lot(
            sent.to_domain(facility.id),
            record_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once_of(who, Aggregate.LOT, sent),
        ),
        aggregate=Aggregate.LOT,
        template=TEMPLATE,
        context=_context(request, facility.id),
    )


@router.get("/{record_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await to_edit(request, who, Aggregate.LOT, record_id)
    form = await _opened(request.app.state.db, record)
    context = _context(request, record.owner.facility_id)
    return await show_form(request, form, TEMPLATE, context, record=record)


@router.post("/{record_id}/edit")
async def change(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    record = await to_edit(request, who, Aggregate.LOT, record_id)
    return await save(
        request,
        await read_form(request, LotForm),
        lambda sent: lots.edit_lot(
            record_id,
            sent.to_domain(record.owner.facility_id),
            version=sent.version,
            keep_entries=True,
            who=who,
            now=now(),
            db=request.app.state.db,
        ),
        aggregate=Aggregate.LOT,
        template=TEMPLATE,
        context=_context(request, record.owner.facility_id),
        record=record,
        opened=lambda fresh: _opened(request.app.state.db, fresh),
    )


async def _opened(db: Database, record: Record[Any]) -> Form[LotForm]:
    return new_form(
        LotForm,
        asdict(record.content),
        version=record.version,
        inputs=await _input_lines(db, record),
        used=[
            {"lot": one.lot_id, "quantity": one.quantity, "unit": one.unit}
            for one in record.content.used
        ],
    )


async def _others(db: Database, form: Form[Any], known: dict[str, str]) -> list[tuple[str, str]]:
    """Lots that the form names already and of which nothing else is left."""
    named = {form.text(f"used.{i}.lot") for i in form.rows("used")} - {"", *known}
    found = await goods.lots_named(db, named)
    return [
        (one, f"{found[one].code} · {found[one].owner.name}" if one in found else one)
        for one in sorted(named)
    ]


async def _input_lines(db: Database, record: Record[Any]) -> str:
    """Inputs that are not counted, as people write them: facility code, slash, lot code."""
    if record.content.transformation_id:
        return "\n".join(record.content.inputs)
    named = uncounted(record.content.inputs, record.content.used)
    found = await records.find_many(db, Aggregate.LOT, named)
    return "\n".join(
        f"{found[one].owner.code}/{found[one].code}" if one in found else one for one in named
    )
