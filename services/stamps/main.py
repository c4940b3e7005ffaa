"""One process of the stamps service."""

from fastapi import FastAPI

from services.stamps import api, pages, printer, store
from services.stamps.consumers import QUEUES
from shared import telemetry
from shared.service import Service, serve
from shared.settings import Settings
from shared.web.app import create_app


def build(settings: Settings) -> FastAPI:
    """The application with everything that runs beside it."""
    service = Service("stamps", settings, queues=QUEUES, prepare=store.prepare)
    service.jobs.append(lambda: printer.work_off(service.db, settings))
    return create_app(
        "stamps",
        title="Tem truy xuất nguồn gốc",
        routers=[service.router, api.router, pages.router],
        lifespan=service.lifespan,
        settings=settings,
    )


if __name__ == "__main__":
    telemetry.start("stamps")
    settings = Settings()
    serve(build(settings), settings)
