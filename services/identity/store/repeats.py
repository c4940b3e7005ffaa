"""Repeated requests: the same Idempotency-Key of the same account gets the first answer again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from pymongo.errors import DuplicateKeyError

from shared.errors import EditConflict
from shared.mongo import Database, Tx

REPEATS = "repeats"
KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Repeat:
    """What the first request asked for and made; a setup code is sealed under the key."""

    made: str
    sealed: bytes
    asked: bytes


async def prepare(db: Database) -> None:
    await db.collection(REPEATS).create_index("at", expireAfterSeconds=int(KEPT.total_seconds()))


async def find(tx: Tx, account_id: str, key: str) -> Repeat | None:
    document = await tx.collection(REPEATS).find_one({"_id": _id(account_id, key)})
    if document is None:
        return None
    return Repeat(document["made"], bytes(document["sealed"]), bytes(document["asked"]))


async def insert(tx: Tx, account_id: str, key: str, repeat: Repeat, now: datetime) -> None:
    """Only the key's fingerprint is kept, for the key opens the sealed code."""
    try:
        await tx.collection(REPEATS).insert_one(
            {
                "_id": _id(account_id, key),
                "made": repeat.made,
                "sealed": repeat.sealed,
                "asked": repeat.asked,
                "at": now,
            }
        )
    except DuplicateKeyError as error:
        raise EditConflict() from error


def _id(account_id: str, key: str) -> bytes:
    return sha256(f"{account_id}\n{key}".encode()).digest()
