"""The hidden number on a label: in a framed field that the print house covers with scratch-off ink.

The frame marks where the ink goes. Smaller sizes have no room for a number that can be read beside
a symbol that can.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from services.stamps.printing.labels import DISTANCE, DOTS_PER_POINT, LEADING, Fonts, dots
from services.stamps.printing.templates import MM_PER_INCH, Block, Column, Template

HINT: Final = "Cào lấy số ẩn"
NOTE: Final = "Phủ mực cào lên khung số ẩn"
# In place of the hint where there is no stamp yet, so that nobody takes the number for a real one.
SAMPLE_HINT: Final = "Cào lấy số (MẪU)"
SAMPLE_NUMBER: Final = "123-456"
# Between a text and the field.
_GAP: Final = 1.0
_FRAME_DOTS: Final = 6
_HINT_POINTS: Final = 4.2
_HINT_RISE: Final = 0.7


@dataclass(frozen=True)
class Field:
    """Where the number stands, in millimetres from the label's lower left corner, and how large it
    is in points; above the field, in `hint` millimetres more, stands what to do with it."""

    x: float
    y: float
    width: float
    height: float
    size: float
    hint: float = 2.4

    @property
    def top(self) -> float:
        return self.y + self.height + self.hint


FIELDS: Final = {
    "12mm-wide": Field(19.8, 0.9, 13.6, 5.0, 7.5),
    "20mm": Field(28.0, 1.2, 17.8, 5.4, 9.0),
    "30mm": Field(27.0, 1.4, 18.0, 5.8, 9.5),
    "40mm": Field(56.0, 2.6, 30.0, 8.0, 14.0),
}


class Numbers:
    """Gives the hidden number of each code. What is printed of it tells no number and no key.

    `hint` is what stands above the field.
    """

    def __init__(self, of: Callable[[str], str], hint: str = HINT) -> None:
        self.of = of
        self.hint = hint

    def __repr__(self) -> str:
        return "Numbers()"


SAMPLE: Final = Numbers(lambda _: SAMPLE_NUMBER, SAMPLE_HINT)


def takes_number(size: str) -> bool:
    return size in FIELDS


def with_field(template: Template) -> Template:
    """The size with its texts moved out of the field's way."""
    field = FIELDS[template.key]
    return replace(template, columns=tuple(_cut(one, field) for one in template.columns))


def field_drawn(fonts: Fonts, field: Field, hint: str = HINT) -> str:
    """The field, white over whatever lies in the background, its frame, and what to do with it."""
    x, y, width, height = (dots(edge) for edge in (field.x, field.y, field.width, field.height))
    size = _HINT_POINTS * DOTS_PER_POINT
    left = x + (width - fonts.regular.width(hint, size)) / 2
    place = f"1 0 0 1 {left:.1f} {y + height + dots(_HINT_RISE)} Tm"
    return (
        f"q 1 g {x} {y} {width} {height} re f 0 G {_FRAME_DOTS} w {x} {y} {width} {height} re S Q\n"
        f"0 g BT /R {size:.2f} Tf 100 Tz {place} {fonts.regular.encoded(hint)} Tj ET\n"
    )


def number_drawn(fonts: Fonts, field: Field, x: int, y: int, number: str) -> str:
    """A number in the middle of the field of the label whose corner is at x, y."""
    size = field.size * DOTS_PER_POINT
    left = x + dots(field.x) + (dots(field.width) - fonts.bold.width(number, size)) / 2
    baseline = y + dots(field.y) + (dots(field.height) - fonts.bold.cap_height(size)) / 2
    return f"BT /B {size:.2f} Tf 100 Tz 1 0 0 1 {left:.1f} {baseline:.1f} Tm ({number}) Tj ET\n"


def _cut(column: Column, field: Field) -> Column:
    """Beside a field that takes its whole height a column is narrower, else it ends above it."""
    apart = column.x >= field.x + field.width or column.x + column.width <= field.x
    if apart or column.y >= field.top:
        return column
    top = column.y + column.height
    if top <= field.top + _GAP:
        return replace(column, width=field.x - _GAP - column.x)
    bottom = max(column.y, field.top + _GAP)
    return _with_fewer_lines(replace(column, y=bottom, height=top - bottom))


def _with_fewer_lines(column: Column) -> Column:
    """Texts keep so many lines that they fit at their smallest; the longest give way first."""
    blocks = list(column.blocks)
    while sum(map(_least_height, blocks)) > column.height:
        longest = max(range(len(blocks)), key=lambda place: blocks[place].most_lines)
        if blocks[longest].most_lines == 1:
            break
        lines = blocks[longest].most_lines - 1
        blocks[longest] = replace(blocks[longest], most_lines=lines)
    return replace(column, blocks=tuple(blocks))


def _least_height(block: Block) -> float:
    """Millimetres of all lines of a text at its smallest, with the distance to the next."""
    return block.smallest / 72 * MM_PER_INCH * (LEADING * block.most_lines + DISTANCE)
