"""One replica of scan: answers every stamp on the open Internet."""

import os

from fastapi import FastAPI
from prometheus_client import REGISTRY
from starlette.types import ASGIApp

from services.scan import api, api_links
from services.scan.answering import pages
from services.scan.answering.refusing import Refusals
from services.scan.answering.sampling import SampledTraces
from services.scan.metrics import ScanFigures
from services.scan.replica import Replica
from services.scan.settings import ScanSettings
from shared import telemetry
from shared.service import serve
from shared.web.app import create_app


def make(settings: ScanSettings) -> ASGIApp:
    """The replica's application: the hot route, behind it the pages and the operations."""
    replica = Replica(settings)
    hot = replica.hot_route(behind(replica, settings))
    REGISTRY.register(ScanFigures(replica, hot))
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return SampledTraces(hot)
    return hot


def behind(replica: Replica, settings: ScanSettings) -> FastAPI:
    """What the hot route leaves: the page to type a code on, reference, operations."""
    headers = {name.decode(): value.decode() for name, value in replica.forms.page_headers}
    app = create_app(
        "scan",
        title="Tra cứu tem",
        routers=[
            replica.router,
            api.router,
            pages.router(Refusals(replica.forms), headers),
        ],
        lifespan=replica.lifespan,
        settings=settings,
    )
    api_links.describe(app)
    return app


def main() -> None:
    settings = ScanSettings()
    telemetry.start("scan")
    serve(make(settings), settings)


if __name__ == "__main__":
    main()
