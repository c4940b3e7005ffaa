"""What stands against goods, read with the words on their labels: all that a snapshot may list."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.scan.domain.aggregates import FACILITIES, LOTS, PRODUCTS
from services.scan.domain.offline import (
    FACILITY_STOPPED,
    HELD,
    LOT_STATUSES,
    LOTS_OF_LISTED,
    OF_LISTED,
    PRODUCT_WITHDRAWN,
    Ground,
    ListedFacility,
    ListedLot,
    ListedProduct,
)
from services.scan.store import offline as store
from services.scan.store.offline import Standing
from shared.contracts.recall import NoticePublished
from shared.days import local_day
from shared.mongo import Database, Document

# Texts are cut: what to do is also on the page, and a notice is read in full online.
LONGEST = 300
# Of lots whose passports are read for one snapshot; what is more is told as left out.
MOST_LOTS = 50_000
# Of lots that listed facilities made of products that others own.
MOST_MADE = 20_000

_PRODUCT = ("name", "name_en", "code", "gtin", "facility_id")
_FACILITY = ("name", "name_en", "code", "gln")
_LOT = ("code", "product_id", "facility_id", "expires_on")

Why = dict[str, list[Ground]]
Entry = ListedLot | ListedProduct | ListedFacility
Row = tuple[str, Entry | None, list[Ground]]
# By what is said where some do not fit: entries with their ids and grounds.
Rows = list[tuple[str, list[Row]]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that may be listed, the widest first. `lots`, `products` and `facilities` are the ids of
    what its words come from, `listed` the facilities that are listed themselves, `made` the lots
    they made of products of others, by whom; `uncounted` is what was left out unread, by name."""

    rows: Rows
    lots: frozenset[str]
    products: frozenset[str]
    facilities: frozenset[str]
    listed: frozenset[str]
    made: Mapping[str, str]
    uncounted: dict[str, int]


async def gathered(stands: Standing, *, db: Database) -> Gathered:
    """Read what may be listed; of products and lots that are listed for their facility alone its
    own entry mostly finds the label too, so these come last."""
    lots, products, facilities = _named(stands)
    for one in await store.products_of(db, _batches(stands)):
        # Nothing stands against it: it is told of if its batch does not fit.
        products.setdefault(one, [])
    newest = sorted(lots, key=lambda one: (_since(lots[one]), one), reverse=True)[:MOST_LOTS]
    theirs = await store.made_by(db, facilities, _PRODUCT)
    made = await _made_of_others(facilities, theirs, db)
    told = made | await store.labels(db, LOTS, newest, _LOT)
    of_listed = _by_facility(theirs, products, facilities)
    of_makers = _by_facility(made, lots, facilities)
    goods = theirs | await store.labels(
        db, PRODUCTS, {*products, *(one["product_id"] for one in told.values())}, _PRODUCT
    )
    makers = {one["facility_id"] for one in (*told.values(), *goods.values())}
    places = await store.labels(db, FACILITIES, {*facilities, *makers}, _FACILITY)

    def of_products(whys: Why) -> list[Row]:
        return [(one, _product(goods, places, one), whys[one]) for one in sorted(whys)]

    rows: Rows = [
        (
            "facilities",
            [(one, _facility(places, one), facilities[one]) for one in sorted(facilities)],
        ),
        ("products", of_products(products)),
        ("lots", [(one, _lot(told, goods, places, one), lots[one]) for one in newest]),
        (OF_LISTED, of_products(of_listed)),
        (
            LOTS_OF_LISTED,
            # Their ids sort by the time they were made at.
            [
                (one, _lot(told, goods, places, one), of_makers[one])
                for one in sorted(
                    of_makers, key=lambda one: (_is_grave(of_makers[one]), one), reverse=True
                )
            ],
        ),
    ]
    uncounted = {"lots": len(lots) - len(newest)}
    if len(made) == MOST_MADE:
        uncounted[LOTS_OF_LISTED] = -1
    return Gathered(
        rows,
        lots=frozenset({*lots, *made}),
        products=frozenset({*products, *goods, *(one["product_id"] for one in told.values())}),
        facilities=frozenset({*facilities, *makers}),
        listed=frozenset(facilities),
        made={one: str(told["facility_id"]) for one, told in made.items()},
        uncounted=uncounted,
    )


async def _made_of_others(
    facilities: Why, products: Mapping[str, Document], db: Database
) -> dict[str, Document]:
    """Lots that these made of none of these products; those who are merely warned of come last,
    for codes of the others' stamps are in the filter."""
    grave = [one for one, why in facilities.items() if _is_grave(why)]
    made: dict[str, Document] = {}
    for makers in (grave, facilities.keys() - {*grave}):
        if room := MOST_MADE - len(made):
            made |= await store.lots_made_of_others(db, makers, products, _LOT, room)
    return made


def _batches(stands: Standing) -> set[int]:
    """What is named or held by batch or by serials, and not merely warned of."""
    grave = [notice for notice in stands.notices if notice.kind != "warning"]
    return {
        *(one for notice in grave for one in notice.batches),
        *(stamps.batch for notice in grave for stamps in notice.stamps),
        *(int(hold.target) for hold in stands.holds if hold.scope == "batch"),
    }


def _is_grave(why: Iterable[Ground]) -> bool:
    return any(ground.kind != "warning" for ground in why)


def _by_facility(theirs: dict[str, Document], named: Why, facilities: Why) -> Why:
    """Why goods are listed for their facility alone; those listed anyway get its grounds too."""
    alone: Why = {}
    for one, told in theirs.items():
        of_facility = facilities[told["facility_id"]]
        if one in named:
            named[one] += [ground for ground in of_facility if ground not in named[one]]
        else:
            alone[one] = of_facility
    return alone


def _named(stands: Standing) -> tuple[Why, Why, Why]:
    """Lots, products and facilities by id, with all that stands against each."""
    lots: Why = defaultdict(list)
    products: Why = defaultdict(list)
    facilities: Why = defaultdict(list)
    seen: dict[str, Ground] = {}
    for notice in sorted(stands.notices, key=lambda one: (one.ordered_at, one.subject)):
        # The parts of a case say the same.
        ground = seen.setdefault(notice.case_id, _told(notice))
        for found, ids in (
            (lots, notice.lots),
            (products, notice.products),
            (facilities, notice.facilities),
        ):
            for one in ids:
                if ground not in found[one]:
                    found[one].append(ground)
    for lot_id, status in stands.lots.items():
        lots[lot_id].append(Ground(LOT_STATUSES[status]))
    for product_id in stands.products:
        products[product_id].append(Ground(PRODUCT_WITHDRAWN))
    for facility_id in stands.facilities:
        facilities[facility_id].append(Ground(FACILITY_STOPPED))
    for hold in stands.holds:
        # One for a stop says again what the stop says.
        if hold.scope == "facility" and hold.target not in stands.facilities:
            facilities[hold.target].append(Ground(HELD))
    return lots, products, facilities


def _told(notice: NoticePublished) -> Ground:
    return Ground(
        notice.kind,
        _cut(notice.title, notice.title_en, notice.title_zh),
        _cut(notice.instruction, notice.instruction_en, notice.instruction_zh),
        notice.authority[:LONGEST],
        local_day(notice.ordered_at),
    )


def _cut(*texts: str) -> tuple[str, str, str]:
    one, two, three = (
        text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in texts
    )
    return one, two, three


def _since(why: Iterable[Ground]) -> date:
    return max((ground.since or date.min for ground in why), default=date.min)


def _facility(places: dict[str, Document], key: str) -> ListedFacility | None:
    told = places.get(key)
    if told is None:
        return None
    return ListedFacility(
        told["name"], told.get("name_en", ""), told.get("code", ""), told.get("gln") or ""
    )


def _product(
    goods: dict[str, Document], places: dict[str, Document], key: str
) -> ListedProduct | None:
    told = goods.get(key)
    if told is None:
        return None
    maker = places.get(told["facility_id"], {}).get("name", "")
    return ListedProduct(
        told["name"], told.get("name_en", ""), told["code"], told.get("gtin", ""), maker
    )


def _lot(
    lots: dict[str, Document], goods: dict[str, Document], places: dict[str, Document], key: str
) -> ListedLot | None:
    told = lots.get(key)
    if told is None:
        return None
    product = goods.get(told["product_id"], {})
    expires = told.get("expires_on")
    return ListedLot(
        told["code"],
        product.get("name", ""),
        product.get("name_en", ""),
        product.get("gtin", ""),
        places.get(told["facility_id"], {}).get("name", ""),
        date.fromisoformat(expires) if expires else None,
    )
