"""Files that show what was done with recalled goods; kept with the case, never changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING

from services.recall.domain.terms import Official
from services.recall.store.newest import Reader
from shared.errors import NotFound
from shared.mongo import Database, Document, Tx

EVIDENCE = "recovery_evidence"
# Of one account in one case: so many may wait for the rows that name them.
MOST_UNNAMED = 50


@dataclass(frozen=True, slots=True)
class Kept:
    """A file without its bytes."""

    id: str
    case_id: str
    name: str
    media_type: str
    size: int
    at: datetime
    by: Official


async def prepare(db: Database) -> None:
    await db.collection(EVIDENCE).create_index([("case", ASCENDING)])
    # Files that nothing names yet.
    await db.collection(EVIDENCE).create_index(
        [("unused_since", ASCENDING)], partialFilterExpression={"unused_since": {"$exists": True}}
    )


async def add(tx: Tx, kept: Kept, data: bytes, *, used: bool) -> None:
    await tx.collection(EVIDENCE).insert_one(
        {
            "_id": kept.id,
            "case": kept.case_id,
            "name": kept.name,
            "media_type": kept.media_type,
            "size": kept.size,
            "at": kept.at,
            "account_id": kept.by.account_id,
            "name_of": kept.by.name,
            "by_facility": kept.by.facility_id,
            **({} if used else {"unused_since": kept.at}),
            "data": data,
        }
    )


async def use(tx: Tx, ids: Sequence[str]) -> None:
    """A row names these files now: they stay."""
    if ids:
        change = {"$unset": {"unused_since": ""}}
        await tx.collection(EVIDENCE).update_many({"_id": {"$in": sorted(set(ids))}}, change)


async def unused_of(reader: Reader, case_id: str, account_id: str) -> int:
    """How many files of an account nothing names yet."""
    wanted = {"case": case_id, "account_id": account_id, "unused_since": {"$exists": True}}
    return len([1 async for _ in reader.collection(EVIDENCE).find(wanted, {"_id": 1})])


async def forget_unused(db: Database, before: datetime) -> int:
    """Delete what nothing has named since; how many files."""
    result = await db.collection(EVIDENCE).delete_many({"unused_since": {"$lt": before}})
    return result.deleted_count


async def named(reader: Reader, ids: Iterable[str]) -> dict[str, Kept]:
    """Those of these files that are kept, by id, without their bytes."""
    wanted: Sequence[str] = sorted(set(ids))
    cursor = reader.collection(EVIDENCE).find({"_id": {"$in": wanted}}, {"data": 0})
    return {row["_id"]: _kept(row) async for row in cursor}


async def read(db: Database, case_id: str, file_id: str) -> tuple[Kept, bytes]:
    """A file of this case; raises NotFound."""
    found = await db.collection(EVIDENCE).find_one({"_id": file_id, "case": case_id})
    if found is None:
        raise NotFound()
    return _kept(found), bytes(found["data"])


def _kept(row: Document) -> Kept:
    # Files of the time before it was kept whose they are belong to nobody.
    by = Official(row.get("account_id", ""), row.get("name_of", ""), row.get("by_facility", ""))
    return Kept(row["_id"], row["case"], row["name"], row["media_type"], row["size"], row["at"], by)
