"""The public site: the province's home page and the catalogue. Only what was approved."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.registry import catalogue
from services.registry.area_map import area_map
from services.registry.domain.categories import groups
from services.registry.domain.diary import local_day
from services.registry.domain.facility import Facility
from services.registry.domain.geometry import centre
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.records import Aggregate, Record
from services.registry.inspection_list import KINDS as INSPECTION_KINDS
from services.registry.inspection_list import RESULTS, TONES
from services.registry.pages.home_numbers import numbers
from services.registry.pages.showing import show
from services.registry.pages.standards import groups_of
from services.registry.pages.telling import market
from services.registry.passports import facility_passport
from services.registry.store import facts, inspections, lists, lots, records
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database
from shared.stampcode import normalise
from shared.web.i18n import N_, translate
from shared.web.paging import Paging

router = APIRouter(include_in_schema=False)

Asked = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=64)]
FEATURED = 8
LOTS_LOOKED_AT = 200
LOTS_SHOWN = 5
BEST_FIRST = [("published.ocop_stars", -1), ("derived.public_name", 1)]


@router.get("/")
async def home(request: Request, code: Annotated[str, Query(max_length=80)] = "") -> Response:
    """The province's home page; a code typed by hand leads to the page of its stamp."""
    wrong = ""
    if code.strip():
        found = normalise(code.strip())
        if found is not None:
            return RedirectResponse(f"/{found}", 303)
        wrong = translate(
            N_("Mã tem gồm 20 chữ và số, ví dụ 7K2QD-9M4XT-… Hãy kiểm tra và nhập lại.")
        )
    db: Database = request.app.state.db
    told = await numbers(request)
    return show(
        request,
        "public/home.html",
        status=422 if wrong else 200,
        typed_code=code,
        code_error=wrong,
        counts=told.counts,
        groups=[(one, told.groups[key]) for key, one in groups().items() if key in told.groups],
        key_products=await _featured(db, {"published.key_product": True}),
        ocop_products=await _featured(
            db, {"published.ocop_stars": {"$gte": 3}, "published.key_product": False}
        ),
        notices=await facts.latest_notices(db, 3),
    )


@router.get("/products")
async def products(
    request: Request,
    q: Asked = "",
    group: Word = "",
    category: Word = "",
    ocop: Word = "",
    commune: Word = "",
    key: Word = "",
) -> Response:
    db: Database = request.app.state.db
    wanted = _product_filter(group, category, ocop, commune, key)
    paging = await _paging(request, Aggregate.PRODUCT, q, wanted)
    found = await lists.public_list(db, Aggregate.PRODUCT, q=q, wanted=wanted, page=paging.number)
    return show(
        request,
        "public/products.html",
        products=found,
        paging=paging,
        recalled=await _recalled_products(db, found),
        group_options=[(one.key, one) for one in groups().values()],
        q=q,
        group=group,
        category=category,
        ocop=ocop,
        commune=commune,
        key=key,
    )


@router.get("/products/{record_id}")
async def product(request: Request, record_id: str) -> Response:
    db: Database = request.app.state.db
    record = await _published(db, Aggregate.PRODUCT, record_id)
    made = await lots.of_product(db, record_id, LOTS_LOOKED_AT)
    owner = record.owner.facility_id
    notices = await facts.notices(
        db, products=[record_id], facilities=[owner], lots=[lot.id for lot in made]
    )
    return show(
        request,
        "public/product.html",
        record=record,
        it=record.published,
        facility=await records.get(db, Aggregate.FACILITY, owner),
        lots=made[:LOTS_SHOWN],
        roadmap=groups_of(getattr(record.published, "category", "")),
        notices=notices,
        stops_product=[n for n in notices if record_id in n.products or owner in n.facilities],
        recalled_lots=frozenset().union(*(n.lots for n in notices)),
    )


@router.get("/facilities")
async def facilities(
    request: Request, q: Asked = "", kind: Word = "", sector: Word = "", commune: Word = ""
) -> Response:
    db: Database = request.app.state.db
    wanted: dict[str, Any] = {}
    if kind:
        wanted["published.kinds"] = kind
    if sector:
        wanted["owner.sector"] = sector
    if commune:
        wanted["owner.commune"] = commune
    paging = await _paging(request, Aggregate.FACILITY, q, wanted)
    found = await lists.public_list(db, Aggregate.FACILITY, q=q, wanted=wanted, page=paging.number)
    return show(
        request,
        "public/facilities.html",
        facilities=found,
        paging=paging,
        q=q,
        kind=kind,
        sector=sector,
        commune=commune,
        kind_options=[(one, translate(label)) for one, label in catalogue.KINDS.items()],
        sector_options=[(one, translate(label)) for one, label in catalogue.SECTORS.items()],
    )


@router.get("/facilities/{record_id}")
async def facility(request: Request, record_id: str) -> Response:
    db: Database = request.app.state.db
    record = await _published(db, Aggregate.FACILITY, record_id)
    it = record.published
    assert isinstance(it, Facility)
    of_it = {"owner.facility_id": record_id}
    made = await lists.public_list(db, Aggregate.PRODUCT, wanted=of_it, size=60)
    return show(
        request,
        "public/facility.html",
        record=record,
        it=it,
        kinds=", ".join(translate(catalogue.KINDS[kind]) for kind in it.kinds),
        public_tax_number=facility_passport(record).tax_number,
        today=local_day(now()),
        products=made,
        recalled=await _recalled_products(db, made),
        areas=await lists.public_list(db, Aggregate.GROWING_AREA, wanted=of_it, size=60),
        notices=await facts.notices(db, facilities=[record_id]),
        inspections=await inspections.public_of(db, record_id),
        inspection_kinds=INSPECTION_KINDS,
        results=RESULTS,
        tones=TONES,
    )


@router.get("/growing-areas/{record_id}")
async def growing_area(request: Request, record_id: str) -> Response:
    db: Database = request.app.state.db
    record = await _published(db, Aggregate.GROWING_AREA, record_id)
    it = record.published
    assert isinstance(it, GrowingArea)
    of_it = {"owner.facility_id": record.owner.facility_id}
    made = await lists.public_list(db, Aggregate.PRODUCT, wanted=of_it, size=12)
    return show(
        request,
        "public/growing_area.html",
        record=record,
        it=it,
        facility=await records.get(db, Aggregate.FACILITY, record.owner.facility_id),
        products=made,
        map=area_map(it.name, it.boundary),
        centre=centre(it.boundary) if it.boundary else None,
        today=local_day(now()),
        market=market,
        recalled=await _recalled_products(db, made),
    )


async def _paging(request: Request, kind: Aggregate, q: str, wanted: dict[str, Any]) -> Paging:
    most = lists.most_of(q)
    db: Database = request.app.state.db
    total = await lists.count_public(db, kind, q=q, wanted=wanted, most=most)
    return Paging.of(request, total, size=lists.PAGE_SIZE, most=most)


async def _published(db: Database, aggregate: Aggregate, record_id: str) -> Record[Any]:
    """A record the public may see; for everybody else's eyes there is none."""
    record = await records.find(db, aggregate, record_id[:64])
    if record is None or record.published is None:
        raise NotFound()
    return record


async def _featured(db: Database, wanted: dict[str, Any]) -> list[Record[Any]]:
    return await lists.public_list(
        db, Aggregate.PRODUCT, wanted=wanted, sort=BEST_FIRST, size=FEATURED
    )


async def _recalled_products(db: Database, found: list[Record[Any]]) -> frozenset[str]:
    """Which of these products a notice names, by itself or with their facility."""
    named = await facts.notices(
        db,
        products=[record.id for record in found],
        facilities={record.owner.facility_id for record in found},
    )
    products = frozenset().union(*(n.products for n in named))
    stopped = frozenset().union(*(n.facilities for n in named))
    return frozenset(
        record.id
        for record in found
        if record.id in products or record.owner.facility_id in stopped
    )


def _product_filter(group: str, category: str, ocop: str, commune: str, key: str) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if category:
        wanted["published.category"] = category
    elif group:
        within = groups()[group].categories if group in groups() else ()
        wanted["published.category"] = {"$in": [one.key for one in within]}
    if ocop in ("3", "4", "5"):
        wanted["published.ocop_stars"] = int(ocop)
    elif ocop:
        wanted["published.ocop_stars"] = {"$gte": 3}
    if commune:
        wanted["owner.commune"] = commune
    if key:
        wanted["published.key_product"] = True
    return wanted
