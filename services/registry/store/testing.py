"""Laboratory results in MongoDB, and their reports as files."""

from collections.abc import Sequence

from bson import ObjectId
from gridfs import AsyncGridFSBucket
from pydantic import TypeAdapter

from services.registry.domain.testing import TestResult
from services.registry.store.codec import plain
from shared.auth import Principal, area_filter
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

TESTS = "test_results"
BUCKET = "reports"
PAGE_SIZE = 20
_FAILED = {"$eq": ["$verdict", "failed"]}
_adapter = TypeAdapter(TestResult)


async def prepare(db: Database) -> None:
    rows = db.collection(TESTS)
    await rows.create_index([("lot_id", 1), ("entered_at", 1)])
    await rows.create_index([("standing", 1), ("verdict", 1), ("entered_at", 1)])
    await rows.create_index([("owner.facility_id", 1), ("entered_at", -1)])
    await rows.create_index([("owner.commune", 1), ("entered_at", -1)])


async def insert(tx: Tx, result: TestResult) -> None:
    await tx.collection(TESTS).insert_one(_document(result))


async def put(tx: Tx, before: TestResult, after: TestResult) -> None:
    result = await tx.collection(TESTS).replace_one(
        {"_id": after.id, "version": before.version}, _document(after)
    )
    if result.matched_count != 1:
        raise EditConflict()


async def get(source: Database | Tx, result_id: str) -> TestResult:
    row = await source.collection(TESTS).find_one({"_id": result_id})
    if row is None:
        raise NotFound()
    return _result(row)


async def of_lot(source: Database | Tx, lot_id: str) -> list[TestResult]:
    """All results of a lot, oldest first."""
    cursor = source.collection(TESTS).find({"lot_id": lot_id}).sort("entered_at", 1)
    return [_result(row) async for row in cursor]


async def of_lots(db: Database, lots: Sequence[str]) -> dict[str, list[TestResult]]:
    """All results of these lots, by lot, oldest first; lots without any are left out."""
    found: dict[str, list[TestResult]] = {}
    cursor = db.collection(TESTS).find({"lot_id": {"$in": [*lots]}}).sort("entered_at", 1)
    async for row in cursor:
        found.setdefault(row["lot_id"], []).append(_result(row))
    return found


async def failed_among(db: Database, lots: Sequence[str]) -> bool:
    """Whether one of these lots has a failed result that nobody let pass."""
    against = {"verdict": "failed", "standing": {"$ne": "allowed"}}
    found = await db.collection(TESTS).find_one({"lot_id": {"$in": [*lots]}, **against}, {"_id": 1})
    return found is not None


async def standing_failures(source: Database | Tx) -> list[str]:
    """The lots with a failed result that nobody let pass."""
    against = {"verdict": "failed", "standing": {"$in": ["waiting", "confirmed"]}}
    rows = source.collection(TESTS).find(against, {"lot_id": 1})
    return sorted({row["lot_id"] async for row in rows})


async def in_scope(
    db: Database, who: Principal, wanted: Document, *, page: int = 1
) -> list[TestResult]:
    """Results that the account may read; failed ones that wait first, then the newest."""
    pipeline: list[Document] = [
        {"$match": {"$and": [_scope(who), wanted]}},
        {"$set": {"late": {"$and": [{"$eq": ["$standing", "waiting"]}, _FAILED]}}},
        {"$sort": {"late": -1, "entered_at": -1, "_id": 1}},
        {"$skip": (page - 1) * PAGE_SIZE},
        {"$limit": PAGE_SIZE},
        {"$unset": "late"},
    ]
    return [_result(row) async for row in await db.collection(TESTS).aggregate(pipeline)]


async def count(db: Database, who: Principal, wanted: Document) -> int:
    return await db.collection(TESTS).count_documents({"$and": [_scope(who), wanted]})


def waiting_failures() -> Document:
    """What holds a lot back until an official decides."""
    return {"standing": "waiting", "verdict": "failed"}


def narrowed(*, waiting: bool, verdict: str) -> Document:
    wanted: Document = {"standing": "waiting"} if waiting else {}
    return {**wanted, "verdict": verdict} if verdict else wanted


def _scope(who: Principal) -> Document:
    return area_filter(
        who, facility="owner.facility_id", commune="owner.commune", sector="owner.sector"
    )


async def keep_file(db: Database, data: bytes) -> str:
    """Store a report ahead of the transaction that names it; GridFS takes part in none."""
    bucket = AsyncGridFSBucket(db.handle, bucket_name=BUCKET)
    return str(await bucket.upload_from_stream("report.pdf", data))


async def read_file(db: Database, file: str) -> bytes:
    bucket = AsyncGridFSBucket(db.handle, bucket_name=BUCKET)
    stream = await bucket.open_download_stream(ObjectId(file))
    data: bytes = await stream.read()
    return data


def _document(result: TestResult) -> Document:
    body: Document = plain(result)
    body["_id"] = body.pop("id")
    return body


def _result(row: Document) -> TestResult:
    body = {key: value for key, value in row.items() if key != "_id"}
    return _adapter.validate_python({**body, "id": row["_id"]})
