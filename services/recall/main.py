"""One process of the recall service."""

from typing import Any

from fastapi import FastAPI

from services.recall import (
    api,
    complaint_api,
    contact_api,
    correction_api,
    decision_api,
    drill_api,
    pages,
    recovery_api,
    request_api,
    rows_files_api,
    signal_api,
    store,
    sweeping,
)
from services.recall.consumers import COURIER, QUEUES
from services.recall.courier.keys import CourierKeys
from services.recall.domain.recovery import MOST_EVIDENCE
from services.recall.domain.rows_file import MAX_BYTES as SHEET_BYTES
from services.recall.evidence import MAX_BYTES
from services.recall.pages.feed_bodies import Bodies
from services.recall.settings import RecallSettings
from services.recall.store import genealogy, kept
from services.recall.store.propagation import Askers
from services.recall.unrecorded import UNRECORDED
from shared import telemetry
from shared.service import Service, serve
from shared.stampkeys import StampKeys
from shared.web.app import create_app

LARGEST_UPLOAD = MOST_EVIDENCE * MAX_BYTES + SHEET_BYTES + 1_000_000


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
        queues=[queue for queue in QUEUES if queue not in COURIER],
        prepare=store.prepare,
        feed_extra=extra,
        feed_asked=asked,
    )
    calendar = settings.calendar  # A wrong file stops the start, not the first deadline.
    service.jobs.append(lambda: sweeping.keep_deadlines(service.db, calendar))
    service.jobs.append(lambda: sweeping.keep_receipts(service.db))
    service.jobs.append(lambda: sweeping.keep_completions(service.db))
    service.jobs.append(lambda: sweeping.keep_files(service.db))
    service.jobs.append(lambda: sweeping.keep_signals(service.db))
    service.jobs.append(lambda: sweeping.keep_drills(service.db))
    service.jobs.append(kept.of(service.db).keep)
    app = create_app(
        "recall",
        title="Thu hồi và cảnh báo",
        routers=[
            service.router,
            api.router,
            complaint_api.router,
            recovery_api.router,
            rows_files_api.router,
            request_api.router,
            signal_api.router,
            contact_api.router,
            correction_api.router,
            decision_api.router,
            drill_api.router,
            *pages.ROUTERS,
        ],
        lifespan=service.lifespan,
        settings=settings,
        unrecorded=UNRECORDED,
        # A row of what was recovered, or a file of them, comes with photos and minutes.
        body_limits=dict.fromkeys(("/console/recall/", "/api/recall/v1/recalls/"), LARGEST_UPLOAD),
    )
    app.state.calendar = calendar
    app.state.stamp_keys = StampKeys(settings.secrets_dir)
    app.state.feed_bodies = Bodies()
    app.state.courier_keys = CourierKeys.load(settings.secrets_dir)
    return app


if __name__ == "__main__":
    telemetry.start("recall")
    told = RecallSettings()
    serve(build(told), told)
