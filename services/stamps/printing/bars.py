"""The barcode of a product beside its stamps: the GTIN as EAN-13, EAN-8 or GS1-128.

It is the same on all labels of a job, and whole printer dots wide as everything that is scanned.
A serial does not go into it: (01) and (21) as GS1-128 are 376 modules, more than 100 mm at the
0.25 mm that scanners ask for; a GS1 DataMatrix is what holds them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from services.stamps.domain.printing import Barcode
from services.stamps.printing.labels import DOTS_PER_POINT, Box, Fonts, dots
from services.stamps.printing.masks import Modules
from services.stamps.printing.templates import MM_PER_INCH, BarsPlace
from shared.gs1_elements import ean_digits, of_product, readable
from shared.printing.encoding import (
    EAN_8_QUIET,
    EAN_13_QUIET,
    GS1_128_QUIET,
    ean,
    gs1_128,
)

_DIGITS_POINTS: Final = 6.5
DIGITS_MM: Final = 2.6  # The digits with their distance from the bars.
_HAIR: Final = 0.02  # Dots: as for symbols.


class NoGtin(ValueError):
    """There is nothing that a barcode could say."""


class NoEan(ValueError):
    """A GTIN of a trade unit, of 14 digits: EAN symbols hold 13."""


class BarsTooWide(ValueError):
    """The size has no place for a barcode, or too narrow a one at so many dots an inch."""


@dataclass(frozen=True, eq=False)
class Bars:
    """One barcode: `row` of modules, light modules left and right, the text that stands below.

    `least` and `most` are what a module may measure, in millimetres: EAN from 80 % of its nominal
    0.33 mm, GS1-128 from 0.25 mm up to what general distribution asks for (GS1 General
    Specifications, symbol specification tables 1 and 2). `read` is what a decoder tells.
    """

    row: Modules
    quiet: tuple[int, int]
    text: str
    read: str
    kind: str
    least: float
    most: float

    @property
    def modules(self) -> int:
        """With the light ones at both sides."""
        return len(self.row) + sum(self.quiet)

    def dots_in(self, place: BarsPlace | None, dpi: int) -> int:
        """Whole dots of a module, as many as fit and are of use. Raises BarsTooWide."""
        if place is None:
            raise BarsTooWide("no place")
        wide = place.width / MM_PER_INCH * dpi / self.modules
        found = int(min(wide, self.most / MM_PER_INCH * dpi))
        if found * MM_PER_INCH / dpi < self.least:
            raise BarsTooWide(f"{found} dots a module at {dpi} dots an inch")
        return found


def bars_of(barcode: Barcode, gtin: str | None) -> Bars | None:
    """None where no barcode is wanted. Raises NoGtin, NoEan or a gs1.Gs1Error."""
    if barcode == "none":
        return None
    if not gtin:
        raise NoGtin("a barcode says the GTIN")
    if barcode == "gs1-128":
        elements = of_product(gtin)
        said = readable(elements)
        return Bars(gs1_128(elements), GS1_128_QUIET, said, said, "Code128", 0.25, 0.51)
    digits = ean_digits(gtin)
    if digits is None:
        raise NoEan(gtin)
    row, eight = ean(digits), len(digits) == 8
    groups = (digits[:4], digits[4:]) if eight else (digits[0], digits[1:7], digits[7:])
    quiet, kind = (EAN_8_QUIET, "EAN8") if eight else (EAN_13_QUIET, "EAN13")
    return Bars(row, quiet, " ".join(groups), digits, kind, 0.264, 0.38)


def bars_box(bars: Bars, place: BarsPlace, dots_of_module: int) -> Box:
    """Bars with their light sides, in the middle of their place; digits stand below."""
    width = bars.modules * dots_of_module
    left = dots(place.x) + (dots(place.width) - width) // 2
    return left, dots(place.y + DIGITS_MM), width, dots(place.height - DIGITS_MM)


def draw_bars(bars: Bars, place: BarsPlace, dots_of_module: int, fonts: Fonts) -> str:
    """The bars on white with the text below, from a label's lower left corner."""
    left, bottom, width, height = bars_box(bars, place, dots_of_module)
    white = f"1 g {left} {dots(place.y)} {width} {dots(place.height)} re f 0 g\n"
    packed = np.packbits(bars.row).tobytes().hex()
    x = left + bars.quiet[0] * dots_of_module
    wide = len(bars.row) * dots_of_module - 2 * _HAIR
    drawn = (
        f"q {wide:.2f} 0 0 {height} {x + _HAIR:.2f} {bottom} cm"
        f" BI /W {len(bars.row)} /H 1 /IM true /D [1 0] /F /AHx ID {packed}> EI Q\n"
    )
    size = _DIGITS_POINTS * DOTS_PER_POINT
    middle = x + (wide - fonts.regular.width(bars.text, size)) / 2
    baseline = bottom - dots(0.5) - fonts.regular.cap_height(size)
    text = fonts.regular.encoded(bars.text)
    return (
        f"{white}{drawn}BT /R {size:.2f} Tf 100 Tz 1 0 0 1 {middle:.1f} {baseline:.1f} Tm"
        f" {text} Tj ET\n"
    )
