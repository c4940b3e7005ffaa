"""A recording is stored with what belongs to it: its poster and its captions (R28)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from services.registry.actions import media
from services.registry.domain.recording import (
    MAX_CAPTIONS,
    CaptionsForVideoOnly,
    CaptionsInvalid,
)
from services.registry.store import recordings
from services.registry.store.media import KeptFile
from shared.errors import Refusal
from shared.mongo import Database


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent: the words beside it are as mandatory as the file, which stays on the disk."""

    file: BinaryIO
    title: str
    description: str
    poster: bytes | None = None
    captions: bytes | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """`body` is the recording itself; `poster` a picture's id, `captions` a file, "" without."""

    body: KeptFile
    poster: str
    captions: str

    @property
    def by_name(self) -> dict[str, str]:
        """The files; the poster is none of them: it is a picture of its own, with a row."""
        return {"body": self.body.file, "captions": self.captions}


async def stored(
    sent: Upload,
    name: str,
    pieces: Iterable[bytes],
    *,
    film: bool,
    facility_id: str,
    now: datetime,
    db: Database,
) -> Stored:
    """Keep the bytes as `name`, with what belongs to a film, ahead of the row that names them.

    Raises CaptionsForVideoOnly, CaptionsInvalid and why the poster is no picture.
    """
    captions = checked_captions(sent.captions) if sent.captions else b""
    if captions and not film:
        raise CaptionsForVideoOnly("captions")
    poster = ""
    if film and sent.poster is not None:
        poster = await _poster(sent.poster, facility_id, now=now, db=db)
    body = await recordings.keep_pieces(db, name, pieces)
    if not captions:
        return Stored(body, poster, "")
    kept = await recordings.keep_files(db, {"captions": captions})
    return Stored(body, poster, kept["captions"])


def checked_captions(data: bytes) -> bytes:
    """WebVTT (W3C) as UTF-8 with at least one cue; raises CaptionsInvalid."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CaptionsInvalid("captions") from None
    first = text.split("\n", 1)[0].strip()
    if len(data) > MAX_CAPTIONS or "-->" not in text or "\0" in text:
        raise CaptionsInvalid("captions")
    if first != "WEBVTT" and not first.startswith(("WEBVTT ", "WEBVTT\t")):
        raise CaptionsInvalid("captions")
    return text.encode()


async def _poster(data: bytes, facility_id: str, *, now: datetime, db: Database) -> str:
    try:
        return await media.keep_private(data, facility_id=facility_id, now=now, db=db)
    except Refusal as refusal:
        refusal.field = "poster"
        raise
