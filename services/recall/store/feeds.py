"""Cases as public feeds have them: by their last change, of a sector, a commune, a product."""

from datetime import datetime

from pymongo import ASCENDING, DESCENDING

from services.recall.domain.case import Case
from services.recall.store.cases import CASES, NOTICES
from services.recall.store.documents import case_of
from services.recall.store.genealogy import LOTS
from shared.mongo import Database, Document

# Lots of one product that are looked for; of those before them a case is found by its target.
MOST_LOTS = 2_000


async def prepare(db: Database) -> None:
    rows = db.collection(CASES)
    await rows.create_index([("changed_at", DESCENDING)])
    await rows.create_index([("places.commune", ASCENDING), ("places.sector", ASCENDING)])
    await rows.create_index([("target.id", ASCENDING)], name="targets")
    # Beside that of the notices which stand: an order writes nothing to it, only a lift does.
    await db.collection(NOTICES).create_index(
        [("lots", ASCENDING)], name="cleared_lots", partialFilterExpression={"active": False}
    )


async def latest(db: Database, wanted: Document, *, size: int) -> tuple[list[Case], int]:
    """The latest changed that fit, without their places and parts, and how many fit in all."""
    rows = db.collection(CASES)
    without = {"places": 0, "search": 0, "excluded": 0, "additions": 0, "correction": 0}
    found = rows.find(wanted, without).sort([("changed_at", DESCENDING), ("_id", DESCENDING)])
    bare: Document = {"places": [], "excluded": [], "additions": [], "correction": None}
    cases = [case_of({**row, **bare}, []) async for row in found.limit(size)]
    return cases, await rows.count_documents(wanted)


async def newest_change(db: Database) -> datetime | None:
    """When any case changed last."""
    row = await db.collection(CASES).find_one({}, {"changed_at": 1}, sort=[("changed_at", -1)])
    return row["changed_at"] if row is not None else None


async def about_product(db: Database, product_id: str) -> Document:
    """The filter of cases that name the product, or a lot of it; those that were lifted as well:
    whoever was told of one by a feed must be told there that it is over."""
    wanted = {"product_id": product_id}
    rows = db.collection(LOTS).find(wanted, {"_id": 1}).sort("produced_on", DESCENDING)
    lots = [row["_id"] async for row in rows.limit(MOST_LOTS)]
    cases = {
        row["case"]
        for active in (True, False)
        async for row in db.collection(NOTICES).find(
            {"active": active, "lots": {"$in": lots}}, {"case": 1}
        )
    }
    return {"$or": [{"_id": {"$in": sorted(cases)}}, {"target.id": {"$in": [product_id, *lots]}}]}


def touching(sector: str, commune: str) -> Document:
    """The filter of cases that touch a facility there; "" leaves all."""
    place = {name: of for name, of in (("sector", sector), ("commune", commune)) if of}
    return {"places": {"$elemMatch": place}} if place else {}
