"""What early warning knows of goods: how much was made, sent off and stamped, of each lot."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from pymongo import ASCENDING

from services.recall.domain.signals.rules import LONGEST_DAYS
from services.recall.store.newest import Reader, by_id, each, put_newest
from shared.days import local_midnight
from shared.mongo import Database, Document, Tx

# As their own queue heard them. Recall keeps lots and shipments elsewhere too (the genealogy), but
# by another queue: a lot would be judged on what is not in yet, or is and is told here later, and
# nothing would make the two wait for one another as `signal_facts.meet` does. These go once no rule
# looks back so far, those stay; how often a stamp was activated for a lot nothing else keeps.
MADE, SENT, STAMPED, CONTENTS = (
    "signal_made",
    "signal_sent",
    "signal_stamped",
    "signal_contents",
)
KEPT: Final = timedelta(days=LONGEST_DAYS)


async def prepare(db: Database) -> None:
    await db.collection(MADE).create_index([("product_id", ASCENDING), ("_id", ASCENDING)])
    await db.collection(SENT).create_index([("lot_ids", ASCENDING)])
    await db.collection(STAMPED).create_index([("lot_id", ASCENDING)])
    await db.collection(STAMPED).create_index([("facility_id", ASCENDING), ("day", ASCENDING)])
    await db.collection(STAMPED).create_index([("facility_id", ASCENDING), ("lot_id", ASCENDING)])
    for name in (MADE, SENT, STAMPED):
        await db.collection(name).create_index("kept_until", expireAfterSeconds=0)


async def put(tx: Tx, name: str, rows: Sequence[Document]) -> list[Document]:
    """Keep those that are newer than what is here; returns them."""
    return await put_newest(tx, name, rows)


async def note_content(tx: Tx, product_id: str, version: int, kilograms: Decimal | None) -> None:
    """One more weight that a package of the product was said to hold, in any order."""
    change: Document = {"$max": {"version": version}}
    if kilograms:
        change["$addToSet"] = {"held": str(kilograms.normalize())}
    else:
        change["$setOnInsert"] = {"held": []}
    await tx.collection(CONTENTS).update_one({"_id": product_id}, change, upsert=True)


def kept_until(at: datetime) -> datetime:
    return at + KEPT


async def made(reader: Reader, lots: Iterable[str]) -> dict[str, Document]:
    return await by_id(reader, MADE, lots)


async def lots_of(
    reader: Reader, products: Iterable[str], *, after: str = "", most: int
) -> list[str]:
    """So many lots of these products at the most, in the order of their ids."""
    wanted = {"product_id": {"$in": sorted(set(products))}, "_id": {"$gt": after}}
    rows = reader.collection(MADE).find(wanted, {"_id": 1}).sort("_id", ASCENDING)
    return [row["_id"] async for row in rows.limit(most)]


async def lots_stamped(
    reader: Reader, facility_id: str, day: str, *, after: str = "", most: int
) -> list[str]:
    """Lots for which the facility activated stamps on this day or after, likewise: of so many such
    acts at the most."""
    wanted = {**from_day(facility_id, day), "lot_id": {"$gt": after}}
    rows = reader.collection(STAMPED).find(wanted, {"lot_id": 1}).sort("lot_id", ASCENDING)
    return sorted({row["lot_id"] async for row in rows.limit(most)})


async def number_stamped(reader: Reader, facility_id: str, day: str, *, most: int) -> int:
    """How many such acts there are, counted no further than `most`."""
    return await reader.collection(STAMPED).count_documents(from_day(facility_id, day), limit=most)


async def contents(reader: Reader, products: Iterable[str]) -> dict[str, Document]:
    return await by_id(reader, CONTENTS, products)


async def lots_sent(reader: Reader, shipments: Iterable[str]) -> set[str]:
    """What these held, as far as they were told."""
    rows = await by_id(reader, SENT, shipments)
    return {lot for row in rows.values() for lot in row["lot_ids"]}


async def sent(reader: Reader, lots: Iterable[str]) -> list[Document]:
    """Shipments that hold any of these lots, each once."""
    found = {row["_id"]: row async for row in each(reader, SENT, lots, field="lot_ids")}
    return list(found.values())


async def stamped(reader: Reader, lots: Iterable[str]) -> dict[str, Document]:
    """By lot: how many stamps were activated for it, how often (`times`), when last (`at`), and the
    event that told that."""
    stages: list[dict[str, Any]] = [
        {"$match": {"lot_id": {"$in": sorted(set(lots))}}},
        {"$sort": {"at": ASCENDING, "_id": ASCENDING}},
        {
            "$group": {
                "_id": "$lot_id",
                "count": {"$sum": "$count"},
                "times": {"$sum": 1},
                "at": {"$last": "$at"},
                "event_id": {"$last": "$event_id"},
            }
        },
    ]
    rows = await reader.collection(STAMPED).aggregate(stages)
    return {row["_id"]: row async for row in rows}


async def days_stamped(reader: Reader, wanted: Document) -> list[Document]:
    """Lots with the days on which stamps of theirs were activated, as if made then: each once, by
    the first event that told it."""
    stages: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$sort": {"at": ASCENDING, "_id": ASCENDING}},
        {
            "$group": {
                "_id": {"lot": "$lot_id", "day": "$day"},
                "facility_id": {"$first": "$facility_id"},
                "product_id": {"$first": "$product_id"},
                "event_id": {"$first": "$event_id"},
            }
        },
    ]
    return [
        {
            "_id": row["_id"]["lot"],
            "version": 0,
            "produced_on": row["_id"]["day"],
            "facility_id": row["facility_id"],
            "product_id": row["product_id"],
            "event_id": row["event_id"],
        }
        async for row in await reader.collection(STAMPED).aggregate(stages)
    ]


def from_day(facility_id: str, day: date | str) -> Document:
    return {"facility_id": facility_id, "day": {"$gte": str(day)}}


def of_lots(lots: Iterable[str]) -> Document:
    return {"lot_id": {"$in": sorted(set(lots))}}


def gone_after(day: date) -> datetime:
    return kept_until(local_midnight(day))
