"""Scanned papers as uploaded, made into files that are safe to hand out again (R6)."""

import io
import warnings
from dataclasses import dataclass
from typing import Final

import filetype
from PIL import Image, ImageOps

from shared.errors import Kind, Refusal

MAX_BYTES: Final = 5_000_000
MAX_PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 2400


class PaperUnreadable(Refusal):
    code = "paper_unreadable"
    kind = Kind.INVALID
    message = "Không đọc được tệp này. Hãy chọn tệp PDF, ảnh JPG hoặc PNG của văn bản."


class PaperTooLarge(Refusal):
    code = "paper_too_large"
    kind = Kind.TOO_LARGE
    message = "Tệp lớn hơn 5 MB hoặc ảnh quá lớn. Hãy chụp hoặc quét lại ở cỡ nhỏ hơn."


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to keep; `media_type` is application/pdf or image/jpeg."""

    data: bytes
    media_type: str


def ready(data: bytes) -> Paper:
    """Judged by its content. Takes a second of CPU for a picture: run it in a thread.

    A picture is drawn anew, so that neither its metadata nor anything hidden in it leaves again.
    A PDF is kept as it is, and only ever handed out as an attachment.
    """
    if len(data) > MAX_BYTES:
        raise PaperTooLarge("file")
    kind = filetype.guess_extension(data[:8192])
    if kind == "pdf" and b"%%EOF" in data[-2048:]:
        return Paper(data, "application/pdf")
    if kind not in ("jpg", "png"):
        raise PaperUnreadable("file")
    return Paper(_drawn_anew(data), "image/jpeg")


def _drawn_anew(data: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise PaperTooLarge("file")
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise PaperUnreadable("file") from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=85)
    return out.getvalue()
