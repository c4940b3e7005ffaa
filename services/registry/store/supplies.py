"""What a facility used lately, from the diaries of its lots and of its areas."""

from pydantic import TypeAdapter

from services.registry.domain.diary import Entry, Step
from services.registry.domain.records import Aggregate
from services.registry.store.area_diaries import DIARIES
from services.registry.store.codec import COLLECTIONS
from shared.mongo import Database, Document

# Newest lots that are looked through: what was used before that is not what is at hand.
LOTS_READ = 12
_entries = TypeAdapter(list[Entry])


async def recent(db: Database, facility_id: str, limit: int) -> list[Entry]:
    """The last use of each of the supplies used last, newest first."""
    used = [*await _of_lots(db, facility_id), *await _of_areas(db, facility_id)]
    newest: dict[str, Entry] = {}
    for entry in sorted(used, key=lambda one: one.at, reverse=True):
        newest.setdefault(f"{entry.kind}/{entry.name.casefold()}", entry)
    return list(newest.values())[:limit]


async def _of_lots(db: Database, facility_id: str) -> list[Entry]:
    wanted = {"owner.facility_id": facility_id}
    fields = {"draft.entries": 1, "published.entries": 1}
    rows = db.collection(COLLECTIONS[Aggregate.LOT])
    cursor = rows.find(wanted, fields).sort("updated_at", -1).limit(LOTS_READ)
    found = []
    async for row in cursor:
        content = row.get("draft") or row.get("published") or {}
        found += _uses(content.get("entries", []))
    return found


async def _of_areas(db: Database, facility_id: str) -> list[Entry]:
    areas = db.collection(COLLECTIONS[Aggregate.GROWING_AREA])
    ids = [row["_id"] async for row in areas.find({"owner.facility_id": facility_id}, {"_id": 1})]
    found = []
    # A season's diary may be long; its newest entries are at the end.
    cursor = db.collection(DIARIES).find({"_id": {"$in": ids}}, {"entries": {"$slice": -100}})
    async for row in cursor:
        found += _uses(row["entries"])
    return found


def _uses(rows: list[Document]) -> list[Entry]:
    return _entries.validate_python([row for row in rows if row["step"] == Step.INPUT.value])
