"""What stamps keeps in MongoDB; nothing else of the service speaks to it."""

from pymongo import ASCENDING, DESCENDING

from services.stamps.store import (
    batches,
    claims,
    counting,
    designs,
    facts,
    handovers,
    log,
    quotas,
    stock,
)
from shared import once
from shared.mongo import Database


async def prepare(db: Database) -> None:
    """Create the indexes; the unique ones are the last judges of the invariants they name."""
    requests = db.collection("requests")
    await requests.create_index([("facility_id", ASCENDING), ("_id", DESCENDING)])
    await requests.create_index([("state", ASCENDING), ("_id", DESCENDING)])
    issued = db.collection("batches")
    await issued.create_index("request_id", name="one_batch_per_request", unique=True)
    await issued.create_index([("facility_id", ASCENDING), ("_id", DESCENDING)])
    segments = db.collection("segments")
    await segments.create_index(
        [("batch", ASCENDING), ("index", ASCENDING)], name="one_segment_per_place", unique=True
    )
    await db.collection("changes").create_index([("batch", ASCENDING), ("number", DESCENDING)])
    for origin in ("growing_area_id", "inputs"):
        await db.collection("lots").create_index(origin, sparse=True)
    for told in ("lots", "products"):
        await db.collection(told).create_index([("facility_id", ASCENDING)])
    await db.collection("facilities").create_index([("commune", ASCENDING), ("sector", ASCENDING)])
    for named in ("lots", "products", "facilities", "batches", "stamps.batch"):
        await db.collection("notices").create_index(named, sparse=True)
    await db.collection("holds").create_index([("facility_id", ASCENDING), ("active", ASCENDING)])
    jobs = db.collection("print_jobs")
    await jobs.create_index([("state", ASCENDING), ("_id", ASCENDING)])
    await jobs.create_index([("batch", ASCENDING), ("_id", DESCENDING)])
    await jobs.create_index([("facility_id", ASCENDING), ("_id", DESCENDING)])
    await jobs.create_index(
        "unit_id", name="of_a_unit", partialFilterExpression={"unit_id": {"$gt": ""}}
    )
    await claims.prepare(db)
    await counting.prepare(db)
    await facts.prepare(db)
    await designs.prepare(db)
    await quotas.prepare(db)
    await batches.prepare(db)
    await stock.prepare(db)
    await handovers.prepare(db)
    await once.prepare(db)
    await log.prepare(db)
