"""The form of a facility: entered by an authority, edited by it or by the facility itself."""

from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import facilities
from services.registry.actions.doubles import Double
from services.registry.domain.records import Aggregate, Record
from services.registry.naming import country_options
from services.registry.pages.forms import FacilityForm
from services.registry.pages.records import handed_over
from services.registry.pages.records.editing import (
    Context,
    once_of,
    own_place,
    save,
    show_form,
    to_edit,
)
from shared.auth import Principal, require
from shared.errors import Forbidden
from shared.handover import LONGEST, HandoverInvalid
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
            **{
                name: [(key, translate(label)) for key, label in labels.items()]
                for name, labels in CHOICES.items()
            },
            "countries": country_options(),
        }
    }


@router.get("/new")
async def new(request: Request, who: PagePrincipal) -> Response:
    require(who, "facility.enter")
    if who.facility_id is not None:
        raise Forbidden()
    form = new_form(FacilityForm, key=new_id(), **own_place(who))
    return await show_form(request, form, TEMPLATE, context)


@router.post("/from-application")
async def from_application(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    """The form, filled in from an application that identity's page hands over (R18)."""
    require(who, "facility.enter")
    if who.facility_id is not None:
        raise Forbidden()
    text = str((await request.form()).get("handover") or "")[:LONGEST]
    told = handed_over.filled(handed_over.read(request, text, who).facts)
    form = new_form(FacilityForm, key=new_id(), handover=text, **told)
    return await show_form(request, form, TEMPLATE, _with_doubles(request, who))


def _with_doubles(request: Request, who: Principal) -> Context:
    """The choices of the form; of one that was handed over, whom it may be a double of."""

    async def choices(form: Form[Any]) -> dict[str, Any]:
        found: list[Double] = []
        if text := form.text("handover"):
            with suppress(HandoverInvalid):
                sent = handed_over.read(request, text, who)
                found = await handed_over.doubles_of(request, who, sent)
        return {**await context(form), "doubles": found}

    return choices


@router.post("/new")
async def create(request: Request, who: PagePrincipal, _: PageForm) -> Response:
    def act(sent: FacilityForm) -> Awaitable[Any]:
        told = handed_over.read(request, sent.handover, who) if sent.handover else None
        return facilities.enter_facility(
            sent.to_domain(),
            record_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once_of(who, Aggregate.FACILITY, sent),
            application_id=told.subject if told is not None else "",
        )

    return await save(
        request,
        await read_form(request, FacilityForm),
        act,
        aggregate=Aggregate.FACILITY,
        template=TEMPLATE,
        context=_with_doubles(request, who),
    )


@router.get("/{record_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await to_edit(request, who, Aggregate.FACILITY, record_id)
    return await show_form(request, await _opened(record), TEMPLATE, context, record=record)


async def _opened(record: Record[Any]) -> Form[FacilityForm]:
    told = {**asdict(record.content), "more_codes": "\n".join(record.content.more_codes)}
    return new_form(FacilityForm, told, version=record.version)


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
        opened=_opened,
    )
