"""Where ffmpeg lies: a program under the GPL, started as a confined process and never loaded.

It comes with a pinned wheel, or from the system, or is named by `TXNG_FFMPEG`.
"""

import os
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path


@cache
def program() -> str | None:
    """Where ffmpeg lies; None where there is none."""
    if named := os.environ.get("TXNG_FFMPEG"):
        return named if Path(named).is_file() else None
    with suppress(ImportError, RuntimeError):
        import imageio_ffmpeg  # noqa: PLC0415 - a place that does without it need not have it

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    return shutil.which("ffmpeg")
