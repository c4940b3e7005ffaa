"""Messages that are held because their contact rests."""

from datetime import datetime

from services.recall.domain.contact import State
from services.recall.store.contacts import CONTACTS
from services.recall.store.deliveries import DELIVERIES, hurry
from shared.mongo import Database, Document, Tx


async def hold(tx: Tx, contact_id: str) -> None:
    """What waits for a contact that rests is not tried."""
    wanted = {"contact_id": contact_id, "open": True}
    await tx.collection(DELIVERIES).update_many(wanted, {"$set": {"held": True}})


async def release(tx: Tx, contact_id: str, at: datetime) -> None:
    """What was held is tried from now on, for as long as a new one."""
    wanted = {"contact_id": contact_id, "open": True}
    fields = {"held": False, "tried_since": at}
    await tx.collection(DELIVERIES).update_many(wanted, {"$set": fields})
    await hurry(tx, contact_id, at)


async def let_go(db: Database) -> int:
    """What was held for a contact that rests no longer: an order that was being told while its
    contact was resumed had seen it resting. How many are held rightly."""
    rows = db.collection(DELIVERIES)
    held = {"open": True, "held": True}
    wanted = {"_id": {"$in": await rows.distinct("contact_id", held)}, "state": str(State.ACTIVE)}
    active = [row["_id"] async for row in db.collection(CONTACTS).find(wanted, {"_id": 1})]
    if active:
        freed = {**held, "contact_id": {"$in": active}}
        await rows.update_many(freed, {"$set": {"held": False}})
    return await rows.count_documents(held)


async def number(db: Database, wanted: Document) -> int:
    return await db.collection(DELIVERIES).count_documents({**wanted, "open": True, "held": True})
