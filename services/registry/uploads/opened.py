"""An uploaded file read where it lies: its bytes stay on the disk, however many they are."""

import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, Final

Readable = bytes | mmap.mmap
# So much of a file is in memory at once.
PIECE: Final = 255 * 1024


@contextmanager
def opened(file: BinaryIO) -> Iterator[Readable]:
    """Its content as bytes that the system brings in as they are looked at."""
    file.flush()
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not size:
        yield b""
        return
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as laid:
        yield laid


def digest(file: BinaryIO) -> bytes:
    """SHA-256 of the whole."""
    file.seek(0)
    found = sha256()
    while piece := file.read(PIECE):
        found.update(piece)
    file.seek(0)
    return found.digest()


def copied(file: BinaryIO, to: Path) -> None:
    file.seek(0)
    with to.open("wb") as out:
        copyfileobj(file, out, PIECE)
    file.seek(0)


def pieces(data: Readable, first: int = 0, last: int | None = None) -> Iterator[bytes]:
    """The bytes from `first` up to `last`, a piece at a time."""
    end = len(data) if last is None else last
    for at in range(first, end, PIECE):
        yield data[at : min(at + PIECE, end)]
