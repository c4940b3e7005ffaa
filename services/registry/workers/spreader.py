"""Works out what failed results mean for the lots made from their lots, as long as it runs."""

import asyncio
from typing import Final

import structlog

from services.registry.actions import examining
from services.registry.store import examinations
from shared.ids import now
from shared.mongo import Database, is_outage

log = structlog.get_logger()
LOOK_SECONDS: Final = 0.25


async def work_off(db: Database) -> None:
    """Until cancelled. Work that was left is taken up again once its lease ran out."""
    while True:
        try:
            spread = await examinations.claim(db, now())
            if spread is None:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            await examining.tell_all(db, spread, now())
            await examinations.looked(db, spread, now())
        except Exception as error:
            if not is_outage(error):
                log.exception("descendants of a lot could not be told")
            await asyncio.sleep(1.0)
