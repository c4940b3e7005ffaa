"""The catalogue's lists: searched with or without diacritics, narrowed by facets with counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from services.registry import catalogue
from services.registry.domain.categories import categories, groups
from services.registry.domain.communes import commune_name
from services.registry.domain.records import Aggregate, Record
from services.registry.naming import category_name, in_language
from services.registry.pages.public.makers import makers_named
from services.registry.pages.showing import show
from services.registry.published_list import (
    ORDERS,
    facilities_chosen,
    products_chosen,
    recalled_products,
)
from services.registry.store import lists, records
from services.registry.store.search.seen import BY_NAME, Hits, Seen
from shared.mongo import Database
from shared.stampcode import normalise
from shared.web.i18n import N_, translate
from shared.web.paging import Paging

router = APIRouter(include_in_schema=False)

Asked = Annotated[str, Query(max_length=200)]
Word = Annotated[str, Query(max_length=64)]
MAKERS_SHOWN = 3
LOTS_FOUND = 5
# What was typed is a stamp's code, and not words that happen to have twenty letters.
DIGITS_OF_A_CODE = 3
SORTS = {
    "": N_("Theo tên"),
    "new": N_("Mới đăng"),
    "stars": N_("Hạng OCOP"),
}

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet as a link; `value` None takes the choice back."""

    value: str | None
    label: str
    number: int
    chosen: bool


@router.get("/products")
async def products(
    request: Request,
    q: Asked = "",
    group: Word = "",
    category: Word = "",
    ocop: Word = "",
    commune: Word = "",
    key: Word = "",
    sort: Word = "",
) -> Response:
    if stamp := _stamp_code(q):
        return RedirectResponse(f"/{stamp}", 303)
    db: Database = request.app.state.db
    chosen = products_chosen(group=group, category=category, ocop=ocop, commune=commune, key=key)
    seen = await Seen.now(request.app.state.catalogue)
    hits, counts = seen.public(Aggregate.PRODUCT, q).narrowed(chosen)
    paging = Paging.of(request, hits.total, size=lists.PAGE_SIZE)
    makers = _makers(seen, q, paging)
    found = await hits.page(ORDERS.get(sort, BY_NAME), page=paging.number)
    return show(
        request,
        "public/products.html",
        products=found,
        paging=paging,
        recalled=await recalled_products(db, found),
        makers_named=await makers_named(db, found),
        group_choices=_groups(counts["group"], group),
        star_choices=_stars(counts["ocop"], ocop),
        key_choices=_key(counts["key"], key),
        commune_choices=_options(counts["commune"], commune, commune_name),
        category_choices=_options(counts["group"], category, category_name),
        sort_options=[(one, translate(label)) for one, label in SORTS.items() if one],
        makers=await makers.page(BY_NAME, size=MAKERS_SHOWN) if makers is not None else [],
        lots=await _lots(db, q),
        narrowed=bool(group or category or ocop or commune or key),
        asked={"q": q, "category": category, "commune": commune, "sort": sort},
        kept={"group": group, "ocop": ocop, "key": key},
    )


@router.get("/facilities")
async def facilities(
    request: Request, q: Asked = "", kind: Word = "", sector: Word = "", commune: Word = ""
) -> Response:
    chosen = facilities_chosen(kind=kind, sector=sector, commune=commune)
    seen = await Seen.now(request.app.state.catalogue)
    hits, counts = seen.public(Aggregate.FACILITY, q).narrowed(chosen)
    paging = Paging.of(request, hits.total, size=lists.PAGE_SIZE)
    found = await hits.page(BY_NAME, page=paging.number)
    return show(
        request,
        "public/facilities.html",
        facilities=found,
        paging=paging,
        q=q,
        kind=kind,
        sector=sector,
        commune=commune,
        kind_options=_options(counts["kind"], kind, _called(catalogue.KINDS)),
        sector_options=_options(counts["sector"], sector, _called(catalogue.SECTORS)),
        commune_choices=_options(counts["commune"], commune, commune_name),
    )


def _stamp_code(q: str) -> str | None:
    return normalise(q.strip()) if sum(c.isdigit() for c in q) >= DIGITS_OF_A_CODE else None


def _makers(seen: Seen, q: str, paging: Paging) -> Hits | None:
    """Facilities that are called so, beside the products: people search for either."""
    return seen.public(Aggregate.FACILITY, q) if q.strip() and paging.number == 1 else None


async def _lots(db: Database, q: str) -> list[tuple[Record[Any], Record[Any]]]:
    """Lots of exactly this code, each with its product: what stands on a label is typed too."""
    if not q.strip() or len(q) > 40:
        return []
    found = await lists.lots_by_code(db, q, LOTS_FOUND)
    wanted = tuple({lot.shown.product_id for lot in found})
    known = await records.find_many(db, Aggregate.PRODUCT, wanted)
    pairs = ((lot, known.get(lot.shown.product_id)) for lot in found)
    return [(lot, product) for lot, product in pairs if product is not None and product.published]


def _groups(counts: Counts, chosen: str) -> list[Choice]:
    known = categories()
    numbers: dict[str, int] = {}
    for key, number in counts.items():
        if key in known:
            numbers[known[key].group] = numbers.get(known[key].group, 0) + number
    return [
        Choice(None if key == chosen else key, in_language(group), numbers[key], key == chosen)
        for key, group in groups().items()
        if key in numbers
    ]


def _stars(counts: Counts, chosen: str) -> list[Choice]:
    with_stars = {key: number for key, number in counts.items() if key in ("3", "4", "5")}
    if not with_stars:
        return []
    whole = Choice(
        None if chosen == "any" else "any",
        translate(N_("Có OCOP")),
        sum(with_stars.values()),
        chosen == "any",
    )
    each = [
        Choice(
            None if chosen == stars else stars,
            translate(N_("{count} sao"), count=int(stars)),
            number,
            chosen == stars,
        )
        for stars, number in sorted(with_stars.items(), reverse=True)
    ]
    return [whole, *each]


def _key(counts: Counts, chosen: str) -> list[Choice]:
    number = counts.get("True", 0)
    label = translate(N_("Sản phẩm chủ lực"))
    return [Choice(None if chosen else "1", label, number, bool(chosen))] if number != 0 else []


def _options(counts: Counts, chosen: str, name: Any) -> list[tuple[str, str]]:
    """For a select, by name; what is chosen stays even where nothing is left of it."""
    known = counts if not chosen or chosen in counts else {**counts, chosen: 0}
    named = [(key, f"{name(key)} ({number})") for key, number in known.items()]
    return sorted(named, key=lambda one: one[1])


def _called(names: Any) -> Any:
    return lambda key: translate(names.get(key, key))
