"""The end of a drill: early, by itself, or called off; and its score, which is stated once."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from services.recall.actions.acting import official
from services.recall.actions.drill_standing import refresh, standing
from services.recall.actions.drills import DRILL, managed_by
from services.recall.actions.rounds import Turn, each_by_itself
from services.recall.domain.drill import LONGEST_WAIT, NAMED, Drill, State
from services.recall.domain.drill_score import Place, rehearsed, rules, unit_rehearsed
from services.recall.queries import drill_figures
from services.recall.store import drill_duties, drill_places, drill_standing, drills
from services.recall.store.newest import chunks
from shared import audit
from shared.auth import Principal
from shared.errors import EditConflict
from shared.ids import now
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact

AT_ONCE: Final = 20


async def end(drill_id: str, *, who: Principal, db: Database, at: datetime) -> Drill:
    """Before its hours are over. Raises DrillOver."""

    async def work(tx: Tx) -> None:
        before = await managed_by(tx, drill_id, who)
        await drills.put(tx, before.end(who=official(who), now=at))
        await audit.accepted(tx, who, DRILL, drill_id, act="ended")

    async with audit.attempt(db, who, DRILL, drill_id):
        await transact(db, work)
    await score(db, drill_id)
    return await drills.get(db, drill_id)


async def call_off(
    drill_id: str, reason: str, *, who: Principal, db: Database, at: datetime
) -> Drill:
    """It gets no score and counts for nobody. Raises DrillOver."""

    async def work(tx: Tx) -> Drill:
        before = await managed_by(tx, drill_id, who)
        drill = before.call_off(reason, who=official(who), now=at)
        await drills.put(tx, drill)
        parts = -(-await drill_places.number(tx, drill_id, {}) // NAMED)
        await outbox.append(tx, *(drill.over((), part, None) for part in range(1, parts + 1)))
        await audit.accepted(tx, who, DRILL, drill_id, reason, act="called_off")
        return drill

    async with audit.attempt(db, who, DRILL, drill_id):
        return await transact(db, work)


@dataclass(slots=True)
class Rounds:
    """What is kept from round to round, so that one that fails keeps no other from its turn:
    `tried` as `refresh` keeps it."""

    over: Turn = field(default_factory=Turn)
    unscored: Turn = field(default_factory=Turn)
    unwanted: Turn = field(default_factory=Turn)
    tried: dict[str, datetime] = field(default_factory=dict)


async def sweep(db: Database, at: datetime, rounds: Rounds | None = None) -> int:
    """End what has run its hours, score what ended without being scored, decline what nobody agreed
    to, and count what runs; how many it ended."""
    rounds = rounds or Rounds()
    over = await drills.to_end(db, at, AT_ONCE, after=rounds.over.after)

    async def end() -> None:
        rounds.over.took(over, AT_ONCE)
        await each_by_itself([_run_out(db, drill_id, at) for drill_id in over])

    async def score_all() -> None:
        unscored = await drills.to_score(db, AT_ONCE, after=rounds.unscored.after)
        rounds.unscored.took(unscored, AT_ONCE)
        await each_by_itself([score(db, drill_id) for drill_id in unscored])

    async def decline() -> None:
        since, after = at - LONGEST_WAIT, rounds.unwanted.after
        unwanted = await drills.to_decline(db, since, AT_ONCE, after=after)
        rounds.unwanted.took(unwanted, AT_ONCE)
        await each_by_itself([_give_up(db, drill_id, at) for drill_id in unwanted])

    await each_by_itself([end(), score_all(), decline(), refresh(db, at, rounds.tried)])
    return len(over)


async def _run_out(db: Database, drill_id: str, at: datetime) -> None:
    async def work(tx: Tx) -> None:
        before = await drills.get(tx, drill_id)
        if not before.is_running:
            return  # Another process ended it.
        await drills.put(tx, before.end(who=None, now=at))
        await audit.accepted(tx, None, DRILL, drill_id, act="ran_out")

    await transact(db, work)


async def _give_up(db: Database, drill_id: str, at: datetime) -> None:
    async def work(tx: Tx) -> None:
        before = await drills.get(tx, drill_id)
        if before.state is not State.AWAITING:
            return  # Somebody decided meanwhile.
        await drills.put(tx, before.decline(who=None, now=at))
        await audit.accepted(tx, None, DRILL, drill_id, act="declined")

    await transact(db, work)


async def score(db: Database, drill_id: str) -> None:
    """Freeze the figures of a drill that ended, whoever comes first: nobody answers any more."""
    drill = await drills.get(db, drill_id)
    if drill.score is not None:
        return
    found = await drill_figures.of_drill(db, drill)
    figures = found.figures
    lots = [drill_figures.kept(lot) for lot in found.lots]

    async def work(tx: Tx) -> None:
        after = drill.scored(figures)
        await drills.put(tx, after)
        await drills.freeze_lots(tx, drill_id, lots)
        await drill_standing.keep(tx, drill_id, standing(replace(found, drill=after), now(), 0))
        await _fulfil(tx, after, found.places)

    for _ in range(2):
        # Another process has stated them, or only kept the first figures at this moment.
        with suppress(EditConflict):
            await transact(db, work)
            break


async def _fulfil(tx: Tx, drill: Drill, places: list[Place]) -> None:
    """Tell that it is over, and keep whose yearly duty it fulfils."""
    duty = rules().duty
    assert drill.ended_at is not None
    until = drill_duties.fulfilled_until(drill.ended_at, duty)
    done = rehearsed(places, drill.by.facility_id, duty)
    unit = drill.by.facility_id is None and unit_rehearsed(places)
    for part, some in enumerate(chunks(places, NAMED), 1):
        here = tuple(sorted({one.facility_id for one in some} & set(done)))
        await outbox.append(tx, drill.over(here, part, until, unit=unit))
    await drill_duties.fulfil(tx, "facility", done, drill.id, drill.ended_at)
    if unit:
        await drill_duties.fulfil(tx, "unit", (drill.unit_id,), drill.id, drill.ended_at)
