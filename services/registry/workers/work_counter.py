"""Keeps up what is told of waiting decisions, as long as the process runs."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from services.registry.actions import awaiting
from shared.ids import now
from shared.mongo import Database, is_outage

log = structlog.get_logger()
SECONDS = 5.0


async def work_off(db: Database, *, clock: Callable[[], datetime] = now) -> None:
    """Until cancelled. While the database is away, what was told last stays told."""
    while True:
        try:
            await awaiting.tell(db, now=clock())
        except Exception as error:
            if not is_outage(error):
                log.exception("what waits for decisions could not be told")
        await asyncio.sleep(SECONDS)
