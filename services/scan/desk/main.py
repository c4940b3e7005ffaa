"""The program for people: suspicions of copies, behind a sign-in."""

from fastapi import FastAPI

from services.scan import api as verdicts
from services.scan import api_links
from services.scan.consumers import ACCESS
from services.scan.desk import api, pages
from services.scan.settings import ScanSettings
from services.scan.store import suspicions
from shared import telemetry
from shared.service import Service, serve
from shared.web.app import create_app


def build(settings: ScanSettings) -> FastAPI:
    """The application with everything that runs beside it."""
    service = Service("scan", settings, queues=[ACCESS], prepare=suspicions.prepare)
    app = create_app(
        "scan",
        title="Tra cứu tem",
        routers=[service.router, api.router, pages.router],
        lifespan=service.lifespan,
        settings=settings,
        described=[verdicts.router],
    )
    # The reference tells the whole of scan, whichever program answers.
    api_links.describe(app)
    return app


if __name__ == "__main__":
    telemetry.start("scan-desk")
    settings = ScanSettings()
    serve(build(settings), settings)
