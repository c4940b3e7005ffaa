"""One process of the reporting service."""

from fastapi import FastAPI

from services.reporting import (
    acts_api,
    acts_pages,
    api,
    checkpoints,
    pages,
    readers_api,
    readers_pages,
    store,
    verify,
)
from services.reporting.consumers import QUEUES
from services.reporting.store import settling
from services.reporting.unrecorded import UNRECORDED
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
        routers=[
            service.router,
            *(one.router for one in (api, acts_api, readers_api)),
            *(one.router for one in (pages, acts_pages, readers_pages)),
        ],
        lifespan=service.lifespan,
        settings=settings,
        unrecorded=UNRECORDED,
    )


if __name__ == "__main__":
    telemetry.start("reporting")
    told = Settings()
    serve(build(told), told)
