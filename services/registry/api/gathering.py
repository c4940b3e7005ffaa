"""What collectors say that they bought of a facility's goods; the word of whoever made them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.registry.actions import gathering
from services.registry.api.bodies import Because
from services.registry.api.entering import facility_of
from services.registry.api.views import RecordId
from services.registry.domain.gathering import bought
from services.registry.domain.transformation import Given, Transformation
from services.registry.fields.shipments import Basis
from services.registry.inputs import Id
from services.registry.store.lists import PAGE_SIZE
from services.registry.store.transformations import MOST
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter()


class BoughtView(BaseModel):
    """`denied`: why its maker says that it never sold that, "" nobody said so; `denied_by` gave
    that word, for its maker where there is a `basis`."""

    lot_id: str
    quantity: Decimal
    unit: str
    denied: str
    denied_at: datetime | None
    denied_by: str
    basis: str

    @classmethod
    def of(cls, one: Given) -> "BoughtView":
        said = one.denied
        return cls(
            lot_id=one.lot_id,
            quantity=one.quantity,
            unit=one.unit,
            denied=said.reason if said else "",
            denied_at=said.at if said else None,
            denied_by=said.by.name if said else "",
            basis=said.basis if said else "",
        )


class GatheringView(BaseModel):
    """Of one maker's goods alone: what the collector bought of others is not told."""

    id: str
    collector_id: str
    at: datetime
    place: str
    bought: list[BoughtView]

    @classmethod
    def of(cls, one: Transformation, maker: str) -> "GatheringView":
        return cls(
            id=one.id,
            collector_id=one.facility_id,
            at=one.at,
            place=one.place,
            bought=[BoughtView.of(given) for given in bought(one, maker)],
        )


class GatheringsView(BaseModel):
    items: list[GatheringView]
    page: int
    size: int
    total: int


class DenyBody(Because):
    """`basis`: what an official's word for the maker rests on; the maker leaves it out."""

    lot_id: Id
    basis: Basis = ""


@router.get("/gatherings")
async def listed(
    who: ApiPrincipal,
    request: Request,
    facility_id: Annotated[str, Query(max_length=64)] = "",
    page: Annotated[int, Query(ge=1, le=MOST // PAGE_SIZE)] = 1,
) -> GatheringsView:
    """Gatherings that took goods straight from the facility, the latest first; cancelled ones are
    left out. Officials name the facility."""
    whose, db = facility_of(who, facility_id), request.app.state.db
    found, total = await gathering.of_facility(whose, page=page, who=who, db=db)
    items = [GatheringView.of(one, whose) for one in found]
    return GatheringsView(items=items, page=page, size=PAGE_SIZE, total=total)


@router.post("/gatherings/{transformation_id}/deny")
async def deny(
    transformation_id: RecordId, body: DenyBody, who: ApiPrincipal, request: Request
) -> GatheringView:
    """Its maker never sold that lot: the goods are its own again, and nothing of the lot is open
    through the collector's any more.

    By the maker's own account; or, with its basis, by an official who did not record the gathering.
    """
    one = await gathering.deny(
        transformation_id,
        lot_id=body.lot_id,
        reason=body.reason,
        basis=body.basis,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    [said] = [given for given in bought(one) if given.lot_id == body.lot_id]
    return GatheringView.of(one, said.holder)
