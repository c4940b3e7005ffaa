"""The access history in MongoDB, forgotten by itself after its time."""

from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.identity.domain.access import KEPT_DAYS, Access, Did
from services.identity.store.accounts import ACCOUNTS, in_scope
from shared.auth import Principal
from shared.mongo import Database, Document, Tx

ACCESSES = "accesses"


async def prepare(db: Database) -> None:
    accesses = db.collection(ACCESSES)
    await accesses.create_index([("account_id", ASCENDING), ("at", DESCENDING)])
    kept = int(timedelta(days=KEPT_DAYS).total_seconds())
    await accesses.create_index("at", expireAfterSeconds=kept)


async def add(target: Database | Tx, access: Access) -> None:
    await target.collection(ACCESSES).insert_one(
        {
            "_id": access.id,
            "at": access.at,
            "account_id": access.account_id,
            "did": access.did.value,
            "outcome": access.outcome,
            "place": access.place,
            "device": access.device,
            "by": access.by,
        }
    )


async def count(db: Database, account_id: str) -> int:
    return await db.collection(ACCESSES).count_documents({"account_id": account_id}, limit=10_000)


async def of_account(db: Database, account_id: str, *, skip: int, limit: int) -> list[Access]:
    """One account's history, newest first."""
    query = {"account_id": account_id}
    cursor = db.collection(ACCESSES).find(query).sort("at", DESCENDING).skip(skip).limit(limit)
    return [_access(document) async for document in cursor]


async def newest_in_scope(db: Database, who: Principal, *, limit: int) -> list[Access]:
    """The newest entries of all accounts that a system account may see."""
    pipeline: list[dict[str, Any]] = [
        {"$sort": {"at": DESCENDING}},
        {
            "$lookup": {
                "from": ACCOUNTS,
                "localField": "account_id",
                "foreignField": "_id",
                "pipeline": [{"$match": in_scope(who)}, {"$project": {"_id": 1}}],
                "as": "seen",
            }
        },
        {"$match": {"seen": {"$ne": []}}},
        {"$limit": limit},
    ]
    return [_access(document) async for document in db.collection(ACCESSES).aggregate(pipeline)]


def _access(document: Document) -> Access:
    return Access(
        id=document["_id"],
        at=document["at"],
        account_id=document["account_id"],
        did=Did(document["did"]),
        outcome=document["outcome"],
        place=document["place"],
        device=document["device"],
        by=document["by"],
    )
