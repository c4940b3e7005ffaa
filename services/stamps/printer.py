"""The print worker: takes queued jobs, has them drawn part by part, keeps each part and the file.

A worker that dies leaves nothing behind but a lease, which runs out, and the parts that it
finished: another takes the job and draws what is missing.
"""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

import structlog
from joserfc.jwk import OKPKey

from services.stamps import drawing, keys, manifests
from services.stamps.domain.printing import LISTS, PrintJob
from services.stamps.drawer import CannotDraw, Drawer, drawer
from services.stamps.printing.pdf import Fragment
from services.stamps.settings import StampsSettings
from services.stamps.store import designs, facts, print_jobs, print_parts
from shared.crashpoints import crash_point
from shared.ids import now
from shared.mongo import Database, is_outage
from shared.tasks import end

log = structlog.get_logger()
LOOK_SECONDS = 0.5


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
    order = await _order(db, settings, job)
    progress = Progress(db, job, settings.print_lease)
    keeping = asyncio.create_task(progress.keep_told())
    signing = manifests.key(settings)
    printing = asyncio.create_task(_draw_and_keep(db, job, order, progress, signing))
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
    face, logo = None, b""
    if job.design:
        face = (await designs.revision(db, job.design)).face
        logo = await designs.logo(db, face.logo) if face.logo else b""
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
        face=face,
        logo=logo,
        seed=job.facility_id,
        output=job.output,
        pin_keys=str(keys.pin_path(settings)) if job.pin else "",
        carrier=job.carrier,
        barcode=job.barcode,
        slot=job.slot,
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
    db: Database, job: PrintJob, order: drawing.Order, progress: Progress, signing: OKPKey
) -> None:
    try:
        with tempfile.TemporaryDirectory() as folder:
            async with drawer(order, Path(folder)) as at_work:
                await _draw_parts(db, job, at_work, progress, signing)
    except CannotDraw as error:
        log.error("a print job is impossible", job=job.id, why=str(error))
        await print_jobs.fail(db, job, error.failure)


async def _draw_parts(
    db: Database, job: PrintJob, at_work: Drawer, progress: Progress, signing: OKPKey
) -> None:
    """Draw what no worker has finished yet, then the ends."""
    kept = await print_parts.finished(db, job, at_work.recipe)
    progress.done = sum(at_work.parts[number] for number in kept)
    fragments: list[Fragment] = []
    pieces: list[str] = []
    for number, stamps in enumerate(at_work.parts):
        part = kept.get(number)
        if part is None:
            before = progress.done

            def tell(done: int, before: int = before) -> None:
                progress.done = before + done

            path, fragment = await at_work.part(number, tell)
            part = await print_parts.keep(db, job, at_work.recipe, number, path, fragment)
            await print_jobs.note_part(db, job)
            progress.done = before + stamps
            crash_point("stamps.print.part")
        fragments.append(part.fragment)
        pieces.append(part.file_id)
    head, tail = await at_work.ends(fragments)
    crash_point("stamps.print.drawn")
    length = sum(one.length for one in fragments)
    manifest = ""
    if job.output in LISTS:
        digest = await print_parts.digest(db, head, pieces, tail)
        manifest = _manifest(job, digest, len(head) + length + len(tail), signing)
    tells = [job.told_of_pins(now())] if job.pin else []
    await print_parts.finish(db, job, head, pieces, tail, length, manifest, tells)


def _manifest(job: PrintJob, digest: str, size: int, signing: OKPKey) -> str:
    facts: dict[str, str | int] = {
        "file": job.file_name,
        "sha256": digest,
        "bytes": size,
        "batch": job.batch,
        "first": job.first,
        "last": job.last,
        "count": job.total,
        "facility": job.facility_id,
        "job": job.id,
        "made": now().isoformat(),
    }
    if job.pin:
        facts["pins"] = job.total
    return manifests.signed(signing, facts)
