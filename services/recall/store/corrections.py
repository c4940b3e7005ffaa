"""What cases said before they were corrected, beside what they say since; lots by their codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING

from services.recall.domain.target import Lot
from services.recall.domain.terms import Official, Said
from services.recall.store.documents import official_document, official_of, said_document, said_of
from services.recall.store.genealogy import LOTS, lot_of
from services.recall.store.newest import Reader, each
from shared.ids import new_id
from shared.mongo import Database, Document, Tx
from shared.spelling import fold

CORRECTIONS = "corrections"


@dataclass(frozen=True, slots=True)
class Corrected:
    """One correction that was made. `confirmed_by` is None where one person was enough."""

    case_id: str
    case_version: int
    at: datetime
    by: Official
    confirmed_by: Official | None
    why: str
    before: Said
    after: Said
    added: Sequence[str]
    removed: Sequence[str]
    changed: Sequence[str]


async def prepare(db: Database) -> None:
    await db.collection(CORRECTIONS).create_index(
        [("case", ASCENDING), ("case_version", ASCENDING)], unique=True
    )


async def add(tx: Tx, one: Corrected) -> None:
    await tx.collection(CORRECTIONS).insert_one(
        {
            "_id": new_id(),
            "case": one.case_id,
            "case_version": one.case_version,
            "at": one.at,
            "by": official_document(one.by),
            "confirmed_by": official_document(one.confirmed_by) if one.confirmed_by else None,
            "why": one.why,
            "before": said_document(one.before),
            "after": said_document(one.after),
            "added": list(one.added),
            "removed": list(one.removed),
            "changed": list(one.changed),
        }
    )


async def of_case(reader: Reader, case_id: str) -> list[Corrected]:
    """Oldest first."""
    rows = reader.collection(CORRECTIONS).find({"case": case_id}).sort("case_version", ASCENDING)
    return [_corrected(row) async for row in rows]


async def at_version(reader: Reader, case_id: str, version: int) -> Corrected | None:
    """The one that made this version of its case."""
    row = await reader.collection(CORRECTIONS).find_one({"case": case_id, "case_version": version})
    return _corrected(row) if row is not None else None


async def latest(reader: Reader, case_ids: Sequence[str]) -> dict[str, Corrected]:
    """The last correction of each case that was corrected."""
    rows = reader.collection(CORRECTIONS).find({"case": {"$in": list(case_ids)}})
    return {row["case"]: _corrected(row) async for row in rows.sort("case_version", ASCENDING)}


async def lots_called(reader: Reader, names: Iterable[str]) -> list[Lot]:
    """Lots whose id or code is one of these, upper and lower case alike."""
    wanted = set(names)
    found = {row["_id"]: lot_of(row) async for row in each(reader, LOTS, wanted)}
    codes = {fold(name) for name in wanted}
    found |= {row["_id"]: lot_of(row) async for row in each(reader, LOTS, codes, field="search")}
    return list(found.values())


def _corrected(row: Document) -> Corrected:
    confirmed = row["confirmed_by"]
    return Corrected(
        case_id=row["case"],
        case_version=row["case_version"],
        at=row["at"],
        by=official_of(row["by"]),
        confirmed_by=official_of(confirmed) if confirmed else None,
        why=row["why"],
        before=said_of(row["before"]),
        after=said_of(row["after"]),
        added=tuple(row["added"]),
        removed=tuple(row["removed"]),
        changed=tuple(row["changed"]),
    )
