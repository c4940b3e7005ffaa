"""The ledger's links, head and checkpoints as stored."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING

from services.reporting.domain.ledger import GENESIS, Link, from_document
from shared.mongo import Database, Tx, Unasked

PAGE = 25
LEDGER: Final = Unasked("ledger")
HEAD: Final = Unasked("ledger_head")
CHECKPOINTS: Final = Unasked("checkpoints")
VERIFICATIONS: Final = Unasked("verifications")


async def head(where: Tx | Database) -> tuple[int, str]:
    """The number and hash of the last link; (0, GENESIS) before the first."""
    document = await where.collection(HEAD).find_one({"_id": "head"})
    return (document["seq"], document["hash"]) if document else (0, GENESIS)


async def passed(where: Tx | Database) -> str:
    """What was left out since the last link, as the next one will name it."""
    document = await where.collection(HEAD).find_one({"_id": "head"})
    return str(document.get("passed", "")) if document else ""


async def keep_passed(tx: Tx, text: str) -> None:
    """Remember what was left out since the last link."""
    known = {"seq": 0, "hash": GENESIS}
    await tx.collection(HEAD).update_one(
        {"_id": "head"}, {"$set": {"passed": text}, "$setOnInsert": known}, upsert=True
    )


async def append(tx: Tx, links: Sequence[tuple[Link, dict[str, Any]]]) -> None:
    """Add links, each with what lists show of it, and move the head."""
    documents = []
    for one, shown in links:
        document = asdict(one)
        document["_id"] = document.pop("seq")
        documents.append({**document, **shown})
    await tx.collection(LEDGER).insert_many(documents)
    last = links[-1][0]
    await tx.collection(HEAD).update_one(
        {"_id": "head"}, {"$set": {"seq": last.seq, "hash": last.hash}}, upsert=True
    )


async def links(db: Database) -> AsyncIterator[Link]:
    """Every link, in order."""
    async for document in db.collection(LEDGER).find({}).sort("_id", ASCENDING):
        yield from_document(document)


async def add_checkpoint(db: Database, seq: int, hash_: str, signature: str, at: datetime) -> None:
    await db.collection(CHECKPOINTS).update_one(
        {"_id": f"{seq}:{hash_}"},
        {"$setOnInsert": {"seq": seq, "hash": hash_, "signature": signature, "at": at}},
        upsert=True,
    )


async def checkpoints(db: Database) -> list[dict[str, Any]]:
    return [c async for c in db.collection(CHECKPOINTS).find({}).sort("seq", ASCENDING)]


async def last_checkpoint(db: Database) -> dict[str, Any] | None:
    found = await db.collection(CHECKPOINTS).find_one({}, sort=[("seq", DESCENDING)])
    return dict(found) if found else None


async def find(
    db: Database, wanted: dict[str, Any], *, page: int = 1
) -> tuple[list[dict[str, Any]], int]:
    """One page of links for people to read, newest first, and how many there are."""
    ledger = db.collection(LEDGER)
    cursor = ledger.find(wanted, {"salt": 0, "names_salt": 0}).sort("_id", DESCENDING)
    rows = [row async for row in cursor.skip((page - 1) * PAGE).limit(PAGE)]
    total = await ledger.count_documents(wanted) if wanted else (await head(db))[0]
    return rows, total


async def get(db: Database, seq: int) -> dict[str, Any] | None:
    """One link with its body, for reading."""
    found = await db.collection(LEDGER).find_one({"_id": seq}, {"salt": 0, "names_salt": 0})
    return dict(found) if found else None


async def note_verification(
    db: Database, *, at: datetime, links: int, faults: list[str], missing: dict[str, int]
) -> None:
    """Keep what the last walk over the whole ledger found."""
    await db.collection(VERIFICATIONS).replace_one(
        {"_id": "last"},
        {"_id": "last", "at": at, "links": links, "faults": faults, "missing": missing},
        upsert=True,
    )


async def last_verification(db: Database) -> dict[str, Any] | None:
    found = await db.collection(VERIFICATIONS).find_one({"_id": "last"})
    return dict(found) if found else None
