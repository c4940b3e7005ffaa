"""Counting the figures of running drills, so that no look at a page does."""

import time
from datetime import UTC, datetime
from typing import Final

from services.recall.actions.rounds import each_by_itself
from services.recall.domain.drill_standing import NAMED, Standing, is_due
from services.recall.queries import drill_figures
from services.recall.queries.drill_figures import Found, kept
from services.recall.store import drill_standing, drills
from shared.errors import EditConflict
from shared.mongo import Database, Tx, transact

# So that a drill that ran its hours does not wait long for its end.
AT_ONCE: Final = 3
NEVER: Final = datetime.min.replace(tzinfo=UTC)


async def refresh(db: Database, at: datetime, tried: dict[str, datetime] | None = None) -> int:
    """Count those that are due, a few in a round; how many. `tried` is when each was tried last,
    kept from round to round: one that fails has had its turn like one that was counted."""
    tried = {} if tried is None else tried
    running = await drills.running(db)
    known = await drill_standing.counted(db, running)
    due = [
        drill_id
        for drill_id, said in running.items()
        if drill_id not in known or is_due(*known[drill_id], now=at, said=said)
    ]
    for over in tried.keys() - running.keys():
        del tried[over]

    def had_its_turn(one: str) -> datetime:
        counted = known[one][0] if one in known else NEVER
        return max(counted, tried.get(one, NEVER))

    async def try_to(one: str) -> None:
        tried[one] = at
        await count(db, one, running[one], at)

    due.sort(key=had_its_turn)
    await each_by_itself([try_to(one) for one in due[:AT_ONCE]])
    return len(due)


async def count(db: Database, drill_id: str, answers: int, at: datetime) -> None:
    """`answers` is how many were given before it begins: what comes meanwhile makes it due again.
    Nothing is kept of a drill that ended: its end has counted."""
    drill = await drills.get(db, drill_id)
    begun = time.monotonic()
    found = standing(await drill_figures.of_drill(db, drill), at, answers)
    took = round(time.monotonic() - begun, 3)

    async def work(tx: Tx) -> None:
        if (await drills.get(tx, drill_id)).is_running:
            await drill_standing.keep(tx, drill_id, timed)

    timed = Standing(found.at, answers, took, found.figures, found.minutes, found.lots)
    try:
        await transact(db, work)
    except EditConflict:
        return  # Another process has counted.


def standing(found: Found, at: datetime, answers: int) -> Standing:
    """As it is kept for pages. The grade belongs to the end alone."""
    figures = found.figures if found.drill.score is None else found.drill.score
    grade = found.drill.score["grade"] if found.drill.score is not None else ""
    lots = tuple(kept(lot) for lot in found.lots[:NAMED] if lot.is_open)
    return Standing(at, answers, 0.0, {**figures, "grade": grade}, found.minutes, lots)
