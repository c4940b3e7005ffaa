"""Pictures as uploaded, made into pictures as shown: in sizes of our own, nothing hidden in them.

A picture is decoded and drawn anew, so that neither metadata (places, names) nor anything that
only pretends to be a picture ever leaves again.
"""

import io
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from shared.pictures import heic
from shared.pictures.limits import (
    MAX_BYTES,
    MAX_PIXELS,
    ImageTooLarge,
    ImageTooSmall,
    NotAnImage,
    TooManyPixels,
)

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MIN_SIDE = 64

# The longest side of each size that is kept, in pixels.
SIZES: Final = {"tiny": 320, "small": 640, "large": 1280}
# A4 at 200 dots an inch.
PAGE_SIDE = 2340
KINDS: Final = {"webp": "image/webp", "jpg": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Made:
    """`files` by name (`small.webp` …); width and height are those of the large size."""

    width: int
    height: int
    files: dict[str, bytes]


def make(data: bytes) -> Made:
    """All sizes and kinds of an uploaded picture. Takes a second of CPU: run it in a thread."""
    if len(data) > MAX_BYTES:
        raise ImageTooLarge("file", limit=MAX_BYTES // 1_000_000)
    picture = _opened(data)
    files = {}
    width = height = 0
    for name in sorted(SIZES, key=lambda size: SIZES[size]):
        shown = picture.copy()
        shown.thumbnail((SIZES[name], SIZES[name]), Image.Resampling.LANCZOS)
        files[f"{name}.webp"] = _written(shown, "WEBP", quality=80, method=4)
        files[f"{name}.jpg"] = _written(shown, "JPEG", quality=82, optimize=True, progressive=True)
        width, height = shown.size
    return Made(width, height, files)


def page(data: bytes) -> bytes:
    """A scanned page as one JPEG in which small print can still be read."""
    picture = _opened(data)
    picture.thumbnail((PAGE_SIDE, PAGE_SIDE), Image.Resampling.LANCZOS)
    return _written(picture, "JPEG", quality=82, optimize=True)


def photo(data: bytes) -> bytes:
    """A photo as one JPEG of the large size. Takes a second of CPU: run it in a thread."""
    if len(data) > MAX_BYTES:
        raise ImageTooLarge("photo", limit=MAX_BYTES // 1_000_000)
    picture = _opened(data)
    picture.thumbnail((SIZES["large"], SIZES["large"]), Image.Resampling.LANCZOS)
    return _written(picture, "JPEG", quality=82, optimize=True)


def _opened(data: bytes) -> Image.Image:
    """Upright, in sRGB, on white; raises where it is no picture or too large to be decoded."""
    if heic.looks_so(data):
        data = _from_heic(data)
    try:
        with warnings.catch_warnings():
            # Its own limit warns first and refuses at twice the size; ours is exact.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
            _check_size(picture.size)
            if picture.format == "JPEG":
                # The decoder itself can leave out detail that no size will show.
                picture.draft("RGB", (SIZES["large"] * 2, SIZES["large"] * 2))
            picture.load()
            profile = picture.info.get("icc_profile")
            upright = ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError:
        raise TooManyPixels("file", limit=MAX_PIXELS // 1_000_000) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise NotAnImage("file") from None
    return _on_white(_in_srgb(upright, profile))


def _from_heic(data: bytes) -> bytes:
    """As PNG, decoded in a process of its own; raises where that could not be done."""
    found = heic.decoded(data)
    if found is None:
        raise NotAnImage("file")
    if found[:4] != b"\x89PNG":
        raise TooManyPixels("file", limit=MAX_PIXELS // 1_000_000)
    return found


def _check_size(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise TooManyPixels("file", limit=MAX_PIXELS // 1_000_000)
    if min(size) < MIN_SIDE:
        raise ImageTooSmall("file", limit=MIN_SIDE)


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as browsers take them without a profile; a broken profile is left out."""
    if not profile or picture.mode not in ("RGB", "RGBA"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        found = ImageCms.profileToProfile(picture, source, target, outputMode=picture.mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return found if found is not None else picture


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    layer = picture.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _written(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    clean.save(out, kind, **options)
    return out.getvalue()
