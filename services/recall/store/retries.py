"""Many messages sent once more, such as after a fault of our own mail server."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pymongo import ASCENDING

from services.recall.domain.delivery import ENDED_BY_LIFTING, QUESTIONS, Message, State
from services.recall.domain.drill import State as DrillState
from services.recall.domain.terms import State as CaseState
from services.recall.store import contacts
from services.recall.store.cases import CASES
from services.recall.store.deliveries import DELIVERIES
from services.recall.store.delivery_rows import SENT_HERE
from services.recall.store.drills import DRILLS
from services.recall.store.newest import Reader
from shared.mongo import Database, Document, Tx

# Written in one transaction, which the server ends after some seconds.
MOST_RETRIED: Final = 5_000
# What was given up is kept for two years: no more of it is looked through at once.
MOST_LOOKED_AT: Final = 200_000
_AT_ONCE: Final = 1_000
# Later than this a deadline is hardly near any more, but passed.
NEAR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sendable:
    """Ids of messages, with their contacts; `is_all` where there are no more of them."""

    contact_of: dict[str, str]
    is_all: bool


async def sendable(db: Database, wanted: Document, *, at: datetime) -> Sendable:
    """Of all that fit those that are worth sending, the oldest first, MOST_RETRIED of them at the
    most: not questions, nothing to contacts that rest or are gone, nothing of what is over."""
    sent = {"$in": sorted(set(SENT_HERE) - {str(one) for one in QUESTIONS})}
    fields = {"contact_id": 1, "case_id": 1, "message": 1, "happened_at": 1}
    rows = db.collection(DELIVERIES).find({**wanted, "message": sent}, fields)
    rows = rows.sort("created_at", ASCENDING).limit(MOST_LOOKED_AT)
    found: dict[str, str] = {}
    some: list[Document] = []
    looked = 0
    async for row in rows:
        looked += 1
        some.append(row)
        if len(some) == _AT_ONCE:
            found |= await _worth(db, some, at)
            some = []
        if len(found) > MOST_RETRIED:
            break
    found |= await _worth(db, some, at)
    first = dict(list(found.items())[:MOST_RETRIED])
    return Sendable(first, is_all=len(found) <= MOST_RETRIED and looked < MOST_LOOKED_AT)


async def again(tx: Tx, one: Sendable, wanted: Document, *, at: datetime) -> int:
    """As `retry`, of all of these that fit still; how many."""
    active = set(await contacts.active_among(tx, sorted(set(one.contact_of.values()))))
    ids = [id_ for id_, contact in one.contact_of.items() if contact in active]
    fields = {
        "state": str(State.QUEUED),
        "open": True,
        "next_at": at,
        "tried_since": at,
        "held": False,
    }
    rows = tx.collection(DELIVERIES)
    result = await rows.update_many({"_id": {"$in": ids}, **wanted}, {"$set": fields})
    return int(result.modified_count)


async def _worth(reader: Reader, rows: Sequence[Document], at: datetime) -> dict[str, str]:
    active = set(await contacts.active_among(reader, sorted({row["contact_id"] for row in rows})))
    of_cases = [row["case_id"] for row in rows if row["message"] in ENDED_BY_LIFTING]
    running = await _among(reader, CASES, of_cases, str(CaseState.ORDERED))
    of_drills = [row["case_id"] for row in rows if row["message"] == Message.DRILL_STARTED]
    running |= await _among(reader, DRILLS, of_drills, str(DrillState.RUNNING))
    return {
        row["_id"]: row["contact_id"]
        for row in rows
        if row["contact_id"] in active
        and (row["case_id"] in running or not _needs_a_running_one(row["message"]))
        and not (row["message"] == Message.DEADLINE_NEAR and row["happened_at"] < at - NEAR)
    }


def _needs_a_running_one(message: str) -> bool:
    return message in ENDED_BY_LIFTING or message == Message.DRILL_STARTED


async def _among(reader: Reader, name: str, ids: Iterable[str], state: str) -> set[str]:
    wanted = {"_id": {"$in": sorted(set(ids))}, "state": state}
    return {row["_id"] async for row in reader.collection(name).find(wanted, {"_id": 1})}
