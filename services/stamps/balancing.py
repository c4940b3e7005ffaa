"""The mass balance that whoever decides on a request sees: goods made, what areas bear, stamps."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TypeVar

from services.stamps.domain.growing import (
    Goods,
    Yield,
    Yields,
    claimed,
    mixed,
    reached,
    weighed,
)
from services.stamps.domain.known import Lot
from services.stamps.domain.packages import packages_of
from services.stamps.domain.requests import Request
from services.stamps.store import balance, claims, facts, growing
from shared.auth import Principal
from shared.days import local_day
from shared.mongo import Database

# Of a request without a lot: the product's lots of a year tell which areas it is from.
_LOTS_BACK: Final = timedelta(days=366)
_MOST_LOTS: Final = 200
MOST_AREAS: Final = 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Balance:
    """Stamps of the request's product by state, and of its lot, where it names one.

    `granted` were issued on requests that named the lot; `of_lot` are activated for it, whatever
    became of them since; both 0 without one. Any of these is None where it could not be counted in
    time. `yields` are the growing areas that the goods are from; None where nobody told of any.
    """

    states: dict[str, int] | None
    lot: Lot | None
    granted: int | None
    of_lot: int | None
    yields: Yields | None = None

    @property
    def made(self) -> Decimal | None:
        """How much the lot is, in its unit, where that was told."""
        return Decimal(self.lot.quantity) if self.lot and self.lot.quantity else None

    @property
    def issued(self) -> int:
        return sum((self.states or {}).values())

    @property
    def late(self) -> bool:
        return None in (self.states, self.granted, self.of_lot)


async def balance_of(request: Request, *, db: Database) -> Balance:
    """Whoever decides can do so without what took too long, and reads that it is not known."""
    lot = await facts.lot(db, request.lot_id) if request.lot_id else None
    granted: int | None = 0
    of_lot: int | None = 0
    if lot is not None:
        granted = await _in_time(balance.granted_for_lot(db, request.facility_id, lot.id))
        activated = await _in_time(claims.activated(db, [lot.id]))
        of_lot = None if activated is None else activated.get(lot.id, 0)
    states = await _in_time(balance.by_state(db, request.product_id))
    return Balance(states, lot, granted, of_lot, await yields_of(request, db=db))


@dataclass(frozen=True, slots=True)
class Beyond:
    """A lot would have more stamps than packages: `activated` before, `more` that are asked for."""

    lot: str
    packages: int
    activated: int
    more: int

    @property
    def total(self) -> int:
        return self.activated + self.more


async def beyond(lot_id: str, more: int, *, who: Principal, db: Database) -> Beyond | None:
    """None where the stamps fit the lot, or nobody can say in time; and of others' lots."""
    lot = await facts.lot(db, lot_id)
    if lot is None or lot.facility_id != who.facility_id:
        return None
    product = await facts.product(db, lot.product_id)
    packages = packages_of(lot, product.content_kilograms if product else "")
    if packages is None:
        return None
    activated = await _in_time(claims.activated(db, [lot.id]))
    if activated is None or activated.get(lot.id, 0) + more <= packages:
        return None
    return Beyond(lot.code, packages, activated.get(lot.id, 0), more)


async def _in_time(reading: Awaitable[T]) -> T | None:
    try:
        return await reading
    except growing.TooSlow:
        return None


async def yields_of(request: Request, *, db: Database) -> Yields | None:
    """The areas that the request's lot is from or, without one, the product's lots of a year; each
    in the season of the newest of them. None where nobody told of any."""
    try:
        return await _yields(request, db)
    except growing.TooSlow:  # Whoever decides still can, and reads that this is not known.
        return Yields(late=True)


async def _yields(request: Request, db: Database) -> Yields | None:
    found, more_areas = await _origins(request, db)
    if not found:
        return None
    areas = await growing.areas(db, list(found))
    seasons = {one.id: one.season_of(found[one.id]) for one in areas.values()}
    harvests = {key: await growing.harvests(db, key, seasons[key]) for key in found}
    roots = {one.lot_id: one for key in found for one in harvests[key].found}
    made = await growing.made_of(db, roots)
    known = roots | {one.lot_id: one for one in made.found}
    if request.lot_id:  # Be it that it lies in another season than the newest of what is in it.
        known.setdefault(request.lot_id, Goods(request.lot_id, product_id=request.product_id))
    products = {request.product_id, *(one.product_id for one in known.values())}
    packages = await growing.packages(db, products)
    stamps, cut = await claims.of_lots(db, known, request.product_id)

    def told(key: str) -> Yield:
        lots, more = harvests[key]
        total, unknown = weighed(lots)
        theirs = reached((one.lot_id for one in lots), known)
        claim = claimed(theirs, known, stamps, packages)
        return Yield(areas[key], seasons[key], total, unknown, claim, cut=more or made.cut or cut)

    return Yields(
        areas=tuple(told(key) for key in found),
        claimed=claimed(known, known, stamps, packages),
        loose=stamps.get(claims.LOOSE, 0),
        asked=request.quantity,
        package=packages.get(request.product_id),
        named=bool(request.lot_id),
        mixed=mixed(known),
        cut=made.cut or cut or any(one.cut for one in harvests.values()),
        more_areas=more_areas,
    )


async def _origins(request: Request, db: Database) -> tuple[dict[str, date], bool]:
    """The areas, those of the newest harvests first, and whether there are more."""
    lots, more = [request.lot_id], False
    if not request.lot_id:
        since = local_day(request.submitted_at) - _LOTS_BACK
        lots, more = await growing.lots_of_product(
            db, request.facility_id, request.product_id, since, _MOST_LOTS
        )
    found, cut = await growing.origins(db, lots)
    newest = sorted(found.items(), key=lambda one: (one[1], one[0]), reverse=True)
    return dict(newest[:MOST_AREAS]), more or cut or len(newest) > MOST_AREAS
