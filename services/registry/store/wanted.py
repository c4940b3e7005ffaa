"""Inspections that recall's officials ask for: those that nobody has carried out yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from pymongo.errors import DuplicateKeyError

from services.registry.domain.inspections import Inspection
from services.registry.domain.records import Aggregate
from services.registry.store.codec import COLLECTIONS
from services.registry.store.inspections import INSPECTIONS
from shared.auth import Principal, area_filter
from shared.contracts.recall import InspectionWanted
from shared.days import local_day, local_midnight
from shared.errors import EditConflict
from shared.ids import now
from shared.mongo import Database, Document, Tx, Unasked

WANTED = "inspections_wanted"
MEETING: Final = Unasked("inspections_meeting")
SHOWN = 50
KEPT: Final = timedelta(days=730)
BECAUSE_OF_REPORTS: Final = "complaint"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`asked_on` is the day it was asked for, for the last time."""

    id: str
    facility_id: str
    facility: str
    reason: str
    authority: str
    asked_on: date
    until: date


async def prepare(db: Database) -> None:
    rows = db.collection(WANTED)
    await rows.create_index([("commune", 1), ("until", 1)])
    await rows.create_index("facility_id")
    # What was answered or is no longer wanted goes by itself (ADR 40).
    await rows.create_index("kept_until", expireAfterSeconds=0)
    await _know_when_asked(db)


async def _know_when_asked(db: Database) -> None:
    """Once: what was kept by the day alone is answered as it was then, by any inspection since."""
    rows = db.collection(WANTED)
    async for row in rows.find({"asked_at": {"$exists": False}}):
        asked_at = local_midnight(date.fromisoformat(row["asked_on"]))
        since = {"facility_id": row["facility_id"], "it.on": {"$gte": row["asked_on"]}}
        found = await db.collection(INSPECTIONS).find_one(since, {"_id": 1})
        change: Document = {"asked_at": asked_at}
        if found is not None:
            change |= {"done": found["_id"], "kept_until": now() + KEPT}
        await rows.update_one({"_id": row["_id"], "version": row["version"]}, {"$set": change})


async def note(tx: Tx, events: Sequence[InspectionWanted]) -> None:
    """The newest of each is kept, whatever order they come in. Asked for anew, it waits anew."""
    for event in events:
        rows = tx.collection(WANTED)
        known = await rows.find_one({"_id": event.subject})
        if known is not None and known["version"] >= event.version:
            continue
        body: Document = {
            **{"version": event.version, "wanted": event.wanted, "reason": event.reason},
            **{"facility_id": event.facility_id, "commune": event.commune, "sector": event.sector},
            **{"authority": event.authority, "until": event.until.isoformat()},
            **{"asked_on": local_day(event.asked_at).isoformat(), "asked_at": event.asked_at},
        }
        if known is not None and known.get("asked_at") == event.asked_at:
            body |= {name: known[name] for name in ("done", "kept_until") if name in known}
        if not event.wanted:
            body["kept_until"] = event.time + KEPT
        elif "done" not in body:
            await _touch(tx, event.facility_id)
            body |= await _answer_of(tx, event)
        await rows.replace_one({"_id": event.subject}, body, upsert=True)


async def answered(tx: Tx, inspection: Inspection, at: datetime) -> None:
    """An inspection because of reports, carried out and recorded since it was asked for, is what
    was waited for. A routine visit of the same day is not, nor one of before."""
    if inspection.it.kind != BECAUSE_OF_REPORTS:
        return
    await _touch(tx, inspection.facility_id)
    waits = {
        **{"facility_id": inspection.facility_id, "wanted": True, "done": {"$exists": False}},
        "asked_on": {"$lte": inspection.it.on.isoformat()},
        # A program of before keeps the day alone.
        "$or": [{"asked_at": {"$lt": at}}, {"asked_at": {"$exists": False}}],
    }
    done = {"done": inspection.id, "kept_until": at + KEPT}
    await tx.collection(WANTED).update_many(waits, {"$set": done})


async def _answer_of(tx: Tx, event: InspectionWanted) -> Document:
    """What answers it already: it was asked for by telephone too, and heard of here later."""
    since = {
        **{"facility_id": event.facility_id, "it.kind": BECAUSE_OF_REPORTS},
        **{"at": {"$gt": event.asked_at}},
        "it.on": {"$gte": local_day(event.asked_at).isoformat()},
    }
    found = await tx.collection(INSPECTIONS).find_one(since, {"at": 1}, sort=[("at", 1)])
    return {"done": found["_id"], "kept_until": found["at"] + KEPT} if found else {}


async def _touch(tx: Tx, facility_id: str) -> None:
    """What asks and what answers at the same moment meet here, so that one sees the other."""
    turn = {"$inc": {"turns": 1}}
    try:
        await tx.collection(MEETING).update_one({"_id": facility_id}, turn, upsert=True)
    except DuplicateKeyError as error:
        raise EditConflict() from error


async def waiting(db: Database, who: Principal, facility_id: str = "") -> list[Wanted]:
    """Those in the asker's area that no inspection has answered, the most pressing first. To a
    facility there are none: it is not told beforehand that it is to be inspected."""
    if who.facility_id is not None:
        return []
    wanted: Document = {**area_filter(who), "wanted": True, "done": {"$exists": False}}
    if facility_id:
        wanted["facility_id"] = facility_id
    cursor = db.collection(WANTED).find(wanted).sort([("until", 1), ("_id", 1)]).limit(SHOWN)
    rows = [row async for row in cursor]
    names = await _names(db, {row["facility_id"] for row in rows})
    return [_wanted(row, names.get(row["facility_id"]) or str(row["facility_id"])) for row in rows]


async def answered_by(db: Database, inspection: Inspection) -> list[Wanted]:
    """What it was carried out for, the first asked first; empty of what nobody had asked for."""
    answers = {"facility_id": inspection.facility_id, "wanted": True, "done": inspection.id}
    cursor = db.collection(WANTED).find(answers).sort([("asked_at", 1), ("_id", 1)]).limit(SHOWN)
    return [_wanted(row, inspection.facility_name) async for row in cursor]


def _wanted(row: Document, facility: str) -> Wanted:
    return Wanted(
        row["_id"],
        row["facility_id"],
        facility,
        row["reason"],
        row["authority"],
        date.fromisoformat(row["asked_on"]),
        date.fromisoformat(row["until"]),
    )


async def _names(db: Database, ids: set[str]) -> dict[str, str]:
    rows = db.collection(COLLECTIONS[Aggregate.FACILITY])
    found = rows.find({"_id": {"$in": sorted(ids)}}, {"owner.name": 1})
    return {row["_id"]: str(row["owner"]["name"]) async for row in found}
