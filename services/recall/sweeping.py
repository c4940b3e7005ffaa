"""What recall does by itself as time goes on, as long as the process runs."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

import structlog

from services.recall.actions import (
    completion,
    drill_endings,
    overdue,
    receipts,
    reports_of_before,
    signal_rounds,
    signal_works,
    unnamed,
)
from services.recall.actions.rounds import Turn, each_by_itself
from services.recall.store import instants, leases
from shared.ids import new_id
from shared.mongo import Database, is_outage
from shared.working_days import Calendar

log = structlog.get_logger()
LOOK_SECONDS: Final = 1.0

Round = Callable[[Database, datetime], Awaitable[object]]


async def keep_deadlines(db: Database, calendar: Calendar) -> None:
    """Until cancelled."""
    turn = Turn()

    async def look(db: Database, at: datetime) -> None:
        await overdue.sweep(db, calendar, at, turn)

    await _keep(db, "deadlines", look)


async def keep_receipts(db: Database) -> None:
    """Until cancelled."""
    memory = receipts.Memory()

    async def look(db: Database, at: datetime) -> None:
        await receipts.sweep(db, at, memory)

    await _keep(db, "receipts", look)


async def keep_signals(db: Database) -> None:
    """Until cancelled."""
    turn, works = Turn(), Turn()

    async def look(db: Database, at: datetime) -> None:
        await each_by_itself([signal_rounds.sweep(db, at, turn), signal_works.sweep(db, works)])

    await _keep(db, "signals", look)


async def keep_completions(db: Database) -> None:
    """Until cancelled."""
    of_before, turn = Turn(), Turn()

    async def look(db: Database, at: datetime) -> None:
        await each_by_itself(
            [reports_of_before.sweep(db, at, of_before), completion.sweep(db, at, turn)]
        )

    await _keep(db, "completions", look)


async def keep_files(db: Database) -> None:
    """Until cancelled."""
    await _keep(db, "files", unnamed.sweep)


async def keep_drills(db: Database) -> None:
    """Until cancelled."""
    rounds = drill_endings.Rounds()

    async def look(db: Database, at: datetime) -> None:
        await drill_endings.sweep(db, at, rounds)

    await _keep(db, "drills", look)


async def _keep(db: Database, name: str, look: Round) -> None:
    """One process of the service at a time. While the database is away, everything waits."""
    by = new_id()
    while True:
        try:
            # Of processes whose clocks differ each would tell what is late at times of its own.
            at = await instants.present(db)
            if await leases.held(db, name, by=by, now=at):
                await look(db, at)
        except Exception as error:
            if not is_outage(error):
                log.exception("a sweep failed and is tried again", sweep=name)
        await asyncio.sleep(LOOK_SECONDS)
