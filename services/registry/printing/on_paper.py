"""Symbols drawn on a page in whole dots of a printer of 600 dots an inch."""

from typing import Final
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from services.registry.printing.goods_symbols import runs
from shared.fonts import font_file
from shared.printing.encoding import Modules

# In points.
DOT: Final = 72 / 600


def register_fonts() -> None:
    """`Goods` and `GoodsBold`."""
    for name, weight in (("Goods", "Regular"), ("GoodsBold", "SemiBold")):
        pdfmetrics.registerFont(TTFont(name, str(font_file(weight))))


def whole(points: float) -> float:
    """The same in whole dots."""
    return round(points / DOT) * DOT


def draw_matrix(canvas: Canvas, modules: Modules, left: float, top: float, module: float) -> None:
    path = canvas.beginPath()
    for y, line in enumerate(modules):
        for x, width in runs(line):
            path.rect(left + x * module, top - (y + 1) * module, width * module, module)
    canvas.drawPath(path, stroke=0, fill=1)


def draw_bars(
    canvas: Canvas, row: Modules, left: float, bottom: float, module: float, height: float
) -> None:
    path = canvas.beginPath()
    for x, wide in runs(row):
        path.rect(left + x * module, bottom, wide * module, height)
    canvas.drawPath(path, stroke=0, fill=1)


def paragraph(text: str, size: float, font: str = "Goods") -> Paragraph:
    style = ParagraphStyle("", fontName=font, fontSize=size, leading=size * 1.25, spaceAfter=2)
    return Paragraph(escape(text), style)
