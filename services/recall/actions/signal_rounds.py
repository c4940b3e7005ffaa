"""Rules are gone through for whatever changed: signals are raised, grow, and fall away again.

What a rule finds follows from the facts alone, so it comes out the same in whatever order they
came. Whoever takes a subject's mark looks at it; two processes never both do.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from services.recall.actions.rounds import Turn, each_by_itself
from services.recall.domain.signals import signal as domain
from services.recall.domain.signals.comparing import that_stand_out
from services.recall.domain.signals.fact import Fact, part_of, rule_of
from services.recall.domain.signals.finding import Finding, find
from services.recall.domain.signals.signal import DECIDED, Signal
from services.recall.domain.terms import State
from services.recall.store import cases, signal_facts, signals
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

AT_ONCE = 200
MORE_PERCENT = 10


async def sweep(db: Database, at: datetime, turn: Turn | None = None) -> int:
    """Look at every subject of which something was told; how many there were."""
    turn = turn or Turn()
    keys = await signal_facts.marked(db, AT_ONCE, turn.after)
    turn.took(keys, AT_ONCE)
    await each_by_itself([_look(db, key, at) for key in keys])
    return len(keys)


async def _look(db: Database, key: str, at: datetime) -> None:
    async def work(tx: Tx) -> None:
        if await signal_facts.unmark(tx, key):
            await evaluate(tx, key, at)

    await transact(db, work)


async def evaluate(tx: Tx, key: str, at: datetime) -> None:
    """Bring the open signals of a subject to what its rule finds in the facts as they are."""
    known = {one.id: one for one in await signals.of_key(tx, key)}
    spent = {id_ for one in known.values() if one.state in DECIDED for id_ in one.ids}
    rule = rule_of(key)
    facts = await signal_facts.under(tx, key, at) if rule else []
    spent -= _grown(known.values(), facts)
    found = find(rule, facts, spent) if rule else []
    if found and rule and rule.compare:
        tests = await signal_facts.tests_of(tx, facts[0].what, at)
        found = that_stand_out(found, part_of(key, "input"), tests)
    # What comes after a decision on the same day is another signal than the one that was decided.
    rounds = Counter(one.start for one in known.values() if one.state in DECIDED)
    waiting = [one for one in known.values() if one.is_open]
    kept = set()
    for one in found:
        id_ = domain.id_of(key, one.start, rounds[one.start])
        sharing = [before for before in waiting if one.shares(before.ids)]
        if not sharing and (one.is_over(at) or await _is_recalled(tx, known.values(), one)):
            continue
        aged = await _aged(tx, sharing, one, at)
        before = aged or known.get(id_)
        kept.add(before.id if before else id_)
        await _raise(tx, key, before, one, at, id_)
    for before in waiting:
        if before.id not in kept:
            await _put(tx, before, before.subsided(at))


def _grown(known: Iterable[Signal], facts: Iterable[Fact]) -> set[str]:
    """Of a lot's balance there is one fact, however often more is sent or stamped: twice what was
    decided on, and ten per cent of what was made besides, is something new."""
    decided: dict[str, float] = {}
    for one in known:
        for fact in one.facts if one.state in DECIDED else ():
            decided[fact.id] = max(decided.get(fact.id, 0), fact.over)
    return {
        fact.id
        for fact in facts
        if fact.kind == "balance"
        and fact.id in decided
        and fact.over >= 2 * decided[fact.id] + MORE_PERCENT
    }


async def _is_recalled(tx: Tx, known: Iterable[Signal], found: Finding) -> bool:
    """A case that an earlier one of this subject led to runs, and has all these lots: whoever leads
    it has the reports, and needs no warning."""
    lots = {fact.lot_id for fact in found.facts}
    for one in known:
        if one.state != "recall" or one.decision is None:
            continue
        case = await cases.get(tx, one.decision.case_id)
        reached = {lot for part in case.parts if part.active for lot in part.lots}
        if case.state is State.ORDERED and lots <= reached:
            return True
    return False


async def _aged(tx: Tx, waiting: Sequence[Signal], found: Finding, at: datetime) -> Signal | None:
    """The one that this goes on with, where its first facts are only too old by now: it stays the
    signal that somebody knows."""
    for before in waiting:
        gone = set(before.ids) - {fact.id for fact in found.facts}
        if before.start < found.start and not await signal_facts.some(tx, gone, at):
            return before
    return None


async def _raise(
    tx: Tx, key: str, before: Signal | None, found: Finding, at: datetime, id_: str
) -> None:
    places = await signal_facts.places(tx, found.facts)
    if before is None:
        await _put(tx, None, domain.raised(id_, key, found, places, at))
        return
    after = before.following(found, places, at)
    if after is not before:
        await _put(tx, before, after)


async def _put(tx: Tx, before: Signal | None, after: Signal) -> None:
    await signals.put(tx, before, after)
    await outbox.append(tx, after.told())
