"""Keeps quality scores and what passports tell up to date as long as the process runs."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from services.registry.actions import renaming, retelling, scoring
from shared.ids import new_id, now
from shared.mongo import Database, is_outage

log = structlog.get_logger()
SECONDS = 3.0
# Between two chunks, so that people's own acts come first.
BREATH = 0.05


async def work_off(db: Database, *, clock: Callable[[], datetime] = now) -> None:
    """Until cancelled. While the database is away, everything stays as it is."""
    by = new_id()
    while True:
        rests = True
        for step in (scoring.step, renaming.step, retelling.step, retelling.lots_step):
            try:
                done = await step(db, by=by, now=clock())
                rests = rests and (done is None or done.finished_at is not None)
            except Exception as error:
                if not is_outage(error):
                    log.exception("a pass over the records could not go on")
        await asyncio.sleep(SECONDS if rests else BREATH)
