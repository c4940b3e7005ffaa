"""Reads that a signed-in account was refused, in the ledger, folded so that nobody can flood it.

The first refusal of an account at an address (its template, whatever the id) in an hour is recorded
at once; how many followed, when the hour is over. Of more than MOST addresses in an hour the rest
is one entry. So a program that goes through all ids costs the ledger two entries an hour and
address, and the work of one counter for each request (ADR 14).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shared import audit
from shared.auth import Principal
from shared.contracts.acts import Actor
from shared.folding import AT_ONCE, EVERYTHING_ELSE, MOST, hour_of, record
from shared.mongo import Database, Document, Tx, Unasked, transact

ROWS: Final = Unasked("refused_reads")


@dataclass(frozen=True, slots=True)
class Refused:
    """A read: `route` is the address's template, `subject` the id in it, `outcome` the code and
    `said` the words of the refusal."""

    route: str
    subject: str
    outcome: str
    said: str = ""


async def prepare(db: Database) -> None:
    await db.collection(ROWS).create_index([("account_id", 1), ("hour", 1)])
    await db.collection(ROWS).create_index("hour")


async def note(db: Database, who: Principal, refused: Refused, at: datetime) -> None:
    """Count it, and record it if it is the first of its kind in this hour."""
    if await _count(db, _key(who, refused, at), refused):
        return
    await transact(db, lambda tx: _first(tx, who, refused, at))


async def _count(source: Database | Tx, key: str, refused: Refused) -> bool:
    change = {"$inc": {"count": 1}, "$set": {"last": refused.subject}}
    result = await source.collection(ROWS).update_one({"_id": key}, change)
    return bool(result.matched_count)


async def _first(tx: Tx, who: Principal, refused: Refused, at: datetime) -> None:
    hour = hour_of(at)
    mine = {"account_id": who.account_id, "hour": hour}
    if await tx.collection(ROWS).count_documents(mine, limit=MOST) >= MOST:
        refused = replace(refused, route=EVERYTHING_ELSE, subject=EVERYTHING_ELSE)
    key = _key(who, refused, at)
    if await _count(tx, key, refused):
        return
    actor = audit.actor_of(who)
    row = {
        "_id": key,
        **mine,
        "actor": actor.model_dump(),
        "route": refused.route,
        "outcome": refused.outcome,
        "said": refused.said,
        "last": refused.subject,
        "count": 1,
    }
    await tx.collection(ROWS).insert_one(row)
    await record(
        tx, actor, refused.subject, refused.outcome, {"address": refused.route}, said=refused.said
    )


async def close_due(db: Database, at: datetime) -> int:
    """Tell of hours that are over how many refusals there were; returns of how many rows."""
    due = {"hour": {"$lt": hour_of(at)}}
    rows = [row async for row in db.collection(ROWS).find(due).limit(AT_ONCE)]
    for row in rows:
        await transact(db, lambda tx, row=row: _close(tx, row["_id"]))  # type: ignore[misc]
    return len(rows)


async def _close(tx: Tx, key: str) -> None:
    row: Document | None = await tx.collection(ROWS).find_one({"_id": key})
    if row is None:
        return
    await tx.collection(ROWS).delete_one({"_id": key})
    if row["count"] == 1:
        return
    hour: datetime = row["hour"]
    facts = {"address": row["route"], "times": str(row["count"]), "from": hour.isoformat()}
    actor = Actor(**row["actor"])
    await record(tx, actor, row["last"], row["outcome"], facts, said=row["said"])


def _key(who: Principal, refused: Refused, at: datetime) -> str:
    return f"{who.account_id} {hour_of(at):%Y%m%d%H} {refused.outcome} {refused.route}"
