"""Counts by area of what was kept before there were any, or by an earlier version beside this one.

Each step is a transaction that brings some rows in line and says so in them: it may be cut off,
begun again, or go on beside the counting of what comes in. Where all is in line it only looks.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import structlog
from pymongo import UpdateMany

from services.reporting.store import areas
from services.reporting.store.areas import COUNTERS, Amount
from services.reporting.store.ledger import LEDGER
from services.reporting.store.standing import COUNTED, count
from services.reporting.store.statistics import BATCHES, count_act, decided
from shared.contracts.stamps import BatchIssued, RequestDecided
from shared.mongo import Database, Document, Tx, transact

log = structlog.get_logger()

AT_ONCE: Final = 2_000
SECONDS: Final = 3_600.0
# Up to which link of the ledger batches and requests are counted for their facilities.
SETTLED: Final = "settled"
STAMP_ACTS: Final[dict[str, Callable[[Document], str]]] = {
    BatchIssued.type: lambda _: BATCHES,
    RequestDecided.type: lambda data: decided(data["decision"]),
}
UNCOUNTED: Final[Document] = {"$expr": {"$ne": ["$version", "$counted.version"]}}
UNPLACED: Final[Document] = {
    "facility": {"$exists": True},
    "$expr": {"$ne": ["$n", {"$ifNull": ["$placed", 0]}]},
}


async def settle(db: Database) -> int:
    """Bring all in line; how many rows were not."""
    settled = 0
    for name in COUNTED:
        each: list[Document] = [{"$match": UNCOUNTED}, {"$project": {"rows": {"$literal": 1}}}]
        async for ids in _portions(db, name, each):
            settled += await _rows(db, name, ids)
    by_facility = {"$group": {"_id": "$facility", "rows": {"$sum": 1}}}
    async for ids in _portions(db, COUNTERS, [{"$match": UNPLACED}, by_facility]):
        settled += await _counters(db, ids)
    settled += await _stamp_acts(db)
    if settled:
        log.info("figures are counted by area", rows=settled)
    return settled


async def keep_settling(db: Database) -> None:
    """Until cancelled: an earlier version may still run beside this one for a while."""
    while True:
        await asyncio.sleep(SECONDS)
        await settle(db)


async def _portions(db: Database, name: str, pipeline: list[Document]) -> AsyncIterator[list[str]]:
    """Ids of what is to be settled together: about as many rows as a transaction bears."""
    ids: list[str] = []
    rows = 0
    async for found in await db.collection(name).aggregate(pipeline, allowDiskUse=True):
        ids.append(found["_id"])
        rows += found["rows"]
        if rows >= AT_ONCE:
            yield ids
            ids, rows = [], 0
    if ids:
        yield ids


async def _rows(db: Database, name: str, ids: list[str]) -> int:
    wanted: Document = {"_id": {"$in": ids}, **UNCOUNTED}

    async def work(tx: Tx) -> int:
        rows = [row async for row in tx.collection(name).find(wanted)]
        counted = await count(tx, name, rows)
        # Many rows have the same to say.
        alike: dict[str, tuple[Document, list[str]]] = {}
        for row, one in zip(rows, counted, strict=True):
            alike.setdefault(repr(one), (one, []))[1].append(row["_id"])
        writes = [
            UpdateMany({"_id": {"$in": those}}, {"$set": {"counted": one}})
            for one, those in alike.values()
        ]
        if writes:
            await tx.collection(name).bulk_write(writes)
        return len(rows)

    return await transact(db, work)


async def _counters(db: Database, facilities: list[str]) -> int:
    """What counters have beyond what of them is placed; one facility may have very many."""
    wanted: Document = {**UNPLACED, "facility": {"$in": facilities}}

    async def work(tx: Tx) -> int:
        counters = tx.collection(COUNTERS)
        rows = [row async for row in counters.find(wanted).limit(AT_ONCE)]
        await areas.add(
            tx,
            [
                Amount(row["facility"], row["metric"], row["n"] - row.get("placed", 0), row["day"])
                for row in rows
            ],
        )
        ids = [row["_id"] for row in rows]
        await counters.update_many({"_id": {"$in": ids}}, [{"$set": {"placed": "$n"}}])
        return len(rows)

    settled = some = await transact(db, work)
    while some == AT_ONCE:
        settled += (some := await transact(db, work))
    return settled


async def _stamp_acts(db: Database) -> int:
    """Batches and requests had no facility in their counters; the ledger has their events."""
    settled = 0
    while True:
        known = await db.collection(SETTLED).find_one({"_id": LEDGER}) or {"seq": 0}
        wanted: Document = {"_id": {"$gt": known["seq"]}, "type": {"$in": list(STAMP_ACTS)}}
        rows = db.collection(LEDGER).find(wanted, {"type": 1, "body": 1}).sort("_id", 1)
        links = [row async for row in rows.limit(AT_ONCE)]
        if not links:
            return settled
        settled += await _acts_of(db, links)


async def _acts_of(db: Database, links: list[Document]) -> int:
    async def work(tx: Tx) -> int:
        counted = 0
        for row in links:
            body: dict[str, Any] = json.loads(row["body"])
            metric = STAMP_ACTS[row["type"]](body["data"])
            counted += await count_act(tx, body["id"], metric, body["data"].get("facility_id", ""))
        mark: Document = {"$max": {"seq": links[-1]["_id"]}}
        await tx.collection(SETTLED).update_one({"_id": LEDGER}, mark, upsert=True)
        return counted

    return await transact(db, work)
