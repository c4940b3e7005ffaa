"""How far issued accounts are used (R3): counted per unit, listed, in scope."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING

from services.identity.store.accounts import ACCOUNTS, Listed, in_scope, listed_of
from shared.auth import Principal
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class UnitActivity:
    """Accounts kept by one unit: all that are not revoked, never signed in, idle since."""

    unit_id: str
    total: int
    never: int
    idle: int


@dataclass(frozen=True, slots=True)
class Quiet:
    """What a list of unused accounts is narrowed to; `days` without use."""

    days: int
    never: bool = False
    unit_id: str = ""
    tier: str = ""


async def per_unit(db: Database, who: Principal, days: int, now: datetime) -> list[UnitActivity]:
    """In scope, the unit with the most unused accounts first."""
    never = {"$eq": ["$last_sign_in_at", None]}
    idle = {
        "$and": [{"$ne": ["$last_seen_at", None]}, {"$lt": ["$last_seen_at", _since(days, now)]}]
    }
    pipeline: list[dict[str, Any]] = [
        {"$match": {"$and": [in_scope(who), {"status": {"$ne": "revoked"}}]}},
        {
            "$group": {
                "_id": "$unit_id",
                "total": {"$sum": 1},
                "never": {"$sum": {"$cond": [never, 1, 0]}},
                "idle": {"$sum": {"$cond": [idle, 1, 0]}},
            }
        },
    ]
    found = [
        UnitActivity(row["_id"], row["total"], row["never"], row["idle"])
        async for row in await db.collection(ACCOUNTS).aggregate(pipeline)
    ]
    return sorted(found, key=lambda one: (-one.never - one.idle, one.unit_id))


async def count(db: Database, who: Principal, quiet: Quiet, now: datetime) -> int:
    return await db.collection(ACCOUNTS).count_documents(_query(who, quiet, now))


async def page(
    db: Database, who: Principal, quiet: Quiet, now: datetime, *, skip: int, limit: int
) -> list[Listed]:
    """Unused accounts in scope, the longest unused first."""
    cursor = _sorted(db, who, quiet, now).skip(skip).limit(limit)
    return [listed_of(document) async for document in cursor]


async def every(db: Database, who: Principal, quiet: Quiet, now: datetime) -> AsyncIterator[Listed]:
    """All of them, one by one: for a file."""
    async for document in _sorted(db, who, quiet, now):
        yield listed_of(document)


def _sorted(db: Database, who: Principal, quiet: Quiet, now: datetime) -> Any:
    order = [("last_seen_at", ASCENDING), ("issued_at", ASCENDING), ("_id", ASCENDING)]
    return db.collection(ACCOUNTS).find(_query(who, quiet, now)).sort(order)


def _query(who: Principal, quiet: Quiet, now: datetime) -> dict[str, Any]:
    since = _since(quiet.days, now)
    # Who was issued an account yesterday has not neglected it.
    never = {"last_sign_in_at": None, "issued_at": {"$lt": since}}
    idle = {"last_seen_at": {"$lt": since}}
    parts: list[dict[str, Any]] = [in_scope(who), {"status": "active"}]
    parts.append({"last_sign_in_at": None} if quiet.never else {"$or": [never, idle]})
    if quiet.unit_id:
        parts.append({"unit_path": quiet.unit_id})
    if quiet.tier:
        parts.append({"tier": quiet.tier})
    return {"$and": parts}


def _since(days: int, now: datetime) -> datetime:
    return now - timedelta(days=days)
