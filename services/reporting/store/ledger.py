"""The ledger's links, head and checkpoints as stored."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.reporting.domain.ledger import GENESIS, Link, from_document
from shared.mongo import Database, Tx

PAGE = 50


async def head(where: Tx | Database) -> tuple[int, str]:
    """The number and hash of the last link; (0, GENESIS) before the first."""
    document = await where.collection("ledger_head").find_one({"_id": "head"})
    return (document["seq"], document["hash"]) if document else (0, GENESIS)


async def append(tx: Tx, links: Sequence[tuple[Link, dict[str, Any]]]) -> None:
    """Add links, each with what lists show of it, and move the head."""
    documents = []
    for one, shown in links:
        document = asdict(one)
        document["_id"] = document.pop("seq")
        documents.append({**document, **shown})
    await tx.collection("ledger").insert_many(documents)
    last = links[-1][0]
    await tx.collection("ledger_head").update_one(
        {"_id": "head"}, {"$set": {"seq": last.seq, "hash": last.hash}}, upsert=True
    )


async def links(db: Database) -> AsyncIterator[Link]:
    """Every link, in order."""
    async for document in db.collection("ledger").find({}).sort("_id", ASCENDING):
        yield from_document(document)


async def add_checkpoint(db: Database, seq: int, hash_: str, signature: str, at: datetime) -> None:
    await db.collection("checkpoints").update_one(
        {"_id": f"{seq}:{hash_}"},
        {"$setOnInsert": {"seq": seq, "hash": hash_, "signature": signature, "at": at}},
        upsert=True,
    )


async def checkpoints(db: Database) -> list[dict[str, Any]]:
    return [c async for c in db.collection("checkpoints").find({}).sort("seq", ASCENDING)]


async def last_checkpoint(db: Database) -> dict[str, Any] | None:
    found = await db.collection("checkpoints").find_one({}, sort=[("seq", DESCENDING)])
    return dict(found) if found else None


async def find(
    db: Database, wanted: dict[str, Any], *, page: int = 1
) -> tuple[list[dict[str, Any]], int]:
    """One page of links for people to read, newest first, and how many there are."""
    ledger = db.collection("ledger")
    cursor = ledger.find(wanted, {"salt": 0, "names_salt": 0}).sort("_id", DESCENDING)
    rows = [row async for row in cursor.skip((page - 1) * PAGE).limit(PAGE)]
    total = await ledger.count_documents(wanted) if wanted else (await head(db))[0]
    return rows, total


async def get(db: Database, seq: int) -> dict[str, Any] | None:
    """One link with its body, for reading."""
    found = await db.collection("ledger").find_one({"_id": seq}, {"salt": 0, "names_salt": 0})
    return dict(found) if found else None


async def note_verification(
    db: Database, *, at: datetime, links: int, faults: list[str], missing: dict[str, int]
) -> None:
    """Keep what the last walk over the whole ledger found."""
    await db.collection("verifications").replace_one(
        {"_id": "last"},
        {"_id": "last", "at": at, "links": links, "faults": faults, "missing": missing},
        upsert=True,
    )


async def last_verification(db: Database) -> dict[str, Any] | None:
    found = await db.collection("verifications").find_one({"_id": "last"})
    return dict(found) if found else None
