"""Who has rehearsed within the year and who has not, for officials of the area."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.recall.domain.drill_score import rules
from services.recall.queries.cases import READ
from services.recall.store import drill_duties as store
from services.recall.store.drill_duties import Bound, Wanted
from shared.auth import Principal, require
from shared.errors import Forbidden
from shared.mongo import Database

KINDS: Final = ("facility", "unit")
STATES: Final = {"": None, "due": False, "done": True}


@dataclass(frozen=True, slots=True)
class Asked:
    """`state` is due, done or "" for both; place and class narrow facilities only."""

    kind: str = "facility"
    state: str = ""
    commune: str = ""
    class_: str = ""


async def listed(
    who: Principal, asked: Asked, *, db: Database, at: datetime, skip: int, size: int
) -> tuple[list[Bound], int]:
    """By name, and how many there are. Raises Forbidden for facilities: whether another has
    rehearsed is not theirs to know."""
    return await store.page(db, _wanted(who, asked, at), skip=skip, size=size)


async def numbers(who: Principal, asked: Asked, *, db: Database, at: datetime) -> dict[str, int]:
    """How many there are in each state."""
    found = {}
    for state in STATES:
        wanted = _wanted(who, replace(asked, state=state), at)
        _, found[state] = await store.page(db, wanted, size=1)
    return found


def every(who: Principal, asked: Asked, *, db: Database, at: datetime) -> AsyncIterator[Bound]:
    """All of them, one after another."""
    return store.every(db, _wanted(who, asked, at))


def is_done(one: Bound, at: datetime) -> bool:
    return one.at is not None and at < store.fulfilled_until(one.at, rules().duty)


def _wanted(who: Principal, asked: Asked, at: datetime) -> Wanted:
    require(who, READ)
    if who.facility_id is not None:
        raise Forbidden()
    duty = rules().duty
    if asked.kind == "unit":
        fields = store.of_units(who, duty)
    else:
        fields = store.of_facilities(who, duty, asked.commune, asked.class_)
    return Wanted(asked.kind, fields, store.since(at, duty), STATES[asked.state])
