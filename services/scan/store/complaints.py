"""Reported problems; what is private of them lies apart, so that it goes sooner, by itself."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from services.scan.domain.aggregates import SEGMENTS
from services.scan.domain.complaint import MOST_CODES, Complaint, Told
from services.scan.domain.segments import from_document, key_of
from services.scan.domain.tally import NOWHERE, Belongs
from shared import rates
from shared.contracts.recall import ComplaintAnswered
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

COMPLAINTS, PRIVATE, RATES = "complaints", "complaint_private", "complaint_rates"


async def prepare(db: Database) -> None:
    rows = db.collection(COMPLAINTS)
    await rows.create_index("fold", unique=True)
    await rows.create_index("number", unique=True)
    # What is kept no longer goes by itself.
    await rows.create_index("kept_until", expireAfterSeconds=0)
    await db.collection(PRIVATE).create_index("private_until", expireAfterSeconds=0)
    await db.collection(RATES).create_index("expires_at", expireAfterSeconds=0)


async def belonging(db: Database, batch: int, serial: int) -> Belongs:
    """Facility, product and lot of a stamp as they are known here; empty where they are not."""
    row = await db.collection(SEGMENTS).find_one({"_id": key_of(batch, serial)})
    if row is None or "published" not in row:
        return NOWHERE
    segment = from_document(row["published"])
    interval = segment.find(serial)
    if interval is None:
        return NOWHERE
    return segment.facility_id, segment.product_id, interval[0]


async def folded(tx: Tx, fold: str, fingerprint: str) -> Complaint | None:
    """The report of the same source in the same words, with one more code that opens it."""
    rows = tx.collection(COMPLAINTS)
    row = await rows.find_one({"fold": fold})
    if row is None:
        return None
    if fingerprint not in row["fingerprints"]:
        change: Document = {"$inc": {"repeats": 1}}
        if len(row["fingerprints"]) < MOST_CODES:
            change["$push"] = {"fingerprints": fingerprint}
        await rows.update_one({"_id": row["_id"]}, change)
    return _complaint(row)


async def insert(tx: Tx, complaint: Complaint, told: Told) -> None:
    """Raises EditConflict if the same came in at the same moment; run again, it is found."""
    body = asdict(complaint)
    body["fingerprints"] = list(complaint.fingerprints)
    try:
        await tx.collection(COMPLAINTS).insert_one({"_id": body.pop("id"), **body})
    except DuplicateKeyError as error:
        raise EditConflict() from error
    if told.photo or told.phone:
        await tx.collection(PRIVATE).insert_one(
            {
                "_id": complaint.id,
                "phone": told.phone,
                "photo": told.photo,
                "private_until": complaint.private_until,
            }
        )


async def get(db: Database, complaint_id: str, now: datetime) -> Complaint:
    return _still(await db.collection(COMPLAINTS).find_one({"_id": complaint_id}), now)


async def by_number(db: Database, number: str, now: datetime) -> Complaint | None:
    row = await db.collection(COMPLAINTS).find_one({"number": number})
    return _complaint(row) if row is not None and row["kept_until"] > now else None


async def private(db: Database, complaint_id: str, now: datetime) -> tuple[str, bytes | None]:
    """Phone number and photo, as long as they are kept."""
    row = await db.collection(PRIVATE).find_one({"_id": complaint_id})
    if row is None or row["private_until"] <= now:
        return "", None
    return row["phone"], row["photo"]


async def note_answer(tx: Tx, event: ComplaintAnswered) -> None:
    """The newest word of the officials; repeated or late ones change nothing."""
    await tx.collection(COMPLAINTS).update_one(
        {"_id": event.subject, "answer_version": {"$lt": event.version}},
        {
            "$set": {
                "state": event.state,
                "answer": event.answer,
                "authority": event.authority,
                "answer_version": event.version,
                "answered_at": event.time,
            }
        },
    )


async def wait_for(db: Database, key: str, most: int, window: Any, now: datetime) -> int:
    """Count one more; the seconds to wait if there were too many, for all processes together."""
    return await rates.count(db, RATES, key, most=most, window=window, now=now)


def _still(row: Document | None, now: datetime) -> Complaint:
    if row is None or row["kept_until"] <= now:
        raise NotFound()
    return _complaint(row)


def _complaint(row: Document) -> Complaint:
    values = {key: value for key, value in row.items() if key != "_id"}
    values["fingerprints"] = tuple(values["fingerprints"])
    return Complaint(id=row["_id"], **values)
