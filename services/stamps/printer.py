"""The print worker: takes queued jobs, draws them in a process of its own, keeps the file.

Drawing is work for a processor, and this process must answer the feed within seconds, so the
sheets are drawn elsewhere; how far it has come stands in a small file between the two.
"""

import asyncio
import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from services.stamps import keys
from services.stamps.domain.printing import PrintJob
from services.stamps.printing.sheets import Job, write_sheets
from services.stamps.printing.templates import TEMPLATES
from services.stamps.store import facts, print_jobs
from shared import stampcode
from shared.ids import now
from shared.mongo import Database, is_outage
from shared.settings import Settings

log = structlog.get_logger()
LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the drawing process needs to know."""

    keys_file: Path
    job: Job
    batch: int
    first: int
    last: int
    out: Path


async def work_off(db: Database, settings: Settings) -> None:
    """Do one job after another until cancelled."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        while True:
            try:
                job = await print_jobs.claim(db, now())
                if job is None:
                    await asyncio.sleep(LOOK_SECONDS)
                    continue
                await _print(db, settings, pool, job)
            except BrokenProcessPool:
                raise  # The loop is started anew, with a new pool; the job's lease runs out.
            except Exception as error:
                if not is_outage(error):
                    log.exception("a print job could not be done")
                await asyncio.sleep(1.0)


async def _print(
    db: Database, settings: Settings, pool: ProcessPoolExecutor, job: PrintJob
) -> None:
    facility = await facts.facility(db, job.facility_id)
    product = await facts.product(db, job.product_id) or {}
    with tempfile.TemporaryDirectory(prefix="txng-print-") as folder:
        out = Path(folder) / job.file_name
        drawing = Drawing(
            keys_file=keys.path(settings),
            job=Job(
                host=settings.stamp_host,
                template=TEMPLATES[job.size],
                batch=str(job.batch),
                product=product.get("name", ""),
                facility=facility["name"],
                gtin=product.get("gtin") or None,
            ),
            batch=job.batch,
            first=job.first,
            last=job.last,
            out=out,
        )
        drawn = asyncio.get_running_loop().run_in_executor(pool, draw, drawing)
        while not drawn.done():
            await asyncio.wait({drawn}, timeout=LOOK_SECONDS)
            await print_jobs.note_progress(db, job.id, _done(out), now())
        try:
            size = drawn.result()
        except ValueError:
            log.exception("a print job is impossible", job=job.id)
            await print_jobs.fail(db, job.id)
            return
        await print_jobs.finish(db, job, out, size)


def draw(drawing: Drawing) -> int:
    """Write the PDF, tell its size in bytes; runs in the drawing process."""
    ring = keys.load(drawing.keys_file)
    stamps = (
        (serial, stampcode.encode(ring, drawing.batch, serial))
        for serial in range(drawing.first, drawing.last + 1)
    )
    marks = _marks(drawing.out)

    def progress(done: int, _: int) -> None:
        marks.write_text(str(done))

    with drawing.out.open("wb") as out:
        write_sheets(out, drawing.job, stamps, drawing.last - drawing.first + 1, progress=progress)
    return drawing.out.stat().st_size


def _marks(out: Path) -> Path:
    return out.with_suffix(".done")


def _done(out: Path) -> int:
    with suppress(OSError, ValueError):
        return int(_marks(out).read_text())
    return 0
