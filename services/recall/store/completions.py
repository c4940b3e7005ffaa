"""Cases whose sums are to be looked at, since something was told of them that may complete them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pymongo import ASCENDING, UpdateOne
from pymongo.errors import DuplicateKeyError

from services.recall.domain.terms import State
from services.recall.store.cases import CASES
from services.recall.store.newest import Reader, chunks
from shared.errors import EditConflict
from shared.ids import now
from shared.mongo import Database, Document, Tx, Unasked

# Nobody asks for a look: the service takes it because of what it heard.
LOOKS: Final = Unasked("completion_looks")
ALL_ASKED: Final = "completion_looks_of_all"


@dataclass(frozen=True, slots=True)
class Look:
    """`at` is when the latest of what asks for it happened, `times` how much asked for it."""

    case_id: str
    at: datetime
    times: int


async def prepare(db: Database) -> None:
    """Once: programs of before passed over cases of very many lots, and what they heard of those is
    not sent again. So each case that runs is looked at."""
    done = db.collection("migrations")
    if await done.find_one({"_id": ALL_ASKED}):
        return
    at = now()
    rows = db.collection(CASES).find({"state": str(State.ORDERED)}, {"_id": 1})
    for some in chunks([row["_id"] async for row in rows]):
        asked = [UpdateOne({"_id": case_id}, _once_more(at), upsert=True) for case_id in some]
        await db.collection(LOOKS).bulk_write(asked, ordered=False)
    await done.update_one({"_id": ALL_ASKED}, {"$set": {"at": at}}, upsert=True)


async def ask(tx: Tx, case_id: str, at: datetime) -> None:
    """Raises EditConflict where two ask first at once."""
    try:
        await tx.collection(LOOKS).update_one({"_id": case_id}, _once_more(at), upsert=True)
    except DuplicateKeyError as error:
        raise EditConflict() from error


async def waiting(db: Database, limit: int, *, after: str = "") -> list[str]:
    """Ids of cases, by id, from the one after this on."""
    rows = db.collection(LOOKS).find({"_id": {"$gt": after}}, {"_id": 1})
    return [row["_id"] async for row in rows.sort("_id", ASCENDING).limit(limit)]


async def get(reader: Reader, case_id: str) -> Look | None:
    row = await reader.collection(LOOKS).find_one({"_id": case_id})
    return Look(row["_id"], row["at"], row["times"]) if row else None


def _once_more(at: datetime) -> Document:
    return {"$max": {"at": at}, "$inc": {"times": 1}}


async def taken(tx: Tx, look: Look) -> None:
    """Unless something more was told meanwhile."""
    await tx.collection(LOOKS).delete_one({"_id": look.case_id, "times": look.times})
