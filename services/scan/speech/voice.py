"""A text as an MP3 file: the engine, then the encoder, each a confined process."""

import asyncio
import importlib.util
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, create_subprocess_exec
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from shared.pictures.ffmpeg import program

ROOT: Final = Path(__file__).resolve().parents[3]
SECONDS: Final = 60
# A telephone on a slow network loads it in a second.
MOST_BYTES: Final = 40_000
# 16 kbit/s of 16,000 samples a second: speech needs no more, and old telephones play nothing else
# than MP3 without exception.
_ENCODED: Final = (
    *("-ac", "1", "-ar", "16000", "-b:a", "16k", "-map_metadata", "-1"),
    *("-fflags", "+bitexact", "-f", "mp3", "pipe:1"),
)
_READ: Final = ("-protocol_whitelist", "pipe", "-f", "wav", "-i", "pipe:0")


class Unspeakable(Exception):
    """The text could not be spoken, or not within the limits; `passing` where that may be the
    machine's doing rather than the text's."""

    def __init__(self, why: str, *, passing: bool = False) -> None:
        super().__init__(why)
        self.passing = passing


def is_there() -> bool:
    """Whether this installation has what speaks; without it nothing is spoken but the verdicts."""
    return importlib.util.find_spec("espeakng_loader") is not None and program() is not None


async def spoken(text: str) -> bytes:
    """The file; raises Unspeakable."""
    encoder = program()
    if encoder is None:
        raise Unspeakable("there is no ffmpeg", passing=True)
    wav = await _through([sys.executable, "-m", "services.scan.speech.engine"], text.encode())
    confined = [sys.executable, "-m", "shared.pictures.confining", encoder]
    mp3 = await _through([*confined, "-hide_banner", "-loglevel", "error", *_READ, *_ENCODED], wav)
    if len(mp3) > MOST_BYTES:
        raise Unspeakable(f"{len(mp3)} bytes")
    return mp3


async def _through(command: Sequence[str], data: bytes) -> bytes:
    process = await create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=ROOT, env=dict(os.environ)
    )
    try:
        async with asyncio.timeout(SECONDS):
            out, _ = await process.communicate(data)
    except TimeoutError:
        raise Unspeakable("it took too long", passing=True) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0 or not out:
        # Killed by a signal: mostly for want of memory, or because this program ends.
        killed = (process.returncode or 0) < 0
        raise Unspeakable(f"{command[-1]} ended with {process.returncode}", passing=killed)
    return out
