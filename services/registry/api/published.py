"""The public catalogue as JSON: for everybody, without an account, only what was approved (R29).

Answers carry an ETag and are asked for again each time, so that what was withdrawn a moment ago is
not shown by any cache; an unchanged page costs a 304. nginx holds callers to the rate of pages.
"""

from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.registry.domain.categories import categories
from services.registry.domain.communes import commune_name
from services.registry.domain.facility import Facility
from services.registry.domain.product import Product
from services.registry.domain.records import Aggregate, Record
from services.registry.facility_inputs import FacilityKind, Sector
from services.registry.passports import image_address
from services.registry.published_list import (
    ORDERS,
    facilities_chosen,
    products_chosen,
    recalled_products,
)
from services.registry.store.search.seen import BY_NAME, Chosen, Hits, Seen
from shared.web.context import web

router = APIRouter()
HEADERS: Final = {"Cache-Control": "public, no-cache", "Access-Control-Allow-Origin": "*"}
UNCHANGED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "Như lần trước (If-None-Match)"}
}
Asked = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=64)]
Commune = Annotated[str, Query(pattern=r"^([0-9]{5})?$")]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=100)]


class PublishedProduct(BaseModel):
    """`recalled`: a notice in force names the product or its facility; one about single lots or
    stamps does not show here. `ocop_stars` is null where there are none."""

    id: str
    code: str
    url: str
    name: str
    name_en: str
    category: str
    group: str
    gtin: str
    brand: str
    ocop_stars: int | None
    key_product: bool
    images: list[str] = Field(description="Địa chỉ ảnh, ảnh chính trước")
    facility_id: str
    facility_name: str
    commune: str
    commune_name: str
    published_at: datetime | None
    recalled: bool

    @classmethod
    def of(cls, record: Record[Any], origin: str, *, recalled: bool) -> "PublishedProduct":
        it: Product = record.shown
        category = categories().get(it.category)
        return cls(
            id=record.id,
            code=record.code,
            url=f"{origin}/products/{record.id}",
            name=it.name,
            name_en=it.name_en,
            category=it.category,
            group=category.group if category is not None else "",
            gtin=it.gtin,
            brand=it.brand,
            ocop_stars=it.ocop_stars,
            key_product=it.key_product,
            images=[f"{origin}{image_address(one, 'large', 'jpg')}" for one in it.images],
            facility_id=record.owner.facility_id,
            facility_name=record.owner.name,
            commune=record.owner.commune,
            commune_name=commune_name(record.owner.commune),
            published_at=record.published_at,
            recalled=recalled,
        )


class PublishedFacility(BaseModel):
    """As its page tells of it; telephone and tax number stand on that page alone."""

    id: str
    code: str
    url: str
    name: str
    name_en: str
    kinds: list[str]
    sector: str
    address: str
    commune: str
    commune_name: str
    latitude: float | None
    longitude: float | None
    published_at: datetime | None

    @classmethod
    def of(cls, record: Record[Any], origin: str) -> "PublishedFacility":
        it: Facility = record.shown
        return cls(
            id=record.id,
            code=record.code,
            url=f"{origin}/facilities/{record.id}",
            name=it.name,
            name_en=it.name_en,
            kinds=list(it.kinds),
            sector=it.sector,
            address=it.address,
            commune=it.commune,
            commune_name=commune_name(it.commune),
            latitude=it.latitude,
            longitude=it.longitude,
            published_at=record.published_at,
        )


class PublishedProducts(BaseModel):
    items: list[PublishedProduct]
    page: int
    size: int
    total: int


class PublishedFacilities(BaseModel):
    items: list[PublishedFacility]
    page: int
    size: int
    total: int


@router.get("/published/products", response_model=PublishedProducts, responses=UNCHANGED)
async def products(
    request: Request,
    q: Asked = "",
    group: Word = "",
    category: Word = "",
    ocop: Literal["", "any", "3", "4", "5"] = "",
    commune: Commune = "",
    key: bool = False,
    sort: Literal["", "new", "stars"] = "",
    page: Page = 1,
    size: Size = 20,
) -> Response:
    """Products of the catalogue, searched and narrowed as on /products; by name, or newest first
    (`new`), or with the most stars first."""
    chosen = products_chosen(
        group=group, category=category, ocop=ocop, commune=commune, key="1" if key else ""
    )
    hits = await hits_of(request, Aggregate.PRODUCT, q, chosen)
    found = await hits.page(ORDERS[sort], page=page, size=size)
    recalled = await recalled_products(request.app.state.db, found)
    origin = web(request).settings.public_origin.rstrip("/")
    items = [PublishedProduct.of(one, origin, recalled=one.id in recalled) for one in found]
    told = PublishedProducts(items=items, page=page, size=size, total=hits.total)
    return answer(request, told)


@router.get("/published/facilities", response_model=PublishedFacilities, responses=UNCHANGED)
async def facilities(
    request: Request,
    q: Asked = "",
    kind: FacilityKind | None = None,
    sector: Sector | None = None,
    commune: Commune = "",
    page: Page = 1,
    size: Size = 20,
) -> Response:
    """Facilities of the catalogue by name, searched and narrowed as on /facilities."""
    chosen = facilities_chosen(kind=kind or "", sector=sector or "", commune=commune)
    hits = await hits_of(request, Aggregate.FACILITY, q, chosen)
    found = await hits.page(BY_NAME, page=page, size=size)
    origin = web(request).settings.public_origin.rstrip("/")
    items = [PublishedFacility.of(one, origin) for one in found]
    told = PublishedFacilities(items=items, page=page, size=size, total=hits.total)
    return answer(request, told)


async def hits_of(request: Request, kind: Aggregate, q: str, chosen: Chosen) -> Hits:
    """What the public may see of a kind, found by words and narrowed."""
    seen = await Seen.now(request.app.state.catalogue)
    return seen.public(kind, q).narrowed(chosen)[0]


def answer(request: Request, told: BaseModel) -> Response:
    """The list, or 304 to whoever has it as it still is."""
    body = told.model_dump_json().encode()
    headers = {**HEADERS, "ETag": f'W/"{sha256(body).hexdigest()[:32]}"'}
    known = request.headers.get("if-none-match", "")
    if headers["ETag"] in (one.strip() for one in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
