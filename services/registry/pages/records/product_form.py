"""The form of a product, with its pictures."""

from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry import catalogue
from services.registry.actions import media, products
from services.registry.domain.records import Aggregate, Record
from services.registry.naming import gtin_text
from services.registry.pages.forms import ProductForm
from services.registry.pages.records.editing import (
    Context,
    choose_facility,
    facility_for,
    once_of,
    save,
    show_form,
    to_edit,
)
from services.registry.store import recordings
from services.registry.store.media import to_choose_from
from shared.auth import Principal, require
from shared.errors import Refusal
from shared.ids import new_id, now
from shared.pictures.limits import MAX_BYTES
from shared.web.csrf import PageForm
from shared.web.forms import Form, new_form, read_form
from shared.web.i18n import translate
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry/products", include_in_schema=False)

TEMPLATE = "console/product_form.html"


def _context(request: Request, facility: Record[Any]) -> Context:
    async def context(form: Form[Any]) -> dict[str, Any]:
        chosen = list(form.texts("images"))
        pictures = await to_choose_from(request.app.state.db, facility.id, chosen)
        roles = [(role, translate(label)) for role, label in catalogue.ROLES.items()]
        return {
            "facility": facility,
            "pictures": pictures,
            "recordings": await recordings.to_choose_from(
                request.app.state.db, facility.id, form.texts("recordings")
            ),
            "role_options": roles,
        }

    return context


@router.get("/new")
async def new(request: Request, who: PagePrincipal, facility_id: str = "", q: str = "") -> Response:
    require(who, "product.enter")
    facility = await facility_for(request, who, Aggregate.PRODUCT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.PRODUCT, q)
    form = new_form(ProductForm, key=new_id(), facility_id=facility.id)
    return await show_form(request, form, TEMPLATE, _context(request, facility))


@router.post("/new")
async def create(
    request: Request, who: PagePrincipal, _: PageForm, facility_id: str = ""
) -> Response:
    facility = await facility_for(request, who, Aggregate.PRODUCT, facility_id)
    if facility is None:
        return await choose_facility(request, who, Aggregate.PRODUCT)
    form = await _with_pictures(request, await read_form(request, ProductForm), facility, who)
    return await save(
        request,
        form,
        lambda sent: products.enter_product(
            sent.to_domain(facility.id),
            record_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once_of(who, Aggregate.PRODUCT, sent),
        ),
        aggregate=Aggregate.PRODUCT,
        template=TEMPLATE,
        context=_context(request, facility),
    )


@router.get("/{record_id}/edit")
async def edit(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await to_edit(request, who, Aggregate.PRODUCT, record_id)
    facility = await _facility_of(request, who, record)
    form = await _opened(record)
    return await show_form(request, form, TEMPLATE, _context(request, facility), record=record)


async def _opened(record: Record[Any]) -> Form[ProductForm]:
    return new_form(
        ProductForm,
        asdict(record.content),
        version=record.version,
        main=next(iter(record.content.images), ""),
        standards="\n".join(record.content.standards),
        gtin=gtin_text(record.content.gtin),
    )


@router.post("/{record_id}/edit")
async def change(request: Request, who: PagePrincipal, record_id: str, _: PageForm) -> Response:
    record = await to_edit(request, who, Aggregate.PRODUCT, record_id)
    facility = await _facility_of(request, who, record)
    form = await _with_pictures(request, await read_form(request, ProductForm), facility, who)
    return await save(
        request,
        form,
        lambda sent: products.edit_product(
            record_id,
            sent.to_domain(facility.id),
            version=sent.version,
            who=who,
            now=now(),
            db=request.app.state.db,
        ),
        aggregate=Aggregate.PRODUCT,
        template=TEMPLATE,
        context=_context(request, facility),
        record=record,
        opened=_opened,
    )


async def _facility_of(request: Request, who: Principal, record: Record[Any]) -> Record[Any]:
    found = await facility_for(request, who, Aggregate.PRODUCT, record.owner.facility_id)
    assert found is not None  # It was named.
    return found


async def _with_pictures(
    request: Request, form: Form[ProductForm], facility: Record[Any], who: Principal
) -> Form[ProductForm]:
    """The form with its photos uploaded and chosen: whatever else is wrong, they are kept."""
    sent = form.value
    if sent is None or not sent.photos:
        return form
    chosen = list(sent.images)
    try:
        for photo in sent.photos:
            picture = await media.upload(
                await photo.read(MAX_BYTES + 1),
                facility_id=facility.id,
                picture_id=new_id(),
                who=who,
                now=now(),
                db=request.app.state.db,
            )
            chosen.append(picture.id)
    except Refusal as refusal:
        refusal.field = "photos"
        return replace(form.refused(refusal), raw={**form.raw, "images": chosen})
    value = sent.model_copy(update={"images": tuple(chosen), "photos": ()})
    kept = form.kept_files("photos")
    return replace(kept, value=value, raw={**form.raw, "images": chosen})
