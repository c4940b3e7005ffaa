"""What reporting keeps in MongoDB; nothing else of the service speaks to it."""

from pymongo import ASCENDING, DESCENDING

from services.reporting.store import (
    acts,
    areas,
    drills,
    field,
    reads,
    recalls,
    scope,
    settling,
    waiting,
    worklist,
)
from services.reporting.store.ledger import LEDGER
from shared.mongo import Database


async def prepare(db: Database) -> None:
    await acts.prepare(db)
    await scope.prepare(db)
    await reads.prepare(db)
    await worklist.prepare(db)
    ledger = db.collection(LEDGER)
    await ledger.create_index("event_id", name="one_link_per_event", unique=True)
    await ledger.create_index([("source", ASCENDING), ("number", ASCENDING)])
    await ledger.create_index([("act.action", ASCENDING), ("_id", DESCENDING)])
    await ledger.create_index([("subject", ASCENDING), ("_id", DESCENDING)])
    await db.collection("facilities").create_index([("commune", ASCENDING), ("sector", ASCENDING)])
    await db.collection("products").create_index("facility_id")
    await db.collection("lots").create_index("facility_id")
    await db.collection("counters").create_index(
        [("metric", ASCENDING), ("day", ASCENDING)], name="metric_day"
    )
    await areas.prepare(db)
    await waiting.prepare(db)
    await field.prepare(db)
    await recalls.prepare(db)
    await drills.prepare(db)
    # Before anybody is shown figures: those of a database that had none by area are to be right.
    await settling.settle(db)
