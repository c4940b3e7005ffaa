"""Real films and pictures as telephones write them, made once with the decoder that judges them."""

import io
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from services.registry.video import ffmpeg


def made(*arguments: str, suffix: str) -> bytes:
    """What ffmpeg writes for these arguments."""
    program = ffmpeg.program()
    assert program is not None
    with tempfile.TemporaryDirectory() as folder:
        to = Path(folder) / f"made.{suffix}"
        command = [program, "-hide_banner", "-loglevel", "error", "-y", *arguments, str(to)]
        subprocess.run(command, check=True, timeout=120)
        return to.read_bytes()


def picture(seconds: int) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=15:duration={seconds}")


def sound(seconds: int) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}")


PLACE = "+20.9500+107.0733/"


@cache
def hevc() -> bytes:
    """A MOV of two seconds as an iPhone films it: HEVC in ten bits, AAC, and where it was taken."""
    film = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1",
            "-x265-params", "log-level=error", "-c:a", "aac")  # fmt: skip
    told = ("-metadata", f"location={PLACE}", "-movflags", "use_metadata_tags")
    return made(*picture(2), *sound(2), *film, *told, suffix="mov")


@cache
def wav(seconds: int = 2) -> bytes:
    return made(*sound(seconds), suffix="wav")


@cache
def webm(seconds: int = 2) -> bytes:
    return made(*picture(seconds), "-c:v", "libvpx", "-b:v", "200k", suffix="webm")


@cache
def heic() -> bytes:
    """A picture in HEVC with a description of where it was taken."""
    import pillow_heif
    from PIL import Image

    picture = Image.effect_noise((400, 300), 60).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = "Vuon na, An Sinh"
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, quality=50, exif=exif.tobytes())
    return out.getvalue()
