"""The program that speaks products, lots and notices when they are published, never on request.

A program of its own: replicas answer thousands of scans a second and the projector must not wait,
while this one takes whatever is left of a core, an utterance at a time.
"""

import asyncio
from datetime import date
from typing import Final

import structlog
from fastapi import FastAPI

from services.scan.settings import ScanSettings
from services.scan.speech import voice
from services.scan.speech.making import step
from services.scan.speech.wanting import SPEECHES
from services.scan.store import speeches
from shared import days, telemetry
from shared.ids import now
from shared.mongo import Database, is_outage
from shared.priority import give_way
from shared.service import Service, serve

log = structlog.get_logger()
LOOK_SECONDS: Final = 1.0
# Whoever scans, and whoever counts, goes first.
_NICENESS: Final = 10


async def work_off(db: Database) -> None:
    """Until cancelled; where nothing speaks, what is published waits for a worker that can."""
    if not voice.is_there():
        log.warning("there is no speech engine: only the verdicts can be heard")
        return
    day: date | None = None
    while True:
        try:
            if day != days.today():
                await speeches.want_what_is_not_known(db, now())
                await speeches.want_what_is_over(db, days.today(), now())
                day = days.today()
            if await step(db, speak=voice.spoken, now=now(), today=day):
                continue
        except Exception as error:
            if not is_outage(error):
                log.exception("a text could not be spoken")
        await asyncio.sleep(LOOK_SECONDS)


def make(settings: ScanSettings) -> FastAPI:
    service = Service(
        "scan",
        settings,
        queues=[SPEECHES],
        prepare=speeches.prepare,
        publishes=False,
        verifies=False,
    )
    service.jobs.append(lambda: work_off(service.db))
    return service.program()


def main() -> None:
    give_way(_NICENESS)
    settings = ScanSettings()
    telemetry.start("scan-speech")
    serve(make(settings), settings)


if __name__ == "__main__":
    main()
