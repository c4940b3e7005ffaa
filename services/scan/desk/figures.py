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
    where they are not counted by that, or were not yet on some day of it.
    """

    line: Line
    name: str
    people: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be told of the scans asked about: `own` is the filter that leaves what the asker may
    see, `kind` by which numbers the people of all of them together are known, None by none.
    `since` is the first day of which people were counted, None where they always were."""

    asked: Asked
    own: Document
    kind: Kind | None
    since: date | None

    @property
    def from_before(self) -> bool:
        """Whether the period has days of which people were not counted."""
        return self.since is not None and self.since > self.asked.period.first

    @property
    def could_count_people(self) -> bool:
        """Whether people are counted by what the lines are of, if not on every day."""
        by = self.asked.by
        return by in ("product", "facility") or (by == "day" and self.kind is not None)

    @property
    def by_people(self) -> bool:
        """Whether the people of each line are told, and not where each scanned first: where all of
        a line were counted, so of a longer time only day by day."""
        if not self.from_before or self.since is None:
            return self.could_count_people
        days = self.asked.by == "day" and self.since <= self.asked.period.last
        return days and self.could_count_people


@dataclass(frozen=True, slots=True)
class Found:
    """`people` of all lines, counted once each, where one facility or product is asked about, and
    they were counted on every day. `people_since` is the first day on which they were, where that
    was not always so."""

    totals: Totals
    rows: list[Named]
    total: int
    reach: Reach
    people: int | None = None

    @property
    def people_since(self) -> date | None:
        return self.reach.since


@dataclass(frozen=True, slots=True)
class Taken:
    """Every line, for a file."""

    rows: AsyncIterator[Named]
    reach: Reach


async def read(who: Principal, asked: Asked, *, page: int, db: Database) -> Found:
    """A page of lines, and the totals of the period. Raises OutOfReach for others' facilities."""
    reach = await _reach(who, asked, db)
    wanted = store.wanted(asked.period, reach.own, asked.product_id)
    skip = (page - 1) * PAGE
    made = [one async for one in store.lines(db, wanted, asked.by, skip=skip, most=PAGE)]
    counted = None
    if reach.kind is not None and not reach.from_before:
        found = people.wanted(reach.kind, asked.period, reach.own, asked.product_id)
        counted = await people.total(db, found)
    return Found(
        await store.totals(db, wanted),
        await _named(made, reach, db),
        await store.number_of_lines(db, wanted, asked.by),
        reach,
        counted,
    )


async def names_of(asked: Asked, db: Database) -> tuple[str, str]:
    """What the facility and the product asked for are called, "" for none."""
    found = await facilities.names(db, FACILITIES, [asked.facility_id])
    made = await facilities.names(db, PRODUCTS, [asked.product_id])
    return (
        found.get(asked.facility_id, asked.facility_id),
        made.get(asked.product_id, asked.product_id),
    )


async def taken_away(who: Principal, asked: Asked, *, db: Database) -> Taken:
    """Every line, for a file; who took which is on record before the first of them."""
    reach = await _reach(who, asked, db)

    async def work(tx: Tx) -> None:
        subject = asked.facility_id or who.facility_id or "-"
        await audit.accepted(tx, who, EXPORT, subject, by=asked.by)

    await transact(db, work)
    return Taken(_every(reach, db), reach)


async def _every(reach: Reach, db: Database) -> AsyncIterator[Named]:
    some: list[Line] = []
    wanted = store.wanted(reach.asked.period, reach.own, reach.asked.product_id)
    async for line in store.lines(db, wanted, reach.asked.by):
        some.append(line)
        if len(some) == _AT_ONCE:
            for one in await _named(some, reach, db):
                yield one
            some = []
    for one in await _named(some, reach, db):
        yield one


def _kind(asked: Asked, who: Principal) -> Kind | None:
    """By which numbers the people of one product or facility are known; None where more than one
    is asked about: whoever scanned goods of two would be counted twice."""
    if asked.product_id:
        return "product"
    return "facility" if asked.facility_id or who.facility_id is not None else None


async def _reach(who: Principal, asked: Asked, db: Database) -> Reach:
    require(who, READ)
    own = await own_filter(who, db)
    if asked.facility_id:
        require(who, READ, await facilities.scope_of(db, asked.facility_id))
        own = {"facility_id": asked.facility_id}
    return Reach(asked, own, _kind(asked, who), await people.counted_since(db))


async def _named(lines: list[Line], reach: Reach, db: Database) -> list[Named]:
    by = reach.asked.by
    known: Mapping[str, str] = {}
    if by == "commune":
        known = commune_names()
    elif by in _NAMED_IN:
        known = await facilities.names(db, _NAMED_IN[by], (one.key for one in lines))
    counted = await _people(lines, reach, db) if lines and reach.by_people else {}
    return [Named(one, known.get(one.key, ""), counted.get(one.key)) for one in lines]


async def _people(lines: list[Line], reach: Reach, db: Database) -> dict[str, int]:
    asked = reach.asked
    kind: Kind = "product" if asked.by == "product" or asked.product_id else "facility"
    found = people.wanted(kind, asked.period, reach.own, asked.product_id)
    keys = [one.key for one in lines]
    if asked.by == "day" and reach.since is not None:
        keys = [day for day in keys if day >= reach.since.isoformat()]
    return await people.by(db, found, cast(By, asked.by), keys)
