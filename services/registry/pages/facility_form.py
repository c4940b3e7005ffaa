"""The form of a facility: entered by an authority, edited by it or by the facility itself."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import facilities
from services.registry.domain.records import Aggregate
from services.registry.pages.editing import once_of, save, show_form, to_edit
from services.registry.pages.forms import FacilityForm
from shared.auth import require
from shared.errors import Forbidden
from shared.ids import new_id, now
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import translate
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/facilities", include_in_schema=False)

TEMPLATE = "console/facility_form.html"
CHOICES = {
    "form": catalogue.FORMS,
    "class": catalogue.CLASSES,
    "sector": catalogue.SECTORS,
    "kinds": catalogue.KINDS,
    "marks": catalogue.MARKS,
    "certificates": catalogue.CERTIFICATES,
}


async def context(_: Form[Any]) -> dict[str, Any]:
    """The choices that the form offers."""
    return {
        "options": {
            name: [(key, translate(label)) for key, label in labels.items()]
            for name, labels in CHOICES.items()
        }
    }


# What an address may fill in: nothing personal, for addresses are kept in logs.
FILLED_BY_ADDRESS = ("name", "tax_number", "address", "commune", "sector")


def prefilled(request: Request) -> dict[str, Any]:
    """What the address says of the facility, as an application for an account links here (R5).

    It only fills the form: whatever it says is judged when the form is sent.
    """
    asked = request.query_params
    told: dict[str, Any] = {
        name: asked[name][:300] for name in FILLED_BY_ADDRESS if asked.get(name)
    }
    if kinds := [kind for kind in asked.getlist("kinds") if kind in catalogue.KINDS]:
        told["kinds"] = kinds
    return told


@router.get("/new")
async def new(request: Request, who: PagePrincipal) -> Response:
    require(who, "facility.enter")
    if who.facility_id is not None:
        raise Forbidden()
    told = prefilled(request)
    told.setdefault("sector", "" if who.sector == "*" else who.sector)
    form = new_form(FacilityForm, key=new_id(), **told)
    return await show_form(request, form, TEMPLATE, context)


@router.post("/new")
async def create(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    return await save(
        request,
        await read_form(request, FacilityForm),
        lambda sent: facilities.enter_facility(
            sent.to_domain(),
            record_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once_of(who, Aggregate.FACILITY, sent),
        ),
        aggregate=Aggregate.FACILITY,
        template=TEMPLATE,
        context=context,
    )


@router.get("/{record_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await to_edit(request, who, Aggregate.FACILITY, record_id)
    told = {**asdict(record.content), "more_codes": "\n".join(record.content.more_codes)}
    form = new_form(FacilityForm, told, version=record.version)
    return await show_form(request, form, TEMPLATE, context, record=record)


@router.post("/{record_id}/edit")
async def change(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    return await save(
        request,
        await read_form(request, FacilityForm),
        lambda sent: facilities.edit_facility(
            record_id,
            sent.to_domain(),
            version=sent.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        ),
        aggregate=Aggregate.FACILITY,
        template=TEMPLATE,
        context=context,
        record=await to_edit(request, who, Aggregate.FACILITY, record_id),
    )
