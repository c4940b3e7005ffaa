"""Clocks of deadlines are started and stopped by what happens to a case.

`start` and `stop` may come twice and in either order; each is part of the act's transaction.
"""

from dataclasses import replace
from datetime import datetime

from services.recall.domain.deadlines import ENDED, MET, Clock, deadlines, timing
from services.recall.domain.terms import Place
from services.recall.store import clocks
from shared.contracts.recall import ClockChanged
from shared.messaging import outbox
from shared.mongo import Tx
from shared.working_days import Calendar, calendar_of


async def start(
    tx: Tx,
    name: str,
    case_id: str,
    place: Place,
    at: datetime,
    *,
    of: str = "",
    tier: str = "",
    anew: bool = False,
) -> None:
    """A deadline of the case runs from `at` on.

    `name` is one of domain/deadlines.toml; `place` the owner's of the goods; `tier` who owes it, ""
    for the deadline's own order; `of` tells several of a kind in a case apart (a report's id).
    One that started already goes on as it is; one that was stopped before stays so. With `anew`
    one that started earlier, and was not met, runs again from `at` on: what it is for ended with a
    correction and is asked again. A deadline that is not for goods of this sector is none.
    """
    deadline = deadlines()[name]
    if not deadline.is_for(place.sector):
        return
    known = await clocks.get(tx, _id(name, case_id, of))
    again = anew and known is not None and known.may_run_again(at)
    if known is not None and known.started_at is not None and not again:
        return
    tiers = deadline.tiers_from(tier)
    clock = Clock(
        id=_id(name, case_id, of),
        case_id=case_id,
        name=name,
        version=1 if known is None else known.version + 1,
        facility_id=place.facility_id,
        commune=place.commune,
        sector=place.sector,
        tiers=tiers,
        started_at=at,
        due_at=None,
        stopped_at=known.stopped_at if known and not again else None,
        stopped_by=known.stopped_by if known and not again else "",
        told=tiers[:1],
    )
    # By the calendar that the program comes with; the sweep sets it right where there is another.
    clock = timed(clock, calendar_of())
    await (clocks.add if known is None else clocks.put)(tx, clock)
    await outbox.append(tx, changed(clock, at))


async def stop(tx: Tx, name: str, case_id: str, at: datetime, *, of: str = "") -> None:
    """What the deadline waited for was done at `at`; also where its start is told later."""
    known = await clocks.get(tx, _id(name, case_id, of))
    if known is None:
        blank = Place("", "", "")
        await clocks.add(tx, _stopped_before_its_start(name, case_id, of, blank, at))
    elif known.stopped_at is None:
        await end(tx, known, at, MET)


async def stop_all(tx: Tx, case_id: str, at: datetime) -> None:
    """The case ended, and its deadlines with it."""
    for clock in await clocks.of_case(tx, case_id):
        if clock.is_running:
            await end(tx, clock, at, ENDED)


def timed(clock: Clock, calendar: Calendar) -> Clock:
    """With its due time and next step by this calendar; what was done stays done."""
    assert clock.started_at is not None
    found = timing(deadlines()[clock.name], clock.tiers, clock.started_at, calendar)
    ahead = [step.at for step in found.steps if step.name not in clock.done]
    return replace(
        clock,
        due_at=found.due_at,
        sure=found.sure,
        calendar=calendar.digest,
        next_at=min(ahead, default=None) if clock.is_running else None,
    )


def changed(clock: Clock, at: datetime) -> ClockChanged:
    return ClockChanged(
        subject=clock.id,
        version=clock.version,
        time=at,
        case_id=clock.case_id,
        deadline=clock.name,
        open=clock.is_running,
        due_at=clock.due_at,
        tiers=clock.told,
        facility_id=clock.facility_id,
        commune=clock.commune,
        sector=clock.sector,
    )


async def end(tx: Tx, clock: Clock, at: datetime, why: str) -> None:
    """Stop a running clock; `why` is MET or ENDED. Raises EditConflict."""
    ended = replace(clock, version=clock.version + 1, stopped_at=at, stopped_by=why, next_at=None)
    await clocks.put(tx, ended)
    await outbox.append(tx, changed(ended, at))


def _stopped_before_its_start(
    name: str, case_id: str, of: str, place: Place, at: datetime
) -> Clock:
    return Clock(
        id=_id(name, case_id, of),
        case_id=case_id,
        name=name,
        version=1,
        facility_id=place.facility_id,
        commune=place.commune,
        sector=place.sector,
        tiers=(),
        started_at=None,
        due_at=None,
        stopped_at=at,
        stopped_by=MET,
    )


def _id(name: str, case_id: str, of: str) -> str:
    return "/".join(part for part in (case_id, name, of) if part)
