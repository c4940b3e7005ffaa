"""Reports of goods, and what they come to, that programs of before kept without a unit."""

from collections.abc import Collection
from typing import Final

from pymongo import ASCENDING, UpdateOne

from services.recall.store.genealogy import LOTS
from services.recall.store.newest import IDS_AT_ONCE, by_id, chunks
from services.recall.store.recoveries import ROWS, TALLIES
from shared.ids import now
from shared.mongo import Database, Document

UNITS_NAMED: Final = "recovery_units_named"
_MIGRATIONS: Final = "migrations"
_FIELDS: Final = ((ROWS, "amount_unit"), (TALLIES, "unit"))


async def prepare(db: Database) -> None:
    """Rows and sums of the time before units were kept are in the one that their lot has now: named
    so, they stay what they are when registry corrects it later.

    All of them are read once. What is of lots that are not known yet is named when a process starts
    after these came: each start asks for those lots alone, and reads nothing where none came.
    """
    done = await db.collection(_MIGRATIONS).find_one({"_id": UNITS_NAMED})
    if done is None:
        unknown = set()
        for name, field in _FIELDS:
            unknown |= await _name_all(db, name, field)
        await _mark(db, unknown)
        return
    unknown = set(done.get("unknown", ()))
    came = await by_id(db, LOTS, unknown)
    for some in chunks(sorted(came)):
        for name, field in _FIELDS:
            await _name_all(db, name, field, lots=some)
    if came:
        await _mark(db, unknown - came.keys())


async def _mark(db: Database, unknown: Collection[str]) -> None:
    marked = {"at": now(), "unknown": sorted(unknown)}
    own = {"_id": UNITS_NAMED}
    await db.collection(_MIGRATIONS).update_one(own, {"$set": marked}, upsert=True)


async def _name_all(
    db: Database, name: str, field: str, lots: Collection[str] | None = None
) -> set[str]:
    """A portion after the other, in the order of ids; the lots that are not known."""
    rows, after = db.collection(name), ""
    unknown: set[str] = set()
    unnamed: Document = {field: {"$in": [None, ""]}}
    if lots is not None:
        unnamed["lot_id"] = {"$in": list(lots)}
    while True:
        wanted = {**unnamed, "_id": {"$gt": after}}
        found = rows.find(wanted, {"lot_id": 1}).sort("_id", ASCENDING).limit(IDS_AT_ONCE)
        some = await found.to_list()
        if not some:
            return unknown
        known = await by_id(db, LOTS, {row["lot_id"] for row in some})
        writes = [
            UpdateOne(
                {"_id": row["_id"], **unnamed}, {"$set": {field: known[row["lot_id"]]["unit"]}}
            )
            for row in some
            if row["lot_id"] in known
        ]
        if writes:
            await rows.bulk_write(writes, ordered=False)
        unknown |= {row["lot_id"] for row in some} - known.keys()
        after = some[-1]["_id"]
