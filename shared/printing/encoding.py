"""Symbols other than QR codes, as modules: Data Matrix, GS1 DataMatrix, EAN and GS1-128.

Made by zint, which comes within zxing-cpp; what reads them there is other code, by other people.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import zxingcpp

from shared.gs1_elements import Element, bracketed

Modules = npt.NDArray[np.uint8]  # 1 is dark

# Light modules at either side: ISO/IEC 15420 for EAN-13 and EAN-8, ISO/IEC 15417 for Code 128.
EAN_13_QUIET: Final = (11, 7)
EAN_8_QUIET: Final = (7, 7)
GS1_128_QUIET: Final = (10, 10)

# The number by which the encoder calls square Data Matrix symbols of so many modules a side.
_EDGES: Final = (10, 12, 14, 16, 18, 20, 22, 24, 26, 32, 36, 40, 44, 48, 52, 64, 72, 80, 88, 96)
_NUMBERS: Final = {edge: number for number, edge in enumerate(_EDGES, 1)}
MOST_MODULES: Final = _EDGES[-1]


class CannotEncode(ValueError):
    """A content that the symbol cannot hold."""


def data_matrix(content: str, edge: int = 0) -> Modules:
    """The modules of a square symbol (ECC 200), the smallest or the one of `edge` modules a side.

    Raises CannotEncode.
    """
    return _square(content, edge)


def gs1_data_matrix(elements: Sequence[Element], edge: int = 0) -> Modules:
    """The same with FNC1 in first place. Values are taken as they are given: `gs1_elements` has
    checked them. Raises CannotEncode."""
    return _square(bracketed(elements), edge, gs1=True)


def ean(digits: str) -> Modules:
    """One row of modules: 95 of EAN-13, 67 of EAN-8. Raises CannotEncode."""
    kind = zxingcpp.BarcodeFormat.EAN8 if len(digits) == 8 else zxingcpp.BarcodeFormat.EAN13
    row: Modules = _modules(digits, kind)[0]
    return row


def gs1_128(elements: Sequence[Element]) -> Modules:
    """One row of modules of elements that `gs1_elements` has checked. Raises CannotEncode."""
    row: Modules = _modules(bracketed(elements), zxingcpp.BarcodeFormat.Code128, gs1=True)[0]
    return row


def _square(content: str, edge: int, **options: Any) -> Modules:
    if edge:
        options["version"] = _NUMBERS[edge]
    found = _modules(content, zxingcpp.BarcodeFormat.DataMatrix, force_square=True, **options)
    if found.shape[0] not in (_NUMBERS if not edge else (edge,)):
        raise CannotEncode(f"{found.shape[0]} modules")
    return found


def _modules(content: str, kind: Any, **options: Any) -> Modules:
    try:
        made = zxingcpp.create_barcode(content, kind, **options)
    except ValueError as error:
        raise CannotEncode(str(error)) from None
    pixels = np.asarray(made.to_image(scale=1, add_quiet_zones=False))
    return (pixels < 128).astype(np.uint8)
