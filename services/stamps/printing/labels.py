"""Draws one label: its symbol, its code in text, and the texts that all labels of a job share.

Everything is drawn in whole printer dots from the label's lower left corner.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.stamps.printing.carriers import Fit
from services.stamps.printing.masks import Modules
from services.stamps.printing.templates import (
    DPI,
    MM_PER_INCH,
    Block,
    Column,
    Part,
    Template,
)
from services.stamps.printing.typeface import Typeface, lines, shortened
from shared.stampcode import group

DOTS_PER_POINT = DPI / 72
_HAIR = 0.02  # dots
LEADING = 1.18  # Line distance, in text sizes.
DISTANCE = 0.6  # Between two texts, in sizes of the upper one.
_STEP = 0.1  # Points by which a text is made smaller until it fits.
_SHARES = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)


Box = tuple[int, int, int, int]  # left, bottom, width, height in dots


def dots(mm: float) -> int:
    return round(mm / MM_PER_INCH * DPI)


@dataclass(frozen=True)
class Fonts:
    """The two weights, by the names that drawings use: /B and /R."""

    bold: Typeface
    regular: Typeface

    def of(self, block: Block) -> tuple[str, Typeface]:
        return ("B", self.bold) if block.bold else ("R", self.regular)


def hex_rows(symbols: Modules) -> list[str]:
    """Each symbol as the hexadecimal rows of a 1-bit image."""
    packed = np.packbits(symbols, axis=2)
    return [one.tobytes().hex() for one in packed]


@dataclass(frozen=True)
class Label:
    """How the labels of one job are drawn."""

    template: Template
    fit: Fit
    fonts: Fonts

    @cached_property
    def symbol_edge(self) -> int:
        return self.fit.modules * self.fit.dots

    @cached_property
    def symbol_place(self) -> tuple[int, int]:
        """Lower left corner of the symbol, in the middle of its room."""
        spare = (dots(self.template.room) - self.symbol_edge) // 2
        return dots(self.template.room_x) + spare, dots(self.template.room_y) + spare

    def clearing(self, x: int, y: int) -> str:
        """White under the symbol and its quiet zone, over whatever lies in the background."""
        quiet = self.fit.quiet * self.fit.dots
        left, bottom = x + self.symbol_place[0] - quiet, y + self.symbol_place[1] - quiet
        edge = self.symbol_edge + 2 * quiet
        return f"1 g {left} {bottom} {edge} {edge} re f 0 g\n"

    def draw(self, x: int, y: int, code: str, rows: str) -> str:
        """The symbol and the code of the label whose corner is at x, y."""
        return self._symbol(x, y, rows) + self._code(x, y, code)

    def _symbol(self, x: int, y: int, rows: str) -> str:
        # A stencil: its dark modules take the printer's pure black, and an image, other than
        # outlines, is not thickened by printers that fill every dot a shape touches. It is a hair
        # smaller than its dots, lest a rounding error makes it touch the next one.
        left, bottom = x + self.symbol_place[0] + _HAIR, y + self.symbol_place[1] + _HAIR
        edge, modules = self.symbol_edge - 2 * _HAIR, self.fit.modules
        return (
            f"q {edge:.2f} 0 0 {edge:.2f} {left:.2f} {bottom:.2f} cm"
            f" BI /W {modules} /H {modules} /IM true /D [1 0] /F /AHx ID {rows}> EI Q\n"
        )

    def _code(self, x: int, y: int, code: str) -> str:
        place = self.template.code
        size = place.size * DOTS_PER_POINT
        room = place.width / MM_PER_INCH * DPI
        baseline = y + dots(place.top) - self.fonts.bold.cap_height(size)
        drawn = f"BT /B {size:.2f} Tf "
        for line in _code_lines(code, place.lines):
            width = self.fonts.bold.width(line, size)
            # Letters differ in width; a wide line is set narrower rather than smaller.
            narrowed = min(1.0, room / width)
            left = x + dots(place.x) + (room - width * narrowed) / 2
            drawn += f"{narrowed * 100:.1f} Tz 1 0 0 1 {left:.1f} {baseline:.1f} Tm ({line}) Tj "
            baseline -= size * LEADING
        return drawn + "ET\n"

    def shared_texts(self, texts: Mapping[Part, str]) -> str:
        """The texts that are the same on every label of the job."""
        return "".join(self._column(column, texts) for column in self.template.columns)

    def _column(self, column: Column, texts: Mapping[Part, str]) -> str:
        room = column.width / MM_PER_INCH * DPI
        settings = self._set_in(column, texts)
        spare_height = dots(column.height) - sum(setting.height for setting in settings)
        top: float = dots(column.y + column.height)
        if not column.centred:  # Beside the symbol: in the middle of its height.
            top -= spare_height / 2
        drawn = ""
        for setting in settings:
            baseline = top - setting.typeface.cap_height(setting.size)
            drawn += f"BT /{setting.name} {setting.size:.2f} Tf 100 Tz "
            for line in setting.broken:
                spare = room - setting.typeface.width(line, setting.size) if column.centred else 0
                left = dots(column.x) + spare / 2
                drawn += (
                    f"1 0 0 1 {left:.1f} {baseline:.1f} Tm {setting.typeface.encoded(line)} Tj "
                )
                baseline -= setting.size * LEADING
            drawn += "ET\n"
            top -= setting.height
        return drawn

    def _set_in(self, column: Column, texts: Mapping[Part, str]) -> list["_Setting"]:
        """The blocks of a column, made smaller together until they fit below one another."""
        said = [block for block in column.blocks if texts.get(block.part)]
        room = column.width / MM_PER_INCH * DPI
        settings: list[_Setting] = []
        for share in _SHARES:
            settings = []
            for block in said:
                name, typeface = self.fonts.of(block)
                points, broken = fitted(typeface, texts[block.part], block, room, share)
                settings.append(_Setting(name, typeface, points * DOTS_PER_POINT, broken))
            if sum(setting.height for setting in settings) <= dots(column.height):
                break
        return settings


@dataclass(frozen=True)
class _Setting:
    """One text as it is set: its font, its size in dots, its lines."""

    name: str
    typeface: Typeface
    size: float
    broken: list[str]

    @property
    def height(self) -> float:
        """The room it takes, with the distance to what stands under it."""
        return self.size * (LEADING * len(self.broken) + DISTANCE)


def _code_lines(code: str, number: int) -> list[str]:
    grouped = group(code)
    return [grouped] if number == 1 else [grouped[:11], grouped[12:]]


def fitted(
    typeface: Typeface, text: str, block: Block, room: float, share: float = 1.0
) -> tuple[float, list[str]]:
    """The largest size, in points, at which the text fits its lines; at the smallest it is cut.

    `share` takes that much of the block's range of sizes: 1 all of it, 0 its smallest alone.
    """
    points = block.smallest + (block.largest - block.smallest) * share
    while points > block.smallest:
        size = points * DOTS_PER_POINT
        whole_words = max(typeface.width(word, size) for word in text.split()) <= room
        broken = lines(typeface, text, size, room)
        if whole_words and len(broken) <= block.most_lines:
            return points, broken
        points -= _STEP
    size = block.smallest * DOTS_PER_POINT
    broken = lines(typeface, text, size, room)
    if len(broken) > block.most_lines:
        kept = broken[: block.most_lines - 1]
        rest = " ".join(broken[block.most_lines - 1 :])
        broken = [*kept, shortened(typeface, rest, size, room)]
    return block.smallest, broken
