"""Makes what is spoken of each verdict anew, as `python -m services.scan.speech.make`.

To be run when a verdict's words have changed; the files are kept with the source, so that verdicts
are heard also where there is no engine.
"""

import subprocess
import sys
from typing import Final

import imageio_ffmpeg

from services.scan.answering.spoken import FOLDER, file_of, text_of
from services.scan.answering.words import VERDICTS
from shared.web.static_files import FOLDER as STATIC

# MP3, for telephones that play nothing else; speech needs no more of it.
_ENCODED: Final = (
    *("-ac", "1", "-ar", "16000", "-b:a", "24k", "-map_metadata", "-1"),
    *("-fflags", "+bitexact", "-f", "mp3", "pipe:1"),
)


def made(text: str) -> bytes:
    """An MP3 file of the text as it is spoken."""
    engine = [sys.executable, "-m", "services.scan.speech.engine"]
    wav = subprocess.run(engine, input=text.encode(), stdout=subprocess.PIPE, check=True).stdout  # noqa: S603 - our own words
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", "pipe:0", *_ENCODED]
    return subprocess.run(ffmpeg, input=wav, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603 - our own words


def main() -> None:
    folder = STATIC / FOLDER
    folder.mkdir(exist_ok=True)
    wanted = {STATIC / file_of(verdict): text_of(verdict) for verdict in VERDICTS}
    for path in folder.glob("*.mp3"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.write_bytes(made(text))


if __name__ == "__main__":
    main()
