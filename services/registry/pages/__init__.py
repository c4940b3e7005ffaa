"""The pages of registry: the public catalogue and the console."""

from fastapi import APIRouter

from services.registry.pages import (
    bulk,
    console,
    entry_form,
    facility_form,
    family,
    files,
    growing_area_form,
    imports,
    inspections,
    known,
    lot_form,
    papers,
    prints,
    product_form,
    public,
    shipping,
    test_form,
    transform_form,
    transport,
)

router = APIRouter()
# The forms' fixed words come before the console's `{word}/{record_id}`.
for part in (
    files,
    public,
    papers,
    known,
    inspections,
    prints,
    family,
    test_form,
    bulk,
    imports,
    entry_form,
    facility_form,
    product_form,
    growing_area_form,
    lot_form,
    transform_form,
    shipping,
    transport,
    console,
):
    router.include_router(part.router)
