"""The sizes in which stamps are printed: where symbol, code and texts of each have their places.

Lengths are millimetres, text sizes are points, places count from a label's lower left corner.
"""

from dataclasses import dataclass
from enum import StrEnum

DPI = 600
MM_PER_INCH = 25.4


class Part(StrEnum):
    """What a text block of a label says."""

    CAPTION = "caption"
    PRODUCT = "product"
    FACILITY = "facility"
    LOT = "lot"


@dataclass(frozen=True)
class Block:
    """One text, as large as fits between two sizes into so many lines."""

    part: Part
    largest: float
    smallest: float
    most_lines: int

    @property
    def bold(self) -> bool:
        return self.part is Part.PRODUCT


@dataclass(frozen=True)
class Column:
    """A place for text blocks, one under another; what is missing takes no room.

    Centred lines begin at the top of the place; others stand beside a symbol, in the middle.
    """

    x: float
    y: float
    width: float
    height: float
    centred: bool
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class CodeText:
    """Where the code stands in text: centred lines under `top`, no wider than `width`."""

    x: float
    top: float
    width: float
    lines: int
    size: float


@dataclass(frozen=True)
class BarsPlace:
    """Where a barcode has room, with its light sides and the digits below it."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Template:
    """One size of stamp. The symbol stands, with its quiet zone, in the middle of a square room."""

    key: str
    width: float
    height: float
    symbol_mm: float  # The longest edge that the symbol may have, quiet zone not counted.
    room_x: float
    room_y: float
    room: float
    code: CodeText
    columns: tuple[Column, ...] = ()
    takes_link: bool = True  # Large enough for a GS1 Digital Link.
    bars: BarsPlace | None = None
    beside_bars: tuple[Column, ...] = ()  # The columns where a barcode is printed.


# The smallest size, with modules of five dots: readable, below what is comfortable.
SIX_FINE = Template(
    key="6mm-fine",
    width=9.4,
    height=10.9,
    symbol_mm=6.0,
    room_x=1.2,
    room_y=3.5,
    room=7.0,
    code=CodeText(x=0.5, top=3.4, width=8.4, lines=2, size=3.6),
    takes_link=False,
)
# The sensible smallest: modules of six dots, a symbol of 6.35 mm with version 2.
SIX = Template(
    key="6mm",
    width=9.4,
    height=12.3,
    symbol_mm=6.4,
    room_x=0.5,
    room_y=3.5,
    room=8.4,
    code=CodeText(x=0.5, top=3.4, width=8.4, lines=2, size=3.6),
    takes_link=False,
)
TWELVE = Template(
    key="12mm",
    width=20.8,
    height=25.8,
    symbol_mm=12.0,
    room_x=2.45,
    room_y=9.6,
    room=15.9,
    code=CodeText(x=1.0, top=9.4, width=18.8, lines=2, size=4.8),
    columns=(
        Column(1.0, 0.6, 18.8, 4.5, centred=True, blocks=(Block(Part.PRODUCT, 5.5, 4.2, 2),)),
    ),
)
# For low, wide labels, as rolls have them.
TWELVE_WIDE = Template(
    key="12mm-wide",
    width=34.0,
    height=21.0,
    symbol_mm=12.0,
    room_x=0.6,
    room_y=4.5,
    room=15.9,
    code=CodeText(x=0.6, top=4.3, width=18.8, lines=2, size=4.8),
    columns=(
        Column(
            17.6,
            4.6,
            15.8,
            15.8,
            centred=False,
            blocks=(Block(Part.PRODUCT, 6.5, 4.4, 4), Block(Part.FACILITY, 4.6, 4.0, 3)),
        ),
    ),
)
TWENTY = Template(
    key="20mm",
    width=47.0,
    height=32.0,
    symbol_mm=20.0,
    room_x=0.8,
    room_y=4.6,
    room=26.4,
    code=CodeText(x=1.0, top=4.2, width=26.0, lines=1, size=4.9),
    columns=(
        Column(
            28.0,
            4.4,
            17.8,
            26.6,
            centred=False,
            blocks=(
                Block(Part.CAPTION, 4.4, 4.0, 2),
                Block(Part.PRODUCT, 8.0, 5.5, 4),
                Block(Part.FACILITY, 5.5, 4.2, 4),
                Block(Part.LOT, 4.8, 4.0, 2),
            ),
        ),
    ),
)
THIRTY = Template(
    key="30mm",
    width=47.0,
    height=64.0,
    symbol_mm=30.0,
    room_x=3.7,
    room_y=12.9,
    room=39.6,
    code=CodeText(x=2.0, top=12.6, width=43.0, lines=1, size=6.6),
    columns=(
        Column(
            2.0,
            52.6,
            43.0,
            10.4,
            centred=True,
            blocks=(Block(Part.CAPTION, 5.5, 4.8, 1), Block(Part.PRODUCT, 9.5, 6.5, 2)),
        ),
        Column(
            2.0,
            1.3,
            43.0,
            8.5,
            centred=True,
            blocks=(Block(Part.FACILITY, 6.5, 5.0, 2), Block(Part.LOT, 5.5, 4.5, 1)),
        ),
    ),
)
FORTY = Template(
    key="40mm",
    width=94.0,
    height=62.0,
    symbol_mm=40.0,
    room_x=1.6,
    room_y=7.4,
    room=52.8,
    code=CodeText(x=2.0, top=6.6, width=52.0, lines=1, size=8.4),
    columns=(
        Column(
            56.0,
            2.6,
            35.6,
            55.0,
            centred=False,
            blocks=(
                Block(Part.CAPTION, 8.0, 6.5, 2),
                Block(Part.PRODUCT, 15.0, 9.0, 4),
                Block(Part.FACILITY, 9.5, 7.0, 4),
                Block(Part.LOT, 8.5, 6.5, 2),
            ),
        ),
    ),
)

# Labels of packages, with a barcode beside or below the symbol.
_CAPTION = Block(Part.CAPTION, 8.0, 5.0, 2)
_LOT = Block(Part.LOT, 7.0, 4.5, 2)
_BESIDE_BARS = (Block(Part.PRODUCT, 8.0, 5.5, 3), Block(Part.FACILITY, 5.2, 4.2, 2))
TWENTY_WIDE = Template(
    key="20mm-wide",
    width=63.0,
    height=37.0,
    symbol_mm=20.0,
    room_x=0.8,
    room_y=7.4,
    room=26.4,
    code=CodeText(x=1.0, top=6.6, width=26.0, lines=1, size=4.9),
    columns=(
        Column(
            28.0,
            2.0,
            34.0,
            33.0,
            centred=False,
            blocks=(
                _CAPTION,
                Block(Part.PRODUCT, 11.0, 6.5, 4),
                Block(Part.FACILITY, 7.0, 5.0, 4),
                _LOT,
            ),
        ),
    ),
    bars=BarsPlace(27.6, 0.8, 34.6, 18.2),
    beside_bars=(Column(28.4, 19.6, 33.6, 16.6, centred=False, blocks=_BESIDE_BARS),),
)
_RIGHT = (Block(Part.PRODUCT, 15.0, 9.0, 3), Block(Part.FACILITY, 10.0, 7.0, 3))
THIRTY_WIDE = Template(
    key="30mm-wide",
    width=94.0,
    height=64.0,
    symbol_mm=30.0,
    room_x=1.6,
    room_y=23.6,
    room=39.6,
    code=CodeText(x=2.0, top=23.0, width=38.8, lines=1, size=6.4),
    columns=(
        Column(43.0, 21.0, 49.4, 42.0, centred=False, blocks=(_CAPTION, _RIGHT[0])),
        Column(2.0, 1.6, 90.0, 17.6, centred=True, blocks=(_RIGHT[1], _LOT)),
    ),
    bars=BarsPlace(2.0, 1.2, 90.0, 18.4),
    beside_bars=(Column(43.0, 21.0, 49.4, 42.0, centred=False, blocks=(_CAPTION, *_RIGHT, _LOT)),),
)

_SIZES = (SIX_FINE, SIX, TWELVE, TWELVE_WIDE, TWENTY, TWENTY_WIDE, THIRTY, THIRTY_WIDE, FORTY)
TEMPLATES = {size.key: size for size in _SIZES}
DEFAULT = SIX
