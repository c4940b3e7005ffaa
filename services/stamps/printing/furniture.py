"""What stands on a sheet around its labels: heading, cut marks, ruler and printing notes."""

from typing import Final

from services.stamps.printing.carriers import Fit
from services.stamps.printing.labels import DOTS_PER_POINT, Fonts, dots
from services.stamps.printing.layouts import MARGIN, Layout
from services.stamps.printing.typeface import Typeface, shortened

_HAIRLINE = 3
_MARK_GAP, _MARK_LENGTH = dots(0.8), dots(3)
_CROSS_ARM = dots(0.5)
_RULER_MM = 50
_HEADING, _UNDER_HEADING = dots(11.5), dots(15.5)  # Below the upper edge.
_LARGE, _SMALL = 10.5 * DOTS_PER_POINT, 7.5 * DOTS_PER_POINT
_NOTE, _NOTE_ROOM = 6 * DOTS_PER_POINT, dots(9.5)

KIND = "Tem truy xuất nguồn gốc"
RULER_NOTE = f"{_RULER_MM} mm · In đúng 100 %, không co giãn, máy in từ 600 dpi"


_NAMES: Final = {"datamatrix": "Data Matrix", "gs1-datamatrix": "GS1 DataMatrix"}


def cut_marks(layout: Layout) -> str:
    """Marks outside of the labels for a guillotine, and a small cross at every inner corner."""
    places, beyond = layout.places, layout.bleed + _MARK_GAP
    corners = [places.corner(place) for place in range(places.count)]
    verticals = sorted({x + edge for x, _ in corners for edge in (0, places.width)})
    horizontals = sorted({y + edge for _, y in corners for edge in (0, places.height)})
    right, bottom = verticals[-1], horizontals[0]
    drawn = f"{_HAIRLINE} w 0 G\n"
    for x in verticals:
        drawn += _line(x, places.top + beyond, x, places.top + beyond + _MARK_LENGTH)
        drawn += _line(x, bottom - beyond, x, bottom - beyond - _MARK_LENGTH)
    for y in horizontals:
        drawn += _line(places.left - beyond, y, places.left - beyond - _MARK_LENGTH, y)
        drawn += _line(right + beyond, y, right + beyond + _MARK_LENGTH, y)
    drawn += "0.55 G\n"
    for x in verticals:
        for y in horizontals:
            drawn += _line(x - _CROSS_ARM, y, x + _CROSS_ARM, y)
            drawn += _line(x, y - _CROSS_ARM, x, y + _CROSS_ARM)
    return drawn + "0 G\n"


def heading(fonts: Fonts, layout: Layout, title: str, under: str) -> str:
    """The part of the heading that is the same on every sheet, on the left."""
    title = shortened(fonts.bold, title, _LARGE, layout.page_width - dots(50))
    under = shortened(fonts.regular, under, _SMALL, layout.page_width - dots(105))
    top = layout.page_height
    return _text("B", fonts.bold, title, _LARGE, MARGIN, top - _HEADING) + _text(
        "R", fonts.regular, under, _SMALL, MARGIN, top - _UNDER_HEADING
    )


def sheet_heading(fonts: Fonts, layout: Layout, sheet: str, batch: str, content: str) -> str:
    """The part of the heading that changes from sheet to sheet, on the right."""
    right, top = layout.page_width - MARGIN, layout.page_height
    left = right - fonts.bold.width(sheet, _LARGE)
    drawn = _text("B", fonts.bold, sheet, _LARGE, left, top - _HEADING)
    content = f" · {content}"
    room = dots(83) - fonts.regular.width(content, _SMALL)
    content = shortened(fonts.regular, f"Lô tem {batch}", _SMALL, room) + content
    left = right - fonts.regular.width(content, _SMALL)
    return drawn + _text("R", fonts.regular, content, _SMALL, left, top - _UNDER_HEADING)


def margin_note(fonts: Fonts, layout: Layout, sheet: str, batch: str, content: str) -> str:
    """On pre-cut sheets with a margin that printers reach: which sheet it is, in small letters."""
    if dots(layout.paper.top) < _NOTE_ROOM:
        return ""
    said = f"{sheet} · Lô tem {batch} · {content}"
    said = shortened(fonts.regular, said, _NOTE, layout.page_width - 2 * MARGIN)
    return _text("R", fonts.regular, said, _NOTE, MARGIN, layout.page_height - dots(8))


def footing(fonts: Fonts, layout: Layout, note: str) -> str:
    """A ruler that shows whether a print has its true size, and what the symbols are."""
    y = dots(7.5)
    size = 6 * DOTS_PER_POINT
    end = MARGIN + dots(_RULER_MM)
    drawn = f"{_HAIRLINE} w 0 G\n" + _line(MARGIN, y, end, y)
    for mm in range(0, _RULER_MM + 1, 5):
        x = MARGIN + dots(mm)
        drawn += _line(x, y, x, y + dots(2 if mm % 10 == 0 else 1.2))
    drawn += _text("R", fonts.regular, RULER_NOTE, size, end + dots(2), y)
    left = layout.page_width - MARGIN - fonts.regular.width(note, size)
    return drawn + _text("R", fonts.regular, note, size, left, y)


def symbol_note(fit: Fit) -> str:
    edge, module = decimal(fit.symbol_mm, 2), decimal(fit.module_mm, 3)
    named = f"Mã QR {fit.version}-M" if fit.carrier == "qr" else _NAMES[fit.carrier]
    return f"{named} {edge} × {edge} mm · ô {module} mm = {fit.dots} điểm"


def decimal(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",")


def counted(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _line(x1: int, y1: int, x2: int, y2: int) -> str:
    return f"{x1} {y1} m {x2} {y2} l S\n"


def _text(name: str, typeface: Typeface, text: str, size: float, x: float, y: float) -> str:
    place = f"1 0 0 1 {x:.1f} {y:.1f} Tm"
    return f"BT /{name} {size:.2f} Tf 100 Tz {place} {typeface.encoded(text)} Tj ET\n"
