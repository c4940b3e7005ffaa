"""One process of the reporting service."""

from fastapi import FastAPI

from services.reporting import acts_api, acts_pages, api, checkpoints, pages, store, verify
from services.reporting.consumers import QUEUES
from services.reporting.store import settling
from shared import telemetry
from shared.service import Service, serve
from shared.settings import Settings
from shared.web.app import create_app


def build(settings: Settings) -> FastAPI:
    """The application with everything that runs beside it."""
    service = Service("reporting", settings, queues=QUEUES, prepare=store.prepare)
    service.jobs.append(lambda: checkpoints.keep_signing(service.db, settings))
    service.jobs.append(lambda: settling.keep_settling(service.db))
    service.jobs.append(lambda: verify.keep_verifying(service.db, settings))
    return create_app(
        "reporting",
        title="Số liệu và sổ kiểm toán",
        routers=[service.router, api.router, acts_api.router, pages.router, acts_pages.router],
        lifespan=service.lifespan,
        settings=settings,
    )


if __name__ == "__main__":
    telemetry.start("reporting")
    told = Settings()
    serve(build(told), told)
