"""Drills, and the lots as the score found them. Whom they ask is in store/drill_places.py.

None of this is read by what publishes notices, lists or feeds of recalls.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.recall.domain.drill import Drill, State
from services.recall.domain.drill_refusals import DrillRunning
from services.recall.store.drill_documents import document, drill_of
from services.recall.store.newest import Reader
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

DRILLS, LOTS = "drills", "drill_lots"
PAGE_SIZE: Final = 25
OPEN_KEYS: Final = "open_drill"
# Lots of the frozen figures in one document.
_LOTS_AT_ONCE: Final = 500


async def prepare(db: Database) -> None:
    """The unique index is the last judge of two drills of one target."""
    rows = db.collection(DRILLS)
    await rows.create_index(
        "open_keys",
        name=OPEN_KEYS,
        unique=True,
        partialFilterExpression={"open_keys": {"$exists": True}},
    )
    await rows.create_index([("begun_at", DESCENDING)])
    await rows.create_index([("areas", ASCENDING), ("begun_at", DESCENDING)])
    await rows.create_index([("by.facility_id", ASCENDING), ("begun_at", DESCENDING)])
    await rows.create_index([("state", ASCENDING), ("ends_at", ASCENDING)])
    await rows.create_index([("state", ASCENDING), ("score.grade", ASCENDING)])
    await db.collection(LOTS).create_index([("drill", ASCENDING), ("part", ASCENDING)])


async def add(tx: Tx, drill: Drill) -> None:
    """Raises DrillRunning where one for the target, or of the facility, is not over."""
    try:
        await tx.collection(DRILLS).insert_one({"_id": drill.id, **document(drill)})
    except DuplicateKeyError as error:
        if OPEN_KEYS in str(error.details):
            raise DrillRunning("target") from error
        raise EditConflict() from error


async def put(tx: Tx, drill: Drill) -> None:
    """Raises EditConflict if somebody else acted meanwhile."""
    kept = document(drill)
    update: Document = {"$set": kept}
    if "open_keys" not in kept:
        update["$unset"] = {"open_keys": ""}
    before = {"_id": drill.id, "version": drill.version - 1}
    result = await tx.collection(DRILLS).update_one(before, update)
    if not result.matched_count:
        raise EditConflict()


async def get(reader: Reader, drill_id: str) -> Drill:
    row = await reader.collection(DRILLS).find_one({"_id": drill_id})
    if row is None:
        raise NotFound()
    return drill_of(row)


async def find(reader: Reader, drill_id: str) -> Drill | None:
    row = await reader.collection(DRILLS).find_one({"_id": drill_id})
    return drill_of(row) if row is not None else None


async def hold(tx: Tx, drill_id: str) -> None:
    """Answers and the end come one after another: none is left out of what the end freezes."""
    await tx.collection(DRILLS).update_one({"_id": drill_id}, {"$inc": {"answers": 1}})


async def freeze_lots(tx: Tx, drill_id: str, lots: Sequence[Document]) -> None:
    parts = range(0, len(lots), _LOTS_AT_ONCE)
    documents = [
        {
            "_id": f"{drill_id}/{part}",
            "drill": drill_id,
            "part": part,
            "lots": list(lots[start : start + _LOTS_AT_ONCE]),
        }
        for part, start in enumerate(parts)
    ]
    if documents:
        await tx.collection(LOTS).insert_many(documents)


async def frozen_lots(reader: Reader, drill_id: str, most: int) -> list[Document]:
    """The first lots as the end found them: those that somebody has to look at, the worst first."""
    rows = reader.collection(LOTS).find({"drill": drill_id}).sort("part", ASCENDING)
    parts = rows.limit(-(-most // _LOTS_AT_ONCE))
    return [_frozen(lot) async for row in parts for lot in row["lots"]][:most]


def _frozen(lot: Document) -> Document:
    """Ends of before kept no accounts apart: what books and words said of such a lot is not known
    any more (None), nor whether they differed."""
    unknown = {"books": None, "said": None, "contradicted": False}
    return {**unknown, "open": Decimal(lot["missing"]) > 0, **lot}


async def page(
    db: Database, wanted: Document, *, skip: int = 0, size: int = PAGE_SIZE
) -> tuple[list[Drill], int]:
    """The newest first, and how many there are."""
    total = await db.collection(DRILLS).count_documents(wanted)
    rows = db.collection(DRILLS).find(wanted).sort([("begun_at", DESCENDING), ("_id", ASCENDING)])
    return [drill_of(row) async for row in rows.skip(skip).limit(size)], total


async def begun_by(tx: Tx, facility_id: str, since: datetime) -> int:
    """How many drills a facility began since then."""
    wanted = {"by.facility_id": facility_id, "begun_at": {"$gt": since}}
    return await tx.collection(DRILLS).count_documents(wanted)


async def running(db: Database) -> dict[str, int]:
    """Drills that run, each with how many answers were given."""
    rows = db.collection(DRILLS).find({"state": str(State.RUNNING)}, {"answers": 1})
    return {row["_id"]: row.get("answers", 0) async for row in rows}


async def to_decline(db: Database, since: datetime, most: int, *, after: str = "") -> list[str]:
    """Drills that have waited for a second person since then."""
    wanted = {"state": str(State.AWAITING), "begun_at": {"$lte": since}}
    return await _ids(db, wanted, most, after)


async def to_end(db: Database, at: datetime, most: int, *, after: str = "") -> list[str]:
    """Running drills whose hours are over."""
    wanted = {"state": str(State.RUNNING), "ends_at": {"$lte": at}}
    return await _ids(db, wanted, most, after)


async def to_score(db: Database, most: int, *, after: str = "") -> list[str]:
    """Drills that ended and have no figures yet: whoever ended them died before."""
    return await _ids(db, {"state": str(State.ENDED), "score.grade": None}, most, after)


async def _ids(db: Database, wanted: Document, most: int, after: str) -> list[str]:
    """In the order of ids, from the one after this on."""
    rows = db.collection(DRILLS).find({**wanted, "_id": {"$gt": after}}, {"_id": 1})
    return [row["_id"] async for row in rows.sort("_id", ASCENDING).limit(most)]
