"""Keeps stock with the units of today, as long as the process runs."""

import asyncio
import time
from typing import Final

import structlog

from services.stamps.actions import inheriting
from shared.ids import now
from shared.mongo import Database, is_outage

log = structlog.get_logger()
LOOK_SECONDS: Final = 3.0
# So often for what was done in the name of a unit that was merged meanwhile.
AGAIN_SECONDS: Final = 60.0


async def work_off(db: Database) -> None:
    """Until cancelled. While the database is away, everything stays as it is."""
    known: dict[str, str] = {}
    moved_at = -AGAIN_SECONDS
    while True:
        try:
            merged = await inheriting.heirs_of_units(db)
            if merged != known or time.monotonic() - moved_at > AGAIN_SECONDS:
                if moved := await inheriting.follow(db, merged, now()):
                    log.info("stock is kept by the units of today", batches=moved)
                # Also of what a process of an older release wrote meanwhile.
                await inheriting.part(db, now())
                known, moved_at = merged, time.monotonic()
        except Exception as error:
            if not is_outage(error):
                log.exception("stock could not follow its units")
        await asyncio.sleep(LOOK_SECONDS)
