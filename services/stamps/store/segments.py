"""The interval map of batches as stored: a versioned document per segment, and its history."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.errors import ExecutionTimeout

from services.stamps.domain.deciding import Decided, Undecided
from services.stamps.domain.intervals import Segment
from services.stamps.domain.life import REPORTS, Changed
from services.stamps.domain.selling import Sale, standing
from services.stamps.store.codec import from_document
from services.stamps.store.counting import counted
from shared.contracts.stamps import Interval, Said
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Tx

# A till that reports item by item makes as many reports as there are stamps; a page looks at so
# many of them, for so long.
MOST_SALES: Final = 10_000
READ_MILLISECONDS: Final = 3_000
SALE: Final = {"_id": 0, "number": 1, "first": 1, "last": 1, "change": 1, "undoes": 1}


def _segment(document: dict[str, Any]) -> Segment:
    return Segment(
        batch=document["batch"],
        index=document["index"],
        facility_id=document["facility_id"],
        product_id=document["product_id"],
        intervals=tuple(Interval(*interval) for interval in document["intervals"]),
        version=document["version"],
        said=tuple(Said(**one) for one in document.get("said", ())),
    )


def _document(segment: Segment) -> dict[str, Any]:
    return {
        "_id": segment.key,
        "batch": segment.batch,
        "index": segment.index,
        "facility_id": segment.facility_id,
        "product_id": segment.product_id,
        **_changing(segment),
    }


def _changing(segment: Segment) -> dict[str, Any]:
    intervals = [list(interval) for interval in segment.intervals]
    said = [one.model_dump() for one in segment.said]
    changing = {"intervals": intervals, "said": said, "version": segment.version}
    return {**changing, "counted": counted(segment)}


async def add(tx: Tx, segments: Sequence[Segment]) -> None:
    await tx.collection("segments").insert_many([_document(segment) for segment in segments])


async def of_batch(where: Tx | Database, batch: int, indexes: range | None = None) -> list[Segment]:
    """The segments of a batch in order; only those of `indexes` if given."""
    wanted: dict[str, Any] = {"batch": batch}
    if indexes is not None:
        wanted["index"] = {"$gte": indexes.start, "$lt": indexes.stop}
    cursor = where.collection("segments").find(wanted).sort("index", ASCENDING)
    return [_segment(document) async for document in cursor]


async def lots_on(db: Database, batches: Sequence[int]) -> dict[int, set[str]]:
    """The lots that serials of each batch stand on."""
    lots = {"$map": {"input": "$intervals", "in": {"$arrayElemAt": ["$$this", 2]}}}
    steps: list[dict[str, Any]] = [
        {"$match": {"batch": {"$in": list(batches)}}},
        {"$project": {"batch": 1, "lots": {"$setUnion": [lots, []]}}},
    ]
    found: dict[int, set[str]] = {number: set() for number in batches}
    async for row in await db.collection("segments").aggregate(steps):
        found[row["batch"]].update(filter(None, row["lots"]))
    return found


async def put(tx: Tx, segments: Sequence[Segment]) -> None:
    """Replace the versions before; raises EditConflict if somebody else did one of them."""
    answer = await tx.collection("segments").bulk_write(
        [
            UpdateOne({"_id": one.key, "version": one.version - 1}, {"$set": _changing(one)})
            for one in segments
        ],
        ordered=False,
    )
    if answer.matched_count != len(segments):
        raise EditConflict()


async def note_change(tx: Tx, change: Changed) -> None:
    """Keep what was done to which serials, by whom and why: the history of every code."""
    await note_changes(tx, [change])


async def note_changes(tx: Tx, changes: Sequence[Changed]) -> None:
    await tx.collection("changes").insert_many([{"_id": one.id, **asdict(one)} for one in changes])


async def changes_of(db: Database, batch: int, limit: int = 200) -> list[Changed]:
    """The history of a batch, newest first."""
    cursor = db.collection("changes").find({"batch": batch}).sort("number", DESCENDING).limit(limit)
    return [from_document(Changed, one) async for one in cursor]


def _touching(batch: int, first: int, last: int) -> dict[str, Any]:
    return {"batch": batch, "first": {"$lte": last}, "last": {"$gte": first}}


async def change(where: Tx | Database, batch: int, number: int) -> Changed:
    """One change of a batch; raises NotFound."""
    found = await where.collection("changes").find_one({"_id": f"{batch}/{number}"})
    if found is None:
        raise NotFound()
    return from_document(Changed, found)


async def changes_touching(
    where: Tx | Database, batch: int, first: int, last: int, *, before: int | None = None
) -> list[Changed]:
    """All that befell any of these serials, oldest first; only what came before a number."""
    wanted = _touching(batch, first, last)
    if before is not None:
        wanted["number"] = {"$lt": before}
    cursor = where.collection("changes").find(wanted).sort("number", ASCENDING)
    return [from_document(Changed, one) async for one in cursor]


async def sold_of(where: Tx | Database, batch: int, first: int, last: int) -> Changed | None:
    """A report of a sale of any of these serials that stands."""
    wanted = {**_touching(batch, first, last), "change": {"$in": sorted(REPORTS)}}
    rows = where.collection("changes").find(wanted).sort("number", ASCENDING)
    return next(iter(standing([from_document(Changed, row) async for row in rows])), None)


async def sales_of(db: Database, batch: int) -> list[Sale] | None:
    """The reports of sales of a batch that stand; None where there are more than MOST_SALES in all
    or finding them takes too long."""
    wanted = {"batch": batch, "change": {"$in": sorted(REPORTS)}}
    rows = db.collection("changes").find(wanted, SALE, max_time_ms=READ_MILLISECONDS)
    try:
        found = [from_document(Sale, row) async for row in rows.limit(MOST_SALES + 1)]
    except ExecutionTimeout:
        return None
    return standing(found) if len(found) <= MOST_SALES else None


async def is_taken_back(where: Tx | Database, sale: Changed) -> bool:
    wanted = {"batch": sale.batch, "undoes": sale.number, "change": {"$in": sorted(REPORTS)}}
    return await where.collection("changes").find_one(wanted) is not None


async def last_changes(
    where: Tx | Database, batch: int, spans: Sequence[tuple[int, int]]
) -> list[Decided]:
    """What was the last to happen to each of these serials; in no order."""
    undecided = Undecided(spans)
    if not undecided:
        return []
    first, last = min(one[0] for one in spans), max(one[1] for one in spans)
    wanted = {**_touching(batch, first, last), "change": {"$nin": sorted(REPORTS)}}
    found: list[Decided] = []
    async for one in where.collection("changes").find(wanted).sort("number", DESCENDING):
        found += undecided.found(from_document(Changed, one))
        if not undecided:
            break
    return found
