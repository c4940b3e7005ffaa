"""What pages and the API read of quotas: only what the asker may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.stamps import queries
from services.stamps.actions.quotas import standings_of
from services.stamps.domain import quota_room
from services.stamps.domain.known import Facility, Product
from services.stamps.domain.quotas import QuotaChange, Quotas, Standing
from services.stamps.store import facts, quotas
from shared.auth import Principal, require
from shared.errors import NotFound, Refusal
from shared.mongo import Database

FOUND = 20  # Facilities that a search offers.


@dataclass(frozen=True, slots=True)
class Bound:
    """A facility and how far its quotas are used in the periods that run now."""

    facility_id: str
    standings: Sequence[Standing]


async def seen_by(
    who: Principal, *, db: Database, now: datetime, page: int = 1
) -> tuple[list[Bound], int]:
    """One page of the facilities in the asker's scope that quotas bind, and how many there are."""
    require(who, "stamps.read")
    found, total = await quotas.find(db, await queries.facilities_of(who, db), page=page)
    return [await _bound(one, db=db, now=now) for one in found], total


async def facility_seen_by(who: Principal, facility_id: str, *, db: Database) -> Facility:
    """A facility in the asker's scope that registry has told of."""
    facility = await facts.facility(db, facility_id)
    require(who, "stamps.read", facility.scope)
    if facility.commune is None:
        raise NotFound()
    return facility


async def of_facility(facility_id: str, *, db: Database, now: datetime) -> Bound:
    return await _bound(await quotas.of(db, facility_id), db=db, now=now)


async def binding(
    facility_id: str, product_id: str, *, db: Database, now: datetime
) -> list[Standing]:
    """The quotas that bind who asks for stamps of this product."""
    known = await quotas.of(db, facility_id)
    return await standings_of(db, facility_id, known.binding(product_id), now)


def refused(standings: Sequence[Standing], quantity: int) -> Refusal | None:
    """Why so many stamps could not be granted; None where they could."""
    try:
        quota_room.must_leave(standings, quantity)
    except Refusal as refusal:
        return refusal
    return None


async def own(who: Principal, *, db: Database, now: datetime) -> Bound | None:
    """A facility's own quotas, for its people; None where none binds it."""
    if who.facility_id is None:
        return None
    found = await of_facility(who.facility_id, db=db, now=now)
    return found if found.standings else None


async def changes_of(
    facility_id: str, *, db: Database, page: int = 1
) -> tuple[list[QuotaChange], int]:
    return await quotas.changes_of(db, facility_id, page=page)


async def named(who: Principal, text: str, *, db: Database) -> list[Facility]:
    """Facilities in the asker's scope whose name or code holds these words; the first few."""
    require(who, "stamps.read")
    if not text:
        return []
    return await facts.facilities_named(db, await queries.facilities_of(who, db), text, FOUND)


async def products_of(facility_id: str, *, db: Database) -> list[Product]:
    """The products that a quota can be set for."""
    return await facts.products_of(db, {"facility_id": facility_id})


async def product_names(bound: Sequence[Bound], *, db: Database) -> dict[str, str]:
    ids = {one.quota.product_id for each in bound for one in each.standings}
    return await facts.names(db, "products", ids - {""})


async def _bound(known: Quotas, *, db: Database, now: datetime) -> Bound:
    found = await standings_of(db, known.facility_id, known.limits, now)
    return Bound(known.facility_id, found)
