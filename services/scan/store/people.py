"""How many different people scanned a product, and of a facility anything, on each day.

Who they were is kept beside the numbers only as long as their hashes mean anything, and then
deleted; the numbers stay. They never fall, so that what comes late, when the hashes are gone, adds
no more than it must and takes nothing away.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

from pymongo import ReplaceOne

from services.scan.domain.figures import Period
from services.scan.domain.people import People
from services.scan.domain.tally import Belongs
from services.scan.store import counters, unreadable
from services.scan.store.counters import NUMBER
from services.scan.store.counts import HOURS, USER_DAYS
from services.scan.store.pace import Pace
from shared.days import local_day
from shared.ids import now
from shared.mongo import Database, Document, Tx

# A document for each thing and day: in MET the people, for some days; in NUMBERS how many. In
# SINCE one alone: since when they are counted.
MET, NUMBERS, SINCE = "scan_people_met", "scan_people", "scan_people_since"
_OF_THING: Final = {"n": NUMBER}
Kind = Literal["product", "facility"]
By = Literal["product", "facility", "day"]
_KEYS: Final = {"product": "product_id", "facility": "facility_id", "day": "day"}
_MOST_MILLISECONDS: Final = 20_000
_SINCE: Final = "people"
_A_DAY: Final = timedelta(days=1)


class Thing(NamedTuple):
    """What people scanned on a day: a facility's product, or ("") any of its goods."""

    day: str
    kind: Kind
    facility_id: str
    product_id: str

    @property
    def key(self) -> str:
        return "|".join(self)


class Since(NamedTuple):
    """The first day of which all people were counted, None where they were of every day. It may
    yet be a later one while it is `open`: nobody was counted after the last day without people,
    or days without people are still to come."""

    day: date | None
    open: bool


async def prepare(db: Database) -> None:
    seconds = int(timedelta(days=USER_DAYS).total_seconds())
    await db.collection(MET).create_index("at", expireAfterSeconds=seconds)
    numbers = db.collection(NUMBERS)
    await numbers.create_index([("kind", 1), ("facility_id", 1), ("day", 1)])
    await numbers.create_index([("kind", 1), ("product_id", 1), ("day", 1)])
    await numbers.create_index([("kind", 1), ("day", 1)])
    today = local_day(now())
    await _note(db, await _looked_for(db, await _noted(db, today), today))


def things(people: Mapping[tuple[str, Belongs], set[bytes]]) -> dict[Thing, set[bytes]]:
    """Who scanned each product and each facility's goods, by who scanned what on which day."""
    found: dict[Thing, set[bytes]] = defaultdict(set)
    for (day, (facility_id, product_id, _)), users in people.items():
        found[Thing(day, "product", facility_id, product_id)] |= users
        found[Thing(day, "facility", facility_id, "")] |= users
    return found


async def add(
    tx: Tx, people: Mapping[tuple[str, Belongs], set[bytes]], at: datetime, pace: Pace
) -> None:
    """These people have scanned these things on these days, perhaps not for the first time."""
    met = {thing.key: (thing, users) for thing, users in things(people).items()}
    async for part in pace.parts(sorted(met)):
        known = tx.collection(MET).find({"_id": {"$in": part}})
        before = {row["_id"]: (unreadable.read(MET, row, _read), row) async for row in known}
        sets: list[ReplaceOne[Document]] = []
        numbers: list[tuple[str, Document]] = []
        for key in part:
            thing, users = met[key]
            kept, row = before.get(key, (None, {}))
            together = (kept or People()).met(users)
            if together == kept:
                continue
            begun = row.get("at") if isinstance(row.get("at"), datetime) else at
            sets.append(ReplaceOne({"_id": key}, _document(key, together, begun), upsert=True))
            numbers.append((key, {"$max": {"n": together.number}, "$setOnInsert": thing._asdict()}))
        if sets:
            await tx.collection(MET).bulk_write(sets, ordered=False)
            await counters.add(tx, NUMBERS, _OF_THING, numbers, Pace(None))


def wanted(kind: Kind, period: Period, own: Document, product_id: str = "") -> Document:
    """The filter on numbers; `own` leaves what the asker may see."""
    days = {"$gte": period.first.isoformat(), "$lte": period.last.isoformat()}
    found: Document = {**own, "kind": kind, "day": days}
    return {**found, "product_id": product_id} if product_id else found


async def by(db: Database, found: Document, by: By, keys: Collection[str]) -> dict[str, int]:
    """The people of each day, summed, for each of these products, facilities or days; those of
    which nothing was counted are left out."""
    field = _KEYS[by]
    steps: list[Document] = [
        {"$match": {"$and": [found, {field: {"$in": list(keys)}}]}},
        {"$group": {"_id": f"${field}", "n": counters.summed("n")}},
    ]
    rows = await db.collection(NUMBERS).aggregate(steps, maxTimeMS=_MOST_MILLISECONDS)
    return {row["_id"]: int(row["n"]) async for row in rows}


async def total(db: Database, found: Document) -> int:
    group: Document = {"_id": None, "n": counters.summed("n")}
    steps: list[Document] = [{"$match": found}, {"$group": group}]
    rows = await db.collection(NUMBERS).aggregate(steps, maxTimeMS=_MOST_MILLISECONDS)
    return sum([int(row["n"]) async for row in rows])


async def counted_since(db: Database) -> date | None:
    """The first day of which all people were counted; None where they were of every day."""
    today = local_day(now())
    noted = await _noted(db, today)
    if noted is not None and not noted.open:
        return noted.day
    found = await _looked_for(db, noted, today)
    # While it is open, today is a day of which they may be counted in part.
    return max(found.day, today + _A_DAY) if found.open and found.day else found.day


async def _looked_for(db: Database, noted: Since | None, today: date) -> Since:
    """Where there are days with scans and without people, counting people began after them: on a
    day of which they may be counted in part. So it is the next one, or None without such days.

    What was noted stays where no later day is without people, as those are on which a recorder of
    a release before counted: scans that a wrong clock dates long ago have their people too. Days
    after today are a clock's that is wrong, this one or another.
    """
    earliest = (noted.day - _A_DAY).isoformat() if noted and noted.day else ""
    until = today.isoformat()
    hours = await db.collection(HOURS).distinct("hour")
    days = {local_day(hour).isoformat() for hour in hours if isinstance(hour, datetime)}
    scanned = {day for day in days if day >= earliest}
    told = await db.collection(NUMBERS).distinct("day", {"kind": "facility"})
    counted = scanned.intersection(day for day in told if isinstance(day, str))
    without = max((day for day in scanned - counted if day <= until), default=None)
    if without is None:
        day = noted.day if noted else None
        return Since(day, open=day is None and scanned != counted)
    begun = min((day for day in counted if without < day <= until), default=None)
    # Never earlier than after the last day without people, whatever comes late for that one.
    whole = date.fromisoformat(begun or without) + _A_DAY
    return Since(max(noted.day, whole) if noted and noted.day else whole, open=begun is None)


async def _note(db: Database, since: Since) -> None:
    told = {"day": since.day.isoformat() if since.day else "", "open": since.open}
    await db.collection(SINCE).update_one({"_id": _SINCE}, {"$set": told}, upsert=True)


async def _noted(db: Database, today: date) -> Since | None:
    """What was noted, if anything; none that a clock ahead has brought about."""
    found = await db.collection(SINCE).find_one({"_id": _SINCE})
    noted = unreadable.read(SINCE, found, _read_since) if found is not None else None
    ahead = noted is not None and noted.day is not None and noted.day > today + _A_DAY
    return None if ahead else noted


def _read_since(row: Document) -> Since:
    return Since(date.fromisoformat(row["day"]) if row["day"] else None, row.get("open") is True)


def _document(key: str, people: People, begun: datetime) -> dict[str, Any]:
    few = b"".join(sorted(people.few))
    return {"_id": key, "few": few, "runs": people.runs, "at": begun}


def _read(row: Document) -> People:
    few, runs = row["few"], row["runs"]
    if not (isinstance(few, bytes) and isinstance(runs, bytes)):
        raise TypeError("people in another form")
    return People(frozenset(few[start : start + 8] for start in range(0, len(few), 8)), runs)
