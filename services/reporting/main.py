"""One process of the reporting service."""

from services.reporting import checkpoints, store
from services.reporting.consumers import QUEUES
from shared import telemetry
from shared.service import Service, serve
from shared.settings import Settings
from shared.web.app import create_app

settings = Settings()
telemetry.start("reporting")
service = Service("reporting", settings, queues=QUEUES, prepare=store.prepare)
service.jobs.append(lambda: checkpoints.keep_signing(service.db, settings))
app = create_app(
    "reporting",
    title="Báo cáo và nhật ký kiểm tra",
    routers=[service.router],
    lifespan=service.lifespan,
    settings=settings,
)

if __name__ == "__main__":
    serve(app, settings)
