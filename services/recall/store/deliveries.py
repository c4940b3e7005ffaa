"""Messages to contacts: one for each event and contact, leased by couriers, kept as told."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, ReturnDocument, UpdateOne

from services.recall.domain.contact import Channel, Contact
from services.recall.domain.delivery import (
    LEASE,
    OPEN,
    Delivery,
    Message,
    SendingFailed,
    State,
)
from services.recall.store.delivery_rows import SENT_HERE, delivery_of, document_of
from services.recall.store.newest import Reader
from shared.errors import NotFound
from shared.mongo import Database, Document, Tx, Unasked

DELIVERIES = Unasked("deliveries")
COURIERS = Unasked("couriers")
PAGE_SIZE = 25
# Facilities named in one message to a unit; it is told how many there are in all.
NAMED = 20
STATES = tuple(State)


async def prepare(db: Database) -> None:
    rows = db.collection(DELIVERIES)
    await rows.create_index(
        [("channel", 1), ("held", 1), ("urgency", 1), ("next_at", 1)],
        name="due_by_urgency",
        partialFilterExpression={"open": True},
    )
    await rows.create_index([("case_id", ASCENDING), ("owner_id", ASCENDING)])
    await rows.create_index([("commune", ASCENDING), ("sector", ASCENDING), ("created_at", -1)])
    await rows.create_index([("contact_id", ASCENDING), ("open", ASCENDING)])
    await rows.create_index([("owner_id", ASCENDING), ("created_at", DESCENDING)])
    await rows.create_index([("state", ASCENDING), ("created_at", DESCENDING)])
    await rows.create_index([("created_at", DESCENDING)])
    # Which messages tell of a growth; only such are asked for by it.
    growth = {"message": str(Message.SCOPE_CHANGED)}
    for name, field in (("growths_told", "joined"), ("growths_first", "event_id")):
        await rows.create_index(
            [(field, ASCENDING), ("contact_id", ASCENDING)],
            name=name,
            partialFilterExpression=growth,
        )
    await rows.create_index("kept_until", expireAfterSeconds=0)


async def add(tx: Tx, deliveries: Iterable[Delivery]) -> None:
    """Those that are there already stay as they are."""
    writes = [
        UpdateOne({"_id": one.id}, {"$setOnInsert": document_of(one)}, upsert=True)
        for one in deliveries
    ]
    if writes:
        await tx.collection(DELIVERIES).bulk_write(writes, ordered=False)


async def get(reader: Reader, delivery_id: str) -> Delivery:
    row = await reader.collection(DELIVERIES).find_one({"_id": delivery_id})
    if row is None:
        raise NotFound()
    return delivery_of(row)


async def claim(
    db: Database,
    channel: Channel,
    *,
    lease: str,
    busy: Iterable[str],
    at: datetime,
    owners: Iterable[str] = (),
) -> Delivery | None:
    """Of the most urgent of a channel the longest due, for a contact that this courier is not
    sending to already, and for none of the `owners` who have their share of it.

    While it is under way its next turn is the end of the lease, so another courier takes it then.
    """
    wanted: Document = {
        "open": True,
        "channel": str(channel),
        "held": False,
        "next_at": {"$lte": at},
        "contact_id": {"$nin": list(busy)},
        "owner_id": {"$nin": list(owners)},
        "message": {"$in": SENT_HERE},
    }
    # What waited for a server or a courier was not tried meanwhile.
    begun = {"$cond": [{"$eq": ["$attempts", 0]}, at, "$tried_since"]}
    taken = {"state": str(State.SENDING), "lease": lease, "next_at": at + LEASE[channel]}
    attempts = {"$add": ["$attempts", 1]}
    update = [{"$set": {**taken, "tried_since": begun, "attempts": attempts}}]
    row = await db.collection(DELIVERIES).find_one_and_update(
        wanted,
        update,
        sort=[("urgency", ASCENDING), ("next_at", ASCENDING)],
        return_document=ReturnDocument.AFTER,
    )
    return delivery_of(row) if row is not None else None


async def wait_for_channel(
    tx: Tx, delivery: Delivery, failed: SendingFailed, *, at: datetime, next_at: datetime
) -> None:
    """Our own mail server could not take it: the days of trying begin once it does."""
    if await end_attempt(
        tx, delivery, State.FAILED, at=at, next_at=next_at, error=failed.code, detail=failed.detail
    ):
        own = {"_id": delivery.id}
        await tx.collection(DELIVERIES).update_one(own, {"$set": {"tried_since": next_at}})


async def end_attempt(
    tx: Tx, delivery: Delivery, state: State, *, at: datetime, next_at: datetime, error: str = "",
    detail: str = "",
) -> bool:  # fmt: skip
    """Keep how the attempt ended; false if the lease is another's by now."""
    result = await tx.collection(DELIVERIES).update_one(
        {"_id": delivery.id, "lease": delivery.lease, "state": str(State.SENDING)},
        {
            "$set": {
                "state": str(state),
                "open": state in OPEN,
                "next_at": next_at,
                "lease": "",
                "error": error,
                "error_detail": detail[:200],
                "sent_at": at if state is State.SENT else None,
            }
        },
    )
    return bool(result.matched_count)


async def let_wait(tx: Tx, contact_id: str, until: datetime) -> None:
    """Nothing else goes to a contact that just failed before its next turn."""
    wanted = _waiting(contact_id) | {"next_at": {"$lt": until}}
    await tx.collection(DELIVERIES).update_many(wanted, {"$set": {"next_at": until}})


async def hurry(tx: Tx, contact_id: str, at: datetime) -> None:
    """A contact takes messages again: what waits for it goes now."""
    wanted = _waiting(contact_id) | {"next_at": {"$gt": at}}
    await tx.collection(DELIVERIES).update_many(wanted, {"$set": {"next_at": at}})


async def drop(tx: Tx, contact_id: str, *, message: Message | None = None) -> None:
    """What was not told to a contact that is removed, or only its messages of one kind."""
    wanted: Document = {"contact_id": contact_id, "open": True}
    if message is not None:
        wanted["message"] = str(message)
    await tx.collection(DELIVERIES).delete_many(wanted)


async def retry(tx: Tx, delivery: Delivery, *, at: datetime) -> bool:
    """Due now, and tried for as long as a new one; false if it was taken up meanwhile."""
    result = await tx.collection(DELIVERIES).update_one(
        {"_id": delivery.id, "state": str(delivery.state)},
        {
            "$set": {
                "state": str(State.QUEUED),
                "open": True,
                "next_at": at,
                "tried_since": at,
                "held": False,
            }
        },
    )
    return bool(result.matched_count)


async def told_owners(reader: Reader, case_id: str) -> set[str]:
    """Facilities to which anything about the case was ever to be told."""
    pipeline: list[Document] = [
        {"$match": {"case_id": case_id, "owner_kind": "facility"}},
        {"$group": {"_id": "$owner_id"}},
    ]
    rows = await reader.collection(DELIVERIES).aggregate(pipeline)
    return {row["_id"] async for row in rows}


async def listed(db: Database, wanted: Document, *, skip: int, size: int) -> list[Delivery]:
    """The newest first."""
    rows = db.collection(DELIVERIES).find(wanted).sort([("created_at", -1), ("_id", 1)])
    return [delivery_of(row) async for row in rows.skip(skip).limit(size)]


async def numbers(db: Database, wanted: Document, *, most: int = 0) -> dict[str, int]:
    """How many there are in each state; of each no more than `most` are counted, if given."""
    rows = db.collection(DELIVERIES)
    limit: dict[str, Any] = {"limit": most} if most else {}
    counts = [rows.count_documents({**wanted, "state": str(state)}, **limit) for state in STATES]
    return dict(zip(map(str, STATES), await asyncio.gather(*counts), strict=True))


async def number(db: Database, wanted: Document) -> int:
    return await db.collection(DELIVERIES).count_documents(wanted)


async def open_numbers(db: Database) -> dict[str, int]:
    """How many of those still to be sent are in each state; what is over may be very many more."""
    pipeline: list[Document] = [
        {"$match": {"open": True, "channel": {"$in": [str(one) for one in Channel]}}},
        {"$group": {"_id": "$state", "n": {"$sum": 1}}},
    ]
    rows = await db.collection(DELIVERIES).aggregate(pipeline)
    found = {row["_id"]: int(row["n"]) async for row in rows}
    return {str(state): found.get(str(state), 0) for state in OPEN}


async def oldest_open(db: Database) -> dict[str, datetime]:
    """When what waits longest was first to be sent, by channel; what is held is left out."""
    found = {}
    for channel in Channel:
        row = await db.collection(DELIVERIES).find_one(
            {"open": True, "channel": str(channel), "held": False},
            {"created_at": 1},
            sort=[("created_at", ASCENDING)],
        )
        if row is not None:
            found[str(channel)] = row["created_at"]
    return found


async def note_courier(db: Database, *, mail: bool, at: datetime) -> None:
    """That a courier runs, and whether it has a mail server."""
    update = {"$set": {"at": at, "mail": mail}}
    await db.collection(COURIERS).update_one({"_id": "courier"}, update, upsert=True)


async def courier(db: Database) -> Document | None:
    """`at` when one was last seen, `mail` whether it can send any; None where none ever ran."""
    return await db.collection(COURIERS).find_one({"_id": "courier"})


def delivery(
    message: Message,
    contact: Contact,
    *,
    id_: str,
    event_id: str,
    happened_at: datetime,
    at: datetime,
    case_id: str = "",
    case_version: int = 0,
    facilities: Sequence[str] = (),
    facilities_total: int = 0,
    where: tuple[str, str] = ("", ""),
    held: bool = False,
    due: datetime | None = None,
    joined: Sequence[str] = (),
) -> Delivery:
    """One that waits to be sent, from `due` on; `where`: commune and sector of a facility told."""
    return Delivery(
        id=id_,
        message=message,
        event_id=event_id,
        case_id=case_id,
        case_version=case_version,
        happened_at=happened_at,
        contact_id=contact.id,
        round=contact.round,
        channel=contact.channel,
        owner_kind=contact.owner.kind,
        owner_id=contact.owner.id,
        commune=where[0],
        sector=where[1],
        facilities=tuple(facilities),
        facilities_total=facilities_total,
        state=State.QUEUED,
        attempts=0,
        created_at=at,
        tried_since=at,
        next_at=due or at,
        held=held,
        urgency=message.urgency,
        joined=tuple(joined),
    )


def _waiting(contact_id: str) -> Document:
    return {"contact_id": contact_id, "open": True, "state": {"$ne": str(State.SENDING)}}
