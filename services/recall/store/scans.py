"""Where goods were scanned: counts by lot, product and place, each with its latest hour."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, UpdateOne

from services.recall.domain.target import Target, TargetKind
from services.recall.store import genealogy
from services.recall.store.newest import Reader
from shared.contracts.scan import ScansRecorded
from shared.mongo import Database, Tx

COUNTS = "scan_counts"


@dataclass(frozen=True, slots=True)
class ScannedAt:
    """Scans in one commune, "" where the phone told none, and the different stamps whose first
    scan they were; `last` is the hour of the newest."""

    commune: str
    scans: int
    stamps: int
    last: datetime


async def prepare(db: Database) -> None:
    counts = db.collection(COUNTS)
    await counts.create_index([("lot_id", ASCENDING)])
    await counts.create_index([("product_id", ASCENDING)])
    await counts.create_index([("facility_id", ASCENDING)])
    await counts.create_index([("turn", ASCENDING)], sparse=True)


async def note_scans(tx: Tx, events: Sequence[ScansRecorded]) -> None:
    """Add what was counted. The event's claim, in this transaction, makes it count once."""
    rows: dict[tuple[str, str, str, str], list[Any]] = {}
    for event in events:
        for count in event.counts:
            key = (count.facility_id, count.product_id, count.lot_id, count.commune)
            row = rows.setdefault(key, [0, 0, count.hour])
            row[0] += count.scans
            row[1] += count.first_of_stamp
            row[2] = max(row[2], count.hour)
    if not rows:
        return
    turn = await genealogy.next_turn(tx, genealogy.SCANS)
    names = ("facility_id", "product_id", "lot_id", "commune")
    await tx.collection(COUNTS).bulk_write(
        [
            UpdateOne(
                {"_id": "|".join(key)},
                {
                    "$inc": {"scans": scans, "stamps": stamps},
                    "$max": {"last": hour},
                    "$set": {"turn": turn},
                    "$setOnInsert": dict(zip(names, key, strict=True)),
                },
                upsert=True,
            )
            for key, (scans, stamps, hour) in rows.items()
        ],
        ordered=False,
    )


async def of_whole(reader: Reader, target: Target) -> list[ScannedAt]:
    """Scans of a product's or facility's stamps by place, whatever lot they stand on."""
    field = {TargetKind.PRODUCT: "product_id", TargetKind.FACILITY: "facility_id"}[target.kind]
    cursor = reader.collection(COUNTS).find({field: target.id})
    return joined(
        [
            ScannedAt(row["commune"], row["scans"], row.get("stamps", 0), row["last"])
            async for row in cursor
        ]
    )


def joined(rows: Iterable[ScannedAt]) -> list[ScannedAt]:
    """The same places once each, the most recently scanned first."""
    places: dict[str, ScannedAt] = {}
    for row in rows:
        known = places.get(row.commune)
        if known is None:
            places[row.commune] = row
        else:
            total, stamps = known.scans + row.scans, known.stamps + row.stamps
            places[row.commune] = ScannedAt(row.commune, total, stamps, max(known.last, row.last))
    return sorted(places.values(), key=lambda place: place.last, reverse=True)
