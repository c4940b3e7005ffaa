"""The process that keeps scan's read models, by its queue and by the feeds what that lost."""

from fastapi import FastAPI

from services.scan.hearing.feeds import Feeds
from services.scan.hearing.heal import Healer
from services.scan.hearing.projection import PROJECTION
from services.scan.settings import ScanSettings
from services.scan.store import keys
from shared import telemetry
from shared.service import Service, serve


def make(settings: ScanSettings) -> FastAPI:
    service = Service(
        "scan",
        settings,
        queues=[PROJECTION],
        prepare=keys.prepare,
        publishes=False,
        verifies=False,
    )
    feeds = Feeds(settings.feeds)
    service.jobs.append(Healer(service.db, feeds).run)
    return service.program(feeds.close)


def main() -> None:
    settings = ScanSettings()
    telemetry.start("scan-projector")
    serve(make(settings), settings)


if __name__ == "__main__":
    main()
