"""Recordings that no browser plays: taken in, converted one at a time, kept as what they became."""

import asyncio
import shutil
import tempfile
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import structlog

from services.registry.actions.recording_owners import require_room, require_to_enter
from services.registry.decoders import ffmpeg
from services.registry.decoders.kinds import Source, source_of
from services.registry.domain.conversion import (
    MAX_ATTEMPTS,
    MAX_WAITING,
    WHOLE,
    Conversion,
    ConversionFailed,
    TooManyWaiting,
)
from services.registry.domain.recording import LIMITS, Recording, RecordingTooLong
from services.registry.store import conversions, recordings
from services.registry.store.media import KeptFile
from services.registry.uploads import containers
from services.registry.uploads.opened import copied, opened
from shared import audit
from shared import once as kept
from shared.auth import Principal
from shared.crashpoints import crash_point
from shared.errors import Refusal
from shared.ids import now as present
from shared.mongo import Database, Tx, transact
from shared.once import Once

log = structlog.get_logger()


async def convertible(upload: BinaryIO) -> Source | None:
    """What it is, if it can be made into something that plays; raises RecordingTooLong.

    A look with the decoder itself: what only pretends to be a film is refused at once.
    """
    upload.seek(0)
    source = source_of(upload.read(64))
    if source is None or ffmpeg.program() is None:
        return None
    with tempfile.TemporaryDirectory(prefix="txng-probe-") as name:
        file = Path(name) / "upload"
        await asyncio.to_thread(copied, upload, file)
        ffmpeg.lend(Path(name))
        try:
            probed = await ffmpeg.probe(source, file)
        except ffmpeg.Failed:
            return None
    longest = LIMITS[probed.kind].seconds
    if probed.seconds > longest + 1:
        raise RecordingTooLong("file", limit=longest // 60)
    return source


async def keep(
    one: Conversion, once: Once | None, *, who: Principal, now: datetime, db: Database
) -> Conversion:
    """It waits for its turn from now on; sent again under its key, it is the one from before."""

    async def work(tx: Tx) -> Conversion:
        before = await kept.answered(tx, once)
        if before is not None:
            return await conversions.get(tx, before["id"])
        if await conversions.count_open(tx, one.facility_id) >= MAX_WAITING:
            raise TooManyWaiting("file", limit=MAX_WAITING)
        await require_room(tx, one.facility_id, who)
        await conversions.insert(tx, one)
        await kept.keep(tx, once, {"id": one.id}, now)
        await audit.accepted(
            tx, who, "recording.upload", one.id, facility=one.facility_id, source=one.source
        )
        return one

    return await transact(db, work)


async def remove(conversion_id: str, *, who: Principal, db: Database) -> None:
    """Take one back that waits, or put away what failed."""

    async def work(tx: Tx) -> Conversion:
        one = await conversions.get(tx, conversion_id)
        await require_to_enter(tx, one.facility_id, who)
        await conversions.remove(tx, one)
        await audit.accepted(tx, who, "recording.remove", conversion_id, facility=one.facility_id)
        return one

    async with audit.attempt(db, who, "recording.remove", conversion_id):
        gone = await transact(db, work)
    await conversions.drop_original(db, gone)
    await recordings.drop_files(db, {"captions": gone.captions})


async def step(db: Database, *, by: str, now: datetime) -> bool:
    """Convert one; whether there was one. A process that dies leaves it to the next."""
    one = await conversions.claim(db, by, now)
    if one is None:
        return False
    try:
        if one.attempts > MAX_ATTEMPTS:
            raise ConversionFailed("file")
        await convert(db, one, by)
    except Refusal as refusal:
        log.info("a recording could not be converted", code=refusal.code, source=one.source)
        await conversions.fail(db, one, refusal)
    finally:
        with suppress(Exception):
            await conversions.release(db, by)
    return True


async def convert(db: Database, one: Conversion, by: str) -> None:
    """Make the recording of one that was claimed; raises why it cannot become one."""
    folder = Path(tempfile.mkdtemp(prefix="txng-convert-"))
    try:
        await conversions.fetch_original(db, one, folder / "upload")
        found = await _made(db, one, by, folder)
    except ffmpeg.Failed as failed:
        log.info("ffmpeg gave up", why=str(failed), source=one.source)
        raise ConversionFailed("file") from failed
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)
    if found is None:
        return  # Taken back meanwhile.
    made, body = found
    crash_point("conversion.kept")
    film = made.kind == "video"
    recording = Recording(
        id=one.id,
        facility_id=one.facility_id,
        kind=made.kind,
        title=one.title,
        description=one.description,
        media_type=made.media_type,
        size=body.size,
        seconds=made.seconds,
        digest=body.digest,
        file=body.file,
        poster=one.poster if film else "",
        captions=one.captions if film else "",
        by=one.by,
        by_name=one.by_name,
        at=present(),
    )

    async def work(tx: Tx) -> bool:
        if not await conversions.remove(tx, one):
            return False
        await recordings.insert(tx, recording)
        return True

    if await transact(db, work):
        unused = {"original": one.original, "captions": "" if film else one.captions}
        await recordings.drop_files(db, unused)
    else:
        await recordings.drop_files(db, {made.kind: body.file})


async def _made(
    db: Database, one: Conversion, by: str, folder: Path
) -> tuple[containers.Container, KeptFile] | None:
    """What it became, read again as strictly as any upload, and stored; None if it was taken
    back."""
    file, to = folder / "upload", folder / "made"
    with file.open("rb") as original:
        source = source_of(original.read(64))
    if source is None:
        raise ffmpeg.Failed("no kind that is converted")
    ffmpeg.lend(folder)
    probed = await ffmpeg.probe(source, file)
    longest = LIMITS[probed.kind].seconds

    async def progress(share: float) -> bool:
        return await conversions.beat(db, one, by, int(share * 100), present())

    if not await ffmpeg.convert(source, probed, file, to, longest=longest, progress=progress):
        return None
    if not to.is_file():
        raise ffmpeg.Failed("nothing was written")
    with to.open("rb") as written, opened(written) as data:
        made = await asyncio.to_thread(containers.read, data)
        if made.seconds > longest:
            raise RecordingTooLong("file", limit=longest // 60)
        if made.seconds + 1 < probed.seconds * WHOLE or made.size > LIMITS[made.kind].size:
            raise ConversionFailed("file")
        return made, await recordings.keep_pieces(db, made.kind, made.pieces(data))
