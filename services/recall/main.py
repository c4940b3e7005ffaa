"""One process of the recall service."""

from typing import Any

from fastapi import FastAPI

from services.recall import api, complaint_api, pages, store
from services.recall.consumers import QUEUES
from services.recall.settings import RecallSettings
from services.recall.store import genealogy
from services.recall.store.propagation import Askers
from shared import telemetry
from shared.service import Service, serve
from shared.stampkeys import StampKeys
from shared.web.app import create_app


def build(settings: RecallSettings) -> FastAPI:
    """The application of one process."""
    askers = Askers()

    async def extra() -> dict[str, Any]:
        return {"taken_in": await genealogy.taken_in(service.db)}

    async def asked(replica: str, after: int) -> None:
        await askers.note(service.db, replica, after)

    service = Service(
        "recall",
        settings,
        queues=QUEUES,
        prepare=store.prepare,
        feed_extra=extra,
        feed_asked=asked,
    )
    app = create_app(
        "recall",
        title="Thu hồi và cảnh báo",
        routers=[service.router, api.router, complaint_api.router, *pages.ROUTERS],
        lifespan=service.lifespan,
        settings=settings,
    )
    app.state.stamp_keys = StampKeys(settings.secrets_dir)
    return app


if __name__ == "__main__":
    telemetry.start("recall")
    told = RecallSettings()
    serve(build(told), told)
