"""The access history in MongoDB, forgotten by itself after its time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo import ASCENDING, DESCENDING

from services.identity.domain.access import KEPT_DAYS, Access, Did
from services.identity.store.accounts import ACCOUNTS, in_scope
from shared.auth import Principal
from shared.mongo import Database, Document, Tx, Unasked, containing

ACCESSES: Final = Unasked("accesses")
ACCEPTED = "accepted"

# Nobody turns more pages than this holds; counting on would read the whole collection.
MOST_COUNTED = 10_000


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


@dataclass(frozen=True, slots=True)
class Sought:
    """What a history is narrowed to. `who` is part of a name or user name; `outcome` accepted or
    refused; `since` and `until` bound the time."""

    who: str = ""
    did: str = ""
    outcome: str = ""
    place: str = ""
    device: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def query(self) -> dict[str, Any]:
        """As a filter; `who` is told apart by the accounts, not by the history."""
        wanted: dict[str, Any] = {}
        if self.did:
            wanted["did"] = self.did
        if self.outcome:
            wanted["outcome"] = ACCEPTED if self.outcome == ACCEPTED else {"$ne": ACCEPTED}
        if self.place:
            wanted["place"] = containing(self.place, any_case=True)
        if self.device:
            wanted["device"] = containing(self.device, any_case=True)
        bounds = {"$gte": self.since, "$lt": self.until}
        if at := {sign: time for sign, time in bounds.items() if time is not None}:
            wanted["at"] = at
        return wanted


ALL = Sought()


async def count(db: Database, account_id: str, sought: Sought = ALL) -> int:
    query = {"account_id": account_id, **sought.query()}
    return await db.collection(ACCESSES).count_documents(query, limit=MOST_COUNTED)


async def of_account(
    db: Database, account_id: str, sought: Sought = ALL, *, skip: int, limit: int
) -> list[Access]:
    """One account's history, newest first."""
    query = {"account_id": account_id, **sought.query()}
    cursor = db.collection(ACCESSES).find(query).sort("at", DESCENDING).skip(skip).limit(limit)
    return [_access(document) async for document in cursor]


async def query_in_scope(db: Database, who: Principal, sought: Sought) -> dict[str, Any]:
    """The filter of all histories that a system account may see, made ready by one read."""
    wanted: dict[str, Any] = in_scope(who)
    if sought.who:
        pattern = containing(sought.who, any_case=True)
        wanted = {"$and": [wanted, {"$or": [{"username": pattern}, {"name": pattern}]}]}
    cursor = db.collection(ACCOUNTS).find(wanted, {"_id": 1})
    ids = [document["_id"] async for document in cursor]
    return {"account_id": {"$in": ids}, **sought.query()}


async def count_in_scope(db: Database, query: dict[str, Any]) -> int:
    return await db.collection(ACCESSES).count_documents(query, limit=MOST_COUNTED)


async def page_in_scope(
    db: Database, query: dict[str, Any], *, skip: int, limit: int
) -> list[Access]:
    """The entries of `query_in_scope`, newest first."""
    cursor = db.collection(ACCESSES).find(query).sort("at", DESCENDING).skip(skip).limit(limit)
    return [_access(document) async for document in cursor]


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
