"""Pictures: uploaded for a facility, read by whoever may see them."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from services.registry.actions.files_first import named
from services.registry.actions.rights import require_for
from services.registry.domain.media import MAX_A_DAY, TooManyPictures
from services.registry.domain.records import Aggregate
from services.registry.store import media, rates, records
from services.registry.store.media import Picture
from shared import audit
from shared import once as kept
from shared.auth import Principal, require
from shared.errors import NotFound, OutOfReach
from shared.ids import new_id
from shared.mongo import Database, Tx, transact
from shared.once import Once
from shared.pictures import images

OF_ARTICLE = "article:"
DAY = timedelta(days=1)
# Decoding takes a core: more at once would only take it from those who read.
_decoding = asyncio.Semaphore(2)
# Ids of photos follow from their entry and their content.
_PHOTOS = UUID("c1a2b4de-7a0e-5b55-9a55-0d6a6f0d9e11")


@dataclass(frozen=True, slots=True)
class File:
    """One size of a picture in one kind, as it is served; `stored` names its bytes."""

    stored: str
    media_type: str
    public: bool
    tag: str


async def upload(
    data: bytes,
    *,
    facility_id: str,
    picture_id: str,
    who: Principal,
    now: datetime,
    db: Database,
    once: Once | None = None,
) -> Picture:
    """Keep a picture for a facility's products. It is public only once one is published with it."""
    async with audit.attempt(db, who, "media.upload", facility_id):
        facility = await records.get(db, Aggregate.FACILITY, facility_id)
        require_for(who, "product.enter", facility)
        wait = await rates.count(db, f"pictures:{facility_id}", MAX_A_DAY, DAY, now)
        if wait:
            raise TooManyPictures("file", retry_after=wait, limit=MAX_A_DAY)
        picture = await _stored(data, picture_id, facility_id, db)
        entering = _insert(picture, once, who=who, now=now, db=db)
        return await named(picture, entering, picture.files, db)


async def _stored(data: bytes, picture_id: str, facility_id: str, db: Database) -> Picture:
    """Its sizes and kinds are kept; the row that names them is not."""
    async with _decoding:
        made = await asyncio.to_thread(images.make, data)
    return Picture(
        id=picture_id,
        facility_id=facility_id,
        public=False,
        width=made.width,
        height=made.height,
        digest=sha256(data).hexdigest(),
        files=await media.keep_files(db, made.files),
    )


async def _insert(
    picture: Picture, once: Once | None, *, who: Principal, now: datetime, db: Database
) -> Picture:
    async def work(tx: Tx) -> Picture:
        before = await kept.answered(tx, once)
        if before is not None:
            return await media.get(tx, before["id"])
        await media.insert(tx, picture, by=who.account_id, now=now)
        await kept.keep(tx, once, {"id": picture.id}, now)
        await audit.accepted(tx, who, "media.upload", picture.id, facility=picture.facility_id)
        return picture

    return await transact(db, work)


async def read(
    picture_id: str, size: str, kind: str, *, who: Principal | None, db: Database
) -> File:
    """A file of a picture that the asker may see; for everybody else there is no such picture."""
    picture = await media.get(db, picture_id)
    if not picture.public:
        await _require_in_scope(picture, who, db)
    # Pictures kept before there was a smaller size have the next larger one.
    file = picture.files.get(f"{size}.{kind}") or picture.files.get(f"small.{kind}")
    if file is None:
        raise NotFound()
    return File(
        stored=file,
        media_type=images.KINDS[kind],
        public=picture.public,
        tag=f"{picture.digest[:24]}-{size}-{kind}",
    )


async def body_of(file: File, db: Database) -> bytes:
    return await media.read_file(db, file.stored)


async def keep_photo(data: bytes, *, of: str, facility_id: str, now: datetime, db: Database) -> str:
    """Keep a photo of a diary entry; the same one sent again for that entry is kept once.

    Whoever asks has a right to. It is public once a published lot shows it.
    """
    picture_id = str(uuid5(_PHOTOS, f"{of}/{sha256(data).hexdigest()}"))
    if await media.is_kept(db, picture_id):
        return picture_id
    return await keep_private(data, facility_id=facility_id, now=now, db=db, picture_id=picture_id)


async def keep_private(
    data: bytes, *, facility_id: str, now: datetime, db: Database, picture_id: str = ""
) -> str:
    """Keep a picture that no catalogue ever shows; returns its id. Whoever asks has a right to."""
    picture = await _stored(data, picture_id or new_id(), facility_id, db)

    async def work(tx: Tx) -> None:
        if not picture_id or not await media.is_kept(tx, picture_id):
            await media.insert(tx, picture, by="", now=now)

    await transact(db, work)
    return picture.id


async def read_private(picture_id: str, *, db: Database) -> bytes:
    """A kept picture as JPEG; whoever asks has made sure that it may be seen."""
    picture = await media.get(db, picture_id)
    return await media.read_file(db, picture.files["large.jpg"])


async def _require_in_scope(picture: Picture, who: Principal | None, db: Database) -> None:
    if who is None:
        raise NotFound()
    if picture.facility_id.startswith(OF_ARTICLE):
        # Who may write or publish news sees the pictures of drafts; nothing in them is secret.
        if not (who.may("article.write") or who.may("article.publish")):
            raise OutOfReach()
        return
    facility = await records.get(db, Aggregate.FACILITY, picture.facility_id)
    require(who, "product.read", facility.owner.scope())
