"""A label as a picture, before anything is printed: one stamp of no batch, as it would come out."""

import asyncio
from io import BytesIO
from threading import Lock
from typing import Final

import pypdfium2

from services.stamps.printing.formats import Format
from services.stamps.printing.jobs import Job
from services.stamps.printing.looks import Look
from services.stamps.printing.sheets import write_sheets
from services.stamps.printing.templates import TEMPLATES

# No key makes this code: whoever scans a preview is told that there is no such stamp.
SPECIMEN: Final = "0" * 20
_DPI: Final = 300
_rendering = Lock()  # The renderer is not made for several threads.


async def preview(look: Look, size: str, *, host: str, product: str, facility: str) -> bytes:
    """A PNG of one label of this size. Raises ValueError where the size cannot hold the address."""
    return await asyncio.to_thread(_preview, look, size, host, product, facility)


def _preview(look: Look, size: str, host: str, product: str, facility: str) -> bytes:
    template = TEMPLATES[size]
    label = template.width, template.height
    paper = Format("preview", "roll", label, label, columns=1)
    job = Job(host, template, "0", product, facility, paper=paper, look=look)
    pdf, picture = BytesIO(), BytesIO()
    write_sheets(pdf, job, [(0, SPECIMEN)], 1)
    with _rendering:
        document = pypdfium2.PdfDocument(pdf.getvalue())
        try:
            document[0].render(scale=_DPI / 72).to_pil().save(picture, "PNG")
        finally:
            document.close()
    return picture.getvalue()
