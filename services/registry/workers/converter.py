"""The conversion worker: one recording after another, as long as the process runs."""

import asyncio
from typing import Final

import structlog

from services.registry.actions.converting import step
from services.registry.decoders import ffmpeg
from shared.ids import new_id, now
from shared.mongo import Database, is_outage

log = structlog.get_logger()
LOOK_SECONDS: Final = 1.0


async def work_off(db: Database) -> None:
    """Until cancelled; what it was at is then begun anew by whoever comes next."""
    if ffmpeg.program() is None:
        log.warning("there is no ffmpeg: only recordings that browsers play are taken")
        return
    by = new_id()
    while True:
        try:
            if await step(db, by=by, now=now()):
                continue
        except Exception as error:
            if not is_outage(error):
                log.exception("a recording could not be worked on")
        await asyncio.sleep(LOOK_SECONDS)
