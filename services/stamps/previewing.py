"""A label as a picture, before anything is printed: one stamp of no batch, as it would come out."""

import asyncio
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Final

import pypdfium2

from services.stamps.domain.printing import (
    Barcode,
    BarcodeDoesNotFit,
    Carrier,
    NoRoomForPin,
    SymbolDoesNotFit,
)
from services.stamps.printing.bars import BarsTooWide, bars_of
from services.stamps.printing.carriers import which_version
from services.stamps.printing.formats import Format
from services.stamps.printing.hiding import SAMPLE, takes_number
from services.stamps.printing.jobs import Job
from services.stamps.printing.looks import Look
from services.stamps.printing.sheets import write_sheets
from services.stamps.printing.templates import DPI, TEMPLATES

# No key makes this code: whoever scans a preview is told that there is no such stamp.
SPECIMEN: Final = "0" * 20
# Of the range that GS1 keeps for examples, where the symbol or a barcode says a product.
SPECIMEN_GTIN: Final = "9529999000002"
_DPI: Final = 300
_rendering = Lock()  # The renderer is not made for several threads.


@dataclass(frozen=True, slots=True)
class AsPrinted:
    """What is chosen when stamps are printed, beside the design."""

    carrier: Carrier = "qr"
    barcode: Barcode = "none"
    pin: bool = False

    @property
    def gtin(self) -> str | None:
        return None if (self.carrier, self.barcode) in _WITHOUT_GTIN else SPECIMEN_GTIN


_WITHOUT_GTIN: Final = (("qr", "none"), ("datamatrix", "none"))
USUAL: Final = AsPrinted()


def must_be_drawable(size: str, host: str, how: AsPrinted) -> None:
    """Raises SymbolDoesNotFit, BarcodeDoesNotFit, NoRoomForPin: what ordering a print would."""
    template = TEMPLATES[size]
    try:
        which_version(host, template, how.gtin, carrier=how.carrier)
        if bars := bars_of(how.barcode, how.gtin):
            bars.dots_in(template.bars, DPI)
    except BarsTooWide:
        raise BarcodeDoesNotFit("barcode") from None
    except ValueError:
        raise SymbolDoesNotFit("size") from None
    if how.pin and not takes_number(size):
        raise NoRoomForPin("pin")


async def preview(
    look: Look, size: str, *, host: str, product: str, facility: str, how: AsPrinted = USUAL
) -> bytes:
    """A PNG of one label of this size; a hidden number in it is marked as a sample.

    Raises what `must_be_drawable` does.
    """
    must_be_drawable(size, host, how)
    return await asyncio.to_thread(_preview, look, size, host, product, facility, how)


def _preview(
    look: Look, size: str, host: str, product: str, facility: str, how: AsPrinted
) -> bytes:
    template = TEMPLATES[size]
    label = template.width, template.height
    job = Job(
        host,
        template,
        "0",
        product,
        facility,
        gtin=how.gtin,
        paper=Format("preview", "roll", label, label, columns=1),
        look=look,
        numbers=SAMPLE if how.pin else None,
        carrier=how.carrier,
        barcode=how.barcode,
    )
    pdf, picture = BytesIO(), BytesIO()
    write_sheets(pdf, job, [(0, SPECIMEN)], 1)
    with _rendering:
        document = pypdfium2.PdfDocument(pdf.getvalue())
        try:
            document[0].render(scale=_DPI / 72).to_pil().save(picture, "PNG")
        finally:
            document.close()
    return picture.getvalue()
