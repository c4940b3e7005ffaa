"""Statistics of scans as people ask for them: only of what lies in the asker's scope (R50)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, cast

from services.scan.desk.queries import own_filter
from services.scan.domain.aggregates import FACILITIES, LOTS, PRODUCTS
from services.scan.domain.figures import Line, Period, Totals
from services.scan.store import facilities, people
from services.scan.store import figures as store
from services.scan.store.people import By, Kind
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
    """A line and what its key is called, "" where that is not known or where the key says it.

    `people` are the different people of each day, summed, who scanned what the line is of; None
    where they are not counted by that, or were not yet.
    """

    line: Line
    name: str
    people: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """`people` of all lines, counted once each, where one facility or product is asked about.
    `people_since` is the first day on which they were counted, where not all days were."""

    totals: Totals
    rows: list[Named]
    total: int
    people: int | None = None
    people_since: date | None = None


async def read(who: Principal, asked: Asked, *, page: int, db: Database) -> Found:
    """A page of lines, and the totals of the period. Raises OutOfReach for others' facilities."""
    own = await _own(who, asked, db)
    wanted = store.wanted(asked.period, own, asked.product_id)
    skip = (page - 1) * PAGE
    made = [one async for one in store.lines(db, wanted, asked.by, skip=skip, most=PAGE)]
    kind = _kind(asked, who)
    counted = people.wanted(kind, asked.period, own, asked.product_id) if kind else None
    return Found(
        await store.totals(db, wanted),
        await _named(made, asked, who, own, db),
        await store.number_of_lines(db, wanted, asked.by),
        await people.total(db, counted) if counted is not None else None,
        await people.counted_since(db),
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
    own = await _own(who, asked, db)

    async def work(tx: Tx) -> None:
        subject = asked.facility_id or who.facility_id or "-"
        await audit.accepted(tx, who, EXPORT, subject, by=asked.by)

    await transact(db, work)
    return _every(who, asked, own, db)


async def _every(who: Principal, asked: Asked, own: Document, db: Database) -> AsyncIterator[Named]:
    some: list[Line] = []
    wanted = store.wanted(asked.period, own, asked.product_id)
    async for line in store.lines(db, wanted, asked.by):
        some.append(line)
        if len(some) == _AT_ONCE:
            for one in await _named(some, asked, who, own, db):
                yield one
            some = []
    for one in await _named(some, asked, who, own, db):
        yield one


def people_by(asked: Asked, who: Principal) -> bool:
    """Whether the people of each line are counted, and not where each scanned first."""
    return asked.by in ("product", "facility") or (
        asked.by == "day" and _kind(asked, who) is not None
    )


def _kind(asked: Asked, who: Principal) -> Kind | None:
    """By which numbers the people of one product or facility are known; None where more than one
    is asked about: whoever scanned goods of two would be counted twice."""
    if asked.product_id:
        return "product"
    return "facility" if asked.facility_id or who.facility_id is not None else None


async def _own(who: Principal, asked: Asked, db: Database) -> Document:
    """The filter that leaves what the asker may see of what is asked about."""
    require(who, READ)
    own = await own_filter(who, db)
    if asked.facility_id:
        require(who, READ, await facilities.scope_of(db, asked.facility_id))
        own = {"facility_id": asked.facility_id}
    return own


async def _named(
    lines: list[Line], asked: Asked, who: Principal, own: Document, db: Database
) -> list[Named]:
    by = asked.by
    known: Mapping[str, str] = {}
    if by == "commune":
        known = commune_names()
    elif by in _NAMED_IN:
        known = await facilities.names(db, _NAMED_IN[by], (one.key for one in lines))
    counted: dict[str, int] = {}
    if lines and people_by(asked, who):
        kind: Kind = "product" if by == "product" or asked.product_id else "facility"
        found = people.wanted(kind, asked.period, own, asked.product_id)
        counted = await people.by(db, found, cast(By, by), [one.key for one in lines])
    return [Named(one, known.get(one.key, ""), counted.get(one.key)) for one in lines]
