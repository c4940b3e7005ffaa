"""Real films and pictures as telephones write them, made once with the decoder that judges them."""

import io
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from services.registry.decoders import ffmpeg


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


# A red (200, 40, 40 in sRGB) as HLG and PQ write it in BT.2020's colours.
HDR = {"arib-std-b67": "0x8A3828", "smpte2084": "0x7A5043"}


@cache
def hdr(curve: str) -> bytes:
    """A second of that red, as a telephone films in high dynamic range."""
    marked = f"log-level=error:colorprim=bt2020:transfer={curve}:colormatrix=bt2020nc"
    return made(
        *("-f", "lavfi", "-i", f"color=c={HDR[curve]}:s=320x180:d=1:r=10"),
        *("-vf", "scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le"),
        *("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", marked, "-tag:v", "hvc1"),
        *("-color_primaries", "bt2020", "-color_trc", curve, "-colorspace", "bt2020nc"),
        suffix="mov",
    )


def colour(film: Path) -> tuple[int, int, int]:
    """Of the first picture as a browser draws it, on the average."""
    program = ffmpeg.program()
    assert program is not None
    drawn = ["-vf", "scale=1:1,format=rgb24", "-frames:v", "1", "-f", "rawvideo", "-"]
    command = [program, "-loglevel", "error", "-i", str(film), *drawn]
    red, green, blue = subprocess.run(command, check=True, capture_output=True).stdout
    return red, green, blue


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
