"""Laboratory results in MongoDB, and their reports as files."""

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorGridFSBucket
from pydantic import TypeAdapter

from services.registry.domain.testing import TestResult
from services.registry.store.codec import plain
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

TESTS = "test_results"
BUCKET = "reports"
_adapter = TypeAdapter(TestResult)


async def prepare(db: Database) -> None:
    await db.collection(TESTS).create_index([("lot_id", 1), ("entered_at", 1)])


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


async def keep_file(db: Database, data: bytes) -> str:
    """Store a report ahead of the transaction that names it; GridFS takes part in none."""
    bucket = AsyncIOMotorGridFSBucket(db.handle, bucket_name=BUCKET)
    return str(await bucket.upload_from_stream("report.pdf", data))


async def read_file(db: Database, file: str) -> bytes:
    bucket = AsyncIOMotorGridFSBucket(db.handle, bucket_name=BUCKET)
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
