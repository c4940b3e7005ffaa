"""What the desk reads: only what the asker may see; reading changes nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.scan.domain.aggregates import FACILITIES, LOTS, PRODUCTS
from services.scan.domain.sightings import Sighting
from services.scan.domain.suspicion import Suspicion
from services.scan.store import counts, facilities, suspicions
from shared.auth import Principal, area_filter, require
from shared.errors import NotFound
from shared.mongo import Database

STATES = ("suspected", "held_back", "confirmed", "cleared")
# Days of the stamp's scans that its page shows, the newest first.
DAYS_SHOWN = 7


async def own_filter(who: Principal, db: Database) -> dict[str, Any]:
    """The filter on `facility_id` that leaves what lies in the asker's scope."""
    if who.facility_id is not None:
        return {"facility_id": who.facility_id}
    area = area_filter(who, commune="published.commune", sector="published.sector")
    return {"facility_id": {"$in": await facilities.within(db, area)}} if area else {}


@dataclass(frozen=True)
class Row:
    """A suspicion with the names of what it is about."""

    suspicion: Suspicion
    facility: str
    product: str
    lot: str


async def listed(
    who: Principal, *, db: Database, state: str, page: int
) -> tuple[list[Row], dict[str, int], int]:
    """One page of the suspicions in a state, newest first; how many in each state; in this one."""
    require(who, "suspicion.read")
    own = await own_filter(who, db)
    numbers = await suspicions.numbers(db, own)
    found = await suspicions.page_of(db, {**own, "state": state}, page)
    return await _named(found, db), numbers, numbers.get(state, 0)


async def places_of(who: Principal, *, db: Database) -> Counter[str]:
    """In which communes stamps were read that are suspected now: findings by commune."""
    require(who, "suspicion.read")
    return await suspicions.communes(db, {**await own_filter(who, db), "state": "suspected"})


async def one(who: Principal, batch: int, serial: int, *, db: Database) -> Row:
    found = (await suspicions.of(db, [(batch, serial)])).get((batch, serial))
    if found is None:
        raise NotFound()
    require(who, "suspicion.read", await facilities.scope_of(db, found.facility_id))
    return (await _named([found], db))[0]


async def read_on(
    suspicion: Suspicion, *, today: date, db: Database
) -> tuple[dict[str, Any] | None, list[tuple[str, list[Sighting]]]]:
    """The stamp's counter, and who read it on each of the last days that are still kept."""
    stamp = suspicion.batch, suspicion.serial
    days = await counts.sightings_of(db, stamp, today)
    return await counts.stamp_scans(db, stamp), days[:DAYS_SHOWN]


async def _named(found: Sequence[Suspicion], db: Database) -> list[Row]:
    of_facilities = await facilities.names(db, FACILITIES, (one.facility_id for one in found))
    of_products = await facilities.names(db, PRODUCTS, (one.product_id for one in found))
    of_lots = await facilities.names(db, LOTS, (one.lot_id for one in found))
    return [
        Row(
            one,
            of_facilities.get(one.facility_id, one.facility_id),
            of_products.get(one.product_id, one.product_id),
            of_lots.get(one.lot_id, one.lot_id),
        )
        for one in found
    ]
