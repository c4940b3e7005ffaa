"""What waits in the field: facilities that do not take part yet, certificates that end (R13, R58).

Read models that compare versions: late and repeated events fall away.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from shared.auth import Principal, area_filter
from shared.contracts.registry import FacilityKnown, FacilityPublished
from shared.mongo import Database, Document, Tx

KNOWN = "known_facilities"
PAPERS = "papers"
# Not counted as outstanding: these take part, or never will.
SETTLED = ("participating", "closed")


async def prepare(db: Database) -> None:
    for name in (KNOWN, PAPERS):
        await db.collection(name).create_index([("commune", 1), ("sector", 1)])
    await db.collection(PAPERS).create_index("ends")


async def note_known(tx: Tx, events: Sequence[FacilityKnown]) -> None:
    for event in events:
        facts = {
            "commune": event.commune,
            "sector": event.sector,
            "facility_class": event.facility_class,
            "status": event.status,
        }
        await newest(tx, KNOWN, event.subject, event.version, facts)


async def note_papers(tx: Tx, events: Sequence[FacilityPublished]) -> None:
    """When a facility's certificates end: of each kind the one that holds longest."""
    for event in events:
        facts = {
            "commune": event.commune,
            "sector": event.sector,
            "facility_class": event.facility_class,
            "active": event.status == "active",
            "ends": _ends(event),
        }
        await newest(tx, PAPERS, event.subject, event.version, facts)


def _ends(event: FacilityPublished) -> list[str]:
    last: dict[str, date] = {}
    for one in event.certificates:
        end = one.holds_until or one.expires_on or date.max
        last[one.kind] = max(end, last.get(one.kind, date.min))
    return sorted(end.isoformat() for end in last.values() if end != date.max)


async def outstanding(db: Database, who: Principal) -> dict[tuple[str, str], int]:
    """Known facilities in the asker's area that do not take part, by class and status."""
    wanted = {"$and": [_area(who), {"status": {"$nin": list(SETTLED)}}]}
    return await _by(db, KNOWN, wanted, ("facility_class", "status"))


async def certificates(db: Database, who: Principal, today: date, days: int) -> tuple[int, int]:
    """How many certificates in sight have ended, and how many end within `days`."""
    where = area_filter(who, facility="_id")
    due = {"ends": {"$lte": (today + timedelta(days=days)).isoformat()}}
    pipeline: list[Document] = [
        # By the index of ends only what is due is read, not every facility of the area.
        {"$match": {"$and": [due, where, {"active": True}]}},
        {"$unwind": "$ends"},
        {"$match": due},
        {"$group": {"_id": {"$lt": ["$ends", today.isoformat()]}, "n": {"$sum": 1}}},
    ]
    cursor = await db.collection(PAPERS).aggregate(pipeline)
    found = {bool(row["_id"]): int(row["n"]) async for row in cursor}
    return found.get(True, 0), found.get(False, 0)


def _area(who: Principal) -> Document:
    """A facility's account sees nothing of facilities that do not take part."""
    return {"_id": None} if who.facility_id is not None else area_filter(who)


async def _by(
    db: Database, name: str, wanted: Document, fields: tuple[str, str]
) -> dict[tuple[str, str], int]:
    key: dict[str, Any] = {field: f"${field}" for field in fields}
    pipeline: list[Document] = [
        {"$match": wanted},
        {"$group": {"_id": key, "n": {"$sum": 1}}},
    ]
    cursor = await db.collection(name).aggregate(pipeline)
    return {(row["_id"][fields[0]], row["_id"][fields[1]]): int(row["n"]) async for row in cursor}


async def newest(tx: Tx, name: str, key: str, version: int, facts: Document) -> None:
    """Keep these facts of `key` unless newer ones are known."""
    rows = tx.collection(name)
    known = await rows.find_one({"_id": key}, {"version": 1})
    if known is None:
        await rows.insert_one({"_id": key, "version": version, **facts})
    elif known["version"] < version:
        await rows.replace_one({"_id": key}, {"version": version, **facts})
