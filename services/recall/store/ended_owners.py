"""Facilities that stopped and units that are no more, and since when: nobody is told there."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING

from services.recall.store.newest import put_newest
from shared.contracts.identity import UnitPublished
from shared.contracts.registry import FacilityPublished
from shared.mongo import Database, Tx

ENDED = "ended_owners"


async def prepare(db: Database) -> None:
    await db.collection(ENDED).create_index(
        [("since", ASCENDING)], partialFilterExpression={"ended": True}
    )


async def note_facilities(tx: Tx, events: Sequence[FacilityPublished]) -> None:
    await _note(tx, "facility", [(one, one.status != "active") for one in events])


async def note_units(tx: Tx, events: Sequence[UnitPublished]) -> None:
    await _note(tx, "unit", [(one, not one.active) for one in events])


async def before(db: Database, at: datetime, *, most: int) -> list[tuple[str, str]]:
    """Kind and id of those that ended before a time, the first of them."""
    wanted = {"ended": True, "since": {"$lt": at}}
    rows = db.collection(ENDED).find(wanted).sort("since", ASCENDING).limit(most)
    return [(row["kind"], row["owner"]) async for row in rows]


async def forget(db: Database, kind: str, owner: str) -> None:
    """Nothing of it is left to be removed."""
    await db.collection(ENDED).update_one(
        {"_id": f"{kind}:{owner}", "ended": True}, {"$unset": {"ended": "", "since": ""}}
    )


async def _note(
    tx: Tx, kind: str, found: Sequence[tuple[FacilityPublished | UnitPublished, bool]]
) -> None:
    rows = [
        {
            "_id": f"{kind}:{one.subject}",
            "version": one.version,
            "kind": kind,
            "owner": one.subject,
            **({"ended": True, "since": one.time} if has_ended else {}),
        }
        for one, has_ended in found
    ]
    await put_newest(tx, ENDED, rows)
