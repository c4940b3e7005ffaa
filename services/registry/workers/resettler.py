"""Keeps records in the communes of today, as long as the process runs."""

import asyncio
import time
from typing import Final

import structlog

from services.registry.actions import commune_names, resettling
from shared.ids import new_id, now
from shared.mongo import Database, is_outage

log = structlog.get_logger()
LOOK_SECONDS: Final = 3.0
# So often for what was saved with a commune that is no more since it was merged.
AGAIN_SECONDS: Final = 60.0


async def work_off(db: Database) -> None:
    """Until cancelled. While the database is away, everything stays as it is."""
    by, moved_at = new_id(), 0.0
    while True:
        try:
            changed = await resettling.look(db)
            while await commune_names.step(db, by=by, now=now()) is not None:
                pass
            if changed or time.monotonic() - moved_at > AGAIN_SECONDS:
                if moved := await resettling.move(db, now()):
                    log.info("records lie in the communes of today", moved=moved)
                moved_at = time.monotonic()
        except Exception as error:
            if not is_outage(error):
                log.exception("records could not follow the merging of communes")
        await asyncio.sleep(LOOK_SECONDS)
