"""What officials do with a reported problem: look into it, answer it (R36)."""

from collections.abc import Callable
from datetime import datetime

from services.recall.domain.complaint import Complaint
from services.recall.store import complaints, facts
from services.recall.store.newest import together
from shared import audit
from shared.auth import Principal, require
from shared.errors import OutOfReach
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

ANSWER = "complaint.answer"


async def take_up(complaint_id: str, *, who: Principal, db: Database, at: datetime) -> Complaint:
    """The reporter reads that somebody looks into it. Raises AlreadySeen, ComplaintClosed."""
    return await _step(
        complaint_id,
        lambda before, authority: before.taken_up(by=who.name, authority=authority, now=at),
        who=who,
        db=db,
        at=at,
    )


async def close(
    complaint_id: str, answer: str, *, version: int, who: Principal, db: Database, at: datetime
) -> Complaint:
    """The reporter reads the answer by their code. Raises AnswerNeeded, ComplaintClosed."""
    return await _step(
        complaint_id,
        lambda before, authority: before.closed(
            answer, version=version, by=who.name, authority=authority, now=at
        ),
        who=who,
        db=db,
        at=at,
    )


async def _step(
    complaint_id: str,
    change: Callable[[Complaint, str], Complaint],
    *,
    who: Principal,
    db: Database,
    at: datetime,
) -> Complaint:
    async def work(tx: Tx) -> Complaint:
        before = await complaints.get(tx, complaint_id, at)
        if who.facility_id is not None:
            # A report may be about the facility itself: to it there is none.
            raise OutOfReach()
        require(who, ANSWER, await complaints.scope_of(tx, before, who))
        after = change(before, await _authority(tx, who))
        await complaints.put(tx, before, after)
        await outbox.append(tx, after.told())
        await audit.accepted(
            tx, who, ANSWER, complaint_id, after.answer, facility=after.facility_id
        )
        return after

    async with audit.attempt(db, who, ANSWER, complaint_id):
        return await transact(db, work)


async def _authority(tx: Tx, who: Principal) -> str:
    if not who.unit_id:
        return who.name
    [found] = await together(tx, facts.unit(who.unit_id))
    return facts.unit_name(found) or who.name
