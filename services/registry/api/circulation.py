"""Circulation per facility: figures by month, and revenue as the facility declares it (R31)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from services.registry.actions import circulation as acts
from services.registry.actions.rights import require_for
from services.registry.api.views import RecordId
from services.registry.domain.circulation import FIRST_YEAR, Month, Revenue, months_of
from services.registry.domain.records import Aggregate
from services.registry.fields.circulation import RevenueFields
from services.registry.store import records
from services.registry.store.search.seen import Seen
from shared.auth import require
from shared.days import local_day
from shared.ids import now
from shared.web.session import ApiPrincipal

router = APIRouter()
AskedYear = Annotated[int | None, Query(ge=FIRST_YEAR, le=9999)]


class RevenueView(BaseModel):
    """`amount` in đồng, null once taken back; `on_behalf` where an authority entered it."""

    month: str
    amount: int | None
    version: int
    by: str
    on_behalf: bool
    at: datetime

    @classmethod
    def of(cls, it: Revenue) -> "RevenueView":
        return cls(
            month=it.month,
            amount=it.amount,
            version=it.version,
            by=it.by.name,
            on_behalf=not it.by.facility_id,
            at=it.at,
        )


class Figures(BaseModel):
    """Amounts by unit: kg, lít, or what is counted; `readers` are counted anew each day."""

    made: dict[str, Decimal]
    sent: dict[str, Decimal]
    received: dict[str, Decimal]
    stamps_issued: int
    stamps_activated: int
    scans: int
    readers: int
    revenue: int | None

    @classmethod
    def told(cls, it: Month) -> dict[str, Any]:
        return {
            "made": dict(it.made),
            "sent": dict(it.sent),
            "received": dict(it.received),
            "stamps_issued": it.issued,
            "stamps_activated": it.activated,
            "scans": it.scans,
            "readers": it.readers,
            "revenue": it.revenue.amount if it.revenue is not None else None,
        }


class MonthView(Figures):
    month: str
    declared: RevenueView | None


class StampsView(BaseModel):
    """The facility's stamps as they now stand: issued = unused + used + spoilt."""

    issued: int
    unused: int
    used: int
    spoilt: int


class YearView(BaseModel):
    facility_id: str
    year: int
    months: list[MonthView]
    total: Figures
    stamps: StampsView


class FacilityFigures(Figures):
    facility_id: str
    code: str
    name: str
    commune: str


class FacilityFiguresList(BaseModel):
    year: int
    items: list[FacilityFigures]
    total: int


@router.get("/facilities/{record_id}/circulation")
async def of_facility(
    record_id: RecordId, who: ApiPrincipal, request: Request, year: AskedYear = None
) -> YearView:
    """A year by month, the present one unless told otherwise."""
    db = request.app.state.db
    record = await records.get(db, Aggregate.FACILITY, record_id)
    require_for(who, acts.READ, record)
    today = local_day(now())
    chosen = min(year or today.year, today.year)
    found = await acts.year_of(record_id, chosen, today=today, db=db)
    stock = found.stock
    return YearView(
        facility_id=record_id,
        year=chosen,
        months=[
            MonthView(
                month=one.month,
                declared=RevenueView.of(one.revenue) if one.revenue is not None else None,
                **Figures.told(one),
            )
            for one in found.months
        ],
        total=Figures(**Figures.told(found.sum)),
        stamps=StampsView(
            issued=stock.issued, unused=stock.unused, used=stock.used, spoilt=stock.spoilt
        ),
    )


@router.post("/facilities/{record_id}/revenue")
async def declare(
    record_id: RecordId, body: RevenueFields, who: ApiPrincipal, request: Request
) -> RevenueView:
    """Declare a month's revenue, or correct it; `version` 0 where there is none yet."""
    found = await acts.declare_revenue(
        record_id,
        body.month,
        body.amount,
        version=body.version,
        who=who,
        now=now(),
        db=request.app.state.db,
    )
    return RevenueView.of(found)


@router.get("/circulation")
async def listed(
    who: ApiPrincipal,
    request: Request,
    year: AskedYear = None,
    q: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> FacilityFiguresList:
    """Facilities in scope with their sums of a year; a facility's account gets its own."""
    require(who, acts.READ)
    db = request.app.state.db
    today = local_day(now())
    chosen = min(year or today.year, today.year)
    seen = await Seen.now(request.app.state.catalogue)
    found = acts.facilities_for(who, q=q, seen=seen)
    rows = await acts.rows_for(found, months_of(chosen, today), page=page, db=db)
    return FacilityFiguresList(
        year=chosen,
        items=[
            FacilityFigures(
                facility_id=row.record.id,
                code=row.record.code,
                name=row.record.owner.name,
                commune=row.record.owner.commune,
                **Figures.told(row.sum),
            )
            for row in rows
        ],
        total=found.total,
    )
