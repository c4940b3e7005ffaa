"""Which links tell that a record was read, or that somebody tried to: found by the record's id."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from pymongo import DESCENDING

from services.reporting.store.ledger import LEDGER
from shared.mongo import Database, Document

ACTION: Final = "access.read"
RECORDS: Final = "records"
BY_RECORD: Final = "reads_by_record"


async def prepare(db: Database) -> None:
    await db.collection(LEDGER).create_index(
        [(RECORDS, 1), ("at", DESCENDING), ("_id", DESCENDING)],
        name=BY_RECORD,
        partialFilterExpression={RECORDS: {"$exists": True}},
    )
    await _name_old_tries(db)


async def _name_old_tries(db: Database) -> None:
    """Once: refused reads from before accepted ones were told of are found by the record too."""
    done = db.collection("migrations")
    if await done.find_one({"_id": BY_RECORD}):
        return
    old: Document = {"act.action": ACTION, RECORDS: {"$exists": False}}
    await db.collection(LEDGER).update_many(old, [{"$set": {RECORDS: ["$subject"]}}])
    told = {"$set": {"at": datetime.now(UTC)}}
    await done.update_one({"_id": BY_RECORD}, told, upsert=True)


def records_of(envelope: Mapping[str, Any]) -> list[str]:
    """The ids that a read opened, or that a refused one asked for."""
    data = envelope.get("data", {})
    if data.get("action") != ACTION:
        return []
    named = dict.fromkeys([*data.get("records", ()), str(envelope.get("subject", ""))])
    return [one for one in named if one not in ("", "-", "*")]


def of_record(record_id: str) -> Document:
    """The filter over links that tell of reads of this record."""
    return {RECORDS: record_id}


async def told_of(db: Database, record_id: str) -> bool:
    """Whether any link tells that it was read, or tried."""
    return await db.collection(LEDGER).find_one(of_record(record_id), {"_id": 1}) is not None
