"""Drills of recalls that run, whom they ask, and how long who rehearsed has done the yearly duty.

Read models that compare versions, or keep the latest day: late and repeated events fall away.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.reporting.store.newest import keep_newest
from shared.auth import Principal, area_filter
from shared.contracts.recall import RecallDrillEnded, RecallDrillStarted
from shared.mongo import Database, Tx

DRILLS, REHEARSED = "recall_drills", "recall_rehearsals"


async def prepare(db: Database) -> None:
    await db.collection(DRILLS).create_index([("open", 1), ("facilities", 1)])
    await db.collection(REHEARSED).create_index("until")


async def note_started(tx: Tx, events: Sequence[RecallDrillStarted]) -> None:
    for event in events:
        facts = {
            "open": True,
            "drill": event.drill_id,
            "facilities": list(event.facilities),
            "ends_at": event.ends_at,
            "facility_id": event.owner_facility_id,
            "commune": event.commune,
            "sector": event.sector,
        }
        await keep_newest(tx, DRILLS, event.subject, event.version, facts)


async def note_ended(tx: Tx, events: Sequence[RecallDrillEnded]) -> None:
    for event in events:
        await keep_newest(tx, DRILLS, event.subject, event.version, {"open": False})
        if event.rehearsed_until is None:
            continue
        for id_ in event.rehearsed:
            latest = {"$max": {"until": event.rehearsed_until}}
            await tx.collection(REHEARSED).update_one({"_id": id_}, latest, upsert=True)


async def running(db: Database, who: Principal, at: datetime) -> int:
    """How many drills ask the account's facility, or have their target in the official's area."""
    wanted: dict[str, Any] = {"open": True, "ends_at": {"$gt": at}}
    if who.facility_id is not None:
        wanted["facilities"] = who.facility_id
    else:
        wanted |= area_filter(who)
    return len(await db.collection(DRILLS).distinct("drill", wanted))


async def rehearsed(db: Database, who: Principal, at: datetime) -> int:
    """How many facilities of the official's area have done the duty."""
    place = {f"place.{name}": value for name, value in area_filter(who).items()}
    stages: list[dict[str, Any]] = [
        {"$match": {"until": {"$gt": at}}},
        {
            "$lookup": {
                "from": "facilities",
                "localField": "_id",
                "foreignField": "_id",
                "as": "place",
            }
        },
        {"$match": {**place, "place.status": {"$ne": "stopped"}}},
        {"$count": "n"},
    ]
    rows = [row async for row in await db.collection(REHEARSED).aggregate(stages)]
    return int(rows[0]["n"]) if rows else 0
