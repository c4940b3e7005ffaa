"""The public site: the province's home page and the catalogue. Only what was approved."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.registry import catalogue
from services.registry.domain.categories import groups
from services.registry.domain.facility import Facility
from services.registry.domain.geometry import centre
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.records import Aggregate, Record
from services.registry.inspection_list import KINDS as INSPECTION_KINDS
from services.registry.inspection_list import RESULTS, TONES
from services.registry.maps.areas import area_map
from services.registry.pages.public import linked
from services.registry.pages.public.home_numbers import numbers
from services.registry.pages.public.makers import makers_named
from services.registry.pages.reference.standards import groups_of
from services.registry.pages.showing import origin_of, show
from services.registry.passports import facility_passport
from services.registry.published_list import recalled_products
from services.registry.store import articles, facts, inspections, lists, lots, recordings, records
from services.registry.store.search.seen import BEST_FIRST, JUST_PUBLISHED, Seen
from services.registry.telling import market
from shared.days import local_day
from shared.errors import NotFound
from shared.ids import now
from shared.mongo import Database
from shared.stampcode import normalise
from shared.web.i18n import N_, translate

router = APIRouter(include_in_schema=False)

Asked = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=64)]
FEATURED = 8
NEWS = 3
FACILITIES = 6
LOTS_LOOKED_AT = 200
LOTS_SHOWN = 5
# Key products, and of the others those with stars.
_PROMOTED = (
    {"published.key_product": True},
    {"published.ocop_stars": {"$gte": 3}, "published.key_product": False},
)


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
    shown = await _shown_at_home(request, await Seen.if_loaded(request.app.state.catalogue))
    promoted = [*shown["key_products"], *shown["ocop_products"]]
    return show(
        request,
        "public/home.html",
        status=422 if wrong else 200,
        typed_code=code,
        code_error=wrong,
        recalled=await recalled_products(db, promoted),
        makers_named=await makers_named(db, promoted),
        notices=await facts.latest_notices(db, 3),
        news=(await articles.public(db, size=NEWS))[0],
        sections=catalogue.ARTICLE_SECTIONS,
        **shown,
    )


async def _shown_at_home(request: Request, seen: Seen | None) -> dict[str, Any]:
    """The catalogue's part of it; soon after a start, without figures, what the database finds."""
    if seen is None:
        db: Database = request.app.state.db
        best = [
            await lists.public_list(db, Aggregate.PRODUCT, wanted=wanted, size=FEATURED)
            for wanted in _PROMOTED
        ]
        none: dict[str, Any] = {"counts": None, "groups": [], "facilities": []}
        return {"key_products": best[0], "ocop_products": best[1], **none}
    products, facilities = seen.public(Aggregate.PRODUCT), seen.public(Aggregate.FACILITY)
    found = [seen.public(Aggregate.PRODUCT, wanted=wanted) for wanted in _PROMOTED]
    told = await numbers(request, products, facilities)
    return {
        "counts": told.counts,
        "groups": [(one, told.groups[key]) for key, one in groups().items() if key in told.groups],
        "key_products": await found[0].page(BEST_FIRST, size=FEATURED),
        "ocop_products": await found[1].page(BEST_FIRST, size=FEATURED),
        "facilities": await facilities.page(JUST_PUBLISHED, size=FACILITIES),
    }


@router.get("/products/{record_id}")
async def product(request: Request, record_id: str) -> Response:
    db: Database = request.app.state.db
    record = await _published(db, Aggregate.PRODUCT, record_id)
    made = await lots.of_product(db, record_id, LOTS_LOOKED_AT)
    owner = record.owner.facility_id
    maker = await records.get(db, Aggregate.FACILITY, owner)
    notices = await facts.notices(
        db, products=[record_id], facilities=[owner], lots=[lot.id for lot in made]
    )
    return show(
        request,
        "public/product.html",
        record=record,
        it=record.published,
        facility=maker,
        lots=made[:LOTS_SHOWN],
        linked=linked.product(record, maker, origin_of(request)),
        recordings=await recordings.in_order(db, record.shown.recordings),
        roadmap=groups_of(getattr(record.published, "category", "")),
        notices=notices,
        stops_product=[n for n in notices if record_id in n.products or owner in n.facilities],
        recalled_lots=frozenset().union(*(n.lots for n in notices)),
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
        linked=linked.facility(record, origin_of(request)),
        public_tax_number=facility_passport(record).tax_number,
        today=local_day(now()),
        products=made,
        recalled=await recalled_products(db, made),
        makers_named=await makers_named(db, [record]),
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
        recalled=await recalled_products(db, made),
        makers_named=await makers_named(db, [record]),
    )


async def _published(db: Database, aggregate: Aggregate, record_id: str) -> Record[Any]:
    """A record the public may see; for everybody else's eyes there is none."""
    record = await records.find(db, aggregate, record_id[:64])
    if record is None or record.published is None:
        raise NotFound()
    return record
