"""The program for people: suspicions behind a sign-in, problems and hidden numbers of anybody."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.scan import api as verdicts
from services.scan import api_links
from services.scan.answering.limits import InvalidLimit
from services.scan.consumers import ACCESS, ANSWERS, GOODS, PINS, QUESTIONS
from services.scan.desk import (
    api,
    entry_pages,
    figure_api,
    figure_pages,
    goods_pages,
    offline_pages,
    pages,
    pin_api,
    pin_pages,
    reply_pages,
    report_pages,
    snapshot_api,
    speech_files,
)
from services.scan.desk.standing import Standing
from services.scan.offline.serving import Shelf
from services.scan.settings import ScanSettings
from services.scan.store import complaints, pins, sought, speeches, suspicions
from shared import telemetry
from shared.mongo import Database
from shared.pictures.limits import MAX_BYTES
from shared.service import Service, serve
from shared.stampkeys import StampKeys, StampPins
from shared.web.app import create_app

TWO_PHOTOS = 2 * MAX_BYTES + 1_000_000


def build(settings: ScanSettings) -> FastAPI:
    """The application with everything that runs beside it."""
    service = Service(
        "scan", settings, queues=[ACCESS, ANSWERS, QUESTIONS, GOODS, PINS], prepare=prepare
    )
    standing = Standing(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with service.lifespan(app):
            yield
        await standing.close()

    app = create_app(
        "scan",
        title="Tra cứu tem",
        routers=[
            *(service.router, api.router, figure_api.router, report_pages.api, snapshot_api.router),
            pin_api.router,
            *(pages.router, figure_pages.router, entry_pages.router, goods_pages.router),
            *(reply_pages.router, report_pages.router, pin_pages.router),
            *(offline_pages.router, speech_files.router),
        ],
        lifespan=lifespan,
        settings=settings,
        described=[verdicts.router],
        # Two photos at once, of the goods and of their label.
        body_limits=dict.fromkeys((report_pages.REPORT, report_pages.CONSOLE), TWO_PHOTOS),
    )
    # The reference tells the whole of scan, whichever program answers.
    api_links.describe(app)
    app.state.snapshots = Shelf()
    app.state.stamp_keys = StampKeys(settings.secrets_dir)
    app.state.stamp_pins = StampPins(settings.secrets_dir)
    app.state.standing = standing
    app.state.invalid_codes = InvalidLimit(
        time.monotonic, settings.scan_invalid_per_prefix, settings.scan_invalid_in_all
    )
    return app


async def prepare(db: Database) -> None:
    await suspicions.prepare(db)
    await complaints.prepare(db)
    await sought.prepare(db)
    await speeches.prepare(db)
    await pins.prepare(db)


if __name__ == "__main__":
    telemetry.start("scan-desk")
    settings = ScanSettings()
    serve(build(settings), settings)
