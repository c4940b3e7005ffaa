"""Units of the commune tier as identity tells of them, and what lies in communes that are gone."""

from collections.abc import Collection, Mapping
from typing import Final

from services.registry.domain.merging import TIER, CommuneUnit, Merged, merged
from services.registry.domain.records import Aggregate
from services.registry.store.articles import ARTICLES
from services.registry.store.codec import COLLECTIONS
from services.registry.store.examinations import EXAMINATIONS
from services.registry.store.inquiries import INQUIRIES
from services.registry.store.inspections import INSPECTIONS
from services.registry.store.known import KNOWN
from services.registry.store.testing import TESTS
from shared.contracts.identity import UnitPublished
from shared.mongo import Database, Document, Tx

UNITS: Final = "commune_units"
# Whose content says where they lie; all else follows its facility.
PLACED: Final = (Aggregate.FACILITY, Aggregate.GROWING_AREA)
# What repeats the place of its facility, or has one of its own; records follow their facility.
ELSEWHERE: Final[Mapping[str, str]] = {
    TESTS: "owner.commune",
    EXAMINATIONS: "owner.commune",
    INSPECTIONS: "commune",
    INQUIRIES: "commune",
    ARTICLES: "commune",
    KNOWN: "it.commune",
}


async def note_unit(tx: Tx, event: UnitPublished) -> None:
    """The newest version counts: late and repeated events fall away."""
    if event.tier != TIER:
        return
    rows = tx.collection(UNITS)
    known = await rows.find_one({"_id": event.subject}, {"version": 1})
    if known is not None and known["version"] >= event.version:
        return
    row: Document = {
        "_id": event.subject,
        "version": event.version,
        "name": event.name,
        "communes": list(event.communes),
        "successor": event.successor_id or "",
    }
    await rows.replace_one({"_id": event.subject}, row, upsert=True)


async def present(db: Database) -> Merged:
    """What was merged into what, as far as it was heard."""
    return merged(
        [
            CommuneUnit(row["_id"], row["name"], tuple(row["communes"]), row["successor"])
            async for row in db.collection(UNITS).find({})
        ]
    )


async def lying_in(
    db: Database, aggregate: Aggregate, codes: Collection[str], after: str = "", size: int = 25
) -> list[str]:
    """The next records by id that say, as drafted or as published, that they lie there."""
    there = {"$in": sorted(codes)}
    either: list[Document] = [{"draft.commune": there}, {"published.commune": there}]
    query: Document = {"_id": {"$gt": after}, "$or": either}
    found = db.collection(COLLECTIONS[aggregate]).find(query, {"_id": 1})
    return [row["_id"] async for row in found.sort("_id", 1).limit(size)]


async def move_the_rest(db: Database, into: Mapping[str, str]) -> int:
    """How much was moved; done again it is nothing."""
    moved = 0
    for name, field in ELSEWHERE.items():
        for old, present in into.items():
            done = await db.collection(name).update_many({field: old}, {"$set": {field: present}})
            moved += done.modified_count
    return moved
