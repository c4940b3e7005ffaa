"""The sizes in which stamps are printed, and what a symbol of each size comes to.

Lengths are millimetres, text sizes are points, places count from a label's lower left corner.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.stamps.printing.masks import MAX_EDGE
from services.stamps.printing.symbols import symbol_maker
from shared import gs1
from shared.stampcode import LENGTH

DPI = 600
MM_PER_INCH = 25.4
QUIET_MODULES = 4  # ISO/IEC 18004 asks for as much light space on every side of a symbol.

# Below the first, only good cameras read a symbol; below the second, a sharp print is needed.
SAFE_MODULE_MM = 0.2
COMFORTABLE_MODULE_MM = 0.25
# GS1 General Specifications, symbol specification table 1: QR codes at retail points of sale.
RETAIL_MODULE_MM = 0.396


class Concern(StrEnum):
    """What to tell the person who chooses a size, worst first."""

    BELOW_SAFE = "module_below_safe"
    BELOW_COMFORTABLE = "module_below_comfortable"
    BELOW_RETAIL = "module_below_retail"


class TooMuchForASymbol(ValueError):
    """The host, or host and lot together, are too long for a symbol that can be printed."""


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


@dataclass(frozen=True)
class Fit:
    """What a symbol comes to: QR version, modules a side, whole printer dots a module."""

    version: int
    modules: int
    dots: int

    @property
    def module_mm(self) -> float:
        return self.dots * MM_PER_INCH / DPI

    @property
    def symbol_mm(self) -> float:
        return self.modules * self.module_mm

    @property
    def with_quiet_zone_mm(self) -> float:
        return (self.modules + 2 * QUIET_MODULES) * self.module_mm

    @property
    def concerns(self) -> tuple[Concern, ...]:
        limits = (
            (SAFE_MODULE_MM, Concern.BELOW_SAFE),
            (COMFORTABLE_MODULE_MM, Concern.BELOW_COMFORTABLE),
            (RETAIL_MODULE_MM, Concern.BELOW_RETAIL),
        )
        return tuple(concern for limit, concern in limits if self.module_mm < limit)


def payload_prefix(
    host: str, template: Template, gtin: str | None = None, lot: str | None = None
) -> str:
    """What every symbol of a job holds before the code.

    Where the size allows it and a GTIN is given, a GS1 Digital Link. Its scheme and host are in
    upper case, which means the same and takes less room. Raises a gs1.Gs1Error.
    """
    if gtin is None or not template.takes_link:
        return gs1.qr_payload(host, "")
    link = gs1.digital_link(host, gtin, "0" * LENGTH, lot)
    origin, path = link[: link.index("/01/")], link[link.index("/01/") :]
    return origin.upper() + path[:-LENGTH]


def which_version(
    host: str, template: Template, gtin: str | None = None, lot: str | None = None
) -> Fit:
    """What the symbols of a job come to. Raises TooMuchForASymbol or a gs1.Gs1Error."""
    prefix = payload_prefix(host, template, gtin, lot)
    try:
        maker = symbol_maker(prefix)
    except ValueError:
        raise TooMuchForASymbol(f"{len(prefix) + LENGTH} characters") from None
    dots = int(template.symbol_mm / MM_PER_INCH * DPI) // maker.edge
    if maker.edge > MAX_EDGE or dots < 1:
        raise TooMuchForASymbol(f"{len(prefix) + LENGTH} characters")
    return Fit(maker.version, maker.edge, dots)


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

TEMPLATES = {size.key: size for size in (SIX_FINE, SIX, TWELVE, TWELVE_WIDE, TWENTY, THIRTY, FORTY)}
DEFAULT = SIX
