"""MP4, M4A and MP3 judged by their content, and cleaned of what nobody means to publish.

Nothing is decoded or encoded anew. The boxes of an MP4 (ISO 14496-12) and the frames of an MP3
(ISO 11172-3) are walked from end to end; what does not add up is refused. A phone writes into a
video where it was taken: boxes of metadata are overwritten in place with empty ones of the same
size, so that no offset moves. The bytes may lie on the disk (`opened.py`): they are looked at where
they are, and what is kept of them is told as parts.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.registry.domain.recording import CodecNotPlayable, NotARecording
from services.registry.uploads.opened import PIECE, Readable, pieces

VIDEO_CODECS: Final = {b"avc1": "H.264", b"avc3": "H.264"}
OTHER_CODECS: Final = {
    b"hvc1": "HEVC (H.265)",
    b"hev1": "HEVC (H.265)",
    b"av01": "AV1",
    b"vp09": "VP9",
    b"mp4v": "MPEG-4 Visual",
    b"apcn": "ProRes",
    b"jpeg": "Motion JPEG",
}
SOUND_CODECS: Final = frozenset({b"mp4a"})
# What may hold names, places, devices: user data, metadata, and anybody's own boxes.
PRIVATE: Final = frozenset({b"udta", b"meta", b"uuid"})
# The name of a box that holds nothing; no other empty part is as short.
FREE: Final = b"free"
PARENTS: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
MAX_BOXES: Final = 20_000
MAX_DEPTH: Final = 8

_BITRATES: Final = {
    # MPEG-1 and MPEG-2/2.5 layer III, kilobits a second.
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
# Players skip some bytes that are no frame; much of them is another kind of file.
MAX_JUNK: Final = 8_192


@dataclass(frozen=True, slots=True)
class Part:
    """The upload's bytes from `start` to `end`, kept as they are or, if `empty`, as nothing.

    An empty part of four bytes is the name of a box, and says that the box is free.
    """

    start: int
    end: int
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """What is kept of an upload; `kind` video or sound, `size` in bytes."""

    parts: tuple[Part, ...]
    kind: str
    media_type: str
    seconds: int

    @property
    def size(self) -> int:
        return sum(part.end - part.start for part in self.parts)

    def pieces(self, data: Readable) -> Iterator[bytes]:
        """The cleaned bytes of the upload that it was read from, a piece at a time."""
        for part in self.parts:
            if not part.empty:
                yield from pieces(data, part.start, part.end)
            elif part.end - part.start == len(FREE):
                yield FREE
            else:
                yield from _zeros(part.end - part.start)


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box lies: its payload is `start` to `end`, its type the four bytes at `named`."""

    name: bytes
    named: int
    start: int
    end: int
    parents: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Track:
    handler: bytes
    codec: bytes
    box: Box


def read(data: Readable) -> Container:
    """Raises NotARecording, CodecNotPlayable."""
    if data[4:8] == b"ftyp":
        return _mp4(data)
    if data[:3] == b"ID3" or (len(data) > 4 and _frame(data, 0) is not None):
        return _mp3(data)
    raise NotARecording("file")


def _mp4(data: Readable) -> Container:
    boxes = list(_walk(data, 0, len(data), ()))
    names = {box.name for box in boxes if not box.parents}
    # A file in fragments has no length of its own and no end that could be checked.
    if not {b"ftyp", b"moov", b"mdat"} <= names or b"moof" in names:
        raise NotARecording("file")
    tracks = _tracks(data, boxes)
    videos = [track for track in tracks if track.handler == b"vide"]
    sounds = [track for track in tracks if track.handler == b"soun"]
    for track in videos:
        if track.codec not in VIDEO_CODECS:
            name = track.codec.decode("ascii", "replace")
            raise CodecNotPlayable("file", codec=OTHER_CODECS.get(track.codec, name))
    if any(track.codec not in SOUND_CODECS for track in sounds) or not (videos or sounds):
        raise NotARecording("file")
    shown = {track.box for track in (*videos, *sounds)}
    hidden = [box for box in boxes if box.name == b"trak" and box not in shown]
    private = [box for box in boxes if box.name in PRIVATE]
    seconds = _length(data, boxes)
    kind, media_type = ("video", "video/mp4") if videos else ("sound", "audio/mp4")
    parts = _emptied(len(data), (*private, *hidden))
    return Container(parts, kind, media_type, seconds)


def _walk(
    data: Readable, start: int, end: int, parents: tuple[bytes, ...], count: list[int] | None = None
) -> Iterator[Box]:
    """All boxes, parents before children; raises NotARecording where sizes do not add up."""
    count = count if count is not None else [0]
    at = start
    while at < end:
        count[0] += 1
        if end - at < 8 or count[0] > MAX_BOXES or len(parents) > MAX_DEPTH:
            raise NotARecording("file")
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1 and end - at >= 16:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        elif size == 0 and not parents:
            size = end - at
        if size < head or at + size > end:
            raise NotARecording("file")
        box = Box(name, at + 4, at + head, at + size, parents)
        yield box
        if name in PARENTS:
            yield from _walk(data, box.start, box.end, (*parents, name), count)
        at += size


def _tracks(data: Readable, boxes: list[Box]) -> list[Track]:
    found = []
    for trak in (box for box in boxes if box.name == b"trak" and box.parents == (b"moov",)):
        inside = [box for box in boxes if trak.start <= box.start and box.end <= trak.end]
        handler = next((box for box in inside if box.name == b"hdlr"), None)
        entries = next((box for box in inside if box.name == b"stsd"), None)
        if handler is None or entries is None or entries.end - entries.start < 16:
            raise NotARecording("file")
        codec = data[entries.start + 12 : entries.start + 16]
        found.append(Track(data[handler.start + 8 : handler.start + 12], codec, trak))
    return found


def _length(data: Readable, boxes: list[Box]) -> int:
    """Whole seconds, from the movie's header."""
    head = next((box for box in boxes if box.name == b"mvhd"), None)
    if head is None or head.end - head.start < 32:
        raise NotARecording("file")
    if data[head.start] == 1:
        scale, length = struct.unpack_from(">IQ", data, head.start + 20)
    else:
        scale, length = struct.unpack_from(">II", data, head.start + 12)
    if not scale or not length:
        raise NotARecording("file")
    return max(1, round(int(length) / int(scale)))


def _emptied(size: int, boxes: tuple[Box, ...]) -> tuple[Part, ...]:
    """The whole with these boxes free space: of the same size, holding nothing."""
    parts: list[Part] = []
    at = 0
    for box in sorted(boxes, key=lambda one: one.named):
        if box.named < at:
            continue  # It lies in one that is emptied already.
        head = box.named + len(FREE)
        parts += [Part(at, box.named), Part(box.named, head, empty=True)]
        # Where its size takes eight bytes more, they stand between its name and its content.
        parts.append(Part(head, box.start))
        parts += _blank(box.start, box.end)
        at = box.end
    return tuple(part for part in (*parts, Part(at, size)) if part.end > part.start)


def _blank(start: int, end: int) -> list[Part]:
    """Empty parts, none of which is as short as a name."""
    if end - start != len(FREE):
        return [Part(start, end, empty=True)]
    return [Part(start, start + 1, empty=True), Part(start + 1, end, empty=True)]


def _zeros(number: int) -> Iterator[bytes]:
    while number > 0:
        yield bytes(min(number, PIECE))
        number -= PIECE


def _mp3(data: Readable) -> Container:
    """The frames alone: tags before and after them are left out."""
    start, end = _without_tags(data)
    at, seconds, junk, frames = start, 0.0, 0, 0
    parts: list[Part] = []
    while at < end:
        found = _frame(data, at)
        if found is None or at + found[0] > end:
            junk += 1
            at += 1
            if junk > MAX_JUNK:
                raise NotARecording("file")
            continue
        frames += 1
        first = parts.pop().start if parts and parts[-1].end == at else at
        parts.append(Part(first, at + found[0]))
        seconds += found[1]
        at += found[0]
    if frames < 10 or seconds < 1:
        raise NotARecording("file")
    return Container(tuple(parts), "sound", "audio/mpeg", round(seconds))


def _without_tags(data: Readable) -> tuple[int, int]:
    start, end = 0, len(data)
    if data[:3] == b"ID3" and len(data) > 10:
        size = 0
        for byte in data[6:10]:
            size = size << 7 | byte & 0x7F
        start = min(10 + size, end)
    if data[-128:-125] == b"TAG":
        end -= 128
    return start, max(start, end)


def _frame(data: Readable, at: int) -> tuple[int, float] | None:
    """Length in bytes and seconds of the layer III frame that begins here, if one does."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return None
    version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
    bits, rate = data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or layer != 1 or bits in (0, 15) or rate == 3:
        return None
    first = version == 3
    hertz = _RATES[version][rate]
    samples = 1152 if first else 576
    size = samples // 8 * _BITRATES[first][bits] * 1000 // hertz + (data[at + 2] >> 1 & 1)
    return size, samples / hertz
