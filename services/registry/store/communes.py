"""Units of the commune tier as identity tells of them, and what lies in communes that are gone."""

from collections.abc import Collection, Mapping
from typing import Final

from pymongo import ASCENDING

from services.registry.domain.communes import communes
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
from shared.mongo import Database, Document, Tx, Unasked

UNITS: Final = "commune_units"
NAMES: Final = Unasked("commune_names_told")
_ID: Final = "present"
FACILITIES, AREAS = COLLECTIONS[Aggregate.FACILITY], COLLECTIONS[Aggregate.GROWING_AREA]
# Whose place others are told, and where it stands; other records follow their facility.
TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    FACILITIES: ("draft.commune", "published.commune"),
    AREAS: ("draft.commune", "published.commune"),
    KNOWN: ("it.commune",),
    INSPECTIONS: ("commune",),
}
# What repeats the place of its facility, or has one of its own, and is told without it.
ELSEWHERE: Final[Mapping[str, str]] = {
    TESTS: "owner.commune",
    EXAMINATIONS: "owner.commune",
    INQUIRIES: "commune",
    ARTICLES: "commune",
}


async def prepare(db: Database) -> None:
    """Every look asks for what lies in communes that are gone: none may read all there is."""
    for name in (FACILITIES, AREAS):
        for field in TOLD[name]:
            await db.collection(name).create_index([(field, ASCENDING), ("_id", ASCENDING)])
    await db.collection(INQUIRIES).create_index("commune")


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
        ],
        communes(),
    )


async def lying_in(
    db: Database, name: str, codes: Collection[str], after: str = "", size: int = 25
) -> list[str]:
    """The next of a collection of TOLD by id that say, be it as drafted, that they lie there."""
    there = {"$in": sorted(codes)}
    anywhere: list[Document] = [{field: there} for field in TOLD[name]]
    query: Document = {"_id": {"$gt": after}, "$or": anywhere}
    found = db.collection(name).find(query, {"_id": 1})
    return [row["_id"] async for row in found.sort("_id", 1).limit(size)]


async def move_the_rest(db: Database, into: Mapping[str, str]) -> int:
    """How much was moved; done again it is nothing."""
    moved = 0
    for name, field in ELSEWHERE.items():
        for old, present in into.items():
            done = await db.collection(name).update_many({field: old}, {"$set": {field: present}})
            moved += done.modified_count
    return moved


async def names_told(db: Database) -> dict[str, str]:
    """By which names passports call communes, where these are not the names of the reform."""
    row = await db.collection(NAMES).find_one({"_id": _ID})
    return dict(row["names"]) if row is not None else {}


async def note_names_told(db: Database, names: Mapping[str, str]) -> None:
    rows = [list(pair) for pair in sorted(names.items())]
    await db.collection(NAMES).replace_one({"_id": _ID}, {"names": rows}, upsert=True)
