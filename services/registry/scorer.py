"""Keeps the quality scores up to date as long as the process runs."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from services.registry.actions.scoring import step
from shared.ids import new_id, now
from shared.mongo import Database, is_outage

log = structlog.get_logger()
SECONDS = 3.0
# Between two chunks, so that people's own acts come first.
BREATH = 0.05


async def work_off(db: Database, *, clock: Callable[[], datetime] = now) -> None:
    """Until cancelled. While the database is away, the scores stay as they are."""
    by = new_id()
    while True:
        done = None
        try:
            done = await step(db, by=by, now=clock())
        except Exception as error:
            if not is_outage(error):
                log.exception("quality scores could not be computed")
        await asyncio.sleep(SECONDS if done is None or done.finished_at else BREATH)
