"""What officials asked of reporters, with the answers; they go when the report goes."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Final

from pymongo.errors import DuplicateKeyError

from services.recall.domain.asking import Question, Standing
from services.recall.store.complaints import COMPLAINTS
from services.recall.store.newest import Reader
from shared.contracts.scan import ReporterReplied
from shared.errors import EditConflict
from shared.mongo import Database, Document, Tx

QUESTIONS: Final = "complaint_questions"
_FIELDS: Final = {field.name for field in fields(Question)}


async def prepare(db: Database) -> None:
    await db.collection(QUESTIONS).create_index([("complaint_id", 1), ("number", 1)])
    await db.collection(QUESTIONS).create_index("kept_until", expireAfterSeconds=0)
    # Lists are narrowed by it; of most reports nobody asked anything.
    asked = {"question.number": {"$exists": True}}
    rows = db.collection(COMPLAINTS)
    await rows.create_index([("question.until", 1)], partialFilterExpression=asked)


async def of(reader: Reader, complaint_id: str) -> list[Question]:
    """The first one first."""
    rows = reader.collection(QUESTIONS).find({"complaint_id": complaint_id}).sort("number", 1)
    return [_question(row) async for row in rows]


async def newest(reader: Reader, complaint_ids: Sequence[str]) -> dict[str, Question]:
    """The last question of each of these reports, where there is one."""
    rows = reader.collection(QUESTIONS).find({"complaint_id": {"$in": list(complaint_ids)}})
    found = [_question(row) async for row in rows.sort("number", 1)]
    return {one.complaint_id: one for one in found}


async def add(tx: Tx, made: Question) -> None:
    """Kept, and noted at its report for lists. Raises EditConflict where one of this number was
    asked meanwhile."""
    body = {"_id": made.id, **asdict(made)}
    try:
        await tx.collection(QUESTIONS).insert_one(body)
    except DuplicateKeyError as error:
        raise EditConflict() from error
    noted = {"number": made.number, "until": made.until, "replied": False}
    await tx.collection(COMPLAINTS).update_one(
        {"_id": made.complaint_id}, {"$set": {"question": noted}}
    )


async def note_replies(tx: Tx, events: Sequence[ReporterReplied]) -> None:
    """Each question is answered once, whatever comes twice or in another order; an answer to one
    that is kept no longer is not kept either."""
    for event in events:
        row = await tx.collection(QUESTIONS).find_one({"_id": event.subject})
        if row is None:
            continue
        before = _question(row)
        after = before.replied(event)
        if after == before:
            continue
        await tx.collection(QUESTIONS).update_one({"_id": after.id}, {"$set": asdict(after)})
        # An older question's answer says nothing of whether the newest one waits.
        await tx.collection(COMPLAINTS).update_one(
            {"_id": after.complaint_id, "question.number": after.number},
            {"$set": {"question.replied": True}},
        )


def standing_in(standing: Standing, now: datetime) -> Document:
    """The filter on reports whose last question stands so."""
    # The number is named so that the index of reports with a question is taken.
    asked: Document = {"question.number": {"$exists": True}}
    if standing == "replied":
        return asked | {"question.replied": True}
    waits = {"$gt": now} if standing == "waiting" else {"$lte": now}
    return asked | {"question.replied": False, "question.until": waits}


def _question(row: Document) -> Question:
    return Question(**{name: value for name, value in row.items() if name in _FIELDS})
