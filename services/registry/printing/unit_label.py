"""The label of a logistic unit on A6: who sends what, its QR code, its SSCC as GS1-128.

GS1 General Specifications, on logistic labels: the barcode is the lowest part, upright, its modules
between 0.495 and 1.016 mm, its bars at least 31.75 mm high, its text below in full.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import segno
from reportlab.lib.pagesizes import A6
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepInFrame

from services.registry.printing.on_paper import (
    DOT,
    draw_bars,
    draw_matrix,
    paragraph,
    register_fonts,
    whole,
)
from shared.gs1_elements import of_unit, readable
from shared.printing.encoding import GS1_128_QUIET, Modules, gs1_128

_INSET: Final = 6 * mm
_WIDTH: Final = A6[0] - 2 * _INSET
_BARS_HIGH: Final = 32 * mm
_BARS_FOOT: Final = 6 * mm
# Dots of a module: 0.508 mm.
_DOTS: Final = 12
_QR_ROOM: Final = 36 * mm
# Light modules around a QR code.
_QR_QUIET: Final = 4
_TEXT: Final = 11.0
# More lots than these would be too small to read; scan tells them all.
_MOST_LOTS: Final = 10


@dataclass(frozen=True, slots=True)
class Said:
    """What people read. `inside` are the lots with how much of each, () where nothing is said."""

    sender: str
    receiver: str
    shipment: str
    inside: Sequence[str] = ()


def drawn(sscc: str, address: str, said: Said) -> bytes:
    """The PDF, in Vietnamese. Takes tens of milliseconds: run it in a thread."""
    register_fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A6, lang="vi-VN")
    canvas.setTitle(f"SSCC {sscc}")
    canvas.setViewerPreference("PrintScaling", "None")
    bars_top = _bars(canvas, sscc)
    canvas.setLineWidth(0.5)
    canvas.line(_INSET, bars_top + 2 * mm, A6[0] - _INSET, bars_top + 2 * mm)
    _qr(canvas, address)
    _texts(canvas, said, bars_top + 3 * mm)
    canvas.save()
    return out.getvalue()


def _bars(canvas: Canvas, sscc: str) -> float:
    """The barcode with its text; where it ends above."""
    elements = of_unit(sscc)
    row = gs1_128(elements)
    module = _DOTS * DOT
    assert (len(row) + sum(GS1_128_QUIET)) * module <= A6[0]
    left = whole((A6[0] - len(row) * module) / 2)
    bottom = whole(_INSET + _BARS_FOOT)
    draw_bars(canvas, row, left, bottom, module, _BARS_HIGH)
    canvas.setFont("GoodsBold", _TEXT)
    canvas.drawCentredString(A6[0] / 2, _INSET + 1 * mm, readable(elements))
    return bottom + _BARS_HIGH


def _qr(canvas: Canvas, address: str) -> None:
    """Error correction Q, for a label may be rubbed off."""
    made = segno.make(address, error="q", micro=False)
    modules: Modules = np.array([list(row) for row in made.matrix], np.uint8)
    dots = int(_QR_ROOM / DOT) // (len(modules) + _QR_QUIET)
    edge = len(modules) * dots * DOT
    left, top = whole(A6[0] - _INSET - edge), whole(A6[1] - _INSET)
    draw_matrix(canvas, modules, left, top, dots * DOT)


def _texts(canvas: Canvas, said: Said, bottom: float) -> None:
    """Beside the QR code who sends it, below what is in it; smaller where there is much to say."""
    middle = A6[1] - _INSET - _QR_ROOM
    ends: list[Flowable] = [
        paragraph("Từ", 7),
        paragraph(said.sender, 10, "GoodsBold"),
    ]
    if said.receiver:
        ends += [paragraph("Đến", 7), paragraph(said.receiver, 10, "GoodsBold")]
    ends.append(paragraph(f"Chuyến hàng {said.shipment}", 8))
    inside = [paragraph(one, 9) for one in told_inside(said.inside)]
    below: list[Flowable] = (
        [paragraph("Trong kiện", 7), *inside]
        if inside
        else [paragraph("Quét mã QR để xem các lô của chuyến hàng", 8)]
    )
    beside = _WIDTH - _QR_ROOM - 4 * mm
    _framed(canvas, ends, beside, A6[1] - _INSET, _QR_ROOM)
    _framed(canvas, below, _WIDTH, middle, middle - bottom)


def told_inside(lots: Sequence[str]) -> list[str]:
    """The lots as they are printed: the first, and how many more."""
    more = len(lots) - _MOST_LOTS
    return [*lots[:_MOST_LOTS], *([f"và {more} lô khác: quét mã QR"] if more > 0 else [])]


def _framed(canvas: Canvas, said: list[Flowable], width: float, top: float, height: float) -> None:
    frame = KeepInFrame(width, height, said, mode="shrink")
    used = frame.wrapOn(canvas, width, height)[1]
    frame.drawOn(canvas, _INSET, top - used)
