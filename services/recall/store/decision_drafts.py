"""Files of decisions whose senders still have to prove who they are. One a person; what is not used
within the hour goes by itself."""

from datetime import datetime, timedelta
from typing import Final

from pymongo import ASCENDING

from services.recall.evidence import Ready
from shared.mongo import Database, Document

DRAFTS: Final = "decision_drafts"
# A code is at hand within minutes.
KEPT: Final = timedelta(hours=1)


async def prepare(db: Database) -> None:
    rows = db.collection(DRAFTS)
    await rows.create_index([("account", ASCENDING)])
    await rows.create_index("goes_at", expireAfterSeconds=0)


async def keep(
    db: Database, draft_id: str, case_id: str, account_id: str, paper: Ready, at: datetime
) -> None:
    """In place of any that this person left before."""
    rows = db.collection(DRAFTS)
    await rows.delete_many({"account": account_id})
    body: Document = {"_id": draft_id, "case": case_id, "account": account_id}
    body |= {"name": paper.name, "media_type": paper.media_type, "data": paper.data}
    await rows.insert_one({**body, "goes_at": at + KEPT})


async def get(
    db: Database, draft_id: str, case_id: str, account_id: str, at: datetime
) -> Ready | None:
    """Its sender's alone, and for the case that it was sent for."""
    wanted = {"_id": draft_id, "case": case_id, "account": account_id, "goes_at": {"$gt": at}}
    row = await db.collection(DRAFTS).find_one(wanted)
    return Ready(row["name"], row["media_type"], bytes(row["data"])) if row else None


async def remove(db: Database, draft_id: str, account_id: str) -> None:
    await db.collection(DRAFTS).delete_one({"_id": draft_id, "account": account_id})
