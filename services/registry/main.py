"""Runs registry: `python -m services.registry.main`."""

from fastapi import FastAPI

from services.registry import api, pages, store
from services.registry.actions.recordings import LARGEST
from services.registry.consumers import QUEUES
from services.registry.store.search.catalogue import Catalogue
from services.registry.unrecorded import UNRECORDED
from services.registry.workers import (
    converter,
    importer,
    resettler,
    scorer,
    spreader,
    taking_down,
    work_counter,
)
from services.registry.workers.catalogue_watch import watch
from services.registry.workers.trace_fill import fill
from services.registry.workers.watch import Watch
from shared import telemetry
from shared.service import Service, serve
from shared.settings import Settings
from shared.web.app import create_app

# A video of the largest size taken, with its poster, its captions and the form around them.
LARGEST_UPLOAD = LARGEST + 10_000_000


def build(settings: Settings) -> FastAPI:
    """The application with everything it runs beside its pages."""
    service = Service("registry", settings, queues=QUEUES, prepare=store.prepare)
    searched = Catalogue(service.db)
    service.jobs.append(searched.run)
    service.needs["searches"] = lambda: searched.loaded
    service.jobs.append(Watch(service.db).run)
    service.jobs.append(lambda: importer.work_off(service.db))
    service.jobs.append(lambda: converter.work_off(service.db))
    service.jobs.append(lambda: watch(service.db))
    service.jobs.append(lambda: scorer.work_off(service.db))
    service.jobs.append(lambda: resettler.work_off(service.db))
    service.jobs.append(lambda: work_counter.work_off(service.db))
    service.jobs.append(lambda: fill(service.db))
    service.jobs.append(lambda: taking_down.work_off(service.db))
    service.jobs.append(lambda: spreader.work_off(service.db))
    app = create_app(
        "registry",
        title="Đăng ký truy xuất nguồn gốc",
        routers=[service.router, api.router, pages.router],
        lifespan=service.lifespan,
        settings=settings,
        unrecorded=UNRECORDED,
        body_limits={
            "/api/registry/v1/recordings": LARGEST_UPLOAD,
            "/console/registry/recordings": LARGEST_UPLOAD,
            # Photos of a telephone with a diary entry: three of the work, three of the label.
            **{f"/console/registry/{word}": 40_000_000 for word in ("lots", "growing-areas")},
        },
    )
    app.state.catalogue = searched
    return app


if __name__ == "__main__":
    telemetry.start("registry")
    told = Settings()
    serve(build(told), told)
