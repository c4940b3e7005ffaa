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
    BarcodeNeedsGtin,
    Carrier,
    CarrierNeedsGtin,
    NoRoomForPin,
    SymbolDoesNotFit,
)
from services.stamps.printing.bars import BarsTooWide, NoGtin, bars_of
from services.stamps.printing.carriers import NeedsGtin, which_version
from services.stamps.printing.formats import Format
from services.stamps.printing.hiding import SAMPLE, takes_number
from services.stamps.printing.jobs import Job
from services.stamps.printing.looks import Look
from services.stamps.printing.sheets import write_sheets
from services.stamps.printing.templates import DPI, TEMPLATES

# No key makes this code: whoever scans a preview is told that there is no such stamp.
SPECIMEN: Final = "0" * 20
# Of the range that GS1 keeps for examples. Symbols of one GTIN are as large as those of another.
SPECIMEN_GTIN: Final = "9529999000002"
_DPI: Final = 300
_rendering = Lock()  # The renderer is not made for several threads.


@dataclass(frozen=True, slots=True)
class AsPrinted:
    """What is chosen when stamps are printed, beside the design; and whether the product they are
    for has a GTIN, which symbols then hold where the size takes it, and are finer."""

    carrier: Carrier = "qr"
    barcode: Barcode = "none"
    pin: bool = False
    has_gtin: bool = True

    @property
    def gtin(self) -> str | None:
        return SPECIMEN_GTIN if self.has_gtin else None


USUAL: Final = AsPrinted()


def must_be_drawable(size: str, host: str, how: AsPrinted) -> None:
    """Raises SymbolDoesNotFit, BarcodeDoesNotFit, NoRoomForPin, CarrierNeedsGtin and
    BarcodeNeedsGtin: what ordering a print would."""
    template = TEMPLATES[size]
    try:
        which_version(host, template, how.gtin, carrier=how.carrier)
        if bars := bars_of(how.barcode, how.gtin):
            bars.dots_in(template.bars, DPI)
    except NeedsGtin:
        raise CarrierNeedsGtin("carrier") from None
    except NoGtin:
        raise BarcodeNeedsGtin("barcode") from None
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
    return await asyncio.to_thread(_drawn, label(look, size, host, product, facility, how))


def label(look: Look, size: str, host: str, product: str, facility: str, how: AsPrinted) -> Job:
    """The print that the preview shows: one label of nobody's batch."""
    template = TEMPLATES[size]
    edges = template.width, template.height
    return Job(
        host,
        template,
        "0",
        product,
        facility,
        gtin=how.gtin,
        paper=Format("preview", "roll", edges, edges, columns=1),
        look=look,
        numbers=SAMPLE if how.pin else None,
        carrier=how.carrier,
        barcode=how.barcode,
    )


def _drawn(job: Job) -> bytes:
    pdf, picture = BytesIO(), BytesIO()
    write_sheets(pdf, job, [(0, SPECIMEN)], 1)
    with _rendering:
        document = pypdfium2.PdfDocument(pdf.getvalue())
        try:
            document[0].render(scale=_DPI / 72).to_pil().save(picture, "PNG")
        finally:
            document.close()
    return picture.getvalue()
