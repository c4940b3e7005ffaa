"""Logistic units of a shipment: their SSCCs, as programs give and print them (R37)."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict

from services.registry.actions import numbering, shipping
from services.registry.api.views import RecordId
from services.registry.domain.shipment import Shipment
from services.registry.fields.logistic_units import ContentsFields, UnitFields
from shared.ids import now
from shared.web.context import web
from shared.web.session import ApiPrincipal

router = APIRouter()
Sscc = Annotated[str, Path(pattern=r"^[0-9]{18}$")]


class InsideView(BaseModel):
    """`quantity` in the unit of the lot's line of the shipment."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    lot_id: str
    quantity: Decimal


class UnitView(BaseModel):
    """`address`, a GS1 Digital Link of `sscc` (AI 00), leads to the lots of the unit; where nothing
    is said of its `contents`, to those of the shipment."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)

    sscc: str
    address: str
    contents: list[InsideView]


class UnitList(BaseModel):
    items: list[UnitView]


@router.get("/shipments/{shipment_id}/units")
async def list_units(shipment_id: RecordId, who: ApiPrincipal, request: Request) -> UnitList:
    """For both ends of the shipment and their authorities."""
    found = await shipping.read(shipment_id, who=who, db=request.app.state.db)
    return _view(found, request)


@router.post("/shipments/{shipment_id}/units")
async def add_unit(
    shipment_id: RecordId, body: UnitFields, who: ApiPrincipal, request: Request
) -> UnitList:
    """One unit more: 409 `sscc_taken`, 422 `sscc_invalid`, `prefix_not_yours`, `sscc_or_prefix`."""
    db = request.app.state.db
    after = await numbering.add(shipment_id, body.asked(), who=who, now=now(), db=db)
    return _view(after, request)


@router.post("/shipments/{shipment_id}/units/{sscc}/remove")
async def remove_unit(
    shipment_id: RecordId, sscc: Sscc, who: ApiPrincipal, request: Request
) -> UnitList:
    """Put on by mistake: it leads nowhere any more and is not given again."""
    after = await numbering.remove(shipment_id, sscc, who=who, now=now(), db=request.app.state.db)
    return _view(after, request)


@router.post("/shipments/{shipment_id}/units/{sscc}/contents")
async def pack_unit(
    shipment_id: RecordId, sscc: Sscc, body: ContentsFields, who: ApiPrincipal, request: Request
) -> UnitList:
    """All that is in one unit, in place of what was said of it before; none takes that back. 422
    `lot_not_in_shipment`, `more_packed_than_sent` where all units hold more than was sent."""
    after = await numbering.pack(
        shipment_id, sscc, body.by_lot(), who=who, now=now(), db=request.app.state.db
    )
    return _view(after, request)


def _view(shipment: Shipment, request: Request) -> UnitList:
    found = numbering.labels(shipment, web(request).settings.public_origin)
    return UnitList(items=[UnitView.model_validate(one) for one in found])
