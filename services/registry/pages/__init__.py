"""The pages of registry: the public catalogue and the console."""

from fastapi import APIRouter

from services.registry.pages import (
    area_diary,
    catalogues,
    console,
    entry_form,
    facility_form,
    files,
    growing_area_form,
    inspections,
    known,
    lot_form,
    papers,
    prints,
    product_form,
    public,
    standards,
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
    catalogues,
    area_diary,
    entry_form,
    facility_form,
    product_form,
    growing_area_form,
    lot_form,
    console,
):
    router.include_router(part.router)
