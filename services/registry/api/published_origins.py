"""Where the catalogue's goods come from, as JSON for everybody: growing areas and lots (R29).

Of an area neither the names of its households nor its boundary; of a lot what a label tells, not
its diary: that stands behind its stamps (`/v1/verdicts`). See `published` for caches and rates.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.registry.api.published import (
    UNCHANGED,
    Asked,
    Commune,
    Page,
    Size,
    Word,
    answer,
    hits_of,
)
from services.registry.domain.communes import commune_name
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.records import Aggregate, Record
from services.registry.inputs import AreaKind
from services.registry.published_list import Standing, areas_chosen, lots_published
from services.registry.stages import unit_names
from services.registry.store.search.seen import BY_NAME
from shared.web.context import web

router = APIRouter()
LotId = Annotated[str, Query(max_length=64, pattern=r"^[0-9a-zA-Z-]*$")]


class AcceptedBy(BaseModel):
    """An importing country that accepts the area's code; `until` is null without an end."""

    country: str
    number: str
    until: date | None


class PublishedArea(BaseModel):
    """`hectares` as measured by the boundary, else as declared; `households` is their number."""

    id: str
    code: str
    url: str
    name: str
    crop: str
    species: str
    kind: str
    commune: str
    commune_name: str
    hectares: Decimal | None
    households: int | None
    markets: list[AcceptedBy]
    facility_id: str
    facility_name: str
    published_at: datetime | None

    @classmethod
    def of(cls, record: Record[Any], origin: str) -> "PublishedArea":
        it: GrowingArea = record.shown
        return cls(
            id=record.id,
            code=it.code or record.code,
            url=f"{origin}/growing-areas/{record.id}",
            name=it.name,
            crop=it.crop,
            species=it.species,
            kind=it.kind,
            commune=it.commune,
            commune_name=commune_name(it.commune),
            hectares=it.hectares,
            households=it.households,
            markets=[
                AcceptedBy(country=one.country, number=one.number, until=one.until)
                for one in it.markets
            ],
            facility_id=record.owner.facility_id,
            facility_name=record.owner.name,
            published_at=record.published_at,
        )


class PublishedLot(BaseModel):
    """`recalled`: a notice in force names the lot, its product or its facility. `held`: a
    laboratory result of it, or of what it was made from, speaks against it and is not settled in
    its favour."""

    id: str
    code: str
    product_id: str
    product_name: str
    product_url: str
    quantity: Decimal
    unit: str
    unit_name: str
    produced_on: date
    expires_on: date | None
    growing_area_id: str
    facility_id: str
    facility_name: str
    published_at: datetime | None
    recalled: bool
    held: bool

    @classmethod
    def of(
        cls, record: Record[Any], product: Record[Any], origin: str, standing: Standing
    ) -> "PublishedLot":
        it: Lot = record.shown
        return cls(
            id=record.id,
            code=it.code,
            product_id=product.id,
            product_name=product.shown.name,
            product_url=f"{origin}/products/{product.id}",
            quantity=it.quantity,
            unit=it.unit,
            unit_name=unit_names(it.unit)[0],
            produced_on=it.produced_on,
            expires_on=it.expires_on,
            growing_area_id=it.growing_area_id,
            facility_id=record.owner.facility_id,
            facility_name=record.owner.name,
            published_at=record.published_at,
            recalled=standing.recalled,
            held=standing.held,
        )


class PublishedAreas(BaseModel):
    items: list[PublishedArea]
    page: int
    size: int
    total: int


class PublishedLots(BaseModel):
    items: list[PublishedLot]
    size: int
    next: str = Field(description="Cho tham số after của trang sau; rỗng ở trang cuối")


@router.get("/published/growing-areas", response_model=PublishedAreas, responses=UNCHANGED)
async def growing_areas(
    request: Request,
    q: Asked = "",
    kind: AreaKind | None = None,
    commune: Commune = "",
    facility_id: Word = "",
    page: Page = 1,
    size: Size = 20,
) -> Response:
    """Growing and farming areas in use by name, searched by name, crop and code."""
    chosen = areas_chosen(kind=kind or "", commune=commune, facility_id=facility_id)
    hits = await hits_of(request, Aggregate.GROWING_AREA, q, chosen)
    found = await hits.page(BY_NAME, page=page, size=size)
    origin = web(request).settings.public_origin.rstrip("/")
    items = [PublishedArea.of(one, origin) for one in found]
    return answer(request, PublishedAreas(items=items, page=page, size=size, total=hits.total))


@router.get("/published/lots", response_model=PublishedLots, responses=UNCHANGED)
async def lots(
    request: Request,
    facility_id: Word = "",
    product_id: Word = "",
    code: Annotated[str, Query(max_length=40)] = "",
    after: LotId = "",
    size: Size = 20,
) -> Response:
    """Published lots of products of the catalogue, of one facility, product or code if asked for.

    There may be millions: ask on with `after` = `next` of the page before. A page may hold fewer
    than `size` and still have a next one, where products of its lots are no longer listed.
    """
    found = await lots_published(
        request.app.state.db,
        facility_id=facility_id,
        product_id=product_id,
        code=code,
        after=after,
        size=size,
    )
    origin = web(request).settings.public_origin.rstrip("/")
    items = [PublishedLot.of(lot, product, origin, at) for lot, product, at in found.rows]
    return answer(request, PublishedLots(items=items, size=size, next=found.next))
