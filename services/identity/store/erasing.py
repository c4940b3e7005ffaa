"""What is removed with a person: credentials, factor, sessions, where and with what they came."""

from datetime import datetime

from services.identity.store import claims
from services.identity.store.accesses import ACCESSES
from services.identity.store.accounts import ACCOUNTS
from services.identity.store.applications import APPLICATIONS
from services.identity.store.credentials import CREDENTIALS
from services.identity.store.factors import FACTORS
from services.identity.store.sessions import SESSIONS
from services.identity.store.tickets import TICKETS
from shared.contracts.identity import AccountPublished
from shared.messaging.outbox import ROWS
from shared.mongo import Database, Tx


async def prepare(db: Database) -> None:
    await db.collection(ROWS).create_index(
        "body.subject",
        name="accounts_told",
        partialFilterExpression={"body.type": AccountPublished.type},
    )


async def forget(tx: Tx, account_id: str) -> None:
    """The access history stays, without network and device; so do the events that told of the
    account, without its names."""
    told = {"body.subject": account_id, "body.type": AccountPublished.type}
    blank = {"$set": {"body.data.username": "", "body.data.name": ""}}
    await tx.collection(ROWS).update_many(told, blank)
    await tx.collection(CREDENTIALS).delete_many({"_id": account_id})
    await tx.collection(FACTORS).delete_many({"_id": account_id})
    await tx.collection(SESSIONS).delete_many({"account_id": account_id})
    await tx.collection(TICKETS).delete_many({"account_id": account_id})
    await claims.forget(tx, account_id)
    # The application that asked for it names the same person; its files go by themselves.
    await tx.collection(APPLICATIONS).delete_many({"account_id": account_id})
    nothing = {"$set": {"place": "", "device": ""}}
    await tx.collection(ACCESSES).update_many({"account_id": account_id}, nothing)


async def due(db: Database, before: datetime, limit: int) -> list[str]:
    """Ids of accounts revoked before a moment and not erased yet."""
    query = {"revoked_at": {"$lt": before}, "erased": {"$ne": True}}
    cursor = db.collection(ACCOUNTS).find(query, {"_id": 1}).limit(limit)
    return [document["_id"] async for document in cursor]
