"""Transformations: split, merge, process and collect, with quantities."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.registry.actions import transforming
from services.registry.actions.rights import require_for
from services.registry.api.bodies import Because
from services.registry.api.entering import facility_of
from services.registry.api.views import RecordId
from services.registry.domain.records import Aggregate
from services.registry.domain.transformation import Given, Kind, Transformation
from services.registry.fields.transformations import TransformFields
from services.registry.store import records, transformations
from services.registry.store.lists import PAGE_SIZE
from services.registry.store.search.seen import Seen
from shared.auth import require
from shared.days import day_begins
from shared.ids import now
from shared.once import once
from shared.web.fields import Day
from shared.web.idempotency import IdempotencyKey
from shared.web.session import ApiPrincipal

router = APIRouter()


class GivenView(BaseModel):
    """`denied`: why whoever made it says that it never sold it to this collector, "" nobody did."""

    lot_id: str
    supplier: str
    quantity: Decimal
    unit: str
    denied: str

    @classmethod
    def of(cls, one: Given) -> "GivenView":
        denied = one.denied.reason if one.denied is not None else ""
        return cls(
            lot_id=one.lot_id,
            supplier=one.supplier,
            quantity=one.quantity,
            unit=one.unit,
            denied=denied,
        )


class MadeView(BaseModel):
    lot_id: str
    code: str
    product_id: str
    quantity: Decimal
    unit: str


class TransformationView(BaseModel):
    """`difference` is what came out over what went in, minus one; null if not comparable."""

    id: str
    kind: str
    facility_id: str
    at: datetime
    place: str
    step: str
    method: str
    given: list[GivenView]
    made: list[MadeView]
    difference: Decimal | None
    conserved: bool
    explanation: str
    cancelled: str

    @classmethod
    def of(cls, one: Transformation) -> "TransformationView":
        rows: dict[str, Any] = {
            "given": [GivenView.of(g) for g in one.given],
            "made": [MadeView.model_validate(m, from_attributes=True) for m in one.made],
        }
        found = one.balance
        return cls(
            id=one.id,
            kind=one.kind.value,
            facility_id=one.facility_id,
            at=one.at,
            place=one.place,
            step=one.step.value,
            method=one.method,
            **rows,
            difference=found.difference,
            conserved=found.conserved,
            explanation=one.explanation,
            cancelled=one.cancelled,
        )


class TransformationsView(BaseModel):
    """`total` is counted up to 10,000; one more stands for any larger number."""

    items: list[TransformationView]
    page: int
    size: int
    total: int


@router.get("/transformations")
async def listed(
    who: ApiPrincipal,
    request: Request,
    facility_id: Annotated[str, Query(max_length=64)] = "",
    product_id: Annotated[str, Query(max_length=64)] = "",
    kind: Kind | None = None,
    since: Day | None = None,
    until: Day | None = None,
    page: Annotated[int, Query(ge=1, le=transformations.MOST // PAGE_SIZE)] = 1,
) -> TransformationsView:
    """Those of the facilities in scope, the latest first, cancelled ones too (`cancelled`: why).

    `product_id` is the product that came out.
    `since` and `until` are days in Vietnam on which it was done, both included.
    """
    require(who, "lot.read")
    state = request.app.state
    wanted = transformations.Wanted(
        facility_id,
        product_id=product_id,
        kind=kind,
        since=day_begins(since),
        until=day_begins(until, later=1),
    )
    seen = await Seen.now(state.catalogue)
    found, total = await transformations.in_scope(state.db, seen, who, wanted, page)
    items = [TransformationView.of(one) for one in found]
    return TransformationsView(items=items, page=page, size=PAGE_SIZE, total=total)


@router.post("/transformations", status_code=201)
async def transform(
    body: TransformFields, who: ApiPrincipal, request: Request, key: IdempotencyKey = None
) -> TransformationView:
    """Take the quantities and enter the lots that came out as drafts, all or nothing."""
    one = await transforming.transform(
        body.wanted(facility_of(who, body.facility_id)),
        who=who,
        now=now(),
        db=request.app.state.db,
        once=once(who, key, "transformation", body),
    )
    return TransformationView.of(one)


@router.get("/transformations/{transformation_id}")
async def read(
    transformation_id: RecordId, who: ApiPrincipal, request: Request
) -> TransformationView:
    db = request.app.state.db
    one = await transformations.get(db, transformation_id)
    facility = await records.get(db, Aggregate.FACILITY, one.facility_id)
    require_for(who, "lot.read", facility)
    return TransformationView.of(one)


@router.post("/transformations/{transformation_id}/cancel")
async def cancel(
    transformation_id: RecordId, body: Because, who: ApiPrincipal, request: Request
) -> TransformationView:
    """Undo it while none of its lots is published."""
    one = await transforming.cancel(
        transformation_id,
        reason=body.reason,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return TransformationView.of(one)
