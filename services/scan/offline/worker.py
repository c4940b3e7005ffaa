"""The program that makes what inspectors carry along to places without signal.

A program of its own: it hashes a million codes where a large recall is ordered, while the projector
must take in that very recall, and replicas answer scans.
"""

from typing import Final

from fastapi import FastAPI

from services.scan.hearing.feeds import Feeds
from services.scan.offline.building import Builder
from services.scan.settings import ScanSettings
from services.scan.store import offline
from shared import telemetry
from shared.priority import give_way
from shared.service import Service, serve

# Whoever scans, and whoever is heard, goes first.
_NICENESS: Final = 10


def make(settings: ScanSettings) -> FastAPI:
    service = Service("scan", settings, prepare=offline.prepare, publishes=False, verifies=False)
    feeds = Feeds(settings.feeds)
    service.jobs.append(Builder(service.db, feeds, settings).run)
    return service.program(feeds.close)


def main() -> None:
    give_way(_NICENESS)
    settings = ScanSettings()
    telemetry.start("scan-snapshots")
    serve(make(settings), settings)


if __name__ == "__main__":
    main()
