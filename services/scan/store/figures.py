"""Counted scans summed up: by verdict, day, hour of the day, and by what they were of."""

from collections.abc import AsyncIterator
from typing import Any, Final

from services.scan.domain.figures import HOURS_OF_DAY, Line, Period, Totals
from services.scan.store.counters import summed
from services.scan.store.counts import HOURS
from shared.days import VIETNAM
from shared.mongo import Database, Document

# Whoever looks at figures waits; nobody who scans does.
_MOST_MILLISECONDS: Final = 20_000
_ZONE: Final = VIETNAM.key
_DAY: Final = {"$dateToString": {"date": "$hour", "format": "%Y-%m-%d", "timezone": _ZONE}}
_HOUR: Final = {"$hour": {"date": "$hour", "timezone": _ZONE}}
_KEYS: Final[Document] = {
    "product": "$product_id",
    "lot": "$lot_id",
    "facility": "$facility_id",
    "commune": "$commune",
    "day": _DAY,
    "hour": _HOUR,
}
# What comes in an order of its own is told in it, the rest by how often it was scanned.
_IN_ORDER: Final = frozenset({"day", "hour"})
_SUMS: Final[Document] = {"scans": summed("scans"), "users": summed("users")}
# What is no name of a verdict is none.
_VERDICT: Final = {"$cond": [{"$eq": [{"$type": "$verdict"}, "string"]}, "$verdict", ""]}


async def prepare(db: Database) -> None:
    """Three indexes, which grow with the hours that anything was scanned in."""
    hours = db.collection(HOURS)
    await hours.create_index([("facility_id", 1), ("hour", 1)])
    await hours.create_index([("product_id", 1), ("hour", 1)])
    await hours.create_index("hour")


def wanted(period: Period, own: Document, product_id: str = "") -> Document:
    """The filter on counted hours; `own` leaves what the asker may see."""
    found: Document = {**own, "hour": {"$gte": period.begins, "$lt": period.ends}}
    return {**found, "product_id": product_id} if product_id else found


async def totals(db: Database, found: Document) -> Totals:
    verdicts: dict[str, int] = {}
    days: dict[str, int] = {}
    hours = [0] * HOURS_OF_DAY
    scans = users = 0
    group: Document = {"_id": {"verdict": _VERDICT, "day": _DAY, "hour": _HOUR}, **_SUMS}
    async for row in await _summed(db, [{"$match": found}, {"$group": group}]):
        key, count = row["_id"], int(row["scans"])
        verdicts[key["verdict"]] = verdicts.get(key["verdict"], 0) + count
        days[key["day"]] = days.get(key["day"], 0) + count
        hours[int(key["hour"])] += count
        scans, users = scans + count, users + int(row["users"])
    return Totals(scans, users, verdicts, days, tuple(hours))


async def number_of_lines(db: Database, found: Document, by: str) -> int:
    pipeline: list[Document] = [
        {"$match": found},
        {"$group": {"_id": _KEYS[by]}},
        {"$count": "n"},
    ]
    return sum([int(row["n"]) async for row in await _summed(db, pipeline)])


async def lines(
    db: Database, found: Document, by: str, *, skip: int = 0, most: int = 0
) -> AsyncIterator[Line]:
    """A line for each thing; all of them unless `most` says how many."""
    by_verdict: Document = {"_id": {"key": _KEYS[by], "verdict": _VERDICT}, **_SUMS}
    together: Document = {
        "_id": "$_id.key",
        "scans": {"$sum": "$scans"},
        "users": {"$sum": "$users"},
        "verdicts": {"$push": {"k": "$_id.verdict", "v": "$scans"}},
    }
    pipeline: list[Document] = [
        {"$match": found},
        {"$group": by_verdict},
        {"$group": together},
        {"$sort": {"_id": 1} if by in _IN_ORDER else {"scans": -1, "_id": 1}},
    ]
    pipeline += [{"$skip": skip}, {"$limit": most}] if most else []
    async for row in await _summed(db, pipeline):
        verdicts = {one["k"]: int(one["v"]) for one in row["verdicts"]}
        yield Line(str(row["_id"]), int(row["scans"]), int(row["users"]), verdicts)


async def _summed(db: Database, pipeline: list[Document]) -> Any:
    return await db.collection(HOURS).aggregate(
        pipeline, allowDiskUse=True, maxTimeMS=_MOST_MILLISECONDS
    )
