"""Logos of designs: pictures made small and drawn anew, so that nothing but pixels stays."""

import warnings
from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image, UnidentifiedImageError

from services.stamps.printing.looks import Picture
from shared.errors import Kind, Refusal

MAX_BYTES: Final = 2_000_000
KINDS: Final = ("png", "jpg")
_MOST_PIXELS: Final = 25_000_000
_EDGE: Final = 500


class NotALogo(Refusal):
    code = "not_a_logo"
    kind = Kind.INVALID
    message = "Không đọc được tệp biểu trưng. Hãy chọn ảnh PNG hoặc JPG, mỗi cạnh tối đa 5000 điểm."


def read(content: bytes) -> bytes:
    """The picture as a PNG on white, at most 500 dots a side. Raises NotALogo."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=("PNG", "JPEG")) as opened:
                if opened.width * opened.height > _MOST_PIXELS or min(opened.size) < 1:
                    raise NotALogo("logo")
                opened.thumbnail((_EDGE, _EDGE))
                picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise NotALogo("logo") from None
    except Image.DecompressionBombWarning:
        raise NotALogo("logo") from None
    on_white = Image.new("RGB", picture.size, "white")
    on_white.paste(picture, mask=picture.getchannel("A"))
    out = BytesIO()
    on_white.save(out, "PNG", optimize=True)
    return out.getvalue()


def id_of(owner: str, png: bytes) -> str:
    """A logo belongs to who sent it: the same picture of another is another logo."""
    return sha256(f"{owner}/".encode() + png).hexdigest()


def picture(png: bytes) -> Picture:
    with Image.open(BytesIO(png), formats=("PNG",)) as opened:
        pixels = opened.convert("RGB")
    return Picture(pixels.width, pixels.height, pixels.tobytes())
