"""Keeps up what is told of waiting decisions, as long as the process runs."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from services.registry.actions import awaiting
from services.registry.store.following import Lost
from services.registry.store.waiting import Waiting
from shared.ids import now
from shared.mongo import Database, is_outage

log = structlog.get_logger()
SECONDS = 2.0


async def work_off(db: Database, *, clock: Callable[[], datetime] = now) -> None:
    """Until cancelled. While the database is away, what was told last stays told."""
    waiting = Waiting(db)
    tell = awaiting.tell_at_start
    try:
        while True:
            try:
                await tell(db, waiting, now=clock())
                tell = awaiting.tell_changed
            except Exception as error:
                if not isinstance(error, Lost) and not is_outage(error):
                    log.exception("what waits for decisions could not be told")
            await asyncio.sleep(SECONDS)
    finally:
        await waiting.close()
