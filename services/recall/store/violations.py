"""Reports of violations, and the files that are their evidence."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING

from services.recall.domain.complaint import Step
from services.recall.domain.violation import STATES, File, Violation, Wording
from services.recall.store.newest import Reader
from shared.auth import Principal, Scope, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

VIOLATIONS, FILES = "violation_reports", "violation_files"
PAGE_SIZE: Final = 25


async def prepare(db: Database) -> None:
    rows = db.collection(VIOLATIONS)
    await rows.create_index([("state", ASCENDING), ("made_at", DESCENDING)])
    await rows.create_index([("commune", ASCENDING), ("made_at", DESCENDING)])
    await rows.create_index([("facility_id", ASCENDING), ("made_at", DESCENDING)])
    await rows.create_index([("origin", ASCENDING), ("origin_id", ASCENDING)])
    await db.collection(FILES).create_index("report")


async def insert(tx: Tx, report: Violation) -> None:
    await tx.collection(VIOLATIONS).insert_one(_document(report))


async def put(tx: Tx, before: Violation, after: Violation) -> None:
    """Raises EditConflict if somebody else acted meanwhile."""
    wanted = {"_id": before.id, "version": before.version}
    result = await tx.collection(VIOLATIONS).replace_one(wanted, _document(after))
    if not result.matched_count:
        raise EditConflict()


async def get(reader: Reader, report_id: str) -> Violation:
    row = await reader.collection(VIOLATIONS).find_one({"_id": report_id})
    if row is None:
        raise NotFound()
    return _violation(row)


async def keep_file(tx: Tx, report_id: str, file: File, data: bytes) -> None:
    await tx.collection(FILES).insert_one({"_id": file.id, "report": report_id, "data": data})


async def bytes_of(db: Database, report_id: str, file_id: str) -> bytes:
    row = await db.collection(FILES).find_one({"_id": file_id, "report": report_id})
    if row is None:
        raise NotFound()
    return bytes(row["data"])


def visible_to(who: Principal) -> Document:
    """In the asker's area: what was sent, and drafts of their own unit."""
    own = {"$or": [{"state": {"$ne": "draft"}}, {"unit_id": who.unit_id}]}
    return {"$and": [area_filter(who), own]}


async def listed(db: Database, wanted: Document, page: int) -> list[Violation]:
    """One page, the newest first."""
    rows = db.collection(VIOLATIONS).find(wanted).sort([("made_at", -1), ("_id", 1)])
    return [_violation(row) async for row in rows.skip((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)]


async def every(db: Database, wanted: Document) -> AsyncIterator[Violation]:
    async for row in db.collection(VIOLATIONS).find(wanted).sort([("made_at", -1), ("_id", 1)]):
        yield _violation(row)


async def numbers(db: Database, wanted: Document) -> dict[str, int]:
    """How many there are in each state."""
    pipeline: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$group": {"_id": "$state", "n": {"$sum": 1}}},
    ]
    rows = await db.collection(VIOLATIONS).aggregate(pipeline)
    found = {row["_id"]: int(row["n"]) async for row in rows}
    return {state: found.get(state, 0) for state in STATES}


def scope_of(report: Violation) -> Scope:
    return Scope(report.facility_id, report.commune, report.sector)


def _document(report: Violation) -> Document:
    body = asdict(report)
    body["_id"] = body.pop("id")
    body["wording"]["found_on"] = report.wording.found_on.isoformat()
    return body


def _violation(row: Document) -> Violation:
    body = {key: value for key, value in row.items() if key != "_id"}
    told = row["wording"]
    body["wording"] = Wording(**{**told, "found_on": date.fromisoformat(told["found_on"])})
    body["files"] = tuple(File(**one) for one in row["files"])
    body["steps"] = tuple(Step(**step) for step in row["steps"])
    return Violation(id=row["_id"], **body)
