"""A page that shows by how much a printer misses the labels of a format.

It is printed on plain paper and held with a decal sheet against the light: where the edge of a
label crosses a scale, the number there is the shift to be asked for. For a size of stamps it shows
where on each label the symbol will be, and the scratch-off field with a number marked as a sample:
so a print house sees where its ink goes.
"""

from typing import BinaryIO, Final

from services.stamps.printing.formats import Format
from services.stamps.printing.furniture import decimal
from services.stamps.printing.hiding import (
    FIELDS,
    SAMPLE_HINT,
    SAMPLE_NUMBER,
    field_drawn,
    number_drawn,
    takes_number,
)
from services.stamps.printing.labels import DOTS_PER_POINT, Fonts, dots
from services.stamps.printing.layouts import MARGIN, Grid, layout
from services.stamps.printing.pdf import FragmentWriter, PdfFile
from services.stamps.printing.templates import SIX, Template
from services.stamps.printing.typeface import Typeface

_REACH: Final = 5  # Millimetres that a scale goes to either side.
_HAIRLINE: Final = 2
_TEXT: Final = 4.5 * DOTS_PER_POINT
_NOTE: Final = 8 * DOTS_PER_POINT
_LINES: Final = (
    "TỜ CĂN CHỈNH – in đúng 100 %, trên giấy thường",
    "Áp tờ này lên tờ decal, soi trước đèn.",
    "Mép nhãn decal cắt thước ở số nào thì nhập số đó (mm):",
    "thước ngang → Dịch sang phải, thước dọc → Dịch lên trên.",
)


def write_calibration(
    out: BinaryIO,
    paper: Format,
    shift: tuple[int, int] = (0, 0),
    template: Template | None = None,
) -> None:
    """One page of a format; `shift` in tenths of a millimetre, to see whether it is right.

    Raises DoesNotFit where the paper has no room for the size.
    """
    pdf = PdfFile(out)
    said = f"{decimal(shift[0] / 10, 1)} · {decimal(shift[1] / 10, 1)} mm"
    typeface = Typeface("Regular", [*_LINES, said, "0123456789+-−", SAMPLE_HINT])
    fonts = Fonts(bold=Typeface("SemiBold", []), regular=typeface)
    page_width, page_height = dots(paper.page[0]), dots(paper.page[1])
    dot = 1 / DOTS_PER_POINT
    right, up = (dots(tenths / 10) for tenths in shift)
    drawn = f"q {dot:.2f} 0 0 {dot:.2f} {right * dot:.2f} {up * dot:.2f} cm\n{_HAIRLINE} w 0 G\n"
    places = _places(paper, page_width, page_height, template)
    for place in range(places.count):
        x, y = places.corner(place)
        drawn += f"{x} {y} {places.width} {places.height} re S\n"
        if template is not None:
            inset = layout(template, paper).inset
            drawn += _stamp(fonts, template, x + inset[0], y + inset[1])
    for place in sorted({0, places.count - 1}):
        x, y = places.corner(place)
        drawn += _scales(typeface, x, y + places.height, places)
    drawn += _note(typeface, page_width, page_height, said) + "Q\n"
    writer = FragmentWriter(out, pdf.next_number)
    writer.add_page(drawn.encode("ascii"), page_width * dot, page_height * dot)
    pdf.adopt(writer.finished())
    font, bold = typeface.embed(pdf), fonts.bold.embed(pdf)
    title = f"TXNG {paper.key}"
    resources = f"<< /Font << /R {font} 0 R /B {bold} 0 R >> >>"
    pdf.finish(title=title, language="vi-VN", resources=resources)


def _places(paper: Format, page_width: int, page_height: int, template: Template | None) -> Grid:
    """The labels of a pre-cut paper; of a sheet to be cut, those of the size, or without one what
    lies within its margins."""
    if template is not None:
        return layout(template, paper).places
    if paper.kind != "uncut":
        return layout(SIX, paper).places
    width, height = page_width - 2 * MARGIN, page_height - 2 * MARGIN
    return Grid(1, 1, MARGIN, page_height - MARGIN, width, height, width, height)


def _stamp(fonts: Fonts, template: Template, x: int, y: int) -> str:
    """Where the symbol of a stamp goes, and its field with a sample number if it can have one."""
    edge = dots(template.room)
    drawn = f"{x + dots(template.room_x)} {y + dots(template.room_y)} {edge} {edge} re S\n"
    if takes_number(template.key):
        field = FIELDS[template.key]
        drawn += f"q 1 0 0 1 {x} {y} cm {field_drawn(fonts, field, SAMPLE_HINT)}Q\n"
        drawn += number_drawn(fonts, field, x, y, SAMPLE_NUMBER)
    return drawn


def _scales(typeface: Typeface, left: int, top: int, places: Grid) -> str:
    """A scale across the left edge of a label, one across its upper edge."""
    drawn = ""
    middle_y, middle_x = top - places.height // 2, left + places.width // 2
    for half in range(-2 * _REACH, 2 * _REACH + 1):
        long = dots(1.6 if half % 2 == 0 else 0.8)
        x, y = left + dots(half / 2), top + dots(half / 2)
        drawn += f"{x} {middle_y} m {x} {middle_y + long} l S\n"
        drawn += f"{middle_x} {y} m {middle_x + long} {y} l S\n"
        if half % 2 == 0:
            said = str(half // 2)
            drawn += _text(typeface, said, x - _TEXT * 0.3, middle_y - _TEXT, _TEXT)
            drawn += _text(typeface, said, middle_x - _TEXT, y - _TEXT * 0.35, _TEXT)
    return drawn


def _note(typeface: Typeface, page_width: int, page_height: int, shift: str) -> str:
    """What to do, where the page has room for it, and the shift that it was printed with."""
    lines = [*_LINES, shift]
    widest = max(typeface.width(line, _NOTE) for line in lines)
    height = _NOTE * 1.5 * len(lines)
    if widest > page_width or height > page_height / 3:
        return ""
    left, top = (page_width - widest) / 2, (page_height + height) / 2
    drawn = f"1 g {left - _NOTE:.0f} {top - height - _NOTE / 2:.0f} {widest + 2 * _NOTE:.0f}"
    drawn += f" {height + _NOTE:.0f} re f 0 g\n"
    for number, line in enumerate(lines):
        drawn += _text(typeface, line, left, top - _NOTE * (1.5 * number + 1), _NOTE)
    return drawn


def _text(typeface: Typeface, text: str, x: float, y: float, size: float) -> str:
    place = f"1 0 0 1 {x:.1f} {y:.1f} Tm"
    return f"BT /R {size:.2f} Tf {place} {typeface.encoded(text)} Tj ET\n"
