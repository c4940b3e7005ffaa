"""An A4 sheet of eight equal labels of a product or a lot, to be cut."""

import io
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepInFrame

from services.registry.domain.goods_label import GoodsLabel, Symbol
from services.registry.printing.goods_symbols import bars, matrix
from services.registry.printing.on_paper import (
    DOT,
    draw_bars,
    draw_matrix,
    paragraph,
    register_fonts,
    whole,
)

_MARGIN: Final = 10 * mm
_COLUMNS, _ROWS = 2, 4
_WIDTH: Final = (A4[0] - 2 * _MARGIN) / _COLUMNS
_HEIGHT: Final = (A4[1] - 2 * _MARGIN) / _ROWS
_INSET: Final = 2.5 * mm
_QR_ROOM: Final = 40 * mm
_BARS_HIGH: Final = 15 * mm
_BARS_FOOT: Final = 3.4 * mm
# Dots of a module of bars: from 0.254 mm, what scanners held in the hand take, to 0.508 mm.
_LEAST, _MOST = 6, 12
_EAN_MOST: Final = 9  # 0.381 mm; EAN symbols begin at 0.264 mm.
_SMALL: Final = 7.5


def drawn(label: GoodsLabel) -> bytes:
    """The PDF, in Vietnamese. Takes tens of milliseconds: run it in a thread."""
    register_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, lang="vi-VN")
    title = f"{label.name} · {label.lot}" if label.lot else label.name
    canvas.setTitle(title)
    canvas.setViewerPreference("PrintScaling", "None")
    canvas.beginForm("label", 0, 0, _WIDTH, _HEIGHT)
    _label(canvas, label)
    canvas.endForm()
    for place in range(_COLUMNS * _ROWS):
        row, column = divmod(place, _COLUMNS)
        canvas.saveState()
        canvas.translate(
            whole(_MARGIN + column * _WIDTH), whole(A4[1] - _MARGIN - (row + 1) * _HEIGHT)
        )
        canvas.doForm("label")
        canvas.restoreState()
    _cuts(canvas)
    canvas.save()
    return out.getvalue()


def _label(canvas: Canvas, label: GoodsLabel) -> None:
    modules, light = matrix(label, "qr")
    dots = int(_QR_ROOM / DOT) // (len(modules) + 2 * light)
    edge = len(modules) * dots * DOT
    spare = whole((_QR_ROOM - edge) / 2)
    top = _HEIGHT - _INSET - spare
    draw_matrix(canvas, modules, whole(_INSET) + spare, whole(top), dots * DOT)
    _texts(canvas, label)
    _below(canvas, label)


def _texts(canvas: Canvas, label: GoodsLabel) -> None:
    """Beside the QR code: what it is, whose, which lot; smaller where names are long."""
    said: list[Flowable] = [
        paragraph("Quét mã để xem nguồn gốc", 7),
        paragraph(label.name, 12, "GoodsBold"),
        paragraph(label.facility, 9),
    ]
    if label.lot:
        said.append(paragraph(f"Lô: {label.lot}", 9, "GoodsBold"))
    if label.expires:
        said.append(paragraph(f"Hạn sử dụng: {label.expires:%d/%m/%Y}", 9))
    width, height = _WIDTH - _QR_ROOM - 3 * _INSET, _QR_ROOM
    frame = KeepInFrame(width, height, said, mode="shrink")
    used = frame.wrapOn(canvas, width, height)[1]
    frame.drawOn(canvas, _QR_ROOM + 2 * _INSET, _HEIGHT - _INSET - (_QR_ROOM + used) / 2)


def _below(canvas: Canvas, label: GoodsLabel) -> None:
    """The barcode with its text; where it would be too wide, a GS1 DataMatrix of the same."""
    symbol: Symbol = "ean" if "ean" in label.symbols else "gs1-128"
    row, quiet, text = bars(label, symbol)
    most = _EAN_MOST if symbol == "ean" else _MOST
    dots = min(most, int((_WIDTH - 2 * _INSET) / DOT) // (len(row) + sum(quiet)))
    if dots < _LEAST:
        modules, _ = matrix(label, "gs1-datamatrix")
        module = int(_BARS_HIGH / DOT) // len(modules) * DOT
        bottom = _BARS_FOOT + _INSET
        draw_matrix(canvas, modules, whole(2 * _INSET), whole(bottom + _BARS_HIGH), module)
        canvas.setFont("Goods", _SMALL)
        canvas.drawString(2 * _INSET, _INSET, text)
        return
    width = len(row) * dots * DOT
    left = whole((_WIDTH - width) / 2)
    draw_bars(canvas, row, left, _BARS_FOOT + _INSET, dots * DOT, _BARS_HIGH)
    canvas.setFont("Goods", _SMALL)
    canvas.drawCentredString(left + width / 2, _INSET, text)


def _cuts(canvas: Canvas) -> None:
    """Hairlines between the labels, in the margin and a little way into the sheet."""
    canvas.setLineWidth(0.3)
    canvas.setStrokeGray(0.6)
    for column in range(_COLUMNS + 1):
        x = _MARGIN + column * _WIDTH
        canvas.line(x, _MARGIN, x, A4[1] - _MARGIN)
    for row in range(_ROWS + 1):
        y = _MARGIN + row * _HEIGHT
        canvas.line(_MARGIN, y, A4[0] - _MARGIN, y)
