"""How a label looks beside its symbol and code: background, logo, words, colours.

Colours come from lists: every ink can be read on white (WCAG 2.2: 4.5 to 1), every tint is light
enough for texts to be read upon it, and no background touches a symbol's quiet zone.
"""

import zlib
from dataclasses import dataclass, replace
from typing import Final

from services.stamps.printing.guilloche import background, rgb
from services.stamps.printing.labels import dots
from services.stamps.printing.pdf import PdfFile
from services.stamps.printing.templates import Block, Column, Part, Template

INKS: Final = {
    "black": "#000000",
    "green": "#0B5D1E",
    "blue": "#0B3D91",
    "red": "#8E1B1B",
    "brown": "#5D3A1A",
    "teal": "#00545C",
}
TINTS: Final = {
    "green": "#BFE3C5",
    "blue": "#C3D7F2",
    "rose": "#F3CDD2",
    "gold": "#F0E0B0",
    "grey": "#D9D9D9",
    "teal": "#BFE5E5",
}


@dataclass(frozen=True)
class Picture:
    """A logo: `pixels` are 8-bit RGB, row by row from the top."""

    width: int
    height: int
    pixels: bytes


@dataclass(frozen=True)
class Look:
    """`pattern`, `ink` and `tint` as listed; `caption` replaces the usual one where there is room.

    `seed` is what the background is drawn from.
    """

    pattern: str = "none"
    tint: str = "grey"
    ink: str = "black"
    caption: str = ""
    seed: str = ""
    logo: Picture | None = None


# Sizes with room for a logo: its place (left, bottom, width, height in millimetres), and the texts
# that are left beside it.
_PLACES: Final = {
    "20mm": (28.0, 22.8, 17.8, 8.2),
    "30mm": (2.0, 52.6, 10.4, 10.4),
    "40mm": (56.0, 43.6, 35.6, 14.0),
}
_COLUMNS: Final = {
    "20mm": Column(
        28.0,
        4.4,
        17.8,
        17.8,
        centred=False,
        blocks=(
            Block(Part.CAPTION, 4.4, 4.0, 1),
            Block(Part.PRODUCT, 8.0, 5.5, 3),
            Block(Part.FACILITY, 5.5, 4.2, 2),
            Block(Part.LOT, 4.8, 4.0, 1),
        ),
    ),
    "30mm": Column(
        13.4,
        52.6,
        31.6,
        10.4,
        centred=True,
        blocks=(Block(Part.CAPTION, 5.5, 4.8, 1), Block(Part.PRODUCT, 9.5, 6.5, 2)),
    ),
    "40mm": Column(
        56.0,
        2.6,
        35.6,
        40.0,
        centred=False,
        blocks=(
            Block(Part.CAPTION, 8.0, 6.5, 2),
            Block(Part.PRODUCT, 15.0, 9.0, 3),
            Block(Part.FACILITY, 9.5, 7.0, 3),
            Block(Part.LOT, 8.5, 6.5, 2),
        ),
    ),
}


def takes_logo(size: str) -> bool:
    return size in _PLACES


def takes_caption(template: Template) -> bool:
    return any(block.part is Part.CAPTION for column in template.columns for block in column.blocks)


def with_room(template: Template, look: Look, bars: bool = False) -> Template:
    """The size with its texts moved out of the way of logo or barcode."""
    if bars:
        template = replace(template, columns=template.beside_bars)
    if look.logo is None or template.key not in _COLUMNS:
        return template
    return replace(template, columns=(_COLUMNS[template.key], *template.columns[1:]))


def backdrop(look: Look, place: tuple[int, int], bleed: int) -> str:
    """The background of a place of so many dots, and beyond it as far as it bleeds."""
    width, height = place[0] + 2 * bleed, place[1] + 2 * bleed
    drawn = background(look.pattern, look.seed, TINTS[look.tint], width, height)
    if not drawn:
        return ""
    return f"q 1 0 0 1 {-bleed} {-bleed} cm\n0 0 {width} {height} re W n\n{drawn}Q\n"


def inked(look: Look, drawn: str) -> str:
    """Texts in the look's ink."""
    return f"{rgb(INKS[look.ink])} rg\n{drawn}0 g\n" if drawn else ""


def logo_drawn(look: Look, size: str) -> str:
    """The logo in the middle of its place, as large as it fits; "" where there is none."""
    if look.logo is None or size not in _PLACES:
        return ""
    left, bottom, width, height = (dots(edge) for edge in _PLACES[size])
    scale = min(width / look.logo.width, height / look.logo.height)
    wide, high = look.logo.width * scale, look.logo.height * scale
    x, y = left + (width - wide) / 2, bottom + (height - high) / 2
    return f"q {wide:.1f} 0 0 {high:.1f} {x:.1f} {y:.1f} cm /Logo Do Q\n"


def add_picture(pdf: PdfFile, picture: Picture) -> int:
    """Write a picture; returns the number of its object."""
    data = zlib.compress(picture.pixels, 9)
    head = (
        f"<< /Type /XObject /Subtype /Image /Width {picture.width} /Height {picture.height}"
        f" /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /Length {len(data)} >>"
    )
    return pdf.add(head.encode("ascii") + b"\nstream\n" + data + b"\nendstream")
