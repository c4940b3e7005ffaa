"""Very many lots or facts that are to be looked at anew, until a sweep has worked them off by
pages: those of one large maker would not fit into the transaction of the event that asks for it."""

from dataclasses import dataclass
from typing import Final, Literal

from pymongo import ASCENDING

from shared.mongo import Database, Tx, Unasked

WORKS: Final = Unasked("signal_works")
# What is looked at: balances of a product's lots; papers by the days on which a facility's lots
# were made, or stamped; all facts of a facility that lies elsewhere now.
Kind = Literal["product", "made", "stamped", "moved"]


@dataclass(frozen=True, slots=True)
class Work:
    """`subject` is a product or facility, `first` the first day that matters, `after` the id up to
    which it is done."""

    id: str
    kind: Kind
    subject: str
    first: str
    after: str
    turns: int


async def add(tx: Tx, kind: Kind, subject: str, first: str = "") -> None:
    """From the beginning, also where it was half done."""
    change = {
        "$set": {"kind": kind, "subject": subject, "after": ""},
        "$min": {"first": first},
        "$inc": {"turns": 1},
    }
    own = {"_id": f"{kind}:{subject}"}
    await tx.collection(WORKS).update_one(own, change, upsert=True)


async def some(db: Database, limit: int, after: str) -> list[Work]:
    """In the order of their ids."""
    rows = db.collection(WORKS).find({"_id": {"$gt": after}}).sort("_id", ASCENDING).limit(limit)
    return [
        Work(row["_id"], row["kind"], row["subject"], row["first"], row["after"], row["turns"])
        async for row in rows
    ]


async def go_on(tx: Tx, one: Work, after: str) -> bool:
    """It is done up to there; "" where nothing is left. False where another process did so, or it
    begins anew."""
    seen = {"_id": one.id, "turns": one.turns, "after": one.after}
    rows = tx.collection(WORKS)
    if not after:
        return bool((await rows.delete_one(seen)).deleted_count)
    return bool((await rows.update_one(seen, {"$set": {"after": after}})).matched_count)
