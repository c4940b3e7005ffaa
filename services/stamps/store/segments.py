"""The interval map of batches as stored: a versioned document per segment."""

from collections.abc import Iterable
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.stamps.domain.intervals import Segment
from shared.contracts.stamps import Interval
from shared.errors import EditConflict
from shared.mongo import Database, Tx


def _segment(document: dict[str, Any]) -> Segment:
    return Segment(
        batch=document["batch"],
        index=document["index"],
        facility_id=document["facility_id"],
        product_id=document["product_id"],
        intervals=tuple(Interval(*interval) for interval in document["intervals"]),
        version=document["version"],
    )


def _document(segment: Segment) -> dict[str, Any]:
    return {
        "_id": segment.key,
        "batch": segment.batch,
        "index": segment.index,
        "facility_id": segment.facility_id,
        "product_id": segment.product_id,
        "intervals": [list(interval) for interval in segment.intervals],
        "version": segment.version,
    }


async def add(tx: Tx, segments: Iterable[Segment]) -> None:
    await tx.collection("segments").insert_many([_document(segment) for segment in segments])


async def of_batch(where: Tx | Database, batch: int, indexes: range | None = None) -> list[Segment]:
    """The segments of a batch in order; only those of `indexes` if given."""
    wanted: dict[str, Any] = {"batch": batch}
    if indexes is not None:
        wanted["index"] = {"$gte": indexes.start, "$lt": indexes.stop}
    cursor = where.collection("segments").find(wanted).sort("index", ASCENDING)
    return [_segment(document) async for document in cursor]


async def put(tx: Tx, segment: Segment) -> None:
    """Replace the version before; raises EditConflict if somebody else did."""
    answer = await tx.collection("segments").update_one(
        {"_id": segment.key, "version": segment.version - 1},
        {
            "$set": {
                "intervals": [list(interval) for interval in segment.intervals],
                "version": segment.version,
            }
        },
    )
    if answer.matched_count != 1:
        raise EditConflict()


async def note_change(tx: Tx, change: dict[str, Any]) -> None:
    """Keep what was done to which serials, by whom and why: the history of every code."""
    await tx.collection("changes").insert_one(change)


async def changes_of(db: Database, batch: int, limit: int = 200) -> list[dict[str, Any]]:
    """The history of a batch, newest first."""
    cursor = db.collection("changes").find({"batch": batch}).sort("at", DESCENDING).limit(limit)
    return [change async for change in cursor]


async def counts(db: Database, wanted: dict[str, Any]) -> dict[str, int]:
    """How many serials are in each state, over the segments that match."""
    cursor = db.collection("segments").aggregate(
        [
            {"$match": wanted},
            {"$unwind": "$intervals"},
            {
                "$group": {
                    "_id": {"$arrayElemAt": ["$intervals", 3]},
                    "count": {
                        "$sum": {
                            "$add": [
                                {
                                    "$subtract": [
                                        {"$arrayElemAt": ["$intervals", 1]},
                                        {"$arrayElemAt": ["$intervals", 0]},
                                    ]
                                },
                                1,
                            ]
                        }
                    },
                }
            },
        ]
    )
    return {row["_id"]: int(row["count"]) async for row in cursor}
