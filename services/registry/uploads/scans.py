"""Scanned documents as uploaded, made into what is kept: a PDF as it is, a picture drawn anew."""

from dataclasses import dataclass
from typing import Final

from services.registry.domain.documents import MAX_BYTES, DocumentKind, DocumentTooLarge
from shared.pictures import heic, images
from shared.pictures.limits import NotAnImage

# Where readers look for the two ends of a PDF (ISO 32000-1, annex H).
_HEAD, _TAIL = 1024, 2048
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@dataclass(frozen=True, slots=True)
class Scan:
    body: bytes
    media_type: str


def make(data: bytes) -> Scan:
    """Judged by content. A PDF is served as an attachment only, since it is not drawn anew."""
    if len(data) > MAX_BYTES:
        raise DocumentTooLarge("file", limit=MAX_BYTES // 1_000_000)
    if b"%PDF-" in data[:_HEAD]:
        if b"%%EOF" not in data[-_TAIL:]:
            raise DocumentKind("file")
        return Scan(data, "application/pdf")
    if not (data.startswith(_PICTURES) or heic.looks_so(data)):
        raise DocumentKind("file")
    try:
        return Scan(images.page(data), "image/jpeg")
    except NotAnImage:
        raise DocumentKind("file") from None
