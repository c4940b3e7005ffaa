"""The pages of registry: the public catalogue and the console."""

from fastapi import APIRouter

from services.registry.pages import public
from services.registry.pages.diaries import area_diary, entry_form, findings, result_form, tests
from services.registry.pages.movement import (
    epcis_file,
    family,
    gathering,
    goods_labels,
    receipts,
    received,
    shipment,
    shipment_labels,
    shipping,
    stock,
    trace_events,
    transform_form,
    transformations,
)
from services.registry.pages.oversight import (
    certificate_form,
    circulation,
    examinations,
    inspection_edit,
    inspections,
    known,
    known_files,
    known_list,
    papers,
)
from services.registry.pages.publishing import articles, inquiries, recordings
from services.registry.pages.records import (
    bulk,
    console,
    exports,
    facility_form,
    growing_area_form,
    imports,
    lot_form,
    prints,
    product_form,
    record,
)
from services.registry.pages.reference import catalogues, markets, metadata, standards

router = APIRouter()
# Fixed words come before the `{record_id}` of the catalogue and of the console.
for part in (
    standards,
    public,
    inquiries,
    articles,
    recordings,
    papers,
    certificate_form,
    known_files,
    known_list,
    known,
    inspections,
    inspection_edit,
    circulation,
    prints,
    family,
    epcis_file,
    goods_labels,
    received,
    result_form,
    tests,
    examinations,
    trace_events,
    transformations,
    bulk,
    imports,
    exports,
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
    gathering,
    receipts,
    stock,
    shipping,
    shipment_labels,
    shipment,
    console,
    record,
):
    router.include_router(part.router)
