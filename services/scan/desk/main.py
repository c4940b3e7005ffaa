"""The program for people: suspicions of copies behind a sign-in, and problems anybody reports."""

from fastapi import FastAPI

from services.scan import api as verdicts
from services.scan import api_links
from services.scan.consumers import ACCESS, ANSWERS
from services.scan.desk import (
    api,
    figure_api,
    figure_pages,
    offline_pages,
    pages,
    report_pages,
    snapshot_api,
    speech_files,
)
from services.scan.offline.serving import Shelf
from services.scan.settings import ScanSettings
from services.scan.store import complaints, speeches, suspicions
from shared import telemetry
from shared.mongo import Database
from shared.service import Service, serve
from shared.stampkeys import StampKeys
from shared.web.app import create_app


def build(settings: ScanSettings) -> FastAPI:
    """The application with everything that runs beside it."""
    service = Service("scan", settings, queues=[ACCESS, ANSWERS], prepare=prepare)
    app = create_app(
        "scan",
        title="Tra cứu tem",
        routers=[
            *(service.router, api.router, figure_api.router, report_pages.api, snapshot_api.router),
            *(pages.router, figure_pages.router, report_pages.router),
            *(offline_pages.router, speech_files.router),
        ],
        lifespan=service.lifespan,
        settings=settings,
        described=[verdicts.router],
    )
    # The reference tells the whole of scan, whichever program answers.
    api_links.describe(app)
    app.state.snapshots = Shelf()
    app.state.stamp_keys = StampKeys(settings.secrets_dir)
    return app


async def prepare(db: Database) -> None:
    await suspicions.prepare(db)
    await complaints.prepare(db)
    await speeches.prepare(db)


if __name__ == "__main__":
    telemetry.start("scan-desk")
    settings = ScanSettings()
    serve(build(settings), settings)
