"""From what is reported over a suspicion and an inspection to a case, and back to the reporters."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from services.recall.actions.complaints import authority_of, read_for
from services.recall.actions.signal_reports import link_reports
from services.recall.domain.case import Case
from services.recall.domain.complaint import Complaint
from services.recall.domain.suspicion import (
    CaseNotNamed,
    CaseNotStanding,
    NoGoods,
    OtherGoods,
    State,
    Suspicion,
    led_to,
    target_of,
)
from services.recall.domain.terms import State as CaseState
from services.recall.store import cases, complaint_areas, complaints, facts, signals
from services.recall.store import suspicions as store
from services.recall.store.recoveries import hold
from shared import audit, once
from shared.auth import Principal, require
from shared.contracts.recall import RecallClosed, RecallLifted, RecallOrdered
from shared.errors import NotFound, OutOfReach
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.once import Once

SUSPECT = "hazard.suspect"
INSPECT = "hazard.ask_inspection"
LINK = "complaint.link"
OVER = (CaseState.CLOSED, CaseState.LIFTED, CaseState.DECLINED)


async def suspect(
    complaint_id: str,
    what: str,
    goods: str,
    *,
    who: Principal,
    db: Database,
    at: datetime,
    asked: Once | None = None,
) -> Suspicion:
    """A suspicion borne out by a report and all that are joined to it; `goods` is stamp, lot or
    product. Raises NoGoods."""

    async def work(tx: Tx) -> Suspicion:
        before = await once.answered(tx, asked)
        if before is not None:
            return await store.get(tx, before["id"])
        one = await read_for(tx, complaint_id, SUSPECT, who, at)
        found = (await facts.facilities(tx, [one.facility_id])).get(one.facility_id)
        if found is None:
            raise NoGoods()
        # Also for who reads it for the place it came from: the goods are not theirs to suspect.
        require(who, SUSPECT, cases.scope_of(found.place))
        made = Suspicion(
            id=new_id(),
            version=1,
            state=State.OPEN,
            target=target_of(
                goods, batch=one.batch, serial=one.serial, lot=one.lot_id, product=one.product_id
            ),
            facility_id=one.facility_id,
            product_id=one.product_id,
            lot_id=one.lot_id,
            commune=found.commune,
            sector=found.sector,
            what=what,
            complaints=tuple([each.id for each in await complaints.members(tx, one.group, at)]),
            opened_by=who.name,
            authority=await authority_of(tx, who),
            opened_at=at,
            changed_at=at,
        )
        await store.insert(tx, made)
        await once.keep(tx, asked, {"id": made.id}, at)
        await audit.accepted(tx, who, SUSPECT, made.id, what, facility=made.facility_id)
        return made

    async with audit.attempt(db, who, SUSPECT, complaint_id):
        return await transact(db, work)


async def add_evidence(
    suspicion_id: str, complaint_id: str, *, who: Principal, db: Database, at: datetime
) -> Suspicion:
    """One more report, with what is joined to it. Raises OtherGoods, SuspicionOver."""

    async def work(tx: Tx) -> Suspicion:
        before = await _own(tx, suspicion_id, SUSPECT, who)
        one = await read_for(tx, complaint_id, SUSPECT, who, at)
        if one.facility_id != before.facility_id:
            raise OtherGoods()
        group = await complaints.members(tx, one.group, at)
        after = before.with_complaints([each.id for each in group], by=who.name, now=at)
        if after is not before:
            await store.put(tx, before, after)
        if after.case_id:
            await _link(tx, await cases.get(tx, after.case_id), group, who.name)
        await audit.accepted(tx, who, SUSPECT, suspicion_id, complaint=complaint_id)
        return after

    async with audit.attempt(db, who, SUSPECT, suspicion_id):
        return await transact(db, work)


async def want_inspection(
    suspicion_id: str,
    reason: str,
    until: date,
    *,
    version: int,
    who: Principal,
    db: Database,
    at: datetime,
) -> Suspicion:
    """Those who inspect in the facility's area find it in their work. Raises AlreadyWanted."""
    return await _step(
        suspicion_id,
        lambda one: one.want_inspection(reason, until, version=version, by=who.name, now=at),
        INSPECT,
        reason,
        who=who,
        db=db,
    )


async def dismiss(
    suspicion_id: str, reason: str, *, version: int, who: Principal, db: Database, at: datetime
) -> Suspicion:
    """There is nothing to it; an inspection that was asked for is no longer wanted."""
    return await _step(
        suspicion_id,
        lambda one: one.dismissed(reason, version=version, by=who.name, now=at),
        SUSPECT,
        reason,
        who=who,
        db=db,
    )


async def link(
    case_id: str, complaint_id: str, *, who: Principal, db: Database, at: datetime
) -> Complaint:
    """A report, with what is joined to it, belongs to a case that is there already."""

    async def work(tx: Tx) -> Complaint:
        one = await read_for(tx, complaint_id, LINK, who, at)
        case = await _to_link(tx, case_id, who)
        group = await complaints.members(tx, one.group, at)
        await _link(tx, case, await complaint_areas.covered(tx, group, LINK, who), who.name)
        await audit.accepted(tx, who, LINK, complaint_id, case=case_id)
        return one

    async with audit.attempt(db, who, LINK, complaint_id):
        return await transact(db, work)


async def follow_order(tx: Tx, event: RecallOrdered) -> None:
    """A recall of goods that are suspected: the suspicion has led to it, and its reports are the
    case's. So has that from whose page it was ordered, whatever its target became, if its facility
    has to do with the case. Heard again, no suspicion is open any more; one that came later is not
    this one's."""
    found = await store.aimed_at(tx, event.target_kind, event.target, event.time)
    meant = await store.meant_by(tx, event.subject)
    if meant is not None and not meant.is_over and meant.id not in {one.id for one in found}:
        found.append(meant)
    if not found:
        return
    case = await cases.get(tx, event.subject)
    concerned = {place.facility_id for place in (case.owner, *case.places)}
    for one in found:
        if led_to(one.target, case.target) or (
            meant is not None and one.id == meant.id and one.facility_id in concerned
        ):
            await _acted(tx, one, case, by=event.ordered_by, at=event.time)


async def case_declined(tx: Tx, case: Case, *, by: str, at: datetime) -> None:
    """Nothing came of the case: what was linked to it goes on without it."""
    await hold(tx, case.id)
    await store.case_ended(tx, case.id, at)
    for one in await store.of_case(tx, case.id):
        await store.put(tx, one, one.reopened(by=by, now=at))


async def follow_end(tx: Tx, event: RecallClosed | RecallLifted) -> None:
    await hold(tx, event.subject)
    await store.case_ended(tx, event.subject, event.time)


async def link_suspicion(
    suspicion_id: str, case_id: str, *, who: Principal, db: Database, at: datetime
) -> Suspicion:
    """The case is there already: the suspicion and its reports belong to it."""

    async def work(tx: Tx) -> Suspicion:
        before = await _own(tx, suspicion_id, SUSPECT, who)
        case = await _to_link(tx, case_id, who)
        after = await _acted(tx, before, case, by=who.name, at=at)
        await audit.accepted(tx, who, SUSPECT, suspicion_id, case=case_id)
        return after

    async with audit.attempt(db, who, SUSPECT, suspicion_id):
        return await transact(db, work)


async def _acted(tx: Tx, before: Suspicion, case: Case, *, by: str, at: datetime) -> Suspicion:
    after = before.acted(case.id, by=by, now=at)
    await store.put(tx, before, after)
    await _link(tx, case, await complaints.some(tx, before.complaints, at), by)
    behind = await signals.that_opened(tx, before.id)
    if behind is not None:
        await link_reports(tx, behind, case, by=by, at=at)
    return after


async def _link(tx: Tx, case: Case, found: Sequence[Complaint], by: str) -> None:
    ended = case.changed_at if case.state in OVER else None
    await store.link(tx, case.id, found, by=by, ended_at=ended)


async def case_in_reach(reader: Database | Tx, case_id: str, who: Principal) -> Case:
    """A case about goods in the asker's own area; raises NotFound."""
    case = await cases.get(reader, case_id)
    if who.facility_id is not None or not who.covers(LINK, cases.scope_of(case.owner)):
        raise OutOfReach()
    return case


async def _to_link(tx: Tx, case_id: str, who: Principal) -> Case:
    """A case that something may belong to; raises CaseNotNamed, CaseNotStanding. It does not come
    to its end at the same moment: what is linked would then never be let go."""
    try:
        case = await case_in_reach(tx, case_id, who)
    except NotFound:
        raise CaseNotNamed("case") from None
    await hold(tx, case_id)
    if case.state is CaseState.DECLINED:
        raise CaseNotStanding("case")
    return case


async def _own(tx: Tx, suspicion_id: str, action: str, who: Principal) -> Suspicion:
    found = await store.get(tx, suspicion_id)
    if who.facility_id is not None:
        raise OutOfReach()
    require(who, action, store.scope_of(found))
    return found


async def _step(
    suspicion_id: str,
    change: Callable[[Suspicion], Suspicion],
    action: str,
    reason: str,
    *,
    who: Principal,
    db: Database,
) -> Suspicion:
    async def work(tx: Tx) -> Suspicion:
        before = await _own(tx, suspicion_id, action, who)
        after = change(before)
        await store.put(tx, before, after)
        if after.asked_at is not None:
            await outbox.append(tx, after.told())
        await audit.accepted(tx, who, action, suspicion_id, reason, facility=after.facility_id)
        return after

    async with audit.attempt(db, who, action, suspicion_id):
        return await transact(db, work)
