"""An official asks more of who reported a problem (R53)."""

from datetime import date, datetime
from typing import Final

from services.recall.actions.complaints import ANSWER, authority_of, put_and_tell, read_for
from services.recall.domain import asking
from services.recall.domain.asking import Question
from services.recall.store import asking as store
from shared import audit
from shared.auth import Principal
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

ASK: Final = "complaint.ask"


async def ask(
    complaint_id: str,
    text: str,
    until: date,
    *,
    version: int,
    who: Principal,
    db: Database,
    at: datetime,
) -> Question:
    """Whoever holds this report's code reads it, nobody of those that are joined to it. Whoever may
    answer may ask; the record does not repeat the words. Raises ComplaintClosed, StillWaiting,
    TooManyQuestions, DayDoesNotFit."""

    async def work(tx: Tx) -> Question:
        one = await read_for(tx, complaint_id, ANSWER, who, at)
        before = await store.of(tx, one.id)
        after = one.asked(asking.next_number(before), version=version, by=who.name, now=at)
        authority = await authority_of(tx, who)
        made = asking.ask(one, before, text, until, by=who.name, authority=authority, now=at)
        await put_and_tell(tx, one, after)
        await store.add(tx, made)
        await outbox.append(tx, made.told())
        await audit.accepted(
            tx, who, ASK, complaint_id, facility=one.facility_id, question=made.number
        )
        return made

    async with audit.attempt(db, who, ASK, complaint_id):
        return await transact(db, work)
