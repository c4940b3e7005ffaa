"""Reads that a signed-in account was refused, in the ledger, folded so that nobody can flood it.

The first refusal of an account at an address (its template, whatever the id) in an hour is recorded
at once; how many followed, when the hour is over. Of more than MOST addresses in an hour the rest
is one entry. So a program that goes through all ids costs the ledger two entries an hour and
address, and the work of one counter for each request (ADR 14).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from shared import audit
from shared.auth import Principal
from shared.contracts.acts import BY_SERVICE, Actor
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Database, Document, Tx, Unasked, is_outage, transact
from shared.telemetry import current_trace_id

log = structlog.get_logger()

ROWS: Final = Unasked("refused_reads")
ACTION: Final = "access.read"
WINDOW: Final = timedelta(hours=1)
# Addresses of one account and hour that are told apart.
MOST: Final = 20
EVERYTHING_ELSE: Final = "*"
CLOSE_EVERY_SECONDS: Final = 60.0
AT_ONCE: Final = 100


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
    hour = _hour(at)
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
    await _record(tx, actor, refused, {})


async def close_due(db: Database, at: datetime) -> int:
    """Tell of hours that are over how many refusals there were; returns of how many rows."""
    due = {"hour": {"$lt": _hour(at)}}
    rows = [row async for row in db.collection(ROWS).find(due).limit(AT_ONCE)]
    for row in rows:
        await transact(db, lambda tx, row=row: _close(tx, row["_id"]))  # type: ignore[misc]
    return len(rows)


async def keep_closing(db: Database) -> None:
    """Until cancelled."""
    while True:
        try:
            while await close_due(db, now()) == AT_ONCE:
                pass
        except Exception as error:
            if not is_outage(error):
                log.exception("refused reads could not be told")
        await asyncio.sleep(CLOSE_EVERY_SECONDS)


async def _close(tx: Tx, key: str) -> None:
    row: Document | None = await tx.collection(ROWS).find_one({"_id": key})
    if row is None:
        return
    await tx.collection(ROWS).delete_one({"_id": key})
    if row["count"] == 1:
        return
    refused = Refused(row["route"], row["last"], row["outcome"], row["said"])
    hour: datetime = row["hour"]
    facts = {"times": str(row["count"]), "from": hour.isoformat()}
    await _record(tx, Actor(**row["actor"]), refused, facts)


async def _record(tx: Tx, actor: Actor, refused: Refused, facts: Mapping[str, str]) -> None:
    event = BY_SERVICE[tx.db.service](
        subject=refused.subject or "-",
        version=1,
        time=now(),
        actor=actor,
        action=ACTION,
        outcome=refused.outcome,
        trace_id=current_trace_id(),
        facts={"address": refused.route, **facts},
        said=refused.said,
    )
    await outbox.append(tx, event)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _key(who: Principal, refused: Refused, at: datetime) -> str:
    return f"{who.account_id} {_hour(at):%Y%m%d%H} {refused.outcome} {refused.route}"
