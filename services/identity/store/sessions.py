"""Sessions in MongoDB; ended ones stay for a month, for the access history's sake."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.identity.domain.sessions import Session
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

SESSIONS = "sessions"
KEPT = timedelta(days=30)


async def prepare(db: Database) -> None:
    sessions = db.collection(SESSIONS)
    await sessions.create_index([("account_id", ASCENDING), ("started_at", DESCENDING)])
    await sessions.create_index("expires_at", expireAfterSeconds=int(KEPT.total_seconds()))


async def find(source: Database | Tx, session_id: str) -> Session | None:
    document = await source.collection(SESSIONS).find_one({"_id": session_id})
    return _session(document) if document else None


async def insert(tx: Tx, session: Session) -> None:
    await tx.collection(SESSIONS).insert_one(_document(session))


async def put(tx: Tx, session: Session, *, was: int) -> None:
    """Replace the session whose generation was `was`; raises EditConflict if it is another."""
    before = {"_id": session.id, "generation": was, "ended_at": None}
    result = await tx.collection(SESSIONS).replace_one(before, _document(session))
    if not result.matched_count:
        raise EditConflict()


async def alive(source: Database | Tx, account_id: str, now: datetime) -> list[Session]:
    """The account's living sessions, newest first."""
    query = {"account_id": account_id, "ended_at": None, "expires_at": {"$gt": now}}
    cursor = source.collection(SESSIONS).find(query).sort("started_at", DESCENDING).limit(500)
    return [_session(document) async for document in cursor]


def _document(session: Session) -> Document:
    return {
        "_id": session.id,
        "account_id": session.account_id,
        "generation": session.generation,
        "current": session.current,
        "previous": session.previous,
        "sealed": session.sealed,
        "rotated_at": session.rotated_at,
        "started_at": session.started_at,
        "expires_at": session.expires_at,
        "place": session.place,
        "device": session.device,
        "ended_at": session.ended_at,
        "ending": session.ending,
        "proven_at": session.proven_at,
        "by_factor": session.by_factor,
    }


def _session(document: dict[str, Any]) -> Session:
    return Session(
        id=document["_id"],
        account_id=document["account_id"],
        generation=document["generation"],
        current=bytes(document["current"]),
        previous=_bytes(document["previous"]),
        sealed=_bytes(document["sealed"]),
        rotated_at=document["rotated_at"],
        started_at=document["started_at"],
        expires_at=document["expires_at"],
        place=document["place"],
        device=document["device"],
        ended_at=document["ended_at"],
        ending=document["ending"],
        # Sessions from before there was a second factor have proven nothing by one.
        proven_at=document.get("proven_at"),
        by_factor=document.get("by_factor", False),
    )


def _bytes(value: bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
