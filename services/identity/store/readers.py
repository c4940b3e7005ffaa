"""Who opened an account's record, as the reads say that this service tells the ledger of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pymongo import ASCENDING, DESCENDING

from services.identity.domain.access import KEPT_DAYS
from services.identity.store import accounts, units
from shared.accepted_reads import ROWS
from shared.mongo import Database, Document

# As long as the access history of sign-ins.
KEPT: Final = timedelta(days=KEPT_DAYS)
_TOLD: Final = ("account_id", "actor", "first", "last_at", "count", "own", "address")


@dataclass(frozen=True, slots=True)
class Reader:
    """`unit` is the name of the unit that keeps the reader's account, "" where it is not known;
    `times` is exact where only this record was opened within the time, else the most it can be."""

    since: datetime
    until: datetime
    name: str
    unit: str
    times: int
    exact: bool
    address: str


async def prepare(db: Database) -> None:
    await db.collection(ROWS).create_index(
        [("read", ASCENDING), ("last_at", DESCENDING)], name="readers"
    )


async def of(
    db: Database, ids: Sequence[str], but: str, facility_id: str | None, *, limit: int
) -> list[Reader]:
    """Who opened any of these records, newest first, without the account `but`, the person's own.
    `facility_id` is the facility whose they are, which a read of them names too.

    What was opened within the last seconds may not be written yet.
    """
    wanted = _others(ids, but)
    alone = {"$setIsSubset": ["$read", {"$literal": [*ids, facility_id]}]}
    told = {**dict.fromkeys(_TOLD, 1), "alone": alone}
    cursor = db.collection(ROWS).find(wanted, told).sort("last_at", DESCENDING)
    rows = [row async for row in cursor.limit(limit)]
    names = await accounts.names(db, {row["account_id"] for row in rows})
    places = {
        unit: await units.find(db, unit) for unit in {row["actor"]["unit_id"] for row in rows}
    }
    return [
        Reader(
            since=row["first"],
            until=row["last_at"],
            name=names.get(row["account_id"], row["actor"]["name"]),
            unit=place.name if (place := places[row["actor"]["unit_id"]]) else "",
            times=row["count"],
            exact=row["alone"] and not row["own"],
            address=row["address"],
        )
        for row in rows
    ]


async def count(db: Database, ids: Sequence[str], but: str) -> int:
    """How many `of` tells of without a limit."""
    return await db.collection(ROWS).count_documents(_others(ids, but))


def _others(ids: Sequence[str], but: str) -> Document:
    return {"read": {"$in": list(ids)}, "account_id": {"$ne": but}}
