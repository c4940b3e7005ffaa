"""Entering and editing records. Answers {id, version, state, code}; version counts every change."""

from fastapi import APIRouter, Request

from services.registry.actions import facilities, growing_areas, lots, products
from services.registry.actions.entering import Entered
from services.registry.api.bodies import (
    EditFacility,
    EditGrowingArea,
    EditLot,
    EditProduct,
    NewGrowingArea,
    NewLot,
    NewProduct,
)
from services.registry.api.views import EnteredView, RecordId, RecordView
from services.registry.facility_inputs import FacilityFields
from shared.auth import Principal
from shared.errors import Kind, Refusal
from shared.ids import new_id, now
from shared.once import once
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


class FacilityMissing(Refusal):
    code = "facility_missing"
    kind = Kind.INVALID
    message = "Hãy nêu cơ sở (facility_id) mà bạn nhập thay."


def facility_of(who: Principal, given: str) -> str:
    """A facility's account speaks for its own facility; others must name one."""
    found = given or who.facility_id
    if not found:
        raise FacilityMissing("facility_id")
    return found


def _view(entered: Entered) -> EnteredView:
    return EnteredView(
        id=entered.id, version=entered.version, state=entered.state, code=entered.code
    )


@router.post("/facilities", status_code=201)
async def enter_facility(
    body: FacilityFields, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> EnteredView:
    return _view(
        await facilities.enter_facility(
            body.to_domain(),
            record_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, key, "facility", body),
        )
    )


@router.put("/facilities/{record_id}")
async def edit_facility(
    record_id: RecordId, body: EditFacility, who: ApiPrincipal, request: Request
) -> RecordView:
    record = await facilities.edit_facility(
        record_id,
        body.to_domain(),
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return RecordView.of(record)


@router.post("/products", status_code=201)
async def enter_product(
    body: NewProduct, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> EnteredView:
    return _view(
        await products.enter_product(
            body.to_domain(facility_of(who, body.facility_id)),
            record_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, key, "product", body),
        )
    )


@router.put("/products/{record_id}")
async def edit_product(
    record_id: RecordId, body: EditProduct, who: ApiPrincipal, request: Request
) -> RecordView:
    record = await products.edit_product(
        record_id,
        body.to_domain(body.facility_id),
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return RecordView.of(record)


@router.post("/growing-areas", status_code=201)
async def enter_growing_area(
    body: NewGrowingArea, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> EnteredView:
    return _view(
        await growing_areas.enter_growing_area(
            body.to_domain(facility_of(who, body.facility_id)),
            record_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, key, "growing_area", body),
        )
    )


@router.put("/growing-areas/{record_id}")
async def edit_growing_area(
    record_id: RecordId, body: EditGrowingArea, who: ApiPrincipal, request: Request
) -> RecordView:
    record = await growing_areas.edit_growing_area(
        record_id,
        body.to_domain(body.facility_id),
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return RecordView.of(record)


@router.post("/lots", status_code=201)
async def enter_lot(
    body: NewLot, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> EnteredView:
    return _view(
        await lots.enter_lot(
            body.to_domain(facility_of(who, body.facility_id)),
            record_id=new_id(),
            who=who,
            now=now(),
            db=request.app.state.db,
            once=once(who, key, "lot", body),
        )
    )


@router.put("/lots/{record_id}")
async def edit_lot(
    record_id: RecordId, body: EditLot, who: ApiPrincipal, request: Request
) -> RecordView:
    record = await lots.edit_lot(
        record_id,
        body.to_domain(body.facility_id),
        version=body.version,
        keep_entries=body.entries is None,
        keep_used=body.used is None,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return RecordView.of(record)
