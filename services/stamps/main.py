"""One process of the stamps service."""

from services.stamps import api, store
from services.stamps.consumers import QUEUES
from shared import telemetry
from shared.service import Service, serve
from shared.settings import Settings
from shared.web.app import create_app

settings = Settings()
telemetry.start("stamps")
service = Service("stamps", settings, queues=QUEUES, prepare=store.prepare)
app = create_app(
    "stamps",
    title="Tem truy xuất nguồn gốc",
    routers=[service.router, api.router],
    lifespan=service.lifespan,
    settings=settings,
)

if __name__ == "__main__":
    serve(app, settings)
