"""What a facility has of lots, and its diary of what it does with them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.registry.actions import keeping
from services.registry.actions.rights import require_for
from services.registry.api.bodies import Because
from services.registry.api.entering import facility_of
from services.registry.api.views import RecordId
from services.registry.domain.keeping import Keeping
from services.registry.domain.records import Aggregate
from services.registry.fields.keepings import KeepingFields
from services.registry.store import keepings as store
from services.registry.store import records
from services.registry.store.stock import stock
from shared.ids import now
from shared.once import once
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()
Facility = Annotated[str, Query(max_length=64)]


class KeepingView(BaseModel):
    """`struck`: why it was taken back, "" while it stands."""

    id: str
    work: str
    lot_id: str
    facility_id: str
    at: datetime
    place: str
    quantity: Decimal | None
    unit: str
    temperature: Decimal | None
    note: str
    photos: list[str]
    struck: str

    @classmethod
    def of(cls, one: Keeping) -> "KeepingView":
        return cls.model_validate({**{f: getattr(one, f) for f in cls.model_fields}})


class StockView(BaseModel):
    """`left` in the lot's own `unit`."""

    lot_id: str
    code: str
    facility_code: str
    facility: str
    product_id: str
    left: Decimal
    unit: str


class StockList(BaseModel):
    items: list[StockView] = Field(description="Nhiều nhất 600 lô, mới nhất trước")


class KeepingList(BaseModel):
    items: list[KeepingView] = Field(description="Nhiều nhất 500 mục, mới nhất trước")


@router.get("/stock")
async def read_stock(who: ApiPrincipal, request: Request, facility_id: Facility = "") -> StockList:
    """The lots of which a facility has something left, its own and received ones."""
    db = request.app.state.db
    facility = await records.get(db, Aggregate.FACILITY, facility_of(who, facility_id))
    require_for(who, keeping.READ, facility)
    return StockList(
        items=[
            StockView(
                lot_id=one.lot.id,
                code=one.lot.code,
                facility_code=one.lot.owner.code,
                facility=one.lot.owner.name,
                product_id=one.lot.shown.product_id,
                left=one.left,
                unit=one.lot.shown.unit,
            )
            for one in await stock(db, facility.id)
        ]
    )


@router.get("/keepings")
async def read(
    who: ApiPrincipal, request: Request, facility_id: Facility = "", lot_id: Facility = ""
) -> KeepingList:
    """What a facility wrote down of the goods that it has, the latest first."""
    db = request.app.state.db
    facility = await records.get(db, Aggregate.FACILITY, facility_of(who, facility_id))
    require_for(who, keeping.READ, facility)
    found = await store.of_facility(db, facility.id, lot_id=lot_id, limit=500)
    return KeepingList(items=[KeepingView.of(one) for one in found])


@router.post("/keepings", status_code=201)
async def record(
    body: KeepingFields, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> KeepingView:
    """Stored, sorted, offered for sale or looked at: by whoever has, or had, goods of the lot."""
    one = await keeping.record(
        body.wanted(facility_of(who, body.facility_id)),
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "keeping", body),
    )
    return KeepingView.of(one)


@router.post("/keepings/{keeping_id}/strike")
async def strike(
    keeping_id: RecordId, body: Because, who: ApiPrincipal, request: Request
) -> KeepingView:
    """It was written by mistake; it stays readable with the reason."""
    one = await keeping.strike(
        keeping_id, reason=body.reason, who=who, now=now(), db=request.app.state.db
    )
    return KeepingView.of(one)
