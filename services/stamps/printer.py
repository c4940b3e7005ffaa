"""The print worker: takes queued jobs, has them drawn in a process of their own, keeps the file.

A worker that dies leaves nothing behind but a lease, which runs out: then another takes the job.
"""

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import msgspec
import structlog

from services.stamps import drawing, keys
from services.stamps.domain.printing import PrintJob
from services.stamps.settings import StampsSettings
from services.stamps.store import facts, print_jobs
from shared.crashpoints import crash_point
from shared.ids import now
from shared.mongo import Database, is_outage
from shared.tasks import end

log = structlog.get_logger()
LOOK_SECONDS = 0.5
_ROOT = Path(__file__).resolve().parents[2]


class TakenOver(Exception):
    """The lease ran out, and another worker has the job now."""


async def work_off(db: Database, settings: StampsSettings) -> None:
    """Do one job after another until cancelled."""
    while True:
        try:
            job = await print_jobs.claim(db, now(), settings.print_lease)
            if job is None:
                await asyncio.sleep(LOOK_SECONDS)
                continue
            await _print(db, settings, job)
        except TakenOver:
            log.warning("a print job was taken over by another worker")
        except Exception as error:
            # The job is not lost: its lease runs out, and it is taken up again.
            if not is_outage(error):
                log.exception("a print job could not be done")
            await asyncio.sleep(1.0)


async def _print(db: Database, settings: StampsSettings, job: PrintJob) -> None:
    order = msgspec.json.encode(await _order(db, settings, job))
    with tempfile.TemporaryFile() as sheets:
        progress = Progress(db, job, settings.print_lease)
        keeping = asyncio.create_task(progress.keep_told())
        printing = asyncio.create_task(_draw_and_keep(db, job, order, sheets, progress))
        try:
            await asyncio.wait({keeping, printing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await end(keeping, printing)
    for task in (keeping, printing):
        if not task.cancelled():
            task.result()


async def _order(db: Database, settings: StampsSettings, job: PrintJob) -> drawing.Order:
    facility = await facts.facility(db, job.facility_id)
    product = await facts.product(db, job.product_id)
    return drawing.Order(
        keys=str(keys.path(settings)),
        host=settings.stamp_host,
        size=job.size,
        batch=job.batch,
        first=job.first,
        last=job.last,
        product=product.name if product else "",
        facility=facility.name,
        gtin=product.gtin if product else "",
        format=job.format,
        used=job.used,
        shift=(job.shift_x, job.shift_y),
        first_number=job.first_number,
        of=job.of,
    )


class Progress:
    """How far a job is, told to the database twice a second; that also keeps the lease."""

    def __init__(self, db: Database, job: PrintJob, lease: timedelta) -> None:
        self.done = 0
        self._db = db
        self._job = job
        self._lease = lease

    async def keep_told(self) -> None:
        """Until cancelled; raises TakenOver once the job is another worker's.

        A database that is away for a while is no reason to draw everything again.
        """
        while True:
            try:
                if not await print_jobs.note_progress(
                    self._db, self._job, self.done, now(), self._lease
                ):
                    raise TakenOver()
            except Exception as error:
                if not is_outage(error):
                    raise
            await asyncio.sleep(LOOK_SECONDS)


async def _draw_and_keep(
    db: Database, job: PrintJob, order: bytes, sheets: BinaryIO, progress: Progress
) -> None:
    async with _drawing(sheets) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(order)
        process.stdin.close()
        said = b""
        async for line in process.stderr:
            if line.strip().isdigit():
                progress.done = int(line)
            else:
                said = line
        status = await process.wait()
    if status == drawing.IMPOSSIBLE:
        log.error("a print job is impossible", job=job.id, why=said.decode(errors="replace"))
        await print_jobs.fail(db, job)
        return
    if status != 0:
        raise RuntimeError(f"drawing ended with {status}: {said.decode(errors='replace')}")
    crash_point("stamps.print.drawn")
    size = sheets.seek(0, 2)
    sheets.seek(0)
    await print_jobs.finish(db, job, sheets, size)


@asynccontextmanager
async def _drawing(sheets: BinaryIO) -> AsyncIterator[Process]:
    """The drawing process, ended at the latest when the block is left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", drawing.__name__),
        stdin=PIPE,
        stdout=sheets,
        stderr=PIPE,
        cwd=_ROOT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
