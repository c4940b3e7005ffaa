"""What an uploaded recording is by its first bytes, for those that are converted (R28)."""

from dataclasses import dataclass
from typing import Final

from shared.pictures.heic import BRANDS


@dataclass(frozen=True, slots=True)
class Source:
    """`demuxer` is the one reader that may open it, whatever the content turns into later on."""

    name: str
    demuxer: str


_MOV: Final = Source("MOV/MP4", "mov")
_MATROSKA: Final = Source("WebM/MKV", "matroska")


def source_of(data: bytes) -> Source | None:
    """None for what is none of them: only these readers are ever run on strangers' files."""
    head = data[:16]
    if head[4:8] == b"ftyp":
        return None if head[8:12] in BRANDS else _MOV
    if head[4:8] in (b"moov", b"mdat", b"wide"):
        return _MOV  # QuickTime of before there was a box for the type.
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _MATROSKA
    if head.startswith(b"RIFF"):
        return {b"AVI ": Source("AVI", "avi"), b"WAVE": Source("WAV", "wav")}.get(data[8:12])
    for magic, found in (
        (b"OggS", Source("Ogg", "ogg")),
        (b"fLaC", Source("FLAC", "flac")),
        (b"#!AMR", Source("AMR", "amr")),
    ):
        if head.startswith(magic):
            return found
    return None
