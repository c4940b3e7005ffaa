"""Certificates that end: who must be told, what was told already, and lists for consoles (R13)."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from services.registry.domain.certificates import ENDING_KINDS, NOTICE_DAYS, Standing
from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS, from_document, paper_ends
from services.registry.store.lists import PAGE_SIZE, in_scope
from shared.auth import Principal
from shared.mongo import Database, Document, Tx, Unasked

TOLD: Final = Unasked("certificates_told")
FACILITIES = COLLECTIONS[Aggregate.FACILITY]
_ENDING_FIRST: Final[Document] = {"$sort": {"derived.ends.on": 1, "_id": 1}}


@dataclass(frozen=True, slots=True)
class End:
    """A certificate of a facility and the last day on which it holds; `end_missing`: by law, for
    its own end was never written down."""

    facility_id: str
    facility_name: str
    commune: str
    kind: str
    number: str
    on: date
    food_safety: bool
    end_missing: bool = False

    @property
    def key(self) -> str:
        """A renewed one has another key: it ends another day."""
        return f"{self.facility_id}/{self.kind}/{self.number}/{self.on.isoformat()}"


async def prepare(db: Database) -> None:
    """Index; and the derived field for records that were kept before there was one."""
    rows = db.collection(FACILITIES)
    await rows.create_index("derived.ends.on")
    await rows.create_index("derived.ends.end_missing", sparse=True)
    await rows.create_index("derived.retell", sparse=True)
    cursor = rows.find({"derived.ends": {"$exists": False}, "published": {"$ne": None}})
    async for row in cursor:
        record = from_document(Aggregate.FACILITY, row)
        ends = paper_ends(record.published if record.is_public else None)
        # The version keeps a change that is made at this moment from being overwritten.
        await rows.update_one(
            {"_id": row["_id"], "version": row["version"]}, {"$set": {"derived.ends": ends}}
        )
    await _prepare_unended(db)


async def _prepare_unended(db: Database) -> None:
    """Papers that were taken in before they had to have an end count among those that have one;
    their facilities are to be told anew, once."""
    rows = db.collection(FACILITIES)
    kinds = {"kind": {"$in": sorted(ENDING_KINDS)}, "expires_on": None}
    older = {
        "published.certificates": {"$elemMatch": kinds},
        "derived.ends.end_missing": {"$ne": True},
        "derived.listed": True,
    }
    async for row in rows.find(older):
        ends = paper_ends(from_document(Aggregate.FACILITY, row).published)
        if any(end.get("end_missing") for end in ends):
            told = {"derived.ends": ends, "derived.retell": True}
            key = {"_id": row["_id"], "version": row["version"]}
            await rows.update_one(key, {"$set": told})


async def to_retell(db: Database, limit: int) -> list[str]:
    """Facilities whose passport is to tell of such papers."""
    found = db.collection(FACILITIES).find({"derived.retell": True}, {"_id": 1}).limit(limit)
    return [row["_id"] async for row in found]


async def facilities_due(db: Database, today: date) -> list[str]:
    """Facilities in use with a certificate that ends within the time of notice, or has ended."""
    due = {"derived.ends.on": {"$lte": _until(today)}}
    return [row["_id"] async for row in db.collection(FACILITIES).find(due, {"_id": 1})]


async def ends_of(tx: Tx, facility_id: str, today: date) -> tuple[int, list[End]]:
    """The facility's version, and its certificates that are due as the transaction sees them."""
    row = await tx.collection(FACILITIES).find_one({"_id": facility_id})
    if row is None:
        return 0, []
    ends = [_end(row, one) for one in row["derived"].get("ends", [])]
    return row["version"], [end for end in ends if end.on.isoformat() <= _until(today)]


async def told(tx: Tx, keys: Iterable[str]) -> set[tuple[str, str]]:
    """What was told of these certificates: (key, standing)."""
    cursor = tx.collection(TOLD).find({"certificate": {"$in": list(keys)}})
    return {(row["certificate"], row["standing"]) async for row in cursor}


async def note_told(tx: Tx, end: End, standing: Standing, now: datetime) -> None:
    await tx.collection(TOLD).insert_one(
        {
            "_id": f"{end.key}/{standing}",
            "certificate": end.key,
            "standing": standing.value,
            "facility_id": end.facility_id,
            "at": now,
        }
    )


async def counts(db: Database, who: Principal, today: date) -> dict[Standing, int]:
    """How many certificates in the asker's scope are running out, have run out, or lack an end."""
    found = {}
    for standing in (Standing.EXPIRED, Standing.EXPIRING, Standing.UNENDED):
        pipeline = [*_pipeline(who, standing, today), {"$count": "number"}]
        rows = [row async for row in await db.collection(FACILITIES).aggregate(pipeline)]
        found[standing] = rows[0]["number"] if rows else 0
    return found


async def listed(
    db: Database,
    who: Principal,
    standing: Standing,
    today: date,
    *,
    page: int = 1,
    size: int = PAGE_SIZE,
) -> list[End]:
    """Those of one standing in the asker's scope, what ended or ends first comes first."""
    pipeline = [
        *_pipeline(who, standing, today),
        _ENDING_FIRST,
        {"$skip": (page - 1) * size},
        {"$limit": size},
    ]
    cursor = await db.collection(FACILITIES).aggregate(pipeline)
    return [_end(row, row["derived"]["ends"]) async for row in cursor]


async def every(
    db: Database, who: Principal, standing: Standing, today: date
) -> AsyncIterator[End]:
    """All of one standing in the asker's scope in the same order, for an export."""
    pipeline = [*_pipeline(who, standing, today), _ENDING_FIRST]
    rows = db.collection(FACILITIES)
    async for row in await rows.aggregate(pipeline, allowDiskUse=True, batchSize=200):
        yield _end(row, row["derived"]["ends"])


def _pipeline(who: Principal, standing: Standing, today: date) -> list[Document]:
    first = today.isoformat()
    within: Any = {"$lt": first}
    if standing is Standing.EXPIRING:
        within = {"$gte": first, "$lte": _until(today)}
    here: Document = {"derived.ends.on": within}
    any_of: Document = {"derived.ends.on": {"$lte": _until(today)}}
    if standing is Standing.UNENDED:
        here = any_of = {"derived.ends.end_missing": True}
    return [
        {"$match": {"$and": [in_scope(who), any_of]}},
        {"$unwind": "$derived.ends"},
        {"$match": here},
    ]


def _until(today: date) -> str:
    return (today + timedelta(days=NOTICE_DAYS)).isoformat()


def _end(row: Document, one: Document) -> End:
    return End(
        facility_id=row["_id"],
        facility_name=row["owner"]["name"],
        commune=row["owner"]["commune"],
        kind=one["kind"],
        number=one["number"],
        on=date.fromisoformat(one["on"]),
        food_safety=one["food_safety"],
        end_missing=one.get("end_missing", False),
    )
