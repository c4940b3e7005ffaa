"""Files that show what was done with goods, made into files that are safe to hand out again."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import filetype

from services.recall.domain.recovery import MOST_EVIDENCE
from services.recall.domain.recovery_refusals import (
    EvidenceTooLarge,
    EvidenceUnreadable,
    TooMuchEvidence,
)
from shared.errors import Refusal
from shared.pictures import images
from shared.pictures.limits import PICTURES, ImageTooLarge, TooManyPixels

MAX_BYTES: Final = 5_000_000
LIMIT: Final = f"{MAX_BYTES // 1_000_000}"
PDF: Final = "application/pdf"
# Decoding takes a core: more at once would only take it from those who read.
_decoding = asyncio.Semaphore(1)


@dataclass(frozen=True, slots=True)
class File:
    """As uploaded: what it is called there, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """As kept; `media_type` is application/pdf or image/jpeg."""

    name: str
    media_type: str
    data: bytes


async def ready(files: Sequence[File], *, field: str = "files") -> list[Ready]:
    """Judged by content, never by name. A picture is drawn anew, without what its camera wrote of
    places; a PDF is kept as it is, and only ever handed out as an attachment.

    Raises EvidenceUnreadable, EvidenceTooLarge and TooMuchEvidence at the field.
    """
    if len(files) > MOST_EVIDENCE:
        raise TooMuchEvidence(field, most=MOST_EVIDENCE)
    return [await _ready(file, field) for file in files]


async def _ready(file: File, field: str) -> Ready:
    name = _shown(file.name)
    if len(file.data) > MAX_BYTES:
        raise EvidenceTooLarge(field, name=name, limit=LIMIT)
    kind = filetype.guess_extension(file.data[:8192])
    if kind == "pdf" and b"%%EOF" in file.data[-2048:]:
        return Ready(name, PDF, file.data)
    if kind not in PICTURES:
        raise EvidenceUnreadable(field, name=name)
    try:
        async with _decoding:
            return Ready(name, "image/jpeg", await asyncio.to_thread(images.page, file.data))
    except (TooManyPixels, ImageTooLarge) as error:
        raise EvidenceTooLarge(field, name=name, limit=LIMIT) from error
    except Refusal as error:
        raise EvidenceUnreadable(field, name=name) from error


def _shown(name: str) -> str:
    """What people call the file, as far as it can be printed in one short line."""
    shown = "".join(letter for letter in name if letter.isprintable()).strip()
    return shown[-80:] or "tệp"
