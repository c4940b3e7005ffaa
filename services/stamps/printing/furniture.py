"""What stands on a sheet around its labels: heading, cut marks, ruler and printing notes."""

from dataclasses import dataclass

from services.stamps.printing.labels import DOTS_PER_POINT, Fonts, dots
from services.stamps.printing.templates import Fit, Template
from services.stamps.printing.typeface import Typeface, shortened

# A4 in whole printer dots (210.02 by 297.01 mm), so that a dot of the page is a dot of the printer.
PAGE_WIDTH, PAGE_HEIGHT = 4961, 7016
MARGIN = dots(10)
GRID_TOP = PAGE_HEIGHT - dots(23.5)
GRID_BOTTOM = dots(14.5)

_HAIRLINE = 3
_MARK_GAP, _MARK_LENGTH = dots(0.8), dots(3)
_CROSS_ARM = dots(0.5)
_RULER_MM = 50
_HEADING, _UNDER_HEADING = PAGE_HEIGHT - dots(11.5), PAGE_HEIGHT - dots(15.5)
_LARGE, _SMALL = 10.5 * DOTS_PER_POINT, 7.5 * DOTS_PER_POINT

KIND = "Tem truy xuất nguồn gốc"
RULER_NOTE = f"{_RULER_MM} mm · In đúng 100 %, không co giãn, máy in từ 600 dpi"


@dataclass(frozen=True)
class Grid:
    """Where the labels of a sheet stand, in dots; first row on top."""

    columns: int
    rows: int
    left: int
    top: int
    width: int
    height: int

    @property
    def count(self) -> int:
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[int, int]:
        """Lower left corner of the label in this place, row by row from the top left."""
        row, column = divmod(place, self.columns)
        return self.left + column * self.width, self.top - (row + 1) * self.height


def grid(template: Template) -> Grid:
    """As many labels as fit on a sheet, side by side so that one cut parts two of them."""
    width, height = dots(template.width), dots(template.height)
    columns = (PAGE_WIDTH - 2 * MARGIN) // width
    rows = (GRID_TOP - GRID_BOTTOM) // height
    left = (PAGE_WIDTH - columns * width) // 2
    return Grid(columns, rows, left, GRID_TOP, width, height)


def cut_marks(places: Grid) -> str:
    """Marks outside of the grid for a guillotine, and a small cross at every inner corner."""
    right = places.left + places.columns * places.width
    bottom = places.top - places.rows * places.height
    verticals = range(places.left, right + 1, places.width)
    horizontals = range(bottom, places.top + 1, places.height)
    drawn = f"{_HAIRLINE} w 0 G\n"
    for x in verticals:
        drawn += _line(x, places.top + _MARK_GAP, x, places.top + _MARK_GAP + _MARK_LENGTH)
        drawn += _line(x, bottom - _MARK_GAP, x, bottom - _MARK_GAP - _MARK_LENGTH)
    for y in horizontals:
        drawn += _line(places.left - _MARK_GAP, y, places.left - _MARK_GAP - _MARK_LENGTH, y)
        drawn += _line(right + _MARK_GAP, y, right + _MARK_GAP + _MARK_LENGTH, y)
    drawn += "0.55 G\n"
    for x in verticals:
        for y in horizontals:
            drawn += _line(x - _CROSS_ARM, y, x + _CROSS_ARM, y)
            drawn += _line(x, y - _CROSS_ARM, x, y + _CROSS_ARM)
    return drawn + "0 G\n"


def heading(fonts: Fonts, title: str, under: str) -> str:
    """The part of the heading that is the same on every sheet, on the left."""
    title = shortened(fonts.bold, title, _LARGE, dots(160))
    under = shortened(fonts.regular, under, _SMALL, dots(105))
    return _text("B", fonts.bold, title, _LARGE, MARGIN, _HEADING) + _text(
        "R", fonts.regular, under, _SMALL, MARGIN, _UNDER_HEADING
    )


def sheet_heading(fonts: Fonts, sheet: str, batch: str, content: str) -> str:
    """The part of the heading that changes from sheet to sheet, on the right."""
    right = PAGE_WIDTH - MARGIN
    left = right - fonts.bold.width(sheet, _LARGE)
    drawn = _text("B", fonts.bold, sheet, _LARGE, left, _HEADING)
    content = f" · {content}"
    room = dots(83) - fonts.regular.width(content, _SMALL)
    content = shortened(fonts.regular, f"Lô tem {batch}", _SMALL, room) + content
    left = right - fonts.regular.width(content, _SMALL)
    return drawn + _text("R", fonts.regular, content, _SMALL, left, _UNDER_HEADING)


def footing(fonts: Fonts, note: str) -> str:
    """A ruler that shows whether a print has its true size, and what the symbols are."""
    y = dots(7.5)
    size = 6 * DOTS_PER_POINT
    end = MARGIN + dots(_RULER_MM)
    drawn = f"{_HAIRLINE} w 0 G\n" + _line(MARGIN, y, end, y)
    for mm in range(0, _RULER_MM + 1, 5):
        x = MARGIN + dots(mm)
        drawn += _line(x, y, x, y + dots(2 if mm % 10 == 0 else 1.2))
    drawn += _text("R", fonts.regular, RULER_NOTE, size, end + dots(2), y)
    left = PAGE_WIDTH - MARGIN - fonts.regular.width(note, size)
    return drawn + _text("R", fonts.regular, note, size, left, y)


def symbol_note(fit: Fit) -> str:
    edge, module = decimal(fit.symbol_mm, 2), decimal(fit.module_mm, 3)
    return f"Mã QR {fit.version}-M {edge} × {edge} mm · ô {module} mm = {fit.dots} điểm"


def decimal(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",")


def counted(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _line(x1: int, y1: int, x2: int, y2: int) -> str:
    return f"{x1} {y1} m {x2} {y2} l S\n"


def _text(name: str, typeface: Typeface, text: str, size: float, x: float, y: float) -> str:
    place = f"1 0 0 1 {x:.1f} {y:.1f} Tm"
    return f"BT /{name} {size:.2f} Tf 100 Tz {place} {typeface.encoded(text)} Tj ET\n"
