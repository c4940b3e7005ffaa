"""Decodes one HEIC picture, as `python -m shared.pictures.heic` (stdin, stdout).

Telephones of Apple write pictures so (ISO 23008-12). Out comes a PNG without metadata, upright and
in the colours of the first picture's profile; nothing where it is no such picture.
"""

import io
import subprocess
import sys
from pathlib import Path
from typing import Final

from shared.pictures.limits import MAX_PIXELS

ROOT: Final = Path(__file__).resolve().parents[2]
SECONDS: Final = 60
BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"})


def looks_so(data: bytes) -> bool:
    """Whether the content says of itself that it is such a picture."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def decoded(data: bytes) -> bytes | None:
    """The picture as PNG; None where it cannot be decoded within the limits."""
    try:
        done = subprocess.run(  # noqa: S603 - this very module, and no word of the file
            [sys.executable, "-m", __name__],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 and done.stdout else None


def main() -> None:
    # All of it is loaded before the confinement: afterwards the environment may be out of reach.
    import pillow_heif  # noqa: PLC0415 - its decoder, under the GPL, belongs into this process only
    from PIL import Image, ImageOps, PngImagePlugin  # noqa: PLC0415

    from shared.pictures.confining import confine  # noqa: PLC0415

    pillow_heif.register_heif_opener()
    Image.init()
    assert PngImagePlugin is not None
    data = sys.stdin.buffer.read()
    confine()
    picture: Image.Image = Image.open(io.BytesIO(data), formats=("HEIF",))
    if picture.width * picture.height > MAX_PIXELS:
        # Its size alone, so that whoever asked refuses it as too large.
        sys.stdout.buffer.write(b"%d %d" % picture.size)
        return
    profile = picture.info.get("icc_profile")
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    out = io.BytesIO()
    upright.save(out, "PNG", compress_level=1, icc_profile=profile)
    sys.stdout.buffer.write(out.getvalue())


if __name__ == "__main__":
    main()
