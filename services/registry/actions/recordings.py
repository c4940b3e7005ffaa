"""Video, sound and documents of products: kept, read by whoever may, removed (R28, R46)."""

import asyncio
from datetime import datetime
from typing import BinaryIO

from services.registry.actions import converting
from services.registry.actions.belongings import Upload, stored
from services.registry.actions.files_first import named
from services.registry.actions.recording_owners import (
    require_room,
    require_to_enter,
    require_to_read,
)
from services.registry.decoders.kinds import Source
from services.registry.domain.conversion import MAX_ORIGINAL, Conversion
from services.registry.domain.documents import DocumentKind
from services.registry.domain.recording import (
    LIMITS,
    CodecNotPlayable,
    NotARecording,
    Recording,
    RecordingInNews,
    RecordingInUse,
    RecordingTooLarge,
    RecordingTooLong,
)
from services.registry.store import articles, conversions, recordings, shown
from services.registry.store import media as pictures
from services.registry.uploads import containers, scans
from services.registry.uploads.containers import Container, Part
from services.registry.uploads.opened import Readable, opened, pieces
from shared import audit
from shared import once as kept
from shared.auth import Principal
from shared.errors import NotFound
from shared.mongo import Database, Tx, transact
from shared.once import Once

# Walking a large file takes a core for a moment.
_reading = asyncio.Semaphore(2)
LARGEST = max(MAX_ORIGINAL, *(one.size for one in LIMITS.values()))


async def upload(
    sent: Upload,
    *,
    facility_id: str,
    recording_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Recording | Conversion:
    """Keep it for a facility's products, or for an article (`owner_of`). It is public only once
    one is published with it.

    What browsers do not play waits for its conversion, and becomes the recording of the same id.
    """
    async with audit.attempt(db, who, "recording.upload", facility_id):
        await require_to_enter(db, facility_id, who)
        before = await kept.answered(db, once)
        if before is not None:
            waiting = await conversions.find(db, before["id"])
            return waiting or await recordings.get(db, before["id"])
        with opened(sent.file) as data:
            async with _reading:
                found = await _judged(sent.file, data)
            if isinstance(found, Source):
                return await _wait(
                    sent, found, data, facility_id, recording_id, once, who=who, now=now, db=db
                )
            return await _keep(
                sent, found, data, facility_id, recording_id, once, who=who, now=now, db=db
            )


async def _keep(
    sent: Upload,
    made: Container,
    data: Readable,
    facility_id: str,
    recording_id: str,
    once: Once | None,
    *,
    who: Principal,
    now: datetime,
    db: Database,
) -> Recording:
    """Store what plays as it is, with what belongs to it."""
    film = made.kind == "video"
    files = await stored(
        sent, made.kind, made.pieces(data), film=film, facility_id=facility_id, now=now, db=db
    )
    recording = Recording(
        id=recording_id,
        facility_id=facility_id,
        kind=made.kind,
        title=sent.title,
        description=sent.description,
        media_type=made.media_type,
        size=files.body.size,
        seconds=made.seconds,
        digest=files.body.digest,
        file=files.body.file,
        poster=files.poster,
        captions=files.captions,
        by=who.account_id,
        by_name=who.name,
        at=now,
    )
    entering = _insert(recording, once, who=who, now=now, db=db)
    return await named(recording, entering, files.by_name, db)


async def _judged(file: BinaryIO, data: Readable) -> Container | Source:
    """What plays as it is, or what can be made so; raises why it is neither."""
    try:
        return await asyncio.to_thread(_made, data)
    except (NotARecording, CodecNotPlayable, RecordingTooLarge) as refusal:
        source = await converting.convertible(file) if len(data) <= MAX_ORIGINAL else None
        if source is None:
            raise refusal
        return source


async def _wait(
    sent: Upload,
    source: Source,
    data: Readable,
    facility_id: str,
    recording_id: str,
    once: Once | None,
    *,
    who: Principal,
    now: datetime,
    db: Database,
) -> Conversion:
    """Keep the upload with what belongs to it, until its turn comes."""
    files = await stored(
        sent, "original", pieces(data), film=True, facility_id=facility_id, now=now, db=db
    )
    one = Conversion(
        id=recording_id,
        facility_id=facility_id,
        title=sent.title,
        description=sent.description,
        source=source.name,
        size=files.body.size,
        original=files.body.file,
        poster=files.poster,
        captions=files.captions,
        by=who.account_id,
        by_name=who.name,
        at=now,
    )
    entering = converting.keep(one, once, who=who, now=now, db=db)
    return await named(one, entering, files.by_name, db)


async def read(recording_id: str, *, who: Principal | None, db: Database) -> Recording:
    """One that the asker may see or hear; for everybody else there is none."""
    recording = await recordings.get(db, recording_id)
    if not recording.public:
        if who is None:
            raise NotFound()
        await require_to_read(db, recording.facility_id, who)
    return recording


async def remove(recording_id: str, *, who: Principal, db: Database) -> None:
    """Only what no product and no article names: what was approved stays what it was."""

    async def work(tx: Tx) -> Recording:
        recording = await recordings.get(tx, recording_id)
        await require_to_enter(tx, recording.facility_id, who)
        product = await recordings.user_of(tx, recording_id)
        if product:
            raise RecordingInUse(product=product)
        article = await articles.user_of(tx, recording_id)
        if article:
            raise RecordingInNews(title=article)
        await recordings.remove(tx, recording_id)
        await audit.accepted(
            tx, who, "recording.remove", recording_id, facility=recording.facility_id
        )
        return recording

    async with audit.attempt(db, who, "recording.remove", recording_id):
        gone = await transact(db, work)
    await recordings.drop_files(db, {"file": gone.file, "captions": gone.captions})


def _made(data: Readable) -> Container:
    if data[:5] == b"%PDF-":
        _require_size(len(data), "document")
        try:
            scans.make(data[:])
        except DocumentKind:
            raise NotARecording("file") from None
        return Container((Part(0, len(data)),), "document", "application/pdf", 0)
    if len(data) > LARGEST:
        raise RecordingTooLarge("file", limit=LARGEST // 1_000_000)
    found = containers.read(data)
    _require_size(len(data), found.kind)
    longest = LIMITS[found.kind].seconds
    if found.seconds > longest:
        raise RecordingTooLong("file", limit=longest // 60)
    return found


def _require_size(size: int, kind: str) -> None:
    if size > LIMITS[kind].size:
        raise RecordingTooLarge("file", limit=LIMITS[kind].size // 1_000_000)


async def _insert(
    recording: Recording, once: Once | None, *, who: Principal, now: datetime, db: Database
) -> Recording:
    async def work(tx: Tx) -> Recording:
        before = await kept.answered(tx, once)
        if before is not None:
            return await recordings.get(tx, before["id"])
        await require_room(tx, recording.facility_id, who)
        await recordings.insert(tx, recording)
        await kept.keep(tx, once, {"id": recording.id}, now)
        await audit.accepted(
            tx, who, "recording.upload", recording.id, facility=recording.facility_id
        )
        return recording

    return await transact(db, work)


async def show(tx: Tx, product_id: str, ids: tuple[str, ...], facility_id: str) -> list[Recording]:
    """With a product's publication: its recordings and their posters become public."""
    await follow(tx, facility_id, ids, but=product_id)
    return await recordings.in_order(tx, ids)


async def follow(tx: Tx, facility_id: str, ids: tuple[str, ...], *, but: str) -> None:
    """Public are exactly those of a facility's recordings that a published product or article
    shows, with their posters: the one that is being published (`but`) by `ids`."""
    await shown.take_turns(tx, facility_id)
    public = {*ids, *await recordings.shown_by_others(tx, facility_id, but)}
    await recordings.show_only(tx, public, facility_id)
    await shown.take_down(tx, await recordings.posters(tx, facility_id, public=False), facility_id)
    await pictures.make_public(tx, tuple(await recordings.posters(tx, facility_id, public=True)))
