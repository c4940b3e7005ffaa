"""Small files of video and sound, right in every byte that is looked at, made box by box."""

import struct


def box(name: bytes, *payload: bytes) -> bytes:
    body = b"".join(payload)
    return struct.pack(">I4s", 8 + len(body), name) + body


def track(handler: bytes, codec: bytes, *more: bytes) -> bytes:
    described = box(b"stsd", bytes(4), struct.pack(">I", 1), box(codec, bytes(70)))
    media = box(
        b"mdia",
        box(b"hdlr", bytes(8), handler, bytes(12)),
        box(b"minf", box(b"stbl", described)),
    )
    return box(b"trak", media, *more)


def movie(seconds: int, *tracks: bytes) -> bytes:
    head = box(b"mvhd", bytes(12), struct.pack(">II", 1000, seconds * 1000), bytes(80))
    return box(b"moov", head, *tracks)


def mp4(
    seconds: int = 12, codec: bytes = b"avc1", sound: bytes = b"mp4a", place: str = ""
) -> bytes:
    """A film of zeros; `place` is what a phone writes of where it was taken."""
    told = [box(b"udta", box(b"\xa9xyz", place.encode()))] if place else []
    tracks = [track(b"vide", codec, *told), track(b"soun", sound)]
    frames = bytes(range(256)) * 40
    parts = [box(b"ftyp", b"isom", bytes(4), b"isomavc1"), movie(seconds, *tracks, *told)]
    return b"".join([*parts, box(b"mdat", frames)])


def m4a(seconds: int = 30) -> bytes:
    head = box(b"ftyp", b"M4A ", bytes(4))
    return head + movie(seconds, track(b"soun", b"mp4a")) + box(b"mdat", bytes(2000))


def mp3(seconds: float = 3, tag: bytes = b"") -> bytes:
    """Frames of 128 kbit/s at 44.1 kHz, 417 bytes each, after an ID3 tag."""
    frame = b"\xff\xfb\x90\x00" + bytes(413)
    count = int(seconds * 44100 / 1152) + 1
    size = len(tag)
    head = b"ID3\x04\x00\x00" + bytes(
        [size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]
    )
    return (head + tag if tag else b"") + frame * count


CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:02.000\nBà con hái na buổi sớm.\n".encode()
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
