"""Reports of violations for officials in scope, and what a new one begins with."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from services.recall.actions.violations import READ, may_see
from services.recall.domain.case import Case
from services.recall.domain.violation import STATES, Violation
from services.recall.queries import cases, complaints, suspicions
from services.recall.store import facts
from services.recall.store import suspicions as heard
from services.recall.store import violations as store
from shared.auth import Principal, Scope, require
from shared.days import local_day
from shared.errors import NotFound, OutOfReach
from shared.mongo import Database, Document

MOST_SUSPICIONS: Final = 10


@dataclass(frozen=True, slots=True)
class Row:
    report: Violation
    facility: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What a report begins with; nothing that is known already is typed again."""

    facility_id: str
    facility: str
    found: str = ""
    found_on: date | None = None


async def listed(
    who: Principal, *, db: Database, state: str, commune: str, page: int
) -> tuple[list[Row], dict[str, int], int]:
    """A page, newest first; how many in each state; how many in this."""
    own = _wanted(who, commune)
    numbers = await store.numbers(db, own)
    wanted = {"$and": [own, {"state": state}]} if state in STATES else own
    found = await store.listed(db, wanted, page)
    total = numbers[state] if state in STATES else sum(numbers.values())
    return await _named(found, db), numbers, total


async def every(who: Principal, *, db: Database, state: str, commune: str) -> AsyncIterator[Row]:
    own = _wanted(who, commune)
    wanted = {"$and": [own, {"state": state}]} if state in STATES else own
    async for report in store.every(db, wanted):
        yield (await _named([report], db))[0]


async def one(who: Principal, report_id: str, *, db: Database) -> Row:
    """Raises NotFound, also for what lies outside the asker's area and for others' drafts."""
    require(who, READ)
    found = await store.get(db, report_id)
    if not may_see(who, found):
        raise OutOfReach()
    require(who, READ, store.scope_of(found))
    return (await _named([found], db))[0]


async def of_case(who: Principal, case: Case, *, db: Database) -> list[Row]:
    wanted = {"$and": [store.visible_to(who), {"origin": "case", "origin_id": case.id}]}
    return await _named(await store.listed(db, wanted, 1), db)


async def begun(
    who: Principal, origin: str, origin_id: str, facility_id: str, *, db: Database, at: datetime
) -> Begun:
    """From an inspection, a complaint, a suspicion, a case or a facility. Raises NotFound where
    that is none or another's."""
    found, found_on = "", local_day(at)
    if origin == "case":
        case = await cases.seen_by(who, origin_id, db=db)
        facility_id, found = case.owner.facility_id, case.wording.reason
    elif origin == "suspicion":
        suspicion = (await suspicions.one(who, origin_id, db=db)).suspicion
        facility_id, found = suspicion.facility_id, suspicion.what
    elif origin == "complaint":
        facility_id = (await complaints.one(who, origin_id, db=db, at=at)).complaint.facility_id
    elif origin == "inspection":
        row = await heard.inspection(db, origin_id)
        facility_id, found_on = row["facility_id"], date.fromisoformat(row["on"])
    facility = (await facts.facilities(db, [facility_id])).get(facility_id)
    if facility is None:
        raise NotFound()
    if not who.reaches(Scope(facility.id, facility.commune, facility.sector)):
        raise OutOfReach()
    return Begun(facility.id, facility.name, found, found_on)


async def goods_of(who: Principal, asked: Sequence[str], *, db: Database) -> list[str]:
    """A line for the goods of each of these suspicions that the asker may read, in Vietnamese, as
    reports are written."""
    lines = []
    for id_ in dict.fromkeys(asked[:MOST_SUSPICIONS]):
        try:
            row = await suspicions.one(who, id_, db=db)
        except NotFound:
            continue
        named = [f"lô {row.lot}" if row.lot else "", row.product]
        if goods := ", ".join(filter(None, named)):
            lines.append(f"Hàng: {goods}.")
    return list(dict.fromkeys(lines))


def _wanted(who: Principal, commune: str) -> Document:
    require(who, READ)
    if who.facility_id is not None:
        raise OutOfReach()
    own = store.visible_to(who)
    return {"$and": [own, {"commune": commune}]} if commune else own


async def _named(found: list[Violation], db: Database) -> list[Row]:
    facilities = await facts.facilities(db, {one.facility_id for one in found})
    return [
        Row(one, facilities[one.facility_id].name if one.facility_id in facilities else "")
        for one in found
    ]
