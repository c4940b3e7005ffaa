"""Drills for who may see them: whoever could begin them, and those in the reach of a told one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.recall.domain.drill import TOLD, Drill, State
from services.recall.domain.drill_score import rules
from services.recall.domain.within import Within
from services.recall.queries.cases import READ
from services.recall.store import drill_duties, drill_places, drills
from services.recall.store.drill_places import Asked
from services.recall.store.newest import Reader
from shared import opened
from shared.auth import Principal, Scope, area_filter, require
from shared.errors import OutOfReach
from shared.mongo import Database, Document
from shared.tiers import is_below

DRILL: Final = "recall.drill"
STATES: Final = tuple(State)
# Of those that ask a facility the latest are listed to it.
MOST_LISTED: Final = 2_000


async def listed(
    who: Principal, *, db: Database, state: str = "", skip: int = 0, size: int
) -> tuple[list[Drill], int]:
    """Drills that the account may see, the newest first, and how many there are."""
    require(who, READ)
    wanted = await _visible_to(db, who)
    if state in STATES:
        wanted = {"$and": [wanted, {"state": state}]}
    return await drills.page(db, wanted, skip=skip, size=size)


async def seen_by(who: Principal, drill_id: str, *, db: Reader) -> Drill:
    """Raises NotFound, also for what the account may not see."""
    require(who, READ)
    drill = await drills.get(db, drill_id)
    if not await _may_see(db, who, drill):
        raise OutOfReach()
    opened.note(drill.owner.facility_id)
    return drill


def may_manage(who: Principal, drill: Drill) -> bool:
    """Whose drill it is, of no tier below that of who began it."""
    return who.may(DRILL) and is_theirs(who, drill) and not is_below(who.tier, drill.tier)


def is_theirs(who: Principal, drill: Drill) -> bool:
    """Officials of the area of its target; a facility what it began itself."""
    if who.facility_id is not None:
        return drill.by.facility_id == who.facility_id
    return sees_all_of(who, drill) and who.covers(DRILL, scope_of(drill))


def scope_of(drill: Drill) -> Scope:
    return Scope(drill.owner.facility_id, drill.owner.commune, drill.owner.sector)


def sees_all_of(who: Principal, drill: Drill) -> bool:
    """Officials of the whole area of its target see every facility in it; of others each sees
    their own, and the rest as numbers."""
    if who.facility_id is not None or not who.covers(READ, scope_of(drill)):
        return False
    within = drill.plan.target.within
    return within is None or Within("", who.communes, who.sector).contains(within)


async def waiting(who: Principal, *, db: Database) -> list[tuple[Drill, Asked]]:
    """Running drills that wait for an answer of this facility."""
    own = who.facility_id
    if own is None or not who.may("recall.drill_answer"):
        return []
    open_ones = []
    for drill in await drill_places.running_asking(db, own):
        mine = await drill_places.asked_of(db, drill.id, own)
        if mine is None:
            continue
        said = await drill_places.stated_by(db, drill.id, own)
        if mine.acknowledged_at is None or said < mine.count:
            open_ones.append((drill, mine))
    return open_ones


@dataclass(frozen=True, slots=True)
class Due:
    """Whether the account's facility or unit has done its yearly duty, and when it last did."""

    done: bool
    at: datetime | None
    drill_id: str
    until: datetime | None


async def due(who: Principal, *, db: Database, at: datetime) -> Due | None:
    """None for whom the duty does not bind, or who may not begin a drill anyway."""
    duty = rules().duty
    if not who.may(DRILL):
        return None
    kind = "unit" if who.facility_id is None else "facility"
    id_ = who.facility_id or who.unit_id
    if kind == "facility" and not await drill_duties.is_bound(db, id_, duty):
        return None
    if kind == "unit" and who.tier not in duty.tiers:
        return None
    last = await drill_duties.last_of(db, kind, id_)
    if last is None:
        return Due(False, None, "", None)
    until = drill_duties.fulfilled_until(last[0], duty)
    return Due(at < until, last[0], last[1], until)


async def _may_see(db: Reader, who: Principal, drill: Drill) -> bool:
    own = who.facility_id
    if own is not None and drill.by.facility_id == own:
        return True
    if own is None and who.covers(READ, scope_of(drill)):
        return True
    return drill.state in TOLD and await drill_places.is_asking(db, drill.id, area_filter(who))


async def _visible_to(db: Database, who: Principal) -> Document:
    """The same as a filter."""
    area = area_filter(who)
    if not area:
        return {}
    own, states = who.facility_id, [str(state) for state in TOLD]
    if own is None:
        return {"$or": [area, {"state": {"$in": states}, **drill_places.asking_in_area(who)}]}
    asked = {"_id": {"$in": await drill_places.ids_asking(db, own, MOST_LISTED)}}
    return {"$or": [{"by.facility_id": own}, {"state": {"$in": states}, **asked}]}
