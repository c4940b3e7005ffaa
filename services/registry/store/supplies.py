"""What a facility used lately, from the diaries of its lots and of its areas."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pydantic import TypeAdapter

from services.registry.domain.diary import Entry, Step
from services.registry.domain.records import Aggregate
from services.registry.store.area_diaries import DIARIES
from services.registry.store.codec import COLLECTIONS, plain
from shared.mongo import Database, Document, Tx

# Newest lots that are looked through: what was used before that is not what is at hand.
LOTS_READ = 12
# Lots whose uses of one supply are counted off with its receipt.
COUNTED = 500
LOTS: Final = COLLECTIONS[Aggregate.LOT]
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


@dataclass(frozen=True, slots=True)
class Use:
    """An entry that used some of a supply and was not counted off; `of` is a lot or an area."""

    of: str
    in_area: bool
    entry: str
    quantity: Decimal
    unit: str


async def uncounted(tx: Tx, facility_id: str, lot_id: str) -> list[Use]:
    """The uses of a supply's lot by a facility that have a quantity and were not counted off."""
    found = []
    named = {"$or": [{"draft.supplies": lot_id}, {"published.supplies": lot_id}]}
    rows = tx.collection(LOTS).find({"owner.facility_id": facility_id, **named})
    async for row in rows.sort("_id", 1).limit(COUNTED):
        content = row.get("draft") or row.get("published") or {}
        found += _open(row["_id"], content.get("entries", []), lot_id, in_area=False)
    areas = tx.collection(COLLECTIONS[Aggregate.GROWING_AREA])
    ids = [row["_id"] async for row in areas.find({"owner.facility_id": facility_id}, {"_id": 1})]
    wanted = {"_id": {"$in": ids}, "entries.supply_lot": lot_id}
    async for row in tx.collection(DIARIES).find(wanted):
        found += _open(row["_id"], row["entries"], lot_id, in_area=True)
    return found


async def mark(tx: Tx, use: Use, taken: Decimal) -> None:
    """What was counted off for a use, wherever its entry is kept; no version of anything."""
    if not use.in_area:
        await _set(tx, LOTS, {"_id": use.of}, ("draft.entries", "published.entries"), use, taken)
        return
    await _set(tx, DIARIES, {"_id": use.of}, ("entries",), use, taken)
    for side in ("draft", "published"):
        of_area = {f"{side}.growing_area_id": use.of}
        await _set(tx, LOTS, of_area, (f"{side}.area_entries",), use, taken)


async def _set(
    tx: Tx, collection: str, wanted: Document, arrays: tuple[str, ...], use: Use, taken: Decimal
) -> None:
    for array in arrays:
        await tx.collection(collection).update_many(
            {**wanted, f"{array}.id": use.entry},
            {"$set": {f"{array}.$[one].taken": plain(taken)}},
            array_filters=[{"one.id": use.entry}],
        )


def _open(of: str, rows: list[Document], lot_id: str, *, in_area: bool) -> list[Use]:
    return [
        Use(of, in_area, one.id, one.quantity, one.unit)
        for one in _uses(rows)
        if one.supply_lot == lot_id and one.taken is None and one.quantity is not None
    ]


def _uses(rows: list[Document]) -> list[Entry]:
    return _entries.validate_python([row for row in rows if row["step"] == Step.INPUT.value])
