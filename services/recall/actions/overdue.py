"""The steps of running clocks: reminders, what was missed, and each tier that is told of it.

Each step is taken once: the clock's version decides, whichever processes try.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final

from services.recall.actions.clocks import changed, end, timed
from services.recall.actions.rounds import Turn, each_by_itself
from services.recall.domain.deadlines import ENDED, Clock, Step, deadlines, timing
from services.recall.domain.terms import OPEN, Kind, Place
from services.recall.store import authorities, clocks, entries
from services.recall.store.cases import CASES
from services.recall.store.entries import Entry
from shared import audit
from shared.contracts.event import Event
from shared.contracts.recall import DeadlineMissed, DeadlineNear
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact
from shared.working_days import Calendar

ACT = "recall.deadline"
FACILITY: Final = "facility"
AT_ONCE = 200


async def sweep(db: Database, calendar: Calendar, at: datetime, turn: Turn | None = None) -> int:
    """Take every step that is due, by turns; how many clocks were looked at."""
    turn = turn or Turn()
    found = await clocks.to_do(db, at, AT_ONCE, after=turn.after)
    turn.took(found, AT_ONCE)
    others = await clocks.otherwise_timed(db, calendar.digest, AT_ONCE)
    due = list(dict.fromkeys((*others, *found)))
    await each_by_itself([_look(db, clock_id, calendar, at) for clock_id in due])
    return len(due)


async def _look(db: Database, clock_id: str, calendar: Calendar, at: datetime) -> None:
    async def work(tx: Tx) -> None:
        clock = await clocks.get(tx, clock_id)
        if clock is None or not clock.is_running:
            return
        ended = await _ended(tx, clock, at)
        if ended is not None:
            await end(tx, clock, ended, ENDED)
            return
        due, nobody = await _due(tx, clock, calendar, at)
        if not due and clock.calendar == calendar.digest:
            return  # Another process took the step.
        told = [step for step in due if not _overtaken(step, due)]
        tiers = _told_by_now(clock, told, nobody)
        done = (*clock.done, *(step.name for step in due))
        after = timed(replace(clock, version=clock.version + 1, done=done, told=tiers), calendar)
        await clocks.put(tx, after)
        await outbox.append(tx, changed(after, at))
        for step in told:
            await _tell(tx, after, step, at, nobody=step.tier in nobody)

    await transact(db, work)


async def _ended(tx: Tx, clock: Clock, at: datetime) -> datetime | None:
    """When the clock's case ended, or became one that asks nothing; None while it is open.

    The end stops the clocks that it sees: one that was started at the same instant by another
    process is not among them, and nothing else would ever stop it.
    """
    wanted = {"state": 1, "kind": 1, "changed_at": 1}
    row = await tx.collection(CASES).find_one({"_id": clock.case_id}, wanted)
    if row is None:
        return at
    # Nor would a correction to a warning, which asks nothing once it is ordered.
    is_asked = row["kind"] != Kind.WARNING or clock.name == "decide"
    return None if row["state"] in OPEN and is_asked else row["changed_at"]


async def _due(
    tx: Tx, clock: Clock, calendar: Calendar, at: datetime
) -> tuple[list[Step], frozenset[str]]:
    """The steps that are due, and the tiers among theirs that have no unit for these goods: whom
    nobody can be told for, the next tier is told at once."""
    assert clock.started_at is not None
    found = timing(deadlines()[clock.name], clock.tiers, clock.started_at, calendar)
    left = [step for step in found.steps if step.name not in clock.done]
    due = [step for step in left if step.at <= at]
    nobody: set[str] = set()
    if not due or not await authorities.any_known(tx):
        return due, frozenset()
    for step in left:
        if step.is_reminder or step.tier == FACILITY or step not in due:
            continue
        place = Place(clock.facility_id, clock.commune, clock.sector)
        if await authorities.in_charge(tx, step.tier, place):
            continue
        nobody.add(step.tier)
        due += [one for one in left[left.index(step) + 1 :][:1] if one not in due]
    return due, frozenset(nobody)


def _told_by_now(clock: Clock, steps: list[Step], nobody: frozenset[str]) -> tuple[str, ...]:
    """The tiers that know of it; whoever owes it comes first whether it is there or not."""
    told = [step.tier for step in steps if step.tier not in nobody]
    return tuple(dict.fromkeys((*clock.told, *told)))


def _overtaken(step: Step, due: list[Step]) -> bool:
    """Nobody is reminded of what is over, nor twice at once, because nobody looked meanwhile."""
    later = due[due.index(step) + 1 :]
    return step.is_reminder and bool(later)


async def _tell(tx: Tx, clock: Clock, step: Step, at: datetime, *, nobody: bool) -> None:
    place = Place(clock.facility_id, clock.commune, clock.sector)
    units = await authorities.in_charge(tx, step.tier, place)
    await outbox.append(tx, _event(clock, step, units, at))
    row = await tx.collection(CASES).find_one({"_id": clock.case_id}, {"version": 1})
    assert row is not None  # It is open, as was just read.
    act = step.name.split(":", 1)[0]
    name = deadlines()[clock.name].name
    if nobody:
        act = "nobody"
    await entries.add(tx, Entry(clock.case_id, row["version"], f"deadline_{act}", at, text=name))
    await audit.accepted(
        tx,
        None,
        ACT,
        clock.case_id,
        step=step.name,
        deadline=clock.name,
        tier=step.tier,
        due=clock.due_at,
    )


def _event(clock: Clock, step: Step, units: tuple[str, ...], at: datetime) -> Event:
    assert clock.started_at is not None
    assert clock.due_at is not None
    if step.is_reminder:
        return DeadlineNear(
            subject=clock.id,
            version=clock.version,
            time=at,
            case_id=clock.case_id,
            deadline=clock.name,
            percent=int(step.name.removeprefix("near:")),
            tier=step.tier,
            units=units,
            facility_id=clock.facility_id,
            commune=clock.commune,
            sector=clock.sector,
            started_at=clock.started_at,
            due_at=clock.due_at,
        )
    return DeadlineMissed(
        subject=clock.id,
        version=clock.version,
        time=at,
        case_id=clock.case_id,
        deadline=clock.name,
        escalated=step.name != "due",
        tier=step.tier,
        owed_by=clock.tiers[0],
        units=units,
        facility_id=clock.facility_id,
        commune=clock.commune,
        sector=clock.sector,
        started_at=clock.started_at,
        due_at=clock.due_at,
    )
