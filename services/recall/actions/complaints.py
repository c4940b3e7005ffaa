"""What officials do with a reported problem: look into it, hand it over, answer it (R36, R53)."""

from collections.abc import Callable
from datetime import datetime

from services.recall.domain.complaint import Complaint, NotTheirGoods, Outcome
from services.recall.store import complaint_areas, complaints, desks, facts
from services.recall.store.newest import together
from shared import audit
from shared.auth import Principal, require
from shared.errors import OutOfReach
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

ANSWER = "complaint.answer"
HAND_OVER = "complaint.hand_over"
EXPORT = "complaint.export"


async def take_up(complaint_id: str, *, who: Principal, db: Database, at: datetime) -> Complaint:
    """The reporters of the group read that somebody looks into it. Raises AlreadySeen,
    ComplaintClosed."""

    def change(before: Complaint, authority: str) -> Complaint:
        return before.taken_up(by=who.name, authority=authority, now=at, account=who.account_id)

    def follow(before: Complaint, authority: str) -> Complaint | None:
        return change(before, authority) if before.is_free else None

    return await _step(complaint_id, change, follow, who=who, db=db, at=at)


async def close(
    complaint_id: str,
    answer: str,
    *,
    version: int,
    who: Principal,
    db: Database,
    at: datetime,
    outcome: Outcome = "answered",
) -> Complaint:
    """Each reporter of the group reads the answer by their own code. Raises AnswerNeeded,
    ComplaintClosed."""

    def closed(before: Complaint, authority: str, version: int) -> Complaint:
        return before.closed(
            answer, version=version, by=who.name, authority=authority, now=at, outcome=outcome
        )

    return await _step(
        complaint_id,
        lambda before, authority: closed(before, authority, version),
        lambda before, authority: closed(before, authority, before.version),
        who=who,
        db=db,
        at=at,
    )


async def hand_over(
    complaint_id: str,
    unit_id: str,
    reason: str,
    *,
    version: int,
    who: Principal,
    db: Database,
    at: datetime,
) -> Complaint:
    """The whole group, to a unit that answers for these goods too. Raises SameUnit,
    NotTheirGoods."""

    async def work(tx: Tx) -> Complaint:
        before = await read_for(tx, complaint_id, HAND_OVER, who, at)
        scopes = await complaint_areas.all_scopes(tx, before, who)
        unit = await desks.get(tx, unit_id)
        if unit is None or not any(unit.answers_for(scope) for scope in scopes):
            raise NotTheirGoods("unit_id")
        after = before.handed_over(unit.id, unit.name, reason, version=version, by=who.name, now=at)
        await complaints.put(tx, before, after)
        for one in await _others(tx, before, HAND_OVER, who, at):
            if one.unit_id != unit.id:
                given = one.handed_over(
                    unit.id, unit.name, reason, version=one.version, by=who.name, now=at
                )
                await complaints.put(tx, one, given)
        await audit.accepted(
            tx, who, HAND_OVER, complaint_id, reason, unit=unit.id, facility=after.facility_id
        )
        return after

    async with audit.attempt(db, who, HAND_OVER, complaint_id):
        return await transact(db, work)


async def read_for(
    tx: Tx, complaint_id: str, action: str, who: Principal, at: datetime
) -> Complaint:
    """The report, for somebody who may do this to it; raises NotFound, OutOfReach, Forbidden."""
    found = await complaints.get(tx, complaint_id, at)
    if who.facility_id is not None:
        # A report may be about the facility itself: to it there is none.
        raise OutOfReach()
    require(who, action, await complaint_areas.scope_of(tx, found, who))
    return found


async def _others(
    tx: Tx, one: Complaint, action: str, who: Principal, at: datetime
) -> list[Complaint]:
    """The open ones of its group that somebody may do the same to. A report without a stamp is
    also for those who answer for its place, who may have nothing to do with others of its group."""
    group = await complaints.members(tx, one.group, at)
    rest = [each for each in group if each.id != one.id and each.state != "closed"]
    return await complaint_areas.covered(tx, rest, action, who)


async def _step(
    complaint_id: str,
    change: Callable[[Complaint, str], Complaint],
    follow: Callable[[Complaint, str], Complaint | None],
    *,
    who: Principal,
    db: Database,
    at: datetime,
) -> Complaint:
    """`change` the report and let the others of its group that are not closed `follow`."""

    async def work(tx: Tx) -> Complaint:
        before = await read_for(tx, complaint_id, ANSWER, who, at)
        authority = await authority_of(tx, who)
        after = change(before, authority)
        await put_and_tell(tx, before, after)
        for one in await _others(tx, before, ANSWER, who, at):
            followed = follow(one, authority)
            if followed is not None:
                await put_and_tell(tx, one, followed)
        await audit.accepted(
            tx, who, ANSWER, complaint_id, after.answer, facility=after.facility_id
        )
        return after

    async with audit.attempt(db, who, ANSWER, complaint_id):
        return await transact(db, work)


async def put_and_tell(tx: Tx, before: Complaint, after: Complaint) -> None:
    """Kept and told to its reporter, where there is news for them. Raises EditConflict."""
    await complaints.put(tx, before, after)
    if not after.reads_like(before):
        await outbox.append(tx, after.told())


async def authority_of(tx: Tx, who: Principal) -> str:
    """The name of the unit that somebody acts for."""
    if not who.unit_id:
        return who.name
    [found] = await together(tx, facts.unit(who.unit_id))
    return facts.unit_name(found) or who.name


async def note_export(who: Principal, *, db: Database) -> None:
    """Somebody takes the list away: that is recorded, as it is of other lists."""

    async def work(tx: Tx) -> None:
        await audit.accepted(tx, who, EXPORT, "-")

    await transact(db, work)
