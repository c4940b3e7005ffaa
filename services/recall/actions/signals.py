"""What an official decides about a signal, and what follows from it in the same act (R55)."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

from services.recall.actions.complaints import authority_of
from services.recall.actions.signal_reports import is_reported, link_reports
from services.recall.actions.suspicions import INSPECT, SUSPECT
from services.recall.domain.signals.signal import (
    Decision,
    GoodsNotInSignal,
    Signal,
    SignalOfOthers,
    SignalWider,
    State,
)
from services.recall.domain.suspicion import MOST_COMPLAINTS, Suspicion
from services.recall.domain.suspicion import State as SuspicionState
from services.recall.domain.target import Target, TargetKind
from services.recall.domain.terms import Kind, LegalBasis, Place
from services.recall.store import cases, signal_facts, signals, suspicions
from shared import audit, once
from shared.auth import Principal, Scope, require
from shared.contracts.recall import RecallClosed, RecallLifted, RecallOrdered
from shared.errors import NotFound, OutOfReach
from shared.ids import new_id
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.once import Once

READ = "signal.read"
DECIDE = "signal.decide"
# By what a suspicion may be aimed at: the field of a fact that says it.
GOODS = {"lot": "lot_id", "product": "product_id", "facility": "facility_id"}


async def dismiss(
    signal_id: str,
    words: str,
    *,
    version: int,
    who: Principal,
    db: Database,
    at: datetime,
    asked: Once | None = None,
) -> Signal:
    """There is nothing to it: only further facts, counted anew, raise it again. Raises
    SignalOver, SignalOfOthers, SignalWider, EditConflict."""

    async def no_more(_: Tx, signal: Signal, decision: Decision) -> Signal:
        return signal.decided("dismissed", decision, version)

    return await _decide(signal_id, words, no_more, who=who, db=db, at=at, asked=asked)


async def suspect(
    signal_id: str,
    words: str,
    goods: str,
    *,
    version: int,
    who: Principal,
    db: Database,
    at: datetime,
    until: date | None = None,
    asked: Once | None = None,
) -> Signal:
    """Open a suspicion of these goods ("lot:", "product:" or "facility:" and an id); with `until`
    ask for an inspection by that day at once. Raises GoodsNotInSignal besides what `dismiss`
    does, and DayGone."""

    async def open_one(tx: Tx, signal: Signal, decision: Decision) -> Signal:
        require(who, SUSPECT)
        made = _suspicion(who, signal, decision, goods, at)
        state: State = "suspicion"
        if until is not None:
            require(who, INSPECT)
            made = made.want_inspection(words, until, version=1, by=who.name, now=at)
            state = "inspection"
            await outbox.append(tx, made.told())
        await suspicions.insert(tx, made)
        act = INSPECT if until is not None else SUSPECT
        await audit.accepted(tx, who, act, made.id, words, facility=made.facility_id)
        led = Decision(decision.by, decision.authority, at, words, suspicion_id=made.id)
        return signal.decided(state, led, version)

    return await _decide(signal_id, words, open_one, who=who, db=db, at=at, asked=asked)


async def follow_order(tx: Tx, event: RecallOrdered) -> None:
    """A recall was ordered on what a signal names, and reaches every lot that bears it out: that
    is the decision, and its reports are the case's. One that reaches only some leaves the signal
    to be decided. Of that from whose page it was ordered the reports are linked in any case."""
    decided = await _decided_by(tx, event)
    meant = await signals.meant_by(tx, event.subject)
    if meant is not None and meant.id not in {one.id for one in decided}:
        decided.append(meant)
    reported = [one for one in decided if is_reported(one)]
    if not reported:
        return
    case = await cases.get(tx, event.subject)
    for one in reported:
        await link_reports(tx, one, case, by=event.ordered_by, at=event.time)


async def _decided_by(tx: Tx, event: RecallOrdered) -> list[Signal]:
    if event.target_kind not in set(TargetKind) or not _takes_goods_back(event):
        return []
    waiting = await signals.open_about(tx, event.target_kind, event.target, event.time)
    reached = await _reached(tx, event) if waiting else set()
    found = []
    for before in waiting:
        if await _lots(tx, before, event.time) - reached:
            continue
        decision = Decision(event.ordered_by, "", event.time, event.reason, case_id=event.subject)
        after = before.decided("recall", decision, None)
        await _put(tx, before, after)
        found.append(after)
    return found


async def mean(tx: Tx, case_id: str, signal_id: str, who: Principal, at: datetime) -> None:
    """The case is ordered from the page of a signal; one that the asker may not read, or that is
    there no more, means nothing."""
    try:
        seen_by(who, await signals.get(tx, signal_id))
    except (NotFound, OutOfReach):
        return
    if who.may(READ):
        await signals.mean(tx, case_id, signal_id, at)


async def follow_ends(tx: Tx, events: Sequence[RecallClosed | RecallLifted]) -> None:
    """What came while a case ran was its own; now it is looked at."""
    keys = await signals.led_to(tx, [event.subject for event in events])
    await signal_facts.mark(tx, keys)


async def _reached(tx: Tx, event: RecallOrdered) -> set[str]:
    """All lots of the order: the event names those of its first part alone."""
    if event.parts <= 1:
        return set(event.lots)
    case = await cases.get(tx, event.subject)
    return {lot for part in case.parts for lot in part.lots}


async def _lots(tx: Tx, signal: Signal, at: datetime) -> set[str]:
    """All lots that bear it out, of those facts too that are too many to be kept with it."""
    facts = list(signal.facts)
    if signal.total > len(facts):
        facts += await signal_facts.some(tx, signal.ids, at)
    return {fact.lot_id for fact in facts if fact.lot_id}


def _takes_goods_back(event: RecallOrdered) -> bool:
    """A facility's own order, or a warning, decides nothing for those whom the rule names."""
    return event.legal_basis == LegalBasis.COMPULSORY and event.kind != Kind.WARNING


def sees(who: Principal, place: Place) -> bool:
    """Of goods whose facility nobody knows, the commune alone says whose they are to look after."""
    if place.facility_id:
        return who.reaches(Scope(place.facility_id, place.commune, place.sector))
    return who.facility_id is None and ("*" in who.communes or place.commune in who.communes)


def seen_by(who: Principal, signal: Signal) -> list[Place]:
    """The places of a signal in the asker's area, all of what is about the asker's own commune;
    raises OutOfReach where there is none."""
    here = [place for place in signal.places if sees(who, place) or is_about_area(who, signal)]
    if who.facility_id is not None or not here:
        raise OutOfReach()
    return here


def must_be_in_charge(who: Principal, signal: Signal) -> None:
    """Raises SignalWider where some of it is others' to look after, and SignalOfOthers."""
    if len(seen_by(who, signal)) < len(signal.places):
        raise SignalWider()
    if signal.rule is not None and who.tier not in signal.rule.tiers:
        raise SignalOfOthers()


def is_about_area(who: Principal, signal: Signal) -> bool:
    """Whether it tells of a commune of theirs, as of a market there: whoever answers for all goods
    in it, wherever they were made."""
    here = signal.commune in who.communes or "*" in who.communes
    return who.facility_id is None and who.sector == "*" and bool(signal.commune) and here


async def _decide(
    signal_id: str,
    words: str,
    change: Callable[[Tx, Signal, Decision], Awaitable[Signal]],
    *,
    who: Principal,
    db: Database,
    at: datetime,
    asked: Once | None,
) -> Signal:
    async def work(tx: Tx) -> Signal:
        before = await signals.get(tx, signal_id)
        seen_by(who, before)
        require(who, DECIDE)
        if await once.answered(tx, asked) is not None:
            return before
        must_be_in_charge(who, before)
        decision = Decision(who.name, await authority_of(tx, who), at, words)
        after = await change(tx, before, decision)
        await _put(tx, before, after)
        await once.keep(tx, asked, {"id": signal_id}, at)
        await audit.accepted(tx, who, DECIDE, signal_id, words, decision=after.state)
        return after

    async with audit.attempt(db, who, DECIDE, signal_id):
        return await transact(db, work)


async def _put(tx: Tx, before: Signal, after: Signal) -> None:
    """What came while somebody decided is looked at again: it counts anew."""
    await signals.put(tx, before, after)
    await outbox.append(tx, after.told(), after.told_decision())
    await signal_facts.mark(tx, [after.key])


def _suspicion(
    who: Principal, signal: Signal, decision: Decision, goods: str, at: datetime
) -> Suspicion:
    kind, _, id_ = goods.partition(":")
    field = GOODS.get(kind, "")
    places = {one.facility_id: one for one in signal.places if one.facility_id and sees(who, one)}
    facts = [fact for fact in signal.facts if field and id_ and getattr(fact, field) == id_]
    first = next((fact for fact in facts if fact.facility_id in places), None)
    if first is None:
        raise GoodsNotInSignal("goods")
    place = places[first.facility_id]
    reports = [fact.source for fact in facts if fact.kind == "complaint"]
    return Suspicion(
        id=new_id(),
        version=1,
        state=SuspicionState.OPEN,
        target=Target(TargetKind(kind), id_),
        facility_id=first.facility_id,
        product_id=first.product_id if kind != "facility" else "",
        lot_id=first.lot_id if kind == "lot" else "",
        commune=place.commune,
        sector=place.sector,
        what=decision.words,
        complaints=tuple(dict.fromkeys(reports))[-MOST_COMPLAINTS:],
        opened_by=decision.by,
        authority=decision.authority,
        opened_at=at,
        changed_at=at,
    )
