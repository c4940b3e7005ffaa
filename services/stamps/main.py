"""One process of the stamps service."""

from fastapi import FastAPI

from services.stamps import api, keys, manifests, pages, printer, stockkeeper, store
from services.stamps.consumers import QUEUES
from services.stamps.log import checkpoints, sequencing
from services.stamps.settings import StampsSettings
from services.stamps.store import counting
from services.stamps.unrecorded import UNRECORDED
from shared import telemetry
from shared.service import Service, serve
from shared.web.app import create_app


def build(settings: StampsSettings) -> FastAPI:
    """The application with everything that runs beside it."""
    keys.keyring(settings)  # A missing or broken key file stops the start, not the first print.
    manifests.key(settings)
    checkpoints.key_of(settings.secrets_dir)
    service = Service("stamps", settings, queues=QUEUES, prepare=store.prepare)
    service.jobs.append(lambda: printer.work_off(service.db, settings))
    service.jobs.append(lambda: sequencing.keep(service.db, settings))
    service.jobs.append(lambda: stockkeeper.work_off(service.db))
    service.jobs.append(lambda: counting.keep_settling(service.db))
    return create_app(
        "stamps",
        title="Tem truy xuất nguồn gốc",
        routers=[service.router, api.router, pages.router],
        lifespan=service.lifespan,
        settings=settings,
        unrecorded=UNRECORDED,
    )


if __name__ == "__main__":
    telemetry.start("stamps")
    settings = StampsSettings()
    serve(build(settings), settings)
