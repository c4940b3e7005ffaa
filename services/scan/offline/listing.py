"""What is matched by the words on a label: products, lots, facilities, and why they are listed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

import msgspec

from services.scan.domain.aggregates import FACILITIES, LOTS, PRODUCTS
from services.scan.domain.offline import (
    FACILITY_STOPPED,
    HELD,
    LOT_STATUSES,
    OF_LISTED,
    PRODUCT_WITHDRAWN,
    Ground,
    ListedFacility,
    ListedLot,
    ListedProduct,
    Listing,
    Missing,
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

_PRODUCT = ("name", "name_en", "code", "gtin", "facility_id")
_FACILITY = ("name", "name_en", "code", "gln")
_LOT = ("code", "product_id", "facility_id", "expires_on")

Why = dict[str, list[Ground]]
Entry = ListedLot | ListedProduct | ListedFacility
# Entries by what is said where some do not fit.
Rows = list[tuple[str, list[tuple[Entry | None, list[Ground]]]]]


class _Fitting:
    """Takes entries with the grounds they name as long as there is room."""

    def __init__(self, room: int) -> None:
        self.left = room
        self.grounds: list[Ground] = []
        self._places: dict[Ground, int] = {}

    def take(self, entry: Entry, why: list[Ground]) -> Entry | None:
        """The entry with the places of its grounds; None if it does not fit any more."""
        new = [ground for ground in why if ground not in self._places]
        cost = sum(_bytes(ground) for ground in new) + _bytes(entry) + 12 * len(why)
        if cost > self.left:
            return None
        self.left -= cost
        for ground in new:
            self._places[ground] = len(self.grounds)
            self.grounds.append(ground)
        return msgspec.structs.replace(entry, why=tuple(self._places[one] for one in why))


async def listing(stands: Standing, room: int, *, db: Database) -> Listing:
    """At most `room` bytes of it as JSON; the widest first, then the newest, and last the products
    that are listed for their facility alone, which its own entry mostly finds too."""
    lots, products, facilities = _named(stands)
    newest = sorted(lots, key=lambda one: (_since(lots[one]), one), reverse=True)[:MOST_LOTS]
    told = await store.labels(db, LOTS, newest, _LOT)
    of_lots = list(told.values())
    theirs = await store.made_by(db, facilities, _PRODUCT)
    of_listed = _by_facility(theirs, products, facilities)
    goods = theirs | await store.labels(
        db, PRODUCTS, {*products, *(one["product_id"] for one in of_lots)}, _PRODUCT
    )
    makers = {one["facility_id"] for one in (*of_lots, *goods.values())}
    places = await store.labels(db, FACILITIES, {*facilities, *makers}, _FACILITY)
    rows: Rows = [
        ("facilities", [(_facility(places, one), facilities[one]) for one in sorted(facilities)]),
        ("products", [(_product(goods, places, one), products[one]) for one in sorted(products)]),
        ("lots", [(_lot(told, goods, places, one), lots[one]) for one in newest]),
        (OF_LISTED, [(_product(goods, places, one), of_listed[one]) for one in sorted(of_listed)]),
    ]
    return _fitted(rows, room, lots_in_all=len(lots))


def _by_facility(theirs: dict[str, Document], products: Why, facilities: Why) -> Why:
    """Why products are listed for their facility alone; those listed anyway get its grounds too."""
    alone: Why = {}
    for one, told in theirs.items():
        of_facility = facilities[told["facility_id"]]
        if one in products:
            products[one] += [ground for ground in of_facility if ground not in products[one]]
        else:
            alone[one] = of_facility
    return alone


def _fitted(rows: Rows, room: int, lots_in_all: int) -> Listing:
    fitting = _Fitting(room)
    taken: dict[str, list[Entry]] = {}
    incomplete = []
    for what, entries in rows:
        fit = [fitting.take(entry, why) for entry, why in entries if entry is not None]
        taken[what] = [one for one in fit if one is not None]
        wanted = lots_in_all if what == "lots" else len(entries)
        if len(taken[what]) < wanted:
            incomplete.append(Missing(what, wanted - len(taken[what])))
    products = (*taken["products"], *taken[OF_LISTED])
    return Listing(
        grounds=tuple(fitting.grounds),
        lots=tuple(one for one in taken["lots"] if isinstance(one, ListedLot)),
        products=tuple(one for one in products if isinstance(one, ListedProduct)),
        facilities=tuple(one for one in taken["facilities"] if isinstance(one, ListedFacility)),
        incomplete=tuple(incomplete),
    )


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


def _bytes(one: Entry | Ground) -> int:
    return len(msgspec.json.encode(one)) + 1
