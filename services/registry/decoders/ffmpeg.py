"""ffmpeg as a confined process: what is in a file, and a film or a sound that every browser plays.

Without the program only what browsers play already is taken.
"""

import asyncio
import os
import re
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process, create_subprocess_exec
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from services.registry.decoders.kinds import Source
from shared.pictures.confining import NOBODY
from shared.pictures.ffmpeg import program

__all__ = ["Failed", "Probed", "convert", "lend", "maps_colours", "probe", "program"]

ROOT: Final = Path(__file__).resolve().parents[3]
PROBE_SECONDS: Final = 60
# A film of five minutes of a telephone's full size takes one slow core about so long.
CONVERT_SECONDS: Final = 1_500
MAX_PIXELS: Final = 40_000_000
MOST_TOLD: Final = 200_000
_DURATION: Final = re.compile(rb"Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_STREAM: Final = re.compile(rb"Stream #0:\d+[^:]*: (Video|Audio): (\w+)([^\n]*)")
# What telephones film in high dynamic range: HLG and PQ (ITU-R BT.2100), in BT.2020's colours.
_HDR: Final = re.compile(rb"\b(arib-std-b67|smpte2084)\b")
_SIZE: Final = re.compile(rb"\b\d{2,5}x\d{2,5}\b")
_TIME: Final = re.compile(rb"out_time_us=(\d+)")

# Told the share that is done; says whether to go on.
Progress = Callable[[float], Awaitable[bool]]


class Failed(Exception):
    """It could not be decoded, or not within the limits."""


@dataclass(frozen=True, slots=True)
class Probed:
    """`kind` video or sound; `seconds` 0 where the file does not say; `hdr` the transfer curve of a
    film in high dynamic range, "" for any other."""

    kind: str
    codec: str
    seconds: float
    hdr: str = ""


def lend(folder: Path) -> None:
    """Give a temporary folder to the account that the confined process runs as."""
    if os.geteuid() == 0:
        for path in (folder, *folder.iterdir()):
            os.chown(path, NOBODY, NOBODY)


async def probe(source: Source, file: Path) -> Probed:
    """What the file holds; raises Failed where that is neither film nor sound."""
    process = await _start([*_reading(source, file)], file.parent, stderr=PIPE)
    async with _ended(process, PROBE_SECONDS):
        assert process.stderr is not None
        told = b""
        while piece := await process.stderr.read(65_536):
            told += piece if len(told) < MOST_TOLD else b""
    streams = [m for m in _STREAM.findall(told) if b"attached pic" not in m[2]]
    shown = [(codec, more) for kind, codec, more in streams if kind == b"Video"]
    films = [(codec, more) for codec, more in shown if _SIZE.search(more)]
    sounds = [codec for kind, codec, more in streams if kind == b"Audio" and b" Hz" in more]
    if not films and (not sounds or shown):
        raise Failed("no film and no sound")
    found = _DURATION.search(told)
    seconds = int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else 0.0
    if not films:
        return Probed("sound", sounds[0].decode("ascii"), seconds)
    codec, more = films[0]
    curve = _HDR.search(more)
    return Probed("video", codec.decode("ascii"), seconds, curve[1].decode() if curve else "")


async def convert(
    source: Source, probed: Probed, file: Path, to: Path, *, longest: int, progress: Progress
) -> bool:
    """Write MP4 (H.264, AAC) or M4A (AAC), at most a second longer than `longest` seconds.

    False where `progress` said to stop; raises Failed.
    """
    command = [*_reading(source, file), "-t", str(longest + 1), *_writing(probed), str(to)]
    process = await _start(command, file.parent, stdout=PIPE)
    length = max(1.0, min(probed.seconds or longest, longest))
    async with _ended(process, CONVERT_SECONDS):
        assert process.stdout is not None
        async for line in process.stdout:
            found = _TIME.match(line)
            if found and not await progress(min(1.0, int(found[1]) / 1e6 / length)):
                with suppress(ProcessLookupError):  # It may have come to its end just now.
                    process.kill()
                return False
    if process.returncode != 0:
        raise Failed(f"ffmpeg ended with {process.returncode}")
    return True


def _reading(source: Source, file: Path) -> list[str]:
    # One reader for one kind, files only: no list of addresses, no other file is ever opened.
    limits = ["-protocol_whitelist", "file,pipe", "-max_pixels", str(MAX_PIXELS)]
    return ["-hide_banner", "-nostdin", "-y", *limits, "-f", source.demuxer, "-i", str(file)]


def _mapped(curve: str) -> str:
    """High dynamic range as a common screen shows it: without this a film looks washed out.

    Reference white (203 cd/m², ITU-R BT.2408) stays white, what is brighter is drawn in.
    """
    linear = f"zscale=tin={curve}:pin=2020:min=2020_ncl:rin=tv:t=linear:npl=203"
    drawn_in = "zscale=p=bt709,tonemap=tonemap=mobius:desat=0"
    return f"{linear},format=gbrpf32le,{drawn_in},zscale=t=bt709:m=bt709:r=tv,"


@cache
def maps_colours() -> bool:
    """Whether this ffmpeg was built with what mapping takes; without it the film stays as it is."""
    found = program()
    if found is None:
        return False
    told = subprocess.run([found, "-hide_banner", "-filters"], capture_output=True, check=False)  # noqa: S603 - our own program
    return all(f" {name} ".encode() in told.stdout for name in ("zscale", "tonemap"))


def _writing(probed: Probed) -> list[str]:
    common = ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-threads", "2"]
    sound = ["-c:a", "aac", "-ac", "2", "-ar", "44100"]
    told = ["-progress", "pipe:1", "-nostats", "-loglevel", "error", "-f", "mp4"]
    if probed.kind == "sound":
        return ["-map", "0:a:0", "-vn", *common, *sound, "-b:a", "112k", *told]
    # 720 lines at most, in the eight bits that every telephone decodes; 40 MB hold five minutes.
    colours = _mapped(probed.hdr) if probed.hdr and maps_colours() else ""
    size = (
        "scale=w='min(1280,iw)':h='min(1280,ih)':force_original_aspect_ratio=decrease:"
        f"force_divisible_by=2,{colours}format=yuv420p"
    )
    film = ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-crf", "25"]
    rate = ["-maxrate", "850k", "-bufsize", "1700k", "-fpsmax", "30", "-vf", size]
    streams = ["-map", "0:v:0", "-map", "0:a:0?"]
    faststart = ["-movflags", "+faststart"]
    return [*streams, *common, *film, *rate, *sound, "-b:a", "96k", *faststart, *told]


async def _start(
    arguments: list[str], folder: Path, *, stdout: int = DEVNULL, stderr: int = DEVNULL
) -> Process:
    found = program()
    if found is None:
        raise Failed("there is no ffmpeg")
    return await create_subprocess_exec(
        sys.executable,
        "-m",
        "shared.pictures.confining",
        found,
        *arguments,
        stdin=DEVNULL,
        stdout=stdout,
        stderr=stderr,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
    )


class _ended:  # noqa: N801 - read as a clause: `async with _ended(process, 60)`
    """Waits for the process within its time, and lets none survive what happens inside."""

    def __init__(self, process: Process, seconds: float) -> None:
        self._process = process
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, *raised: object) -> None:
        try:
            if raised[0] is None:
                await self._process.wait()
        finally:
            if self._process.returncode is None:
                self._process.kill()
                await self._process.wait()
            try:
                await self._timeout.__aexit__(*raised)  # type: ignore[arg-type]
            except TimeoutError:
                raise Failed("it took too long") from None
