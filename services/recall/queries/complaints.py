"""Reported problems as lists and one by one, for the officials of the area they concern."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.recall.domain import joining
from services.recall.domain.asking import STANDINGS, Question, Standing
from services.recall.domain.complaint import STATES, Complaint
from services.recall.domain.joining import Likeness
from services.recall.domain.triage import Priority
from services.recall.store import (
    asking,
    complaint_areas,
    complaints,
    desks,
    facts,
    genealogy,
)
from services.recall.store.desks import Desk
from shared.auth import Principal, require
from shared.errors import OutOfReach
from shared.mongo import Database, Document

READ = "complaint.read"
# How many like ones are offered for joining, and days that the picture shows.
OFFERED: Final = 10
PICTURE_DAYS: Final = 14
STILL_OPEN: Final = ("new", "seen")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list is narrowed to; "" is any. `whose`: mine, my_unit, unassigned or overdue;
    `question`: of open ones whose reporter was asked, waiting, replied or lapsed."""

    state: str = ""
    kind: str = ""
    commune: str = ""
    product_id: str = ""
    facility_id: str = ""
    whose: str = ""
    question: str = ""
    urgent: bool = False

    def wanted(self, who: Principal, now: datetime) -> list[Document]:
        """The conditions besides the state."""
        parts: list[Document] = [
            {name: value}
            for name in ("kind", "commune", "product_id", "facility_id")
            if (value := getattr(self, name))
        ]
        still_open = {"state": {"$in": [*STILL_OPEN]}}
        own: dict[str, Document] = {
            "mine": {"assignee": who.account_id},
            "my_unit": {"unit_id": who.unit_id, **still_open},
            "unassigned": {"assignee": {"$in": ["", None]}, **still_open},
            "overdue": {"due_at": {"$lt": now}, **still_open},
        }
        if self.whose in own:
            parts.append(own[self.whose])
        for standing in STANDINGS:
            if self.question == standing:
                parts.append({**asking.standing_in(standing, now), **still_open})
        return parts


@dataclass(frozen=True, slots=True)
class Row:
    """A report with the names of what it is about, "" where registry has not told them; `similar`
    others of the same goods and kind within seven days, `joined` in its group with itself;
    `question` is how the last question to its reporter stands."""

    complaint: Complaint
    facility: str
    product: str
    lot: str
    priority: Priority
    similar: int = 0
    joined: int = 1
    question: Standing | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What an official sees beside a report: its group, what is like it, whom it may go to; the
    name of the unit that entered it, "" for one that its reporter sent; what its reporter was
    asked. `elsewhere`: it is theirs for the place alone, the facility lies in another's area."""

    group: list[Complaint]
    head: Complaint
    like: list[Likeness]
    units: list[Desk]
    entered_by: str = ""
    questions: list[Question] = field(default_factory=list)
    elsewhere: bool = False


async def listed(
    who: Principal, asked: Narrowed, *, db: Database, page: int, at: datetime
) -> tuple[list[Row], dict[str, int], int]:
    """A page, newest first; how many in each state; how many in this. Only those that are as asked,
    whatever their state, are counted."""
    require(who, READ)
    own = await _wanted(who, asked, db, at)
    numbers = await complaints.numbers(db, own)
    # What is to be answered first is none of those that were answered.
    unasked = STILL_OPEN if asked.urgent else tuple(numbers)
    states = (asked.state,) if asked.state in STATES else unasked
    wanted = {"$and": [own, {"state": {"$in": states}}]}
    found = await complaints.listed(db, wanted, page=page, urgent=asked.urgent)
    total = sum(numbers.get(state, 0) for state in states)
    return await named(found, db, at), numbers, total


async def every(
    who: Principal, asked: Narrowed, *, db: Database, at: datetime
) -> AsyncIterator[Row]:
    """All that are as asked, for a table; their words go with them, never a phone number."""
    require(who, READ)
    own = await _wanted(who, asked, db, at)
    wanted = {"$and": [own, {"state": asked.state}]} if asked.state in STATES else own
    some: list[Complaint] = []
    async for one in complaints.every(db, wanted):
        some.append(one)
        if len(some) == 200:
            for row in await named(some, db, at):
                yield row
            some = []
    for row in await named(some, db, at):
        yield row


async def by_day(
    who: Principal, asked: Narrowed, *, db: Database, at: datetime
) -> list[tuple[str, str, int]]:
    """(day, kind, how many) of the last fortnight."""
    own = await _wanted(who, asked, db, at)
    return await complaints.by_day(db, own, at - timedelta(days=PICTURE_DAYS))


async def _wanted(who: Principal, asked: Narrowed, db: Database, at: datetime) -> Document:
    area = await complaint_areas.visible_to(db, who)
    return {"$and": [area, {"kept_until": {"$gt": at}}, *asked.wanted(who, at)]}


async def questions(
    who: Principal, complaint_id: str, *, db: Database, at: datetime
) -> list[Question]:
    """What its reporter was asked; raises NotFound as `one` does."""
    found = await one(who, complaint_id, db=db, at=at)
    return await asking.of(db, found.complaint.id)


async def one(who: Principal, complaint_id: str, *, db: Database, at: datetime) -> Row:
    """Raises NotFound, also for what lies outside the asker's area."""
    require(who, READ)
    found = await complaints.get(db, complaint_id, at)
    if who.facility_id is not None:
        raise OutOfReach()
    require(who, READ, await complaint_areas.scope_of(db, found, who))
    return (await named([found], db, at))[0]


async def beside(who: Principal, found: Complaint, *, db: Database, at: datetime) -> Beside:
    """Of a report that the asker may read: what of this lies in their scope too."""
    members = await complaints.members(db, found.group, at)
    group = await complaint_areas.covered(db, members, READ, who)
    then = [] if found.state == "closed" else await complaints.about_then(db, found, at)
    then = await complaint_areas.covered(db, then, READ, who)
    scopes = await complaint_areas.all_scopes(db, found, who)
    return Beside(
        group=group,
        head=joining.leading(group or [found]),
        like=joining.alike(found, then, most=OFFERED),
        units=await desks.for_scopes(db, scopes),
        entered_by=(await facts.unit_names(db, [found.entered_by])).get(found.entered_by, ""),
        questions=await asking.of(db, found.id),
        elsewhere=not who.reaches(scopes[0]),
    )


async def named(found: Sequence[Complaint], db: Database, at: datetime) -> list[Row]:
    """Reports that the asker may read, with what their ids stand for."""
    facilities = await facts.facilities(db, {one.facility_id for one in found})
    products = await facts.products(db, {one.product_id for one in found})
    lots = await genealogy.lots(db, sorted({one.lot_id for one in found if one.lot_id}))
    similar = await complaints.similar(db, found)
    asked = await asking.newest(db, [one.id for one in found])
    sizes = await complaints.sizes(db, [one.group for one in found])
    return [
        Row(
            one,
            facilities[one.facility_id].name if one.facility_id in facilities else "",
            products[one.product_id].name if one.product_id in products else "",
            lots[one.lot_id].code if one.lot_id in lots else "",
            one.priority(similar.get(one.id, 0)),
            similar.get(one.id, 0),
            sizes.get(one.group, 1),
            asked[one.id].standing(at, closed=one.state == "closed") if one.id in asked else None,
        )
        for one in found
    ]
