"""The pages of registry: the public catalogue and the console."""

from fastapi import APIRouter

from services.registry.pages import (
    area_diary,
    bulk,
    catalogues,
    console,
    entry_form,
    facility_form,
    family,
    files,
    findings,
    growing_area_form,
    imports,
    inspections,
    known,
    lot_form,
    markets,
    metadata,
    papers,
    prints,
    product_form,
    public,
    shipping,
    standards,
    test_form,
    transform_form,
    transport,
)

router = APIRouter()
# The forms' fixed words come before the console's `{word}/{record_id}`.
for part in (
    files,
    standards,
    public,
    papers,
    known,
    inspections,
    prints,
    family,
    test_form,
    bulk,
    imports,
    catalogues,
    findings,
    markets,
    metadata,
    area_diary,
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
