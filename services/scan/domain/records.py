"""One scan in a spool file: a record of fixed size with its own checksum.

Layout, little-endian: milliseconds since 1970 (8), request id (16), batch (4), serial + 1, or 0 if
the code was no stamp's (4), daily-keyed user (8), commune, 0 if not given (4), verdict's place in
NAMES (1), daily-keyed source (3), checksum (4). Records of earlier versions have no source: zeros.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

# What was read is no code at all: counted beside the verdicts, under a name of its own.
MALFORMED = "malformed"
# A record holds a place in this table: it may only grow, and only at its end.
NAMES = (
    *("unknown", "recalled", "withdrawn", "revoked", "suspect_copy", "suspended"),
    *("not_activated", "expired", "warning", "unconfirmed", "genuine", MALFORMED),
)
PLACES = {name: place for place, name in enumerate(NAMES)}

_BODY = struct.Struct("<Q16sII8sIB3s")
SIZE = _BODY.size + 4
SOURCE_BYTES = 3
# No clock that anybody scans by tells a later moment (the year 6429); the calendar ends soon after.
LATEST = 2**47
NO_SOURCE = bytes(SOURCE_BYTES)

_pack = _BODY.pack
_crc32 = zlib.crc32


class Scan(NamedTuple):
    """A record read back. `serial` is -1 if the code was no stamp's."""

    milliseconds: int
    request: bytes
    batch: int
    serial: int
    user: bytes
    commune: int
    verdict: str
    source: int = 0


def pack(
    milliseconds: int,
    request: bytes,
    batch: int,
    serial: int,
    user: bytes,
    commune: int,
    place: int,
    source: bytes = NO_SOURCE,
) -> bytes:
    """The bytes of one record; `serial` is -1 if the code was no stamp's."""
    body = _pack(milliseconds, request, batch, serial + 1, user, commune, place, source)
    return body + _crc32(body).to_bytes(4, "little")


def unpack(data: bytes) -> Iterator[Scan | None]:
    """The records of a file; None for each that is damaged, as a torn last one may be."""
    for start in range(0, len(data), SIZE):
        yield _read(data[start : start + SIZE])


def written(data: bytes) -> bytes:
    """The part of a file that was written to: whole records, and perhaps a torn last one."""
    used = len(data.rstrip(b"\0"))
    return data[: -(-used // SIZE) * SIZE]


def _read(record: bytes) -> Scan | None:
    body, checksum = record[: _BODY.size], record[_BODY.size :]
    if len(checksum) != 4 or int.from_bytes(checksum, "little") != _crc32(body):
        return None
    milliseconds, request, batch, serial, user, commune, place, source = _BODY.unpack(body)
    if place >= len(NAMES) or milliseconds > LATEST:
        return None
    if source == NO_SOURCE:
        source = user[:SOURCE_BYTES]  # Told by an earlier version: the telephone stands for it.
    return Scan(
        milliseconds,
        request,
        batch,
        serial - 1,
        user,
        commune,
        NAMES[place],
        int.from_bytes(source, "little"),
    )
