"""Addresses that were just confirmed, until they are told of the cases that run."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pymongo import ASCENDING

from services.recall.store.tellings import PARKED_FOR, UNREADABLE
from shared.mongo import Database, Tx, Unasked

log = structlog.get_logger()

STANDINGS = Unasked("standings")


@dataclass(frozen=True, slots=True)
class Standing:
    """`after` is where the list of cases is read on; `told`: of how many it was told."""

    contact_id: str
    confirmed_at: datetime
    after: tuple[datetime, str] | None
    told: int


async def prepare(db: Database) -> None:
    await db.collection(STANDINGS).create_index([("next_at", ASCENDING)])


async def add(tx: Tx, contact_id: str, at: datetime) -> None:
    """From the beginning, also where one was confirmed a second time."""
    row: dict[str, Any] = {"confirmed_at": at, "next_at": at, "after": None, "told": 0}
    await tx.collection(STANDINGS).update_one({"_id": contact_id}, {"$set": row}, upsert=True)


async def next_due(db: Database, at: datetime) -> Standing | None:
    """Who waits longest. A row that cannot be read is put off, so that the others go on."""
    wanted = {"next_at": {"$lte": at}}
    rows, order = db.collection(STANDINGS), [("next_at", ASCENDING)]
    while row := await rows.find_one(wanted, sort=order):
        try:
            after = (row["after"][0], row["after"][1]) if row["after"] else None
            return Standing(row["_id"], row["confirmed_at"], after, row["told"])
        except UNREADABLE as error:
            if "unread" not in row:
                log.exception("a confirmed address cannot be told", contact=row["_id"])
            later = {"unread": repr(error)[:500], "next_at": at + PARKED_FOR}
            await rows.update_one({"_id": row["_id"]}, {"$set": later})
    return None


async def go_on(tx: Tx, one: Standing, after: tuple[datetime, str], more: int) -> bool:
    """So many more are told; False if another process did so."""
    fields = {"after": list(after), "told": one.told + more}
    result = await tx.collection(STANDINGS).update_one(_as_seen(one), {"$set": fields})
    return bool(result.matched_count)


async def finish(tx: Tx, one: Standing) -> bool:
    """False if another process did so."""
    return bool((await tx.collection(STANDINGS).delete_one(_as_seen(one))).deleted_count)


async def put_off(db: Database, one: Standing, until: datetime) -> None:
    own = {"_id": one.contact_id}
    await db.collection(STANDINGS).update_one(own, {"$set": {"next_at": until}})


def _as_seen(one: Standing) -> dict[str, Any]:
    return {"_id": one.contact_id, "confirmed_at": one.confirmed_at, "told": one.told}
