"""The history of each case: who did what to it, when, why; written with the act itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pymongo import ASCENDING

from services.recall.domain.terms import Official
from shared.ids import new_id
from shared.mongo import Database, Tx

ENTRIES = "entries"


@dataclass(frozen=True, slots=True)
class Entry:
    """`act`: asked, ordered, confirmed, declined, grown, spread, lift_requested, lift_declined,
    lifted, closed. `by` is None for what happened by itself; `lots` those that joined."""

    case_id: str
    case_version: int
    act: str
    at: datetime
    by: Official | None = None
    text: str = ""
    lots: Sequence[str] = field(default=())


async def prepare(db: Database) -> None:
    await db.collection(ENTRIES).create_index([("case", ASCENDING), ("case_version", ASCENDING)])


async def add(tx: Tx, entry: Entry) -> None:
    await tx.collection(ENTRIES).insert_one(
        {
            "_id": new_id(),
            "case": entry.case_id,
            "case_version": entry.case_version,
            "act": entry.act,
            "at": entry.at,
            "account_id": entry.by.account_id if entry.by else "",
            "name": entry.by.name if entry.by else "",
            "text": entry.text,
            "lots": list(entry.lots),
        }
    )


async def of_case(db: Database, case_id: str) -> list[Entry]:
    """Oldest first."""
    cursor = db.collection(ENTRIES).find({"case": case_id}).sort("case_version", ASCENDING)
    return [
        Entry(
            case_id=row["case"],
            case_version=row["case_version"],
            act=row["act"],
            at=row["at"],
            by=Official(row["account_id"], row["name"]) if row["account_id"] else None,
            text=row["text"],
            lots=tuple(row["lots"]),
        )
        async for row in cursor
    ]
