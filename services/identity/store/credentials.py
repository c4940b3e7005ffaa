"""Password hashes and setup codes, apart from the accounts they belong to."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.store import claims
from shared.mongo import Database, Tx

CREDENTIALS = "credentials"

# How long a setup code may be used.
SETUP_LIFE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Credential:
    """What an account can prove itself with; `setup` is the fingerprint of an unused code."""

    account_id: str
    password_hash: str = ""
    setup: bytes | None = None
    setup_expires_at: datetime | None = None


async def prepare(db: Database) -> None:
    """Found by the account's id alone."""


async def find(source: Database | Tx, account_id: str) -> Credential:
    """An empty credential where there is none."""
    document = await source.collection(CREDENTIALS).find_one({"_id": account_id})
    if document is None:
        return Credential(account_id)
    return Credential(
        account_id,
        document["password_hash"],
        document["setup"],
        document["setup_expires_at"],
    )


async def expect_setup(tx: Tx, account_id: str, setup: bytes | None, now: datetime) -> None:
    """From now on only this code, or a claim, sets a password; what did so before is void."""
    await claims.forget(tx, account_id)
    await tx.collection(CREDENTIALS).replace_one(
        {"_id": account_id},
        {
            "_id": account_id,
            "password_hash": "",
            "setup": setup,
            "setup_expires_at": now + SETUP_LIFE if setup else None,
        },
        upsert=True,
    )


async def set_password(tx: Tx, account_id: str, password_hash: str) -> None:
    """Keep a password's hash; a setup code is used up by it, and what was claimed is over."""
    await claims.forget(tx, account_id)
    await tx.collection(CREDENTIALS).replace_one(
        {"_id": account_id},
        {
            "_id": account_id,
            "password_hash": password_hash,
            "setup": None,
            "setup_expires_at": None,
        },
        upsert=True,
    )


async def strengthen(db: Database, account_id: str, old_hash: str, new_hash: str) -> None:
    """Replace the hash of an unchanged password by one of today's cost."""
    await db.collection(CREDENTIALS).update_one(
        {"_id": account_id, "password_hash": old_hash}, {"$set": {"password_hash": new_hash}}
    )
