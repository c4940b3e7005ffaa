"""What is kept of hidden numbers: on which stamps they are, and tries; never a number."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.scan.domain.pin import Tries
from shared.contracts.stamps import PinsOrdered
from shared.mongo import Database, Document, Tx
from shared.stampcode import StampId

PRINTED, TRIES, SOURCES = "pins_printed", "pin_tries", "pin_sources"
SOURCE_DAYS: Final = 2


async def prepare(db: Database) -> None:
    await db.collection(PRINTED).create_index([("batch", 1), ("first", 1)])
    await db.collection(TRIES).create_index([("batch", 1), ("serial", 1)])
    seconds = int(timedelta(days=SOURCE_DAYS).total_seconds())
    await db.collection(SOURCES).create_index("at", expireAfterSeconds=seconds)


async def note_ordered(tx: Tx, event: PinsOrdered) -> None:
    """Keep that these serials carry hidden numbers by a print job, or that they do not after all:
    the newest word, whatever comes twice or late."""
    known = await tx.collection(PRINTED).find_one({"_id": event.subject}, {"version": 1})
    # Rows of before versions were kept are of the first one.
    if known is not None and known.get("version", 1) >= event.version:
        return
    kept = {"batch": event.batch, "first": event.first, "last": event.last}
    told = {"version": event.version, "cancelled": event.cancelled}
    await tx.collection(PRINTED).update_one(
        {"_id": event.subject}, {"$set": {**kept, **told}}, upsert=True
    )


async def is_printed(db: Database, stamp: StampId) -> bool:
    """Whether a hidden number was printed for this stamp."""
    wanted = {
        "batch": stamp.batch,
        "first": {"$lte": stamp.serial},
        "last": {"$gte": stamp.serial},
        "cancelled": {"$ne": True},
    }
    return await db.collection(PRINTED).find_one(wanted, {"_id": 1}) is not None


async def tries_of(db: Database, stamp: StampId) -> Tries:
    found = await db.collection(TRIES).find_one({"_id": _key(stamp)})
    return _tries(found) if found else Tries()


async def tries_of_serial(db: Database, batch: int, serial: int) -> list[Tries]:
    """Those of all codes that ever stood for a serial: one of each key slot it was printed with."""
    wanted = {"batch": batch, "serial": serial}
    return [_tries(row) async for row in db.collection(TRIES).find(wanted).sort("_id", 1)]


async def open_for(db: Database, stamp: StampId) -> None:
    """Make the document of a stamp, so that tries at the same time meet at it."""
    kept = {"batch": stamp.batch, "serial": stamp.serial, "turns": 0, **_row(Tries())}
    try:
        await db.collection(TRIES).update_one(
            {"_id": _key(stamp)}, {"$setOnInsert": kept}, upsert=True
        )
    except DuplicateKeyError:
        return  # Somebody else did at this moment.


async def taken_up(tx: Tx, stamp: StampId) -> Tries:
    """The tries so far. It writes, so that of several at once each sees those before it."""
    found = await tx.collection(TRIES).find_one_and_update(
        {"_id": _key(stamp)}, {"$inc": {"turns": 1}}, return_document=ReturnDocument.AFTER
    )
    assert found is not None
    return _tries(found)


async def put(tx: Tx, stamp: StampId, tries: Tries) -> None:
    await tx.collection(TRIES).update_one({"_id": _key(stamp)}, {"$set": _row(tries)})


async def wrong_of(tx: Tx, source: str, day: str) -> int:
    """How many wrong numbers came from a neighbourhood on a day."""
    found = await tx.collection(SOURCES).find_one({"_id": f"{day}/{source}"})
    return int(found["wrong"]) if found else 0


async def count_wrong(tx: Tx, source: str, day: str, now: datetime) -> None:
    await tx.collection(SOURCES).update_one(
        {"_id": f"{day}/{source}"}, {"$inc": {"wrong": 1}, "$setOnInsert": {"at": now}}, upsert=True
    )


def _key(stamp: StampId) -> str:
    return f"{stamp.slot}/{stamp.batch}/{stamp.serial}"


def _row(tries: Tries) -> Document:
    # The version before reads the one mark of right tries that it kept.
    return {**asdict(tries), "right_form": tries.right_forms[-1] if tries.right_forms else ""}


def _tries(row: Document) -> Tries:
    return Tries(
        wrong=row["wrong"],
        rights=row["rights"],
        first_right=row["first_right"],
        locked_at=row["locked_at"],
        forms=tuple(row["forms"]),
        right_forms=tuple(row.get("right_forms", ())),
    )
