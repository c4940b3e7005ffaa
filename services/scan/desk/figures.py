"""Statistics of scans as people ask for them: only of what lies in the asker's scope (R50)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from services.scan.desk.queries import own_filter
from services.scan.domain.aggregates import FACILITIES, LOTS, PRODUCTS
from services.scan.domain.figures import Line, Period, Totals
from services.scan.store import facilities
from services.scan.store import figures as store
from shared import audit
from shared.auth import Principal, require
from shared.commune_places import names as commune_names
from shared.mongo import Database, Document, Tx, transact

READ: Final = "circulation.read"
EXPORT: Final = "scans.export"
PAGE: Final = 50
# Names are looked up for so many lines of a file at once.
_AT_ONCE: Final = 500
_NAMED_IN: Final = {"product": PRODUCTS, "lot": LOTS, "facility": FACILITIES}


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which scans: `facility_id` and `product_id` "" for all in scope."""

    period: Period
    by: str
    facility_id: str = ""
    product_id: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A line and what its key is called, "" where that is not known or where the key says it."""

    line: Line
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    totals: Totals
    rows: list[Named]
    total: int


async def read(who: Principal, asked: Asked, *, page: int, db: Database) -> Found:
    """A page of lines, and the totals of the period. Raises OutOfReach for others' facilities."""
    wanted = await _wanted(who, asked, db)
    skip = (page - 1) * PAGE
    made = [one async for one in store.lines(db, wanted, asked.by, skip=skip, most=PAGE)]
    return Found(
        await store.totals(db, wanted),
        await _named(made, asked.by, db),
        await store.number_of_lines(db, wanted, asked.by),
    )


async def names_of(asked: Asked, db: Database) -> tuple[str, str]:
    """What the facility and the product asked for are called, "" for none."""
    found = await facilities.names(db, FACILITIES, [asked.facility_id])
    made = await facilities.names(db, PRODUCTS, [asked.product_id])
    return (
        found.get(asked.facility_id, asked.facility_id),
        made.get(asked.product_id, asked.product_id),
    )


async def taken_away(who: Principal, asked: Asked, *, db: Database) -> AsyncIterator[Named]:
    """Every line, for a file; who took which is on record before the first of them."""
    wanted = await _wanted(who, asked, db)

    async def work(tx: Tx) -> None:
        subject = asked.facility_id or who.facility_id or "-"
        await audit.accepted(tx, who, EXPORT, subject, by=asked.by)

    await transact(db, work)
    return _every(wanted, asked.by, db)


async def _every(wanted: Document, by: str, db: Database) -> AsyncIterator[Named]:
    some: list[Line] = []
    async for line in store.lines(db, wanted, by):
        some.append(line)
        if len(some) == _AT_ONCE:
            for one in await _named(some, by, db):
                yield one
            some = []
    for one in await _named(some, by, db):
        yield one


async def _wanted(who: Principal, asked: Asked, db: Database) -> Document:
    require(who, READ)
    own = await own_filter(who, db)
    if asked.facility_id:
        require(who, READ, await facilities.scope_of(db, asked.facility_id))
        own = {"facility_id": asked.facility_id}
    return store.wanted(asked.period, own, asked.product_id)


async def _named(lines: list[Line], by: str, db: Database) -> list[Named]:
    if by == "commune":
        known = commune_names()
    elif by in _NAMED_IN:
        known = await facilities.names(db, _NAMED_IN[by], (one.key for one in lines))
    else:
        known = {}
    return [Named(one, known.get(one.key, "")) for one in lines]
