"""Whoever holds a report's code answers what officials asked (R53)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.scan.desk.reporting import HOUR, Reporter, limited, track
from services.scan.domain.asking import NothingAsked, was_said
from services.scan.domain.complaint import Complaint
from services.scan.settings import ScanSettings
from services.scan.store import complaints
from shared import audit
from shared.contracts.scan import ReporterReplied
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

REPLY: Final = "complaint.reply"
REPLIES_AN_HOUR: Final = 10


@dataclass(frozen=True, slots=True)
class Reply:
    """`photo` is a JPEG drawn anew, None without one; `said` stands for all of it as it came
    (`asking.digest`)."""

    question: int
    words: str
    said: str
    photo: bytes | None = None


async def admitted(
    number: str,
    code: str,
    question: int,
    said: str,
    *,
    reporter: Reporter,
    now: datetime,
    db: Database,
) -> Complaint:
    """Before any picture is decoded: the reporter's own report, which waits for this answer or has
    it. Raises ComplaintUnknown, TooManyReports, NothingAsked."""
    found = await track(number, code, reporter=reporter, now=now, db=db)
    async with audit.attempt(db, None, REPLY, found.id):
        await limited(f"reply:{reporter.source}", REPLIES_AN_HOUR, HOUR, now, db)
        asked = found.open_question
        if was_said(found.questions, question, said):
            return found
        if asked is None or question not in (0, asked.number) or not asked.is_open(now):
            raise NothingAsked()
    return found


async def reply(
    found: Complaint, given: Reply, *, settings: ScanSettings, now: datetime, db: Database
) -> Complaint:
    """Tell recall, once; the words are kept there alone, the photo here. The same sent again
    changes nothing. Raises NothingAsked."""
    private = now + timedelta(days=settings.complaint_private_days)
    until = min(private, found.kept_until)

    async def work(tx: Tx) -> None:
        still = await complaints.get(tx, found.id, now)
        asked = still.open_question
        if was_said(still.questions, given.question, given.said):
            return
        if asked is None or given.question not in (0, asked.number):
            raise NothingAsked()
        await complaints.reply(tx, found.id, asked.replied(now, given.said))
        name = photo_name(asked.number)
        if given.photo:
            await complaints.keep_photo(tx, found.id, name, given.photo, until)
        photo = f"/console/scan/complaints/{found.id}/photos/{name}" if given.photo else ""
        told = ReporterReplied(
            subject=f"{found.id}/{asked.number}",
            version=1,
            time=now,
            complaint_id=found.id,
            question=asked.number,
            words=given.words,
            photo=photo,
            private_until=until,
        )
        await outbox.append(tx, told)
        await audit.accepted(tx, None, REPLY, found.id, question=asked.number)

    async with audit.attempt(db, None, REPLY, found.id):
        await transact(db, work)
        return await complaints.get(db, found.id, now)


def photo_name(question: int) -> str:
    return f"q{question}"
