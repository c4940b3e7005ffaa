"""What is removed with a person: credentials, factor, sessions, where and with what they came."""

from datetime import datetime

from services.identity.store.accesses import ACCESSES
from services.identity.store.accounts import ACCOUNTS
from services.identity.store.credentials import CREDENTIALS
from services.identity.store.factors import FACTORS
from services.identity.store.sessions import SESSIONS
from shared.mongo import Database, Tx


async def forget(tx: Tx, account_id: str) -> None:
    """The access history stays, without network and device."""
    await tx.collection(CREDENTIALS).delete_many({"_id": account_id})
    await tx.collection(FACTORS).delete_many({"_id": account_id})
    await tx.collection(SESSIONS).delete_many({"account_id": account_id})
    nothing = {"$set": {"place": "", "device": ""}}
    await tx.collection(ACCESSES).update_many({"account_id": account_id}, nothing)


async def due(db: Database, before: datetime, limit: int) -> list[str]:
    """Ids of accounts revoked before a moment and not erased yet."""
    query = {"revoked_at": {"$lt": before}, "erased": {"$ne": True}}
    cursor = db.collection(ACCOUNTS).find(query, {"_id": 1}).limit(limit)
    return [document["_id"] async for document in cursor]
