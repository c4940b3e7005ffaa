"""The process that counts scans, and tells about them: it is also the relay of scan's outbox."""

from fastapi import FastAPI

from services.scan.counting.judging import USES
from services.scan.counting.recording import RECORDER
from services.scan.domain import copies
from services.scan.settings import ScanSettings
from services.scan.store import counts, figures, often, people, suspicions, unjudged, uses
from shared import telemetry
from shared.mongo import Database
from shared.priority import give_way
from shared.service import Service, serve


async def prepare(db: Database) -> None:
    await counts.prepare(db)
    await figures.prepare(db)
    await often.prepare(db)
    await people.prepare(db)
    await suspicions.prepare(db)
    await unjudged.prepare(db)
    await uses.prepare(db)


def make(settings: ScanSettings) -> FastAPI:
    copies.rules()  # Rules that cannot be read stop the start, not the counting.
    service = Service("scan", settings, queues=[RECORDER, USES], prepare=prepare, verifies=False)
    return service.program()


# A busy hour's counts may come a little later; a recall may not.
_NICENESS = 10


def main() -> None:
    give_way(_NICENESS)
    settings = ScanSettings()
    telemetry.start("scan-recorder")
    serve(make(settings), settings)


if __name__ == "__main__":
    main()
