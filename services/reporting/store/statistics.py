"""Figures: the newest facts of each thing, and counters per day that events add to.

Counters are added to within the transaction that claims the event, so each event counts once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pymongo import DESCENDING, UpdateOne

from services.reporting.store import areas
from services.reporting.store.areas import COUNTERS, Amount
from services.reporting.store.newest import keep_newest
from services.reporting.store.standing import keep
from shared.contracts.identity import AccountPublished, UnitPublished
from shared.contracts.recall import NoticePublished, RecallClosed, RecallLifted, RecallOrdered
from shared.contracts.registry import (
    FacilityPublished,
    LotPublished,
    ProductPublished,
    ProductWithdrawn,
)
from shared.contracts.scan import ScansRecorded
from shared.contracts.stamps import BatchIssued, IntervalsChanged, RequestDecided
from shared.days import local_day
from shared.mongo import Database, Document, Tx

SCANS: Final = "scans"
BATCHES: Final = "batches_issued"
# Which events of batches and requests are counted for their facilities.
STAMP_ACTS: Final = "stamp_acts"


def day_of(instant: datetime) -> str:
    """A day of the figures is a day in Vietnam."""
    return local_day(instant).isoformat()


async def _count(tx: Tx, metric: str, day: str, amount: int, **labels: str) -> None:
    """Add to the counter of a metric on a day for a facility, product or verdict."""
    key = "|".join([metric, day, *(f"{k}={v}" for k, v in sorted(labels.items()))])
    more = {"n": amount, "placed": amount} if "facility" in labels else {"n": amount}
    await tx.collection(COUNTERS).update_one(
        {"_id": key},
        {"$inc": more, "$setOnInsert": {"metric": metric, "day": day, **labels}},
        upsert=True,
    )
    if "facility" in labels:
        await areas.add(tx, [Amount(labels["facility"], metric, amount, day)])


def decided(decision: str) -> str:
    """The metric of requests decided so."""
    return f"requests_{decision}"


async def count_act(tx: Tx, event_id: str, metric: str, facility: str) -> bool:
    """Count a batch or a decision for its facility, once, from whomever it was heard: the ledger
    tells of those that were counted before without a facility. False if it was."""
    acts = tx.collection(STAMP_ACTS)
    if await acts.find_one({"_id": event_id}):
        return False
    await acts.insert_one({"_id": event_id})
    await areas.add(tx, [Amount(facility, metric, 1)])
    return True


async def note_unit(tx: Tx, event: UnitPublished) -> None:
    facts = {"name": event.name, "tier": event.tier, "active": event.active}
    await keep_newest(tx, "units", event.subject, event.version, facts)


async def note_account(tx: Tx, event: AccountPublished) -> None:
    facts = {
        "tier": event.tier,
        "facility_id": event.facility_id,
        "unit_id": event.unit_id,
        "status": event.status,
        "commune": event.commune,
        "sector": event.sector,
    }
    await keep(tx, "accounts", event.subject, event.version, facts)


async def note_facility(tx: Tx, event: FacilityPublished) -> None:
    facts = {
        "name": event.name,
        "commune": event.commune,
        "commune_name": event.commune_name,
        "sector": event.sector,
        "kinds": list(event.kinds),
        "facility_class": event.facility_class,
        "status": event.status,
        "published_at": event.time,
    }
    await keep(tx, "facilities", event.subject, event.version, facts)


async def note_product(tx: Tx, event: ProductPublished) -> None:
    facts = {
        "facility_id": event.facility_id,
        "name": event.name,
        "category": event.category,
        "ocop_stars": event.ocop_stars,
        "key_product": event.key_product,
        "active": True,
    }
    await keep(tx, "products", event.subject, event.version, facts)


async def withdraw_product(tx: Tx, event: ProductWithdrawn) -> None:
    facts = {"facility_id": event.facility_id, "active": False}
    await keep(tx, "products", event.subject, event.version, facts)


async def note_lot(tx: Tx, event: LotPublished) -> None:
    facts = {
        "facility_id": event.facility_id,
        "product_id": event.product_id,
        "code": event.code,
        "derived": bool(event.inputs),
    }
    await keep(tx, "lots", event.subject, event.version, facts)


async def count_decision(tx: Tx, event: RequestDecided) -> None:
    metric = decided(event.decision)
    await _count(tx, metric, day_of(event.time), 1)
    await count_act(tx, event.id, metric, event.facility_id)


async def count_issue(tx: Tx, event: BatchIssued) -> None:
    await _count(
        tx,
        "stamps_issued",
        day_of(event.time),
        event.quantity,
        facility=event.facility_id,
        product=event.product_id,
    )
    await _count(tx, BATCHES, day_of(event.time), 1)
    await count_act(tx, event.id, BATCHES, event.facility_id)


async def count_change(tx: Tx, event: IntervalsChanged) -> None:
    metric = "stamps_activated" if event.change == "activate" else f"stamps_{event.change}"
    await _count(
        tx,
        metric,
        day_of(event.time),
        event.count,
        facility=event.facility_id,
        product=event.product_id,
    )


async def count_scans(tx: Tx, event: ScansRecorded) -> None:
    """One bulk write: a segment may hold hundreds of different counts."""
    writes, amounts = [], []
    for count in event.counts:
        day = day_of(count.hour)
        for metric, labels in (
            ("scans", {"verdict": count.verdict}),
            ("scans_by_facility", {"facility": count.facility_id}),
            ("scans_by_product", {"product": count.product_id}),
        ):
            if not all(labels.values()):
                continue
            key = "|".join([metric, day, *(f"{k}={v}" for k, v in labels.items())])
            more = {"n": count.scans, "users": count.first_of_user}
            if facility := labels.get("facility"):
                more["placed"] = count.scans
                amounts.append(Amount(facility, metric, count.scans, day))
            writes.append(
                UpdateOne(
                    {"_id": key},
                    {
                        "$inc": more,
                        "$setOnInsert": {"metric": metric, "day": day, **labels},
                    },
                    upsert=True,
                )
            )
    if writes:
        await tx.collection(COUNTERS).bulk_write(writes)
    await areas.add(tx, amounts)


async def note_recall(tx: Tx, event: RecallOrdered) -> None:
    facts = {
        "kind": event.kind,
        "lots": len(event.lots),
        "ordered_at": event.time,
        "state": "ordered",
    }
    await keep_newest(tx, "recalls", event.subject, event.version, facts)


async def lift_recall(tx: Tx, event: RecallLifted) -> None:
    await keep_newest(tx, "recalls", event.subject, event.version, {"state": "lifted"})


async def close_recall(tx: Tx, event: RecallClosed) -> None:
    await keep_newest(tx, "recalls", event.subject, event.version, {"state": "closed"})


async def note_notice(tx: Tx, event: NoticePublished) -> None:
    facts = {"kind": event.kind, "active": event.active, "case_id": event.case_id}
    await keep_newest(tx, "notices", event.subject, event.version, facts)


async def totals(db: Database, metrics: Sequence[str]) -> dict[str, int]:
    """The sum of each metric over all days."""
    wanted: Document = {"metric": {"$in": list(metrics)}}
    cursor = await db.collection(COUNTERS).aggregate(
        [{"$match": wanted}, {"$group": {"_id": "$metric", "n": {"$sum": "$n"}}}]
    )
    found = {row["_id"]: int(row["n"]) async for row in cursor}
    return {metric: found.get(metric, 0) for metric in metrics}


async def by_verdict(db: Database) -> dict[str, int]:
    """Scans of the whole province."""
    cursor = await db.collection(COUNTERS).aggregate(
        [{"$match": {"metric": SCANS}}, {"$group": {"_id": "$verdict", "n": {"$sum": "$n"}}}]
    )
    return {row["_id"]: int(row["n"]) async for row in cursor}


async def by_day(
    db: Database, metric: str, since: str, *, facility: str | None = None
) -> dict[str, int]:
    """A metric per day from `since` (ISO date), of one facility if given."""
    wanted: Document = {"metric": metric, "day": {"$gte": since}}
    if facility is not None:
        wanted["facility"] = facility
    cursor = await db.collection(COUNTERS).aggregate(
        [{"$match": wanted}, {"$group": {"_id": "$day", "n": {"$sum": "$n"}}}]
    )
    return {row["_id"]: int(row["n"]) async for row in cursor}


async def facilities_by(db: Database, field: str, wanted: Document) -> list[tuple[str, int]]:
    """Facilities counted by commune_name, sector, facility_class or kinds."""
    pipeline: list[Document] = [{"$match": wanted}]
    if field == "kinds":
        pipeline.append({"$unwind": "$kinds"})
    pipeline += [
        {"$group": {"_id": f"${field}", "n": {"$sum": 1}}},
        {"$sort": {"n": DESCENDING, "_id": 1}},
    ]
    cursor = await db.collection("facilities").aggregate(pipeline)
    return [(row["_id"], int(row["n"])) async for row in cursor]


async def count(db: Database, collection: str, wanted: Document) -> int:
    return await db.collection(collection).count_documents(wanted)


async def ids(db: Database, collection: str, wanted: Document) -> list[str]:
    return [row["_id"] async for row in db.collection(collection).find(wanted, {"_id": 1})]


async def names(db: Database, collection: str, ids: list[str]) -> dict[str, str]:
    """By id; a lot has a code in place of a name."""
    cursor = db.collection(collection).find({"_id": {"$in": ids}}, {"name": 1, "code": 1})
    return {row["_id"]: row.get("name") or row.get("code", "") async for row in cursor}
