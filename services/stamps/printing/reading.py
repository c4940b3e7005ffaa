"""Reads printed symbols back from the finished file, by a decoder that had no hand in making them.

The pages are rendered as a printer would print them (pdfium) and decoded by zxing-cpp. Of small
jobs every symbol is read; of large ones all of a part's first sheet, and some of each further one.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any, Final

import pypdfium2
import zxingcpp

from services.stamps.printing.labels import DOTS_PER_POINT, Box
from services.stamps.printing.templates import DPI

# Jobs up to so many stamps are read back to the last one.
READ_ALL: Final = 2_000
_SAMPLE: Final = 6
# Dots of a module that are enough to read it: larger symbols are rendered smaller.
_ENOUGH: Final = 6


class Unreadable(ValueError):
    """A symbol that cannot be read, or that says something else than it should."""


def picked(count: int, everything: bool, seed: str) -> Sequence[int]:
    """Which of the symbols of a sheet are read: the first, the last, and some between."""
    if everything or count <= _SAMPLE:
        return range(count)
    some = random.Random(seed).sample(range(1, count - 1), _SAMPLE - 2)  # noqa: S311
    return sorted({0, count - 1, *some})


class Reader:
    """A rendered document. Use it as a context: it holds memory of the renderer."""

    def __init__(self, document: bytes, *, kind: str, dots_of_module: int) -> None:
        self._document = pypdfium2.PdfDocument(document)
        self._formats = zxingcpp.BarcodeFormats(zxingcpp.barcode_format_from_str(kind))
        self._scale = DPI / 72 * min(1.0, _ENOUGH / dots_of_module)

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._document.close()

    @property
    def pages(self) -> int:
        return len(self._document)

    def must_say(self, page: int, expected: Iterator[tuple[Box, str]]) -> None:
        """Raise Unreadable unless each box of a page holds one symbol, with this text."""
        sheet = self._document[page]
        try:
            for box, text in expected:
                found = [symbol.text for symbol in self._read(sheet, box)]
                if found != [text]:
                    raise Unreadable(f"page {page + 1}: {len(found)} symbols, not the one expected")
        finally:
            sheet.close()

    def _read(self, sheet: Any, box: Box) -> list[Any]:
        width, height = sheet.get_size()
        left, bottom, right, top = (
            box[0] / DOTS_PER_POINT,
            box[1] / DOTS_PER_POINT,
            (box[0] + box[2]) / DOTS_PER_POINT,
            (box[1] + box[3]) / DOTS_PER_POINT,
        )
        crop = tuple(max(0.0, edge) for edge in (left, bottom, width - right, height - top))
        bitmap = sheet.render(scale=self._scale, grayscale=True, crop=crop)
        pixels = bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width].copy()
        bitmap.close()
        return list(zxingcpp.read_barcodes(pixels, formats=self._formats))
