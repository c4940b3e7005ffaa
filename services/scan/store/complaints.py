"""Reported problems; what is private of them lies apart, so that it goes sooner, by itself."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from services.scan.domain.aggregates import SEGMENTS
from services.scan.domain.asking import Question
from services.scan.domain.complaint import MOST_CODES, Complaint, Told
from services.scan.domain.segments import from_document, key_of
from services.scan.domain.tally import NOWHERE, Belongs
from shared import rates
from shared.contracts.recall import ComplaintAnswered, ReporterAsked
from shared.errors import EditConflict, NotFound
from shared.mongo import Database, Document, Tx

COMPLAINTS, PRIVATE, RATES = "complaints", "complaint_private", "complaint_rates"
# The further photos of a report by their names: of the label, and "q" with a question's number.
LABEL = "label"
_FIELDS: Final = {field.name for field in fields(Complaint)} - {"id"}
_ASKED: Final = {field.name for field in fields(Question)}
# Written only where there is something: a program from before they were reads no report with them.
_LATER: Final = ("channel", "heard_on", "entered_by", "entry", "questions")


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
    for name in _LATER:
        if not body[name]:
            del body[name]
    try:
        await tx.collection(COMPLAINTS).insert_one({"_id": body.pop("id"), **body})
    except DuplicateKeyError as error:
        raise EditConflict() from error
    if told.photo or told.phone or told.name:
        await tx.collection(PRIVATE).insert_one(
            {
                "_id": complaint.id,
                "phone": told.phone,
                "name": told.name,
                "photo": told.photo,
                "private_until": complaint.private_until,
            }
        )
    if told.label:
        await keep_photo(tx, complaint.id, LABEL, told.label, complaint.private_until)


async def keep_photo(
    tx: Tx, complaint_id: str, name: str, photo: bytes, private_until: datetime
) -> None:
    """One more photo of a report, which goes with its day as the first one does."""
    key = f"{complaint_id}/{name}"
    row = {"_id": key, "phone": "", "photo": photo, "private_until": private_until}
    await tx.collection(PRIVATE).insert_one(row)


async def note_question(tx: Tx, event: ReporterAsked) -> None:
    """One more question to who reported, once, whatever order they come in."""
    asked = Question(event.question, event.text, event.authority, event.time, event.until)
    await tx.collection(COMPLAINTS).update_one(
        {"_id": event.complaint_id, "questions.number": {"$ne": event.question}},
        {"$push": {"questions": {"$each": [asdict(asked)], "$sort": {"number": 1}}}},
    )


async def reply(tx: Tx, complaint_id: str, replied: Question) -> None:
    """Its reporter answered the question; raises EditConflict where that was done meanwhile."""
    waits = {"number": replied.number, "replied_at": None}
    now_said = {"replied_at": replied.replied_at, "said": replied.said}
    changed = await tx.collection(COMPLAINTS).update_one(
        {"_id": complaint_id, "state": {"$ne": "closed"}, "questions": {"$elemMatch": waits}},
        {"$set": {f"questions.$.{name}": value for name, value in now_said.items()}},
    )
    if not changed.matched_count:
        raise EditConflict()


async def get(db: Database | Tx, complaint_id: str, now: datetime) -> Complaint:
    return _still(await db.collection(COMPLAINTS).find_one({"_id": complaint_id}), now)


async def by_number(db: Database, number: str, now: datetime) -> Complaint | None:
    row = await db.collection(COMPLAINTS).find_one({"number": number})
    return _complaint(row) if row is not None and row["kept_until"] > now else None


@dataclass(frozen=True, slots=True)
class Private:
    """What is kept of a reporter, as long as it is."""

    phone: str = ""
    name: str = ""
    photo: bytes | None = None


async def private(db: Database, key: str, now: datetime) -> Private:
    """Of a report by its id, or of one of its further photos by "<report>/<name>"."""
    row = await db.collection(PRIVATE).find_one({"_id": key})
    if row is None or row["private_until"] <= now:
        return Private()
    return Private(row["phone"], row.get("name", ""), row["photo"])


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
    values = {key: value for key, value in row.items() if key in _FIELDS}
    values["fingerprints"] = tuple(values["fingerprints"])
    values["questions"] = tuple(_question(one) for one in values.get("questions", ()))
    return Complaint(id=row["_id"], **values)


def _question(row: Document) -> Question:
    return Question(**{key: value for key, value in row.items() if key in _ASKED})
