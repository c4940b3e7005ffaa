"""The mass balance that whoever decides on a request sees: goods made, what areas bear, stamps."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from services.stamps.domain.growing import Yield, weighed
from services.stamps.domain.known import Lot
from services.stamps.domain.requests import Request
from services.stamps.store import balance, facts, growing
from shared.days import local_day
from shared.mongo import Database

# Of a request without a lot: the product's lots of a year tell which areas it is from.
_LOTS_BACK: Final = timedelta(days=366)
_MOST_LOTS: Final = 200
AREAS_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Balance:
    """Stamps of the request's product by state, and of its lot, where it names one.

    `granted` were issued on requests that named the lot; `of_lot` are activated for it, whatever
    became of them since. `yields` are the growing areas that the goods are from.
    """

    states: dict[str, int]
    lot: Lot | None
    granted: int
    of_lot: int
    yields: tuple[Yield, ...] = ()

    @property
    def made(self) -> Decimal | None:
        """How much the lot is, in its unit, where that was told."""
        return Decimal(self.lot.quantity) if self.lot and self.lot.quantity else None

    @property
    def issued(self) -> int:
        return sum(self.states.values())


async def balance_of(request: Request, *, db: Database) -> Balance:
    found = await balance.by_state(db, request.product_id, request.lot_id)
    states: dict[str, int] = {}
    for (_, state), number in found.items():
        states[state] = states.get(state, 0) + number
    lot = await facts.lot(db, request.lot_id) if request.lot_id else None
    granted = 0
    if lot is not None:
        granted = await balance.granted_for_lot(db, request.facility_id, lot.id)
    of_lot = sum(number for (mine, _), number in found.items() if mine)
    return Balance(states, lot, granted, of_lot, await yields_of(request, db=db))


async def yields_of(request: Request, *, db: Database) -> tuple[Yield, ...]:
    """The areas that the request's lot is from or, without one, the product's lots of a year; each
    in the season of the newest of them. None where nobody told of any."""
    lots = [request.lot_id]
    if not request.lot_id:
        since = local_day(request.submitted_at) - _LOTS_BACK
        lots = await growing.lots_of_product(db, request.product_id, since, _MOST_LOTS)
    origins = await growing.origins(db, lots)
    newest = sorted(origins.items(), key=lambda one: (one[1], one[0]), reverse=True)
    product = await facts.product(db, request.product_id)
    package = Decimal(product.content_kilograms) if product and product.content_kilograms else None
    found = []
    for area_id, day in newest[:AREAS_SHOWN]:
        area = await growing.area(db, area_id)
        season = area.season_of(day)
        harvested = await growing.harvests(db, area_id, season)
        total, unknown = weighed(harvested)
        lots_of_area = await growing.made_of(db, [one.lot_id for one in harvested])
        stamps = await growing.stamps_of(db, lots_of_area)
        found.append(Yield(area, season, total, unknown, stamps, request.quantity, package))
    return tuple(found)
