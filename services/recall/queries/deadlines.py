"""Deadlines as who owes them, or has been told of them, sees them: of a case, and all together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.recall.domain.case import Case
from services.recall.domain.deadlines import Clock
from services.recall.domain.terms import Wording
from services.recall.queries.cases import READ
from services.recall.store import clocks
from services.recall.store.cases import CASES
from services.recall.store.documents import case_of
from services.recall.store.newest import by_id
from shared.auth import Principal, require
from shared.mongo import Database, Document

PAGE_SIZE = 25
TOP = 5
STATES = ("running", "overdue", "near", "over")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which clocks: a state of STATES ("" = all), a deadline's name, and of whom.

    `owed_by`: the tier that owes it; `mine`: only those that the asker's own tier owes or was told
    of.
    """

    state: str = ""
    name: str = ""
    owed_by: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """`own`: the owner of the goods ordered the recall itself."""

    clock: Clock
    wording: Wording | None = None
    own: bool = False


async def listed(
    who: Principal, wanted: Wanted, *, db: Database, at: datetime, skip: int, size: int
) -> tuple[list[Row], int]:
    """Soonest due first, and how many there are."""
    require(who, READ)
    found, total = await clocks.page(db, who, _filter(who, wanted, at), skip=skip, size=size)
    return await _with_cases(db, found), total


async def counts(who: Principal, wanted: Wanted, *, db: Database, at: datetime) -> dict[str, int]:
    """By state, otherwise as wanted."""
    require(who, READ)
    return {
        state: await clocks.count(
            db, who, _filter(who, Wanted(state, wanted.name, wanted.owed_by, wanted.mine), at)
        )
        for state in STATES
    }


async def pressing(who: Principal, *, db: Database, at: datetime) -> list[Row]:
    """The few that are overdue or near, of what the asker's tier owes or was told of."""
    require(who, READ)
    overdue = _filter(who, Wanted("overdue", mine=True), at)
    near = _filter(who, Wanted("near", mine=True), at)
    found, _ = await clocks.page(db, who, {"$or": [overdue, near]}, skip=0, size=TOP)
    return await _with_cases(db, found)


async def of_case(who: Principal, case: Case, *, db: Database) -> list[Clock]:
    """All that were started for a case that the asker sees; a facility sees what it owes
    itself."""
    return [
        clock
        for clock in await clocks.of_case(db, case.id)
        if who.facility_id is None
        or (_owed_by_facility(clock) and clock.facility_id == who.facility_id)
    ]


def _owed_by_facility(clock: Clock) -> bool:
    return clock.tiers[:1] == ("facility",)


def _filter(who: Principal, wanted: Wanted, at: datetime) -> Document:
    found: list[Document] = [{"started_at": {"$ne": None}}]
    if wanted.state == "over":
        found.append({"running": False})
    elif wanted.state:
        found.append({"running": True})
    if wanted.state == "overdue":
        found.append({"due_at": {"$lte": at}})
    if wanted.state == "near":
        found.append({"due_at": {"$gt": at}, "done": {"$regex": "^near:"}})
    if wanted.name:
        found.append({"name": wanted.name})
    if wanted.owed_by:
        found.append({"tiers.0": wanted.owed_by})
    # What authorities owe, such as deciding on an order that waits, is not told to a facility.
    if who.facility_id is not None:
        found.append({"tiers.0": "facility"})
    elif wanted.mine:
        found.append({"told": who.tier})
    return {"$and": found}


async def _with_cases(db: Database, found: Sequence[Clock]) -> list[Row]:
    rows = await by_id(db, CASES, [clock.case_id for clock in found])
    known = {key: case_of(row, []) for key, row in rows.items()}
    return [_row(clock, known.get(clock.case_id)) for clock in found]


def _row(clock: Clock, case: Case | None) -> Row:
    if case is None:
        return Row(clock)
    return Row(clock, case.wording, case.announced_by(case.owner.facility_id))
