"""Snapshots for offline checks, and what they are made from: all that stands against goods."""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bson import Binary
from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from services.scan.domain import segments
from services.scan.domain.aggregates import (
    FACILITIES,
    HOLDS,
    LOTS,
    NOTICES,
    PRODUCTS,
    SEGMENTS,
    stop_reason,
    withdrawal,
)
from services.scan.domain.aggregates import from_document as passport
from services.scan.domain.offline import LOT_STATUSES
from services.scan.domain.segments import Segment
from shared.as_of import AsOf
from shared.contracts.recall import NoticePublished
from shared.contracts.stamps import HoldPublished
from shared.mongo import Database, Document, Unasked

SNAPSHOTS: Final = Unasked("offline_snapshots")
# The one that is served, and those somebody may just be reading.
KEPT: Final = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands now. `products` and `facilities` are ids of what registry took off the market or
    stopped; `lots` maps ids of lots that are not active to their status."""

    notices: tuple[NoticePublished, ...]
    holds: tuple[HoldPublished, ...]
    products: frozenset[str]
    facilities: frozenset[str]
    lots: Mapping[str, str]


async def prepare(db: Database) -> None:
    """Create the indexes by which a builder finds the few segments that it needs."""
    for field in ("state", "lot", "product_id", "facility_id"):
        await db.collection(SEGMENTS).create_index(f"published.{field}")
    await db.collection(LOTS).create_index("published.status")
    await db.collection(PRODUCTS).create_index("withdrawn.version", sparse=True)
    await db.collection(PRODUCTS).create_index("published.facility_id")
    await db.collection(LOTS).create_index(
        [("published.facility_id", 1), ("published.product_id", 1)]
    )


async def standing(db: Database) -> Standing:
    """Read it; a change that is committed meanwhile may or may not be in it."""
    active = {"published.active": True}
    notices = [
        NoticePublished.model_validate(row["published"])
        async for row in db.collection(NOTICES).find(active)
    ]
    holds = [
        HoldPublished.model_validate(row["published"])
        async for row in db.collection(HOLDS).find(active)
    ]
    withdrawn = [
        row["_id"]
        async for row in db.collection(PRODUCTS).find({"withdrawn.version": {"$gt": 0}})
        if withdrawal(passport(PRODUCTS, row)) is not None
    ]
    maybe = {"$or": [{"stopped": {"$exists": True}}, {"published.status": "stopped"}]}
    stopped = [
        row["_id"]
        async for row in db.collection(FACILITIES).find(maybe)
        if stop_reason(passport(FACILITIES, row)) is not None
    ]
    inactive = db.collection(LOTS).find(
        {"published.status": {"$in": sorted(LOT_STATUSES)}}, {"published.status": 1}
    )
    lots = {row["_id"]: str(row["published"]["status"]) async for row in inactive}
    return Standing(tuple(notices), tuple(holds), frozenset(withdrawn), frozenset(stopped), lots)


async def labels(
    db: Database, collection: str, ids: Iterable[str], fields: Sequence[str]
) -> dict[str, Document]:
    """What the passports of these say in some fields; those without a passport are left out."""
    rows = db.collection(collection).find(
        {"_id": {"$in": sorted(ids)}}, {f"published.{field}": 1 for field in fields}
    )
    return {row["_id"]: row["published"] async for row in rows if row.get("published")}


async def made_by(
    db: Database, facilities: Iterable[str], fields: Sequence[str]
) -> dict[str, Document]:
    """What the passports of all products of these facilities say in some fields."""
    rows = db.collection(PRODUCTS).find(
        of_facilities(facilities), {f"published.{field}": 1 for field in fields}
    )
    return {row["_id"]: row["published"] async for row in rows}


async def lots_made_of_others(
    db: Database,
    facilities: Iterable[str],
    products: Collection[str],
    fields: Sequence[str],
    most: int,
) -> dict[str, Document]:
    """What passports of lots say that these facilities made of none of these products: the newest
    `most` of them."""
    lots, found = db.collection(LOTS), dict[str, Document]()
    told = {f"published.{field}": 1 for field in fields}
    for facility in sorted(facilities):
        # By the index alone: a facility has many lots of its own goods, and few of others'.
        of = await lots.distinct("published.product_id", {"published.facility_id": facility})
        if others := sorted({*of} - {*products}):
            wanted = {"published.facility_id": facility, "published.product_id": {"$in": others}}
            rows = lots.find(wanted, told).sort("_id", DESCENDING).limit(most)
            found |= {row["_id"]: row["published"] async for row in rows}
            if len(found) > most:
                found = {one: found[one] for one in sorted(found, reverse=True)[:most]}
    return found


async def segments_where(
    db: Database | AsOf, wanted: Document
) -> AsyncIterator[tuple[int, Segment]]:
    """Segments with the number of their batch, in no order that means anything."""
    async for row in db.collection(SEGMENTS).find(wanted):
        if "published" in row:
            batch = int(row["_id"].partition("/")[0])
            yield batch, segments.from_document(row["published"])


def in_states(states: Iterable[str]) -> Document:
    return {"published.state": {"$in": sorted(states)}}


def of_lots(ids: Iterable[str]) -> Document:
    return {"published.lot": {"$in": sorted(ids)}}


def of_products(ids: Iterable[str]) -> Document:
    return {"published.product_id": {"$in": sorted(ids)}}


def of_facilities(ids: Iterable[str]) -> Document:
    return {"published.facility_id": {"$in": sorted(ids)}}


def made_by_any(facilities: Iterable[str], lots: Iterable[str]) -> Document:
    """Stamps of these facilities, and of these lots that they made of others' products."""
    return {"$or": [of_facilities(facilities), of_lots(lots)]}


async def products_of(db: Database, batches: Iterable[int]) -> frozenset[str]:
    """The products that stamps of these batches are of."""
    wanted = of_batches(batches)
    if not wanted["$or"]:
        return frozenset()
    return frozenset(await db.collection(SEGMENTS).distinct("published.product_id", wanted))


def of_batches(batches: Iterable[int]) -> Document:
    """By their ids, "<batch>/<segment>": the sign after a slash is a nought."""
    return {"$or": [{"_id": {"$gte": f"{one}/", "$lt": f"{one}0"}} for one in sorted(batches)]}


async def newest(db: Database) -> tuple[int, datetime] | None:
    """Number and time of the newest snapshot; None before the first."""
    found = await db.collection(SNAPSHOTS).find_one({}, {"as_of": 1}, sort=[("_id", DESCENDING)])
    return (int(found["_id"]), found["as_of"]) if found else None


async def file_of(db: Database, number: int) -> bytes | None:
    found: dict[str, Any] | None = await db.collection(SNAPSHOTS).find_one({"_id": number})
    return bytes(found["file"]) if found else None


async def put(db: Database, number: int, as_of: datetime, file: bytes) -> bool:
    """Keep a snapshot whole or not at all; False if another process took this number first."""
    rows = db.collection(SNAPSHOTS)
    try:
        await rows.insert_one({"_id": number, "as_of": as_of, "file": Binary(file)})
    except DuplicateKeyError:
        return False
    kept = [row["_id"] async for row in rows.find({}, {"_id": 1}).sort("_id", -1).limit(KEPT)]
    await rows.delete_many({"_id": {"$lt": min(kept)}})
    return True
