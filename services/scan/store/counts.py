"""Counts of scans: per scanned stamp, per hour, users per day, and what was counted already."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import Any, Final, NamedTuple

from pymongo import InsertOne, ReplaceOne

from services.scan.domain import segments
from services.scan.domain.aggregates import SEGMENTS
from services.scan.domain.sightings import Sighting, first_of_each, packed, unpacked
from services.scan.domain.tally import Belongs, Stamp, StampScans, moment
from services.scan.store import counters, requests, unreadable
from services.scan.store.counters import MOMENT, NUMBER
from services.scan.store.pace import Pace
from shared.contracts.scan import ScanCount
from shared.days import later, local_midnight
from shared.mongo import Database, Document, Tx

# One document per scanned stamp; one per stamp and day; per user and day; per hour and thing.
STAMPS, STAMP_DAYS, USERS, HOURS = "stamp_scans", "stamp_days", "scan_users", "scan_hours"
# Of a stamp that was counted on its lot; where a release before counted it, at its next scan.
ON_LOT: Final = "on_lot"
_OF_STAMP: Final = {"count": NUMBER, "first": MOMENT, "last": MOMENT}
_OF_HOUR: Final = {"scans": NUMBER, "users": NUMBER}


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


class Belongings(NamedTuple):
    """What stamps are of, as far as it is known; of the `illegible` ones it cannot be read."""

    known: dict[Stamp, Belongs]
    illegible: frozenset[Stamp] = frozenset()


async def belongings(tx: Tx, stamps: Iterable[Stamp]) -> Belongings:
    """Facility, product and lot of each stamp, as the read models know them now."""
    keys: dict[str, list[Stamp]] = defaultdict(list)
    for stamp in stamps:
        keys[segments.key_of(*stamp)].append(stamp)
    found: dict[Stamp, Belongs] = {}
    illegible: set[Stamp] = set()
    async for document in tx.collection(SEGMENTS).find({"_id": {"$in": list(keys)}}):
        asked = keys[document["_id"]]
        read = unreadable.read(SEGMENTS, document, partial(_belong, stamps=asked))
        if read is None:
            illegible.update(asked)
        else:
            found |= read
    return Belongings(found, frozenset(illegible))


def _belong(document: Document, stamps: Sequence[Stamp]) -> dict[Stamp, Belongs]:
    segment = segments.from_document(document["published"])
    intervals = {stamp: segment.find(stamp[1]) for stamp in stamps}
    return {
        stamp: (segment.facility_id, segment.product_id, interval[0])
        for stamp, interval in intervals.items()
        if interval is not None
    }


async def met_on_lots(tx: Tx, belongs: Mapping[Stamp, Belongs], pace: Pace) -> set[Stamp]:
    """Which of these stamps were counted before on the lot that they stand on."""
    keys = {stamp_key(stamp): stamp for stamp, (_, _, lot) in belongs.items() if lot}
    met: set[Stamp] = set()
    async for part in pace.parts(sorted(keys)):
        found = tx.collection(STAMPS).find({"_id": {"$in": part}, ON_LOT: True}, {"_id": 1})
        met |= {keys[document["_id"]] async for document in found}
    return met


async def add_stamps(
    tx: Tx,
    stamps: dict[Stamp, StampScans],
    at: datetime,
    pace: Pace,
    revision: int,
    on_lots: Collection[Stamp] = (),
) -> dict[StampDay, list[Sighting]]:
    """Add to the counters of the stamps, and to the users of each on each day.

    Returns who has read each of these stamps on each of these days, also before. `revision` is the
    number of this turn, by which replicas find what was counted since they last looked. `on_lots`
    are those counted for the first time on their lots.
    """
    # Neighbours in the index together: they lie on the same pages.
    ordered = sorted(stamps)
    added = [
        (stamp_key(stamp), _stamp_added(stamps[stamp], revision, stamp in on_lots))
        for stamp in ordered
    ]
    await counters.add(tx, STAMPS, _OF_STAMP, added, pace)
    read_on = [StampDay(stamp, day) for stamp in ordered for day in stamps[stamp].users]
    days = {day_key(one): one for one in read_on}
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
            # What comes late is kept no longer than the rest of its day.
            kept_from = min(at, _end_of(day))
            document = _stamp_day(key, users | scans.users[day], seen[days[key]], kept_from)
            writes.append(
                ReplaceOne({"_id": key}, document) if key in before else InsertOne(document)
            )
        await tx.collection(STAMP_DAYS).bulk_write(writes, ordered=False)
    return seen


async def add_hours(tx: Tx, counts: Iterable[ScanCount], pace: Pace) -> None:
    await counters.add(tx, HOURS, _OF_HOUR, [_hour_added(count) for count in counts], pace)


def _hour_added(count: ScanCount) -> tuple[str, Document]:
    added: Document = {
        "$inc": {"scans": count.scans, "users": count.first_of_user},
        "$setOnInsert": count.model_dump(exclude={"scans", "first_of_user", "first_of_stamp"}),
    }
    return _hour_key(count), added


async def seen_on(tx: Tx, asked: Iterable[StampDay]) -> dict[StampDay, list[Sighting]]:
    """Who has read these stamps on these days; nobody where that is gone or cannot be read."""
    days = {day_key(one): one for one in asked}
    seen: dict[StampDay, list[Sighting]] = {}
    async for row in tx.collection(STAMP_DAYS).find({"_id": {"$in": list(days)}}):
        read = unreadable.read(STAMP_DAYS, row, _read_day)
        if read is not None:
            seen[days[row["_id"]]] = read[1]
    return seen


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


def _stamp_added(scans: StampScans, revision: int, is_on_lot: bool) -> Document:
    return {
        "$min": {"first": moment(scans.first)},
        "$max": {"last": moment(scans.last)},
        "$inc": {"count": scans.count},
        "$set": {"revision": revision, ON_LOT: True} if is_on_lot else {"revision": revision},
    }


def _read_day(document: Document) -> tuple[set[bytes], list[Sighting]]:
    """The users of a stamp on a day, and who read it where; what it was before has no sightings."""
    return set(map(bytes, document["users"])), unpacked(document.get("sightings", b""))


def _stamp_day(
    key: str, users: set[bytes], sightings: list[Sighting], at: datetime
) -> dict[str, Any]:
    kept = sorted(users)[:MOST_USERS]
    return {"_id": key, "users": kept, "n": len(kept), "sightings": packed(sightings), "at": at}


@lru_cache(maxsize=100)
def _end_of(day: str) -> datetime:
    return local_midnight(later(date.fromisoformat(day), timedelta(days=1)))


def day_key(one: StampDay) -> str:
    return f"{one.day}/{stamp_key(one.stamp)}"


def stamp_day_of(key: str) -> StampDay:
    """The inverse of `day_key`; raises ValueError."""
    day, number = key.split("/")
    batch, serial = divmod(int(number), 1 << 20)
    return StampDay((batch, serial), date.fromisoformat(day).isoformat())


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
