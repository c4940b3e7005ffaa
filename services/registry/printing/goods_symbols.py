"""The symbols of a whole product or lot as pictures (SVG), each in the size it is printed in."""

import io
from collections.abc import Iterator, Sequence
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
import segno

from services.registry.domain.goods_label import GoodsLabel, Symbol
from shared.gs1_elements import Element, ean_digits, readable
from shared.printing.encoding import (
    EAN_8_QUIET,
    EAN_13_QUIET,
    GS1_128_QUIET,
    Modules,
    data_matrix,
    ean,
    gs1_128,
    gs1_data_matrix,
)

# Modules in millimetres. GS1 General Specifications: 0.33 is what EAN symbols are drawn in, 0.495
# the least of GS1-128 in general distribution; 0.8 lies within what retail asks of matrix symbols.
_MATRIX_MM: Final = 0.8
_EAN_MM: Final = 0.33
_GS1_128_MM: Final = 0.495
# Heights of bars in millimetres, by the same specifications.
_EAN_HIGH: Final = 22.85
_GS1_128_HIGH: Final = 31.75
# Light modules at every side; ISO/IEC 16022 asks for one.
_QR_QUIET: Final = 4
_MATRIX_QUIET: Final = 2
_DIGITS: Final = 9  # Modules: the height of the text under bars, with its distance.


def matrix(label: GoodsLabel, symbol: Symbol) -> tuple[Modules, int]:
    """The modules of a matrix symbol, and how many light ones it has at every side.

    QR codes with error correction Q, for a label may be rubbed off.
    """
    if symbol == "qr":
        made = segno.make(label.address, error="q", micro=False)
        modules: Modules = np.array([list(row) for row in made.matrix], np.uint8)
        return modules, _QR_QUIET
    if symbol == "datamatrix":
        return data_matrix(label.address), _MATRIX_QUIET
    return gs1_data_matrix(label.elements), _MATRIX_QUIET


def bars(label: GoodsLabel, symbol: Symbol) -> tuple[Modules, tuple[int, int], str]:
    """The modules of a barcode, the light ones left and right, and the text below."""
    digits = ean_digits(label.gtin) if symbol == "ean" else None
    if digits is None:
        return gs1_128(label.elements), GS1_128_QUIET, readable(label.elements)
    if len(digits) == 8:
        return ean(digits), EAN_8_QUIET, f"{digits[:4]} {digits[4:]}"
    return ean(digits), EAN_13_QUIET, f"{digits[0]} {digits[1:7]} {digits[7:]}"


def svg(label: GoodsLabel, symbol: Symbol) -> bytes:
    """A picture in true size."""
    if symbol in ("ean", "gs1-128"):
        row, quiet, text = bars(label, symbol)
        module, high = (_EAN_MM, _EAN_HIGH) if symbol == "ean" else (_GS1_128_MM, _GS1_128_HIGH)
        return _bars_svg(row, quiet, text, module, high)
    modules, light = matrix(label, symbol)
    edge = len(modules) + 2 * light
    path = "".join(
        f"M{x + light} {y + light}h{width}v1h-{width}z"
        for y, line in enumerate(modules)
        for x, width in runs(line)
    )
    return _drawn(edge, edge, _MATRIX_MM, f'<path d="{path}"/>')


def element_bars(elements: Sequence[Element]) -> bytes:
    """A picture of a GS1-128 of these elements, with its text, in true size."""
    text = readable(elements)
    return _bars_svg(gs1_128(elements), GS1_128_QUIET, text, _GS1_128_MM, _GS1_128_HIGH)


def runs(line: Modules) -> Iterator[tuple[int, int]]:
    """Where dark modules begin in a row, and how many they are."""
    edges = np.flatnonzero(np.diff(np.pad(line.astype(np.int8), 1)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield start, end - start


def _bars_svg(row: Modules, quiet: tuple[int, int], text: str, module: float, high: float) -> bytes:
    width, height = len(row) + sum(quiet), round(high / module)
    path = "".join(f"M{x + quiet[0]} 0h{wide}v{height}h-{wide}z" for x, wide in runs(row))
    middle = quiet[0] + len(row) / 2
    said = (
        f'<text x="{middle:g}" y="{height + _DIGITS - 1.5:g}" font-size="8" text-anchor="middle"'
        f' font-family="sans-serif">{escape(text)}</text>'
    )
    return _drawn(width, height + _DIGITS, module, f'<path d="{path}"/>{said}')


def _drawn(width: int, height: int, module: float, content: str) -> bytes:
    """Black on white, in units of one module."""
    out = io.StringIO()
    out.write(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * module:.2f}mm"'
        f' height="{height * module:.2f}mm" viewBox="0 0 {width} {height}"'
        ' shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{width}v{height}H0z"/>{content}</svg>'
    )
    return out.getvalue().encode("utf-8")
