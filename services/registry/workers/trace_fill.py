"""Rows of trace events for what was recorded before there were such rows: once, in the background.

It goes on where it stopped; what is recorded meanwhile writes its rows itself, and doing it twice
changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog

from services.registry.domain.records import Aggregate
from services.registry.store import area_diaries, records, shipments, transformations
from services.registry.store import trace_events as store
from services.registry.store.codec import COLLECTIONS
from shared.mongo import Database, Tx, is_outage, transact

log = structlog.get_logger()
MARKS: Final = "locks"
BATCH = 50
RETRY_SECONDS = 5.0
IDLE_SECONDS = 3600.0
Follow = Callable[[Tx, str], Awaitable[None]]


async def fill(db: Database) -> None:
    """Until cancelled; while the database is away it waits."""
    while True:
        try:
            for source, (collection, follow) in SOURCES.items():
                await _fill(db, source, collection, follow)
        except Exception as error:
            if not is_outage(error):
                log.exception("trace events could not be written")
            await asyncio.sleep(RETRY_SECONDS)
        else:
            await asyncio.sleep(IDLE_SECONDS)


async def _fill(db: Database, source: str, collection: str, follow: Follow) -> None:
    key = {"_id": f"trace_fill/{source}"}
    known = await db.collection(MARKS).find_one(key) or {}
    last = known.get("last", "")
    while not known.get("done"):
        rows = db.collection(collection).find({"_id": {"$gt": last}}, {"_id": 1})
        ids = [row["_id"] async for row in rows.sort("_id", 1).limit(BATCH)]
        await _write(db, follow, ids)
        last = ids[-1] if ids else last
        known = {"last": last, "done": not ids}
        await db.collection(MARKS).update_one(key, {"$set": known}, upsert=True)


async def _write(db: Database, follow: Follow, ids: list[str]) -> None:
    for one in ids:

        async def work(tx: Tx, one: str = one) -> None:
            await follow(tx, one)

        await transact(db, work)


async def _lot(tx: Tx, lot_id: str) -> None:
    record = await records.get(tx, Aggregate.LOT, lot_id)
    if record.published is not None:
        await store.follow_lot(tx, record)


async def _area(tx: Tx, area_id: str) -> None:
    area: Any = await records.find(tx, Aggregate.GROWING_AREA, area_id)
    diary = await area_diaries.get(tx, area_id)
    for entry in diary.entries if area is not None else ():
        await store.follow_area(tx, area, entry)


async def _transformation(tx: Tx, transformation_id: str) -> None:
    one = await transformations.get(tx, transformation_id)
    facility = await records.get(tx, Aggregate.FACILITY, one.facility_id)
    await store.follow_transformation(tx, one, facility.owner)


async def _shipment(tx: Tx, shipment_id: str) -> None:
    await store.follow_shipment(tx, await shipments.get(tx, shipment_id))


SOURCES: Final[dict[str, tuple[str, Follow]]] = {
    "lots": (COLLECTIONS[Aggregate.LOT], _lot),
    "areas": (area_diaries.DIARIES, _area),
    "transformations": (transformations.TRANSFORMATIONS, _transformation),
    "shipments": (shipments.SHIPMENTS, _shipment),
}
