"""Counts of scans: per scanned stamp, per hour, users per day, and what was counted already."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from pymongo import InsertOne, ReplaceOne, ReturnDocument, UpdateOne

from services.scan.domain import segments
from services.scan.domain.aggregates import SEGMENTS
from services.scan.domain.sightings import Sighting, first_of_each, packed, unpacked
from services.scan.domain.tally import Belongs, Stamp, StampScans, moment
from services.scan.store import requests, unreadable
from services.scan.store.pace import Pace
from shared.contracts.scan import ScanCount
from shared.mongo import Database, Document, Tx

# One document per scanned stamp; one per stamp and day; per user and day; per hour and thing.
STAMPS, STAMP_DAYS, USERS, HOURS = "stamp_scans", "stamp_days", "scan_users", "scan_hours"
GATE = "scan_gate"


class StampDay(NamedTuple):
    """One stamp on one day in Vietnam."""

    stamp: Stamp
    day: str


# More users of one stamp in one day than this are counted as so many: it is suspicious anyway.
MOST_USERS = 200
# Hashes of users are deleted, long before the law's month is over.
USER_DAYS = 3
STAMP_DAY_DAYS = 30


async def prepare(db: Database) -> None:
    """Create the indexes; most of them only let old documents go."""
    for name, days in ((USERS, USER_DAYS), (STAMP_DAYS, STAMP_DAY_DAYS)):
        await db.collection(name).create_index(
            "at", expireAfterSeconds=int(timedelta(days=days).total_seconds())
        )
    await requests.prepare(db)


async def pass_gate(tx: Tx) -> int:
    """One after another: two recorders at once could both count what was answered twice.

    Returns how many have passed: whoever passes later, commits later.
    """
    gate = await tx.collection(GATE).find_one_and_update(
        {"_id": "gate"},
        {"$inc": {"passed": 1}},
        upsert=True,
        return_document=ReturnDocument.AFTER,
    )
    assert gate is not None
    return int(gate["passed"])


async def users_met(
    tx: Tx, users: Iterable[tuple[str, bytes]], pace: Pace
) -> set[tuple[str, bytes]]:
    """Which of these users were met before on their day."""
    keys = {_user_key(*user): user for user in users}
    met: set[tuple[str, bytes]] = set()
    async for part in pace.parts(sorted(keys)):
        found = tx.collection(USERS).find({"_id": {"$in": part}}, {"_id": 1})
        met |= {keys[document["_id"]] async for document in found}
    return met


async def add_users(tx: Tx, users: Sequence[tuple[str, bytes]], at: datetime, pace: Pace) -> None:
    writes = [InsertOne({"_id": _user_key(*user), "at": at}) for user in users]
    await pace.write(tx, USERS, writes)


async def belongings(tx: Tx, stamps: Iterable[Stamp]) -> dict[Stamp, Belongs]:
    """Facility, product and lot of each stamp, as the read models know them now; what cannot be
    read is as what is not known."""
    keys: dict[str, list[Stamp]] = defaultdict(list)
    for stamp in stamps:
        keys[segments.key_of(*stamp)].append(stamp)
    found: dict[Stamp, Belongs] = {}
    async for document in tx.collection(SEGMENTS).find({"_id": {"$in": list(keys)}}):
        asked = keys[document["_id"]]
        found |= unreadable.read(SEGMENTS, document, partial(_belong, stamps=asked)) or {}
    return found


def _belong(document: Document, stamps: Sequence[Stamp]) -> dict[Stamp, Belongs]:
    segment = segments.from_document(document["published"])
    intervals = {stamp: segment.find(stamp[1]) for stamp in stamps}
    return {
        stamp: (segment.facility_id, segment.product_id, interval[0])
        for stamp, interval in intervals.items()
        if interval is not None
    }


async def add_stamps(
    tx: Tx, stamps: dict[Stamp, StampScans], at: datetime, pace: Pace, revision: int
) -> dict[StampDay, list[Sighting]]:
    """Add to the counters of the stamps, and to the users of each on each day.

    Returns who has read each of these stamps on each of these days, also before. `revision` is the
    number of this turn, by which replicas find what was counted since they last looked.
    """
    # Neighbours in the index together: they lie on the same pages.
    ordered = sorted(stamps)
    added = [_stamp_added(stamp, stamps[stamp], revision) for stamp in ordered]
    await pace.write(tx, STAMPS, added)
    days = {
        f"{day}/{stamp_key(stamp)}": StampDay(stamp, day)
        for stamp in ordered
        for day in stamps[stamp].users
    }
    seen: dict[StampDay, list[Sighting]] = {}
    async for part in pace.parts(list(days)):
        known = tx.collection(STAMP_DAYS).find({"_id": {"$in": part}})
        # A day that cannot be read begins anew: the scans themselves are counted elsewhere.
        before = {
            document["_id"]: unreadable.read(STAMP_DAYS, document, _read_day)
            async for document in known
        }
        writes = []
        for key in part:
            scans, day = stamps[days[key].stamp], days[key].day
            users, earlier = before.get(key) or (set(), [])
            seen[days[key]] = first_of_each(earlier + scans.sightings[day])
            document = _stamp_day(key, users | scans.users[day], seen[days[key]], at)
            writes.append(
                ReplaceOne({"_id": key}, document) if key in before else InsertOne(document)
            )
        await tx.collection(STAMP_DAYS).bulk_write(writes, ordered=False)
    return seen


async def add_hours(tx: Tx, counts: Iterable[ScanCount], pace: Pace) -> None:
    writes = [
        UpdateOne(
            {"_id": _hour_key(count)},
            {
                "$inc": {"scans": count.scans, "users": count.first_of_user},
                "$setOnInsert": count.model_dump(exclude={"scans", "first_of_user"}),
            },
            upsert=True,
        )
        for count in counts
    ]
    await pace.write(tx, HOURS, writes)


async def stamp_scans(db: Database, stamp: Stamp) -> dict[str, Any] | None:
    """The counter of one stamp: first, last, count."""
    found: dict[str, Any] | None = await db.collection(STAMPS).find_one({"_id": stamp_key(stamp)})
    return found


async def sightings_of(db: Database, stamp: Stamp, today: date) -> list[tuple[str, list[Sighting]]]:
    """Who read a stamp on each day that is still kept and on which anybody did, newest first."""
    days = [(today - timedelta(days=ago)).isoformat() for ago in range(STAMP_DAY_DAYS + 1)]
    keys = [f"{day}/{stamp_key(stamp)}" for day in days]
    found = db.collection(STAMP_DAYS).find({"_id": {"$in": keys}}, {"sightings": 1})
    rows = [(row["_id"].split("/")[0], unpacked(row.get("sightings", b""))) async for row in found]
    return sorted(rows, reverse=True)


async def users_of_stamp(db: Database, stamp: Stamp, day: str) -> int:
    """How many distinct users scanned a stamp on a day."""
    found = await db.collection(STAMP_DAYS).find_one({"_id": f"{day}/{stamp_key(stamp)}"})
    return int(found["n"]) if found else 0


def _stamp_added(stamp: Stamp, scans: StampScans, revision: int) -> UpdateOne:
    return UpdateOne(
        {"_id": stamp_key(stamp)},
        {
            "$min": {"first": moment(scans.first)},
            "$max": {"last": moment(scans.last)},
            "$inc": {"count": scans.count},
            "$set": {"revision": revision},
        },
        upsert=True,
    )


def _read_day(document: Document) -> tuple[set[bytes], list[Sighting]]:
    """The users of a stamp on a day, and who read it where; what it was before has no sightings."""
    return set(map(bytes, document["users"])), unpacked(document.get("sightings", b""))


def _stamp_day(
    key: str, users: set[bytes], sightings: list[Sighting], at: datetime
) -> dict[str, Any]:
    kept = sorted(users)[:MOST_USERS]
    return {"_id": key, "users": kept, "n": len(kept), "sightings": packed(sightings), "at": at}


def stamp_key(stamp: Stamp) -> int:
    """One number for a stamp, as it is stored."""
    return stamp[0] << 20 | stamp[1]


def _user_key(day: str, user: bytes) -> str:
    return f"{day}/{user.hex()}"


def _hour_key(count: ScanCount) -> str:
    return "|".join(
        (
            count.hour.isoformat(),
            count.verdict,
            count.facility_id,
            count.product_id,
            count.lot_id,
            count.commune,
        )
    )
