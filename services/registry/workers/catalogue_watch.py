"""Keeps this process's catalogues those that are approved and valid today."""

import asyncio

import structlog

from services.registry.actions.catalogues import renew
from shared.days import local_day
from shared.ids import now
from shared.mongo import Database, is_outage

log = structlog.get_logger()
SECONDS = 3.0


async def watch(db: Database) -> None:
    """Until cancelled. While the database is away, what was known last goes on to hold."""
    while True:
        try:
            await renew(db, local_day(now()))
        except Exception as error:
            if not is_outage(error):
                log.exception("catalogues could not be read")
        await asyncio.sleep(SECONDS)
