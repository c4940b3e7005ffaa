"""Forms that were typed when a session ended, kept for an hour for the person who typed them."""

from dataclasses import dataclass
from datetime import datetime

from shared.errors import NotFound, OutOfReach
from shared.mongo import Database

CARRIED = "carried"
KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Carried:
    """Whose form it is, where it was going, and its text fields in order."""

    account_id: str
    target: str
    fields: tuple[tuple[str, str], ...]


async def prepare(db: Database) -> None:
    await db.collection(CARRIED).create_index("at", expireAfterSeconds=KEPT_SECONDS)


async def insert(db: Database, carried_id: str, carried: Carried, now: datetime) -> None:
    await db.collection(CARRIED).insert_one(
        {
            "_id": carried_id,
            "account_id": carried.account_id,
            "target": carried.target,
            "fields": [list(pair) for pair in carried.fields],
            "at": now,
        }
    )


async def get(db: Database, carried_id: str, account_id: str) -> Carried:
    """The form, for the account that typed it alone; raises NotFound, OutOfReach."""
    document = await db.collection(CARRIED).find_one({"_id": carried_id})
    if document is None:
        raise NotFound()
    if document["account_id"] != account_id:
        raise OutOfReach()
    fields = tuple((name, text) for name, text in document["fields"])
    return Carried(document["account_id"], document["target"], fields)
