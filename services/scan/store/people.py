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


class Thing(NamedTuple):
    """What people scanned on a day: a facility's product, or ("") any of its goods."""

    day: str
    kind: Kind
    facility_id: str
    product_id: str

    @property
    def key(self) -> str:
        return "|".join(self)


async def prepare(db: Database) -> None:
    seconds = int(timedelta(days=USER_DAYS).total_seconds())
    await db.collection(MET).create_index("at", expireAfterSeconds=seconds)
    numbers = db.collection(NUMBERS)
    await numbers.create_index([("kind", 1), ("facility_id", 1), ("day", 1)])
    await numbers.create_index([("kind", 1), ("product_id", 1), ("day", 1)])
    await numbers.create_index([("kind", 1), ("day", 1)])
    if await db.collection(SINCE).find_one({"_id": _SINCE}) is None:
        first = await _first_whole_day(db, local_day(now()))
        told = {"$setOnInsert": {"day": first.isoformat() if first else ""}}
        await db.collection(SINCE).update_one({"_id": _SINCE}, told, upsert=True)


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
        {"$group": {"_id": f"${field}", "n": {"$sum": "$n"}}},
    ]
    rows = await db.collection(NUMBERS).aggregate(steps, maxTimeMS=_MOST_MILLISECONDS)
    return {row["_id"]: int(row["n"]) async for row in rows}


async def total(db: Database, found: Document) -> int:
    steps: list[Document] = [{"$match": found}, {"$group": {"_id": None, "n": {"$sum": "$n"}}}]
    rows = await db.collection(NUMBERS).aggregate(steps, maxTimeMS=_MOST_MILLISECONDS)
    return sum([int(row["n"]) async for row in rows])


async def counted_since(db: Database) -> date | None:
    """The first day of which all people were counted; None where they were of every day."""
    found = await db.collection(SINCE).find_one({"_id": _SINCE})
    read = unreadable.read(SINCE, found, _read_since) if found is not None else None
    # Before a recorder of this release has begun, as one would find it.
    return read[0] if read is not None else await _first_whole_day(db, local_day(now()))


async def _first_whole_day(db: Database, today: date) -> date | None:
    """Where there are days with scans and without people, counting people began after them: on a
    day of which they may be counted in part. So it is the next one, or None without such days.

    Looked for once and kept: scans that a wrong clock dates long ago have their people too.
    """
    hours = await db.collection(HOURS).distinct("hour")
    scanned = {local_day(hour).isoformat() for hour in hours if isinstance(hour, datetime)}
    counted = scanned.intersection(
        await db.collection(NUMBERS).distinct("day", {"kind": "facility"})
    )
    until = today.isoformat()
    without = max((day for day in scanned - counted if day <= until), default=None)
    if without is None:
        return None
    begun = min((day for day in counted if without < day <= until), default=until)
    return date.fromisoformat(begun) + timedelta(days=1)


def _read_since(row: Document) -> tuple[date | None]:
    return (date.fromisoformat(row["day"]) if row["day"] else None,)


def _document(key: str, people: People, begun: datetime) -> dict[str, Any]:
    few = b"".join(sorted(people.few))
    return {"_id": key, "few": few, "runs": people.runs, "at": begun}


def _read(row: Document) -> People:
    few, runs = row["few"], row["runs"]
    if not (isinstance(few, bytes) and isinstance(runs, bytes)):
        raise TypeError("people in another form")
    return People(frozenset(few[start : start + 8] for start in range(0, len(few), 8)), runs)
