"""Cases as lists and one by one, for who may see them and for the public."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.recall.domain.case import Case
from services.recall.domain.target import Lot
from services.recall.domain.terms import PUBLIC, State
from services.recall.store import cases, facts, feeds, genealogy
from services.recall.store.cases import Summary
from services.recall.store.facts import Facility, Product
from services.recall.store.newest import Reader
from shared import opened
from shared.auth import Principal, area_filter, require
from shared.errors import NotFound, OutOfReach
from shared.mongo import Database

READ = "recall.read"
PAGE_SIZE = 25


@dataclass(frozen=True, slots=True)
class AffectedLot:
    lot: Lot
    product: Product | None
    facility: Facility | None


async def listed(
    who: Principal, *, db: Database, state: str = "", text: str = "", skip: int = 0, size: int
) -> tuple[list[Summary], int]:
    """Cases the account may see, newest first, and how many there are."""
    require(who, READ)
    wanted = {**_visible_to(who), **_in_state(state)}
    return await cases.page(db, wanted, text=text, skip=skip, size=size, order="asked_at")


async def listed_publicly(
    *, db: Database, text: str = "", standing: bool = False, skip: int = 0, size: int
) -> tuple[list[Summary], int]:
    """Cases that consumers see or have seen, newest first, and how many there are."""
    wanted: dict[str, Any] = {"state": {"$in": [str(state) for state in PUBLIC]}}
    if standing:
        wanted["standing"] = True
    return await cases.page(db, wanted, text=text, skip=skip, size=size, order="ordered_at")


async def latest_publicly(
    *, db: Database, sector: str = "", commune: str = "", product: str = "", size: int
) -> tuple[list[Case], int]:
    """The same by their last change, the latest first, so that what was lifted is told too. The
    cases have neither places nor parts."""
    wanted: dict[str, Any] = {
        "state": {"$in": [str(state) for state in PUBLIC]},
        **feeds.touching(sector, commune),
    }
    if product:
        wanted |= await feeds.about_product(db, product)
    return await feeds.latest(db, wanted, size=size)


async def counts_by_state(who: Principal, *, db: Database) -> dict[str, int]:
    require(who, READ)
    return await cases.counts_by_state(db, _visible_to(who))


async def seen_by(who: Principal, case_id: str, *, db: Reader) -> Case:
    """One case; raises NotFound, also for what the account may not see."""
    case = await looked_at_by(who, case_id, db=db)
    opened.note(case.owner.facility_id)
    return case


async def looked_at_by(who: Principal, case_id: str, *, db: Reader) -> Case:
    """The same for what shows nothing of whose goods they are, so that it is no read of them."""
    require(who, READ)
    case = await cases.get(db, case_id)
    if not _may_see(who, case):
        raise OutOfReach()
    return case


async def seen_publicly(case_id: str, *, db: Database) -> Case:
    case = await cases.get(db, case_id)
    if case.state not in PUBLIC:
        raise NotFound()
    return case


async def lots_of(db: Database, ids: Sequence[str]) -> list[AffectedLot]:
    """The lots with their names, in the order given; one that registry never told is left out."""
    lots = await genealogy.lots(db, ids)
    products = await facts.products(db, {lot.product_id for lot in lots.values()})
    facilities = await facts.facilities(db, {lot.facility_id for lot in lots.values()})
    return [
        AffectedLot(lot, products.get(lot.product_id), facilities.get(lot.facility_id))
        for lot in (lots[lot_id] for lot_id in ids if lot_id in lots)
    ]


def _may_see(who: Principal, case: Case) -> bool:
    """Published cases: whoever has a facility among the touched; others: who could decide them."""
    if case.state in PUBLIC:
        return any(who.covers(READ, cases.scope_of(place)) for place in (case.owner, *case.places))
    if who.facility_id is not None:
        return case.ordered_by.facility_id == who.facility_id
    return who.covers(READ, cases.scope_of(case.owner))


def _visible_to(who: Principal) -> dict[str, Any]:
    """The same as a filter."""
    area = area_filter(who)
    public = {"state": {"$in": [str(state) for state in PUBLIC]}}
    if who.facility_id is not None:
        own = {"ordered_by.facility_id": who.facility_id}
    elif not area:
        return {}
    else:
        own = {f"owner.{field}": value for field, value in area.items()}
    owned = {f"owner.{field}": value for field, value in area.items()}
    return {"$or": [{**public, "places": {"$elemMatch": area}}, {**public, **owned}, own]}


def _in_state(state: str) -> dict[str, Any]:
    return {"state": state} if state in set(State) else {}
