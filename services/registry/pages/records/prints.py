"""Printable forms, filled from the record: a page of links, and each as a PDF (R34)."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.registry.actions import inspections as inspection_acts
from services.registry.actions.rights import RIGHTS, require_for
from services.registry.domain.records import Aggregate, Record
from services.registry.pages.oversight.papers import facility_of
from services.registry.pages.showing import show
from services.registry.printing import filled_forms
from services.registry.printing.filled_forms import OfFacility
from services.registry.store import inspections, lists, records
from shared.auth import Principal, require
from shared.errors import NotFound
from shared.web.session import PagePrincipal

router = APIRouter(prefix="/console/registry", include_in_schema=False)
LISTED = 50


@router.get("/facilities/{record_id}/prints")
async def prints(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.read")
    db = request.app.state.db
    of_it = {"owner.facility_id": record_id}
    query = inspections.wanted(facility_id=record_id)
    return show(
        request,
        "console/prints.html",
        record=record,
        products=await lists.newest(db, Aggregate.PRODUCT, of_it, LISTED),
        lots=await lists.newest(db, Aggregate.LOT, of_it, LISTED),
        inspections=(await inspections.listed(db, who, query, 1))[0],
    )


@router.get("/facilities/{record_id}/prints/registration.pdf")
async def registration(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.read")
    return await filled_forms.of_facility(record, OfFacility.REGISTRATION)


@router.get("/facilities/{record_id}/prints/commitment.pdf")
async def commitment(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.read")
    return await filled_forms.of_facility(record, OfFacility.COMMITMENT)


@router.get("/facilities/{record_id}/prints/account.pdf")
async def account(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await facility_of(request, who, record_id, "facility.read")
    return await filled_forms.of_facility(record, OfFacility.ACCOUNT)


@router.get("/products/{record_id}/print.pdf")
async def product(request: Request, who: PagePrincipal, record_id: str) -> Response:
    return await filled_forms.of_product(await _read(request, who, Aggregate.PRODUCT, record_id))


@router.get("/lots/{record_id}/print.pdf")
async def lot(request: Request, who: PagePrincipal, record_id: str) -> Response:
    record = await _read(request, who, Aggregate.LOT, record_id)
    return await filled_forms.of_lot(request.app.state.db, record)


@router.get("/inspections/{inspection_id}/print.pdf")
async def minute(request: Request, who: PagePrincipal, inspection_id: str) -> Response:
    db = request.app.state.db
    one = await inspections.get(db, inspection_id)
    require(who, "inspection.read", inspection_acts.scope_of(one))
    return await filled_forms.of_inspection(
        one, await records.get(db, Aggregate.FACILITY, one.facility_id)
    )


async def _read(
    request: Request, who: Principal, aggregate: Aggregate, record_id: str
) -> Record[Any]:
    record = await records.find(request.app.state.db, aggregate, record_id)
    if record is None:
        raise NotFound()
    require_for(who, RIGHTS[aggregate].read, record)
    return record
