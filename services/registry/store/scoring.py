"""Passes over all records: where each stands; and the scores that the quality pass writes."""

from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from pymongo.errors import DuplicateKeyError

from services.registry.domain.records import Aggregate
from services.registry.domain.scoring import KINDS, LEASE, Pass
from services.registry.store.codec import COLLECTIONS, AnyRecord, from_document, plain
from shared.mongo import Database, Document, Unasked

PASSES: Final = Unasked("quality_passes")
# The name of the quality pass, as it is kept; other passes have names of their own.
QUALITY = "present"
_pass = TypeAdapter(Pass)


async def present(db: Database, name: str = QUALITY) -> Pass | None:
    """The pass of this name that runs or was the last to run."""
    row = await db.collection(PASSES).find_one({"_id": name})
    return _from(row) if row is not None else None


def _from(row: Document) -> Pass:
    return _pass.validate_python({key: value for key, value in row.items() if key != "_id"})


async def claim(
    db: Database, basis: str, *, by: str, now: datetime, name: str = QUALITY
) -> Pass | None:
    """Begin a pass for this basis or go on with one; None where it is done or in other hands."""
    known = await present(db, name)
    if known is not None and known.basis == basis:
        if known.finished_at is not None or (known.by != by and known.lease_until > now):
            return None
        mine: dict[str, Any] = {"by": by, "lease_until": now + LEASE}
        held: Document = {"_id": name, "basis": basis, "by": known.by, "kind": known.kind}
        found = await db.collection(PASSES).update_one(
            {**held, "after": known.after}, {"$set": mine}
        )
        return await present(db, name) if found.matched_count else None
    begun = Pass(basis, by, now + LEASE, now, total=await _count(db))
    row = {"_id": name, **plain(begun)}
    try:
        if known is None:
            await db.collection(PASSES).insert_one(row)
            return begun
        before = {"_id": name, "basis": known.basis, "seen": known.seen}
        replaced = await db.collection(PASSES).replace_one(before, row)
    except DuplicateKeyError:
        return None
    return begun if replaced.matched_count else None


async def _count(db: Database) -> int:
    numbers = [await db.collection(COLLECTIONS[kind]).estimated_document_count() for kind in KINDS]
    return sum(numbers)


async def keep(db: Database, before: Pass, after: Pass, name: str = QUALITY) -> bool:
    """Note the progress; False where another process has taken over meanwhile."""
    held = {"_id": name, "basis": before.basis, "by": before.by, "seen": before.seen}
    row = {"_id": name, **plain(after)}
    return (await db.collection(PASSES).replace_one(held, row)).matched_count == 1


async def chunk(
    db: Database, aggregate: Aggregate, after: str, size: int
) -> list[tuple[AnyRecord, int | None]]:
    """The next records by id, each with the score that is kept of it."""
    rows = db.collection(COLLECTIONS[aggregate]).find({"_id": {"$gt": after}})
    return [
        (from_document(aggregate, row), row["derived"].get("quality"))
        async for row in rows.sort("_id", 1).limit(size)
    ]


async def put_score(db: Database, record: AnyRecord, percent: int) -> bool:
    """Only the score: a record that was saved meanwhile has got its own with that."""
    found = await db.collection(COLLECTIONS[record.aggregate]).update_one(
        {"_id": record.id, "version": record.version}, {"$set": {"derived.quality": percent}}
    )
    return found.modified_count == 1
