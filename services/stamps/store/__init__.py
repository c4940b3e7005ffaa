"""What stamps keeps in MongoDB; nothing else of the service speaks to it."""

from pymongo import ASCENDING, DESCENDING

from shared.mongo import Database


async def prepare(db: Database) -> None:
    """Create the indexes; the unique ones are the last judges of the invariants they name."""
    requests = db.collection("requests")
    await requests.create_index(
        [("submitted_by", ASCENDING), ("key", ASCENDING)],
        name="one_request_per_key",
        unique=True,
        partialFilterExpression={"key": {"$gt": ""}},
    )
    await requests.create_index([("state", ASCENDING), ("submitted_at", DESCENDING)])
    await requests.create_index([("facility_id", ASCENDING), ("submitted_at", DESCENDING)])
    batches = db.collection("batches")
    await batches.create_index("request_id", name="one_batch_per_request", unique=True)
    await batches.create_index([("facility_id", ASCENDING), ("_id", DESCENDING)])
    segments = db.collection("segments")
    await segments.create_index([("batch", ASCENDING), ("index", ASCENDING)])
    await db.collection("changes").create_index([("batch", ASCENDING), ("at", DESCENDING)])
    await db.collection("lots").create_index([("facility_id", ASCENDING)])
    await db.collection("products").create_index([("facility_id", ASCENDING)])
    await db.collection("holds").create_index([("facility_id", ASCENDING), ("active", ASCENDING)])
    await db.collection("print_jobs").create_index([("state", ASCENDING), ("_id", ASCENDING)])
    await db.collection("print_jobs").create_index([("batch", ASCENDING), ("_id", DESCENDING)])
